"""Tokens to ids and back."""

import collections
import json
import pathlib
from collections.abc import Iterable, Mapping
from typing import Any

import tensorflow as tf

from tfseq.files import read_text, written_aside

SPECIALS = ("<pad>", "<unk>", "<start>", "<end>")
PAD, UNK, START, END = range(len(SPECIALS))


def count_tokens(tokens) -> collections.Counter:
    """How often each token occurs in a ragged or dense tensor of strings."""
    flat = tf.reshape(getattr(tokens, "flat_values", tokens), [-1])
    counts = collections.Counter(flat.numpy().tolist())
    return collections.Counter({token.decode(): count for token, count in counts.items()})


class Vocabulary(tf.Module):
    """Numbers the tokens: the `SPECIALS` first, then the words in the order given.

    A text cannot spell a special token: `<end>` among the tokens of a text is an unknown word like
    any other.

    The words lie in the graph, so an export needs no file beside it. It has to track the table:
    make the vocabulary an attribute of the exported `tf.Module`. (An anonymous table, or two that
    share a name, would fail or mix up in a session, which is how a model server runs an export.)

    Args:
        words: The tokens other than the `SPECIALS`, each once.
    """

    def __init__(self, words: Iterable[str]):
        super().__init__(name="vocabulary")
        words = list(words)
        _check_words(words)
        self._words = tf.constant([*SPECIALS, *words])
        ids = tf.range(len(SPECIALS), len(self._words))
        self._table = tf.lookup.StaticHashTable(
            tf.lookup.KeyValueTensorInitializer(tf.constant(words, tf.string), ids), UNK
        )

    @classmethod
    def build(
        cls, counts: Mapping[str, int], minimum_count: int = 1, maximum_size: int | None = None
    ) -> "Vocabulary":
        """Take words by falling count; among words of one count, by the alphabet.

        Args:
            counts: How often each token occurs, as `count_tokens` gives it.
            minimum_count: Rarer words are left out.
            maximum_size: What `len` may be at most, `SPECIALS` included.
        """
        if maximum_size is not None and maximum_size <= len(SPECIALS):
            raise ValueError(
                f"`maximum_size` must leave room for a word beside the {len(SPECIALS)} special "
                f"tokens. Received: maximum_size={maximum_size!r}"
            )
        kept = [word for word in counts if counts[word] >= minimum_count and word not in SPECIALS]
        kept.sort(key=lambda word: (-counts[word], word))
        return cls(kept if maximum_size is None else kept[: maximum_size - len(SPECIALS)])

    @property
    def words(self) -> list[str]:
        """Every token in the order of the ids, `SPECIALS` included."""
        return [word.decode() for word in self._words.numpy()]

    def __len__(self) -> int:
        """How many ids there are, `SPECIALS` included."""
        return len(self._words)

    def ids(self, tokens) -> Any:
        """int32 ids of a ragged or dense tensor of tokens; `UNK` for the tokens that have none."""
        return tf.ragged.map_flat_values(self._table.lookup, tokens)

    def tokens(self, ids) -> Any:
        """Tokens of a ragged or dense tensor of ids; ids that nothing has are an error."""
        return tf.gather(self._words, ids)

    def save(self, path: str | pathlib.Path) -> None:
        """Write one JSON string a line; the first line is id 0."""
        with written_aside(path) as file:
            file.writelines(json.dumps(word, ensure_ascii=False) + "\n" for word in self.words)

    @classmethod
    def load(cls, path: str | pathlib.Path) -> "Vocabulary":
        """Read what `save` wrote."""
        try:
            words = [json.loads(line) for line in read_text(path).removesuffix("\n").split("\n")]
        except json.JSONDecodeError as error:
            raise ValueError(f"`path` must hold one JSON string a line: {path}: {error}") from error
        if tuple(words[: len(SPECIALS)]) != SPECIALS:
            raise ValueError(
                f"`path` must begin with the special tokens {SPECIALS}. "
                f"Received: {path} beginning with {words[: len(SPECIALS)]}"
            )
        return cls(words[len(SPECIALS) :])


def _check_words(words: list[str]) -> None:
    wrong = [word for word in words if not isinstance(word, str) or word in SPECIALS]
    wrong = wrong or [word for word, count in collections.Counter(words).items() if count > 1]
    if wrong:
        raise ValueError(
            f"`words` must hold strings, each once and none of {SPECIALS}. Received: {wrong[:5]}"
        )

"""Pieces of words as tokens, learnt from a corpus. Needs tensorflow-text."""

from collections.abc import Mapping, Sequence
from typing import Any

import tensorflow as tf

from tfseq.text.base import Tokenizer
from tfseq.text.pieces import learn_pieces
from tfseq.text.units import MARK, UnitTokenizer, continues_word, spell
from tfseq.text.vocabulary import SPECIALS, UNK, count_tokens
from tfseq.text.words import SEPARATORS, WordTokenizer, follows_blank

SPACINGS: dict[str, type[Tokenizer]] = {"printed": WordTokenizer, "exact": UnitTokenizer}
_LONGEST_WORD = 1_000_000  # in bytes; the tokenizer's own limit of 100 would lose long words


class SubwordTokenizer(Tokenizer):
    """WordPiece: frequent words whole, rare ones in pieces.

    `flammable` may become `fl`, ` ##am`, ` ##mable`: a piece that goes on with a word carries
    `MARK`. Each word takes the longest piece first; a word with a character that the corpus did not
    have becomes `<unk>`. `Vocabulary(tokenizer.pieces)` numbers the pieces.

    What a word is, and how the text comes back, depends on the spacing:

    - `printed`: the tokens of `WordTokenizer`, with punctuation and newlines as pieces of their
      own. Blanks are set the way English is printed.
    - `exact`: the units of `UnitTokenizer`, so that no piece holds both letters and other
      characters. The text comes back as it was, with one blank where blanks were: for texts of
      known characters, `detokenize(tokenize(text)) == " ".join(text.split())` at ASCII's blanks.

    Its operations come from tensorflow-text: a process that loads an export which uses them has to
    `import tensorflow_text` first. (TensorFlow Serving has them built in.)

    Args:
        pieces: The pieces, as `learn` finds them.
        lower_case: Whether the text is put into lower case first.
        spacing: `printed` or `exact`.

    Reference: Song et al., 2021, Fast WordPiece Tokenization, arXiv:2012.15524.
    """

    def __init__(self, pieces: Sequence[str], lower_case: bool = True, spacing: str = "printed"):
        import tensorflow_text  # here alone: it takes 121 MB and half a second

        super().__init__(lower_case)
        self.pieces = list(pieces)
        self.spacing = spacing
        self._words = words_of(spacing, lower_case)
        self._wordpiece = tensorflow_text.FastWordpieceTokenizer(
            [SPECIALS[UNK], *self.pieces],
            suffix_indicator=MARK,
            max_bytes_per_word=_LONGEST_WORD,
            token_out_type=tf.string,  # pyright: ignore[reportArgumentType]
            unknown_token=SPECIALS[UNK],
            no_pretokenization=True,
        )

    @classmethod
    def learn(
        cls, texts, vocabulary_size: int, lower_case: bool = True, spacing: str = "printed"
    ) -> "SubwordTokenizer":
        """Learn pieces from a corpus; for a vocabulary of two languages, from the lines of both.

        Args:
            texts: `[batch]` strings.
            vocabulary_size: As for `learn_from_counts`.
            lower_case: Whether the text is put into lower case first.
            spacing: `printed` or `exact`.
        """
        counts = count_tokens(words_of(spacing, lower_case).tokenize(texts))
        return cls.learn_from_counts(counts, vocabulary_size, lower_case, spacing)

    @classmethod
    def learn_from_counts(
        cls,
        counts: Mapping[str, int],
        vocabulary_size: int,
        lower_case: bool = True,
        spacing: str = "printed",
    ) -> "SubwordTokenizer":
        """Learn pieces from the words of a corpus.

        Args:
            counts: How often each word occurs, as `words_of(spacing, lower_case)` cuts them.
            vocabulary_size: What `len(Vocabulary(pieces))` may be at most. It must have room for
                every character twice: where it begins a word and where it goes on with one.
            lower_case: Whether the text is put into lower case first.
            spacing: `printed` or `exact`.
        """
        separators = SEPARATORS if spacing == "printed" else ()
        words = {w: n for w, n in counts.items() if w not in (*separators, *SPECIALS)}
        alphabet = {character for word in words for character in word.removeprefix(MARK)}
        pieces = [*separators, *sorted(alphabet), *(MARK + c for c in sorted(alphabet))]
        room = vocabulary_size - len(SPECIALS) - len(pieces)
        if room < 0:
            raise ValueError(
                f"`vocabulary_size` must be at least {vocabulary_size - room}, which is what the "
                f"single characters of `texts` take. Received: vocabulary_size={vocabulary_size!r}"
            )
        if spacing == "exact":
            return cls(pieces + learn_pieces(words, alphabet, room), lower_case, spacing)
        known = set(pieces)
        longer = [piece for piece in _frequent_pieces(words, len(alphabet)) if piece not in known]
        return cls(pieces + longer[:room], lower_case, spacing)

    def tokenize(self, texts) -> tf.RaggedTensor:
        """Cut `[batch]` texts into `[batch, (pieces)]`."""
        pieces: Any = self.cut(self._words.tokenize(texts))
        return pieces.merge_dims(-2, -1)  # [batch, (words), (pieces)] before

    def cut(self, words) -> Any:
        """Cut words, of any shape, into the pieces of each."""
        return self._wordpiece.tokenize(words)

    def spelled(self, texts) -> tf.RaggedTensor:
        """`tokenize`, with the words themselves in place of `<unk>`."""
        words = self._words.tokenize(texts)
        pieces: Any = self.cut(words)  # [batch, (words), (pieces)]
        whole = tf.repeat(words.flat_values, pieces.values.row_lengths())
        unknown = tf.equal(pieces.flat_values, SPECIALS[UNK])
        return pieces.with_flat_values(tf.where(unknown, whole, pieces.flat_values)).merge_dims(
            -2, -1
        )

    def render(self, tokens: tf.RaggedTensor) -> tf.RaggedTensor:
        """Each piece with the blank before it, if it begins a word that has one."""
        if self.spacing == "exact":
            return self._words.render(tokens)
        pieces = tokens.flat_values
        blank, spelled = follows_blank(tokens) & ~continues_word(pieces), spell(pieces)
        return tokens.with_flat_values(tf.where(blank, tf.strings.join([" ", spelled]), spelled))

    def get_config(self) -> dict:
        """The constructor's arguments, as JSON can hold them."""
        return {"pieces": self.pieces, "spacing": self.spacing, **super().get_config()}


def words_of(spacing: str, lower_case: bool) -> Tokenizer:
    """What cuts a text into the words that are cut into pieces."""
    if spacing not in SPACINGS:
        raise ValueError(f"`spacing` must be one of {[*SPACINGS]}. Received: spacing={spacing!r}")
    return SPACINGS[spacing](lower_case)


def _frequent_pieces(words: dict[str, int], alphabet_size: int) -> list[str]:
    """The pieces for printed spacing that occur more than once, the most frequent first.

    One pass at a fixed threshold. The learner's own search for the threshold that gives a wanted
    size takes ten passes, and cuts a script of 300 kB into at most 4 % fewer pieces than the first
    so many of these do.
    """
    from tensorflow_text.tools.wordpiece_vocab import wordpiece_tokenizer_learner_lib as wordpiece

    if not words:
        return []
    return wordpiece.learn(
        words,
        vocab_size=len(words),
        reserved_tokens=[],
        lower_thresh=2,
        upper_thresh=2,
        max_unique_chars=alphabet_size,
        joiner=MARK,
    )

"""The vocabularies of a corpus that is larger than memory, from the words of its readings."""

import collections
import itertools
from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple

import tensorflow as tf

from tfseq.text.base import Tokenizer
from tfseq.text.readings import Reading, merged_counts
from tfseq.text.subwords import SubwordTokenizer
from tfseq.text.vocabulary import Vocabulary

MOST_WORDS = 100_000  # from which pieces are learnt, the most frequent ones
BATCH = 10_000  # words that are cut into pieces at a time


class Choice(NamedTuple):
    """How the vocabularies are chosen.

    Attributes:
        tokenizer: From how often each word occurs to the tokenizer.
        minimum_count: Rarer tokens have no id.
        maximum_size: What a vocabulary has at most, `SPECIALS` included; None = any number.
        joint: Whether all sides have one vocabulary.
    """

    tokenizer: Callable[[Mapping[str, int]], Tokenizer]
    minimum_count: int
    maximum_size: int | None = None
    joint: bool = False


def choose(
    choice: Choice, readings: list[Reading], pieces: bool
) -> tuple[Tokenizer, list[Vocabulary]]:
    """The tokenizer, and the vocabulary of each side.

    Memory holds each different word of `minimum_count` once, and never the text.

    Args:
        choice: A `Choice`.
        readings: Of all units.
        pieces: Whether the tokens are subwords.

    Raises:
        ValueError: No word is left.
    """
    if not pieces:
        tokenizer = choice.tokenizer({})
        return tokenizer, _vocabularies(choice, merged_counts(readings))
    words = ((word.decode(), int(sum(counts))) for word, counts in merged_counts(readings))
    counts = collections.Counter(_most_frequent(words))
    tokenizer = choice.tokenizer(counts)
    assert isinstance(tokenizer, SubwordTokenizer)
    if len(readings[0].counts) == 1:
        return tokenizer, [Vocabulary(tokenizer.pieces)]
    return tokenizer, _vocabularies(choice, _piece_counts(tokenizer, readings))


def _most_frequent(words: Iterable[tuple[str, int]]) -> dict[str, int]:
    """The `MOST_WORDS` most frequent words; the others are let go on the way."""
    kept = {}
    for word, count in words:
        kept[word] = count
        if len(kept) >= 4 * MOST_WORDS:
            kept = _first(kept)
    return _first(kept) if len(kept) > MOST_WORDS else kept


def _first(counts):
    order = sorted(counts, key=lambda word: (-counts[word], word))[:MOST_WORDS]
    return {word: counts[word] for word in order}


def _vocabularies(choice, rows) -> list[Vocabulary]:
    """A vocabulary of each side, from words and their counts on all sides."""
    found = []
    for word, counts in rows:
        counts = [int(sum(counts))] * len(counts) if choice.joint else counts.tolist()
        found = found or [{} for _ in counts]
        for side, count in zip(found, counts, strict=True):
            if count >= max(choice.minimum_count, 1):
                side[word.decode()] = count
    for side in found or [{}]:
        if not side:
            raise ValueError("There must be a token of --minimum_count. Received: none")
    size = choice.maximum_size
    if choice.joint:
        return [Vocabulary.build(found[0], choice.minimum_count, size)] * len(found)
    return [Vocabulary.build(side, choice.minimum_count, size) for side in found]


def _piece_counts(tokenizer, readings):
    """Yield each piece and its counts on all sides, in no order."""
    counts = collections.defaultdict(int)
    words = merged_counts(readings)
    while batch := list(itertools.islice(words, BATCH)):
        spelled, numbers = zip(*batch, strict=True)
        pieces = tokenizer.cut(tf.constant(spelled))
        for row, number in zip(pieces.to_list(), numbers, strict=True):
            for piece in row:
                counts[piece] += number
    yield from counts.items()

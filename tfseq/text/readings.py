"""Units of text as they are read: numbers of words, each word of a unit once.

Text is cut into tokens once, before anybody knows the vocabulary. So each unit numbers the words
that it meets and keeps their counts; when all units are read, the vocabulary is made, and numbers
become ids.

A reading is a directory: `words` (bytes, sorted), `ends` (where each word ends in them), `counts`
(`[sides, words]`), `numbers` (of all items in a row, side by side), `lengths` (`[items, sides]`),
each a `.npy` file, and `held_out.json`.
"""

import collections
import heapq
import itertools
import json
import os
import pathlib
import shutil
from collections.abc import Callable, Iterable, Iterator
from typing import Any, NamedTuple

import numpy as np
import tensorflow as tf

from tfseq.text.corpora import Documents, Pairs, Unit

BATCH = 1 << 18  # bytes that are cut into tokens at a time


class Reading(NamedTuple):
    """What stands in a unit; the arrays are mapped, not loaded.

    Attributes:
        words: uint8, the bytes of all words in a row, sorted.
        ends: int64 `[words]`.
        counts: int64 `[sides, words]`.
        numbers: int32, the words of all items, those of an item's sides one after the other.
        lengths: int32 `[items, sides]`.
    """

    words: Any
    ends: Any
    counts: Any
    numbers: Any
    lengths: Any

    def spelled(self, start: int = 0, stop: int | None = None) -> list[bytes]:
        """The words themselves, from one place to another."""
        ends = [int(self.ends[start - 1]) if start else 0, *self.ends[start:stop].tolist()]
        return [self.words[a:b].tobytes() for a, b in itertools.pairwise(ends)]


def load_reading(directory: str | pathlib.Path) -> Reading:
    """Open what `read_unit` wrote."""
    path = pathlib.Path(directory)
    return Reading(*(np.load(path / f"{name}.npy", mmap_mode="r") for name in Reading._fields))


class Numbers:
    """Numbers words in the order in which they come, and counts them.

    Args:
        sides: How many sides an item has.
    """

    def __init__(self, sides: int):
        self._numbers = collections.defaultdict()
        self._numbers.default_factory = self._numbers.__len__
        self._sides = sides
        self._rows, self._lengths, self._counts = [], [], []

    def add(self, words, places, lengths) -> None:
        """Add items that were cut into words.

        Args:
            words: Those that stand in them, each once.
            places: int `[tokens]`, which of them each token is.
            lengths: int `[items * sides]`, how many tokens each side of each item has.
        """
        numbers = np.array([self._numbers[word] for word in words.tolist()], np.int32)
        self._rows.append(numbers[places])
        self._lengths.append(np.asarray(lengths, np.int32).reshape(-1, self._sides))

    def save(self, directory: pathlib.Path) -> None:
        """Write the reading, its words sorted."""
        words = list(self._numbers)
        order = sorted(range(len(words)), key=words.__getitem__)
        sorted_numbers = np.empty(len(words), np.int32)
        sorted_numbers[order] = np.arange(len(words), dtype=np.int32)
        rows = np.concatenate([np.zeros(0, np.int32), *self._rows])
        lengths = np.concatenate([np.zeros([0, self._sides], np.int32), *self._lengths])
        numbers = sorted_numbers[rows] if len(rows) else rows
        side = sides_of(lengths)
        counts = [np.bincount(numbers[side == s], minlength=len(words)) for s in range(self._sides)]
        blob = b"".join(words[place] for place in order)
        arrays = Reading(
            np.frombuffer(blob, np.uint8),
            np.cumsum([len(words[place]) for place in order], dtype=np.int64),
            np.array(counts, np.int64),
            numbers,
            lengths,
        )
        for name, array in arrays._asdict().items():
            np.save(directory / f"{name}.npy", array)


def sides_of(lengths: np.ndarray) -> np.ndarray:
    """Which side each token stands on, int8 `[tokens]`, from `[items, sides]`."""
    sides = np.tile(np.arange(lengths.shape[1], dtype=np.int8), len(lengths))
    return np.repeat(sides, lengths.ravel())


def cut_words(tokenize: Callable) -> Callable:
    """A graph from texts to their words, each once, the place of each token, and the lengths."""

    @tf.function(input_signature=[tf.TensorSpec([None], tf.string)], autograph=False)
    def cut(texts):
        tokens = tokenize(texts)
        words, places = tf.unique(tokens.flat_values)
        return words, places, tf.cast(tokens.row_lengths(), tf.int32)

    return cut


def read_unit(
    directory: pathlib.Path,
    unit: Unit,
    corpus: Documents | Pairs,
    rule: dict[str, Any],
    cut: Callable,
) -> None:
    """Read a unit and write its reading, which is there as a whole or not at all.

    Args:
        directory: Of the reading.
        unit: What is read.
        corpus: What it is made of.
        rule: Which items are held out.
        cut: As from `cut_words`.
    """
    numbers, held_out = Numbers(len(corpus.sides)), []
    for batch in batches_of(kept(corpus.items(unit), unit, corpus, rule, held_out)):
        words, places, lengths = cut(tf.constant(list(itertools.chain.from_iterable(batch))))
        numbers.add(words.numpy(), places.numpy(), lengths.numpy())
    write_reading(directory, numbers, held_out)


def write_reading(directory: pathlib.Path, numbers: Numbers, held_out: list) -> None:
    """Write a reading aside and let it take its name."""
    aside = directory.with_name(f"{directory.name}.{os.getpid()}.partial")
    shutil.rmtree(aside, ignore_errors=True)
    aside.mkdir(parents=True)
    numbers.save(aside)
    texts = [[text.decode() for text in item] for item in held_out]
    (aside / "held_out.json").write_text(json.dumps(texts), encoding="utf-8")
    shutil.rmtree(directory, ignore_errors=True)
    aside.rename(directory)


def kept(items, unit, corpus, rule, held_out) -> Iterator[tuple[bytes, ...]]:
    """The items to learn from; those held out are added to a list."""
    for number, item in enumerate(items, start=unit.first):
        if rule and corpus.holds_out(rule, number, item):
            held_out.append(item)
        else:
            yield item


def batches_of(items: Iterable[tuple[bytes, ...]]) -> Iterator[list[tuple[bytes, ...]]]:
    """Items in lists of some `BATCH` bytes."""
    batch, size = [], 0
    for item in items:
        batch.append(item)
        size += sum(map(len, item)) + 16
        if size >= BATCH:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def merged_counts(readings: Iterable[Reading]) -> Iterator[tuple[bytes, np.ndarray]]:
    """Each word of all readings with its counts, `[sides]`, by the bytes of the words."""

    def rows(reading):
        for start in range(0, len(reading.ends), 4096):
            counts = np.asarray(reading.counts[:, start : start + 4096]).T
            yield from zip(reading.spelled(start, start + 4096), counts, strict=True)

    merged = heapq.merge(*map(rows, readings), key=lambda row: row[0])
    for word, group in itertools.groupby(merged, key=lambda row: row[0]):
        yield word, sum(counts for _, counts in group)  # pyright: ignore[reportReturnType]

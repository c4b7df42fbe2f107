"""Pairs of sentences from files, and the batches that a translator is trained on."""

import math
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
import tensorflow as tf

from tfseq.files import read_text
from tfseq.text.buckets import Buckets, groups_of_like_length
from tfseq.text.vocabulary import END, PAD, START


class Parallel(NamedTuple):
    """Sentences and their translations, in the order of the file.

    Attributes:
        sources: The sentences.
        targets: Their translations, as many.
        dropped: How many pairs were left out because a side of them is empty.
    """

    sources: list[str]
    targets: list[str]
    dropped: int


def read_parallel(source_path, target_path) -> Parallel:
    """Read two files whose lines belong together, plain or compressed by gzip.

    Only a newline ends a line; a carriage return before it is not part of the sentence.

    Raises:
        FileNotFoundError: Where there is no such file.
        ValueError: Where a file cannot be read, the files are not of one length, or no pair has
            text on both sides.
    """
    sources, targets = _lines(source_path), _lines(target_path)
    if len(sources) != len(targets):
        raise ValueError(
            "`source_path` and `target_path` must have as many lines each. Received: "
            f"{source_path} with {len(sources):,} and {target_path} with {len(targets):,}"
        )
    return _whole_pairs(zip(sources, targets, strict=True), f"{source_path} and {target_path}")


def read_parallel_file(path) -> Parallel:
    """Read one file with a sentence, a tab and its translation on each line.

    Further columns are left out. A line without text is a pair with two empty sides.

    Raises:
        FileNotFoundError: Where there is no such file.
        ValueError: Where the file cannot be read, a line has no tab, or no pair has text on both
            sides.
    """
    pairs = []
    for number, line in enumerate(_lines(path), start=1):
        columns = line.split("\t") if line.strip() else ["", ""]
        if len(columns) < 2:
            raise ValueError(
                f"`path` must have a tab in each line. Received: {path} with line {number:,}: "
                f"{line[:80]!r}"
            )
        pairs.append((columns[0], columns[1]))
    return _whole_pairs(pairs, path)


def _lines(path) -> list[str]:
    lines = read_text(path).removesuffix("\n").split("\n")
    return [line.removesuffix("\r") for line in lines]


def _whole_pairs(pairs, where) -> Parallel:
    pairs = list(pairs)
    whole = [pair for pair in pairs if all(side.strip() for side in pair)]
    if not whole:
        raise ValueError(f"A pair must have text on both sides. Received: {where} without one")
    sources, targets = zip(*whole, strict=True)
    return Parallel(list(sources), list(targets), len(pairs) - len(whole))


def cut(ids: Sequence[np.ndarray], maximum: int) -> tuple[list[np.ndarray], int]:
    """Keep the first `maximum` ids of each sentence.

    Returns:
        `(sentences, how many were longer)`.
    """
    if maximum < 1:
        raise ValueError(f"`maximum` must be a positive integer. Received: maximum={maximum!r}")
    return [row[:maximum] for row in ids], sum(len(row) > maximum for row in ids)


class ParallelBatch(NamedTuple):
    """One step of a translator's training. `S` and `T` are the longest lengths in the batch.

    Attributes:
        source: `[batch, S]`, int32; each sentence ends with `END`, `PAD` behind it.
        target_inputs: `[batch, T]`, int32; each begins with `START`, `PAD` behind it.
        targets: `[batch, T]`, int32: what follows each of the inputs, with `END` at the last.
        weights: `[batch, T]`, float32; 1 where there is a target, 0 at `PAD`.
    """

    source: np.ndarray
    target_inputs: np.ndarray
    targets: np.ndarray
    weights: np.ndarray


_IDS = tf.TensorSpec([None, None], tf.int32)
SIGNATURE = ParallelBatch(_IDS, _IDS, _IDS, tf.TensorSpec([None, None], tf.float32))  # pyright: ignore


class ParallelBatches(Buckets):
    """Pairs of like length together, by the length of the target and then of the source.

    Args:
        sources: One-dimensional arrays of ids, one for each sentence, without special tokens.
        targets: Those of their translations.
        batch_size: How many pairs a step has.
        seed: Which orders the pairs come in.
        shuffle: Whether each epoch has a new order. Otherwise all have the same, shortest first.
        **options: `pool` and `multiple` of `Buckets`; the latter is for `S` and `T`.
    """

    def __init__(
        self,
        sources: Sequence[np.ndarray],
        targets: Sequence[np.ndarray],
        batch_size: int,
        seed: int = 0,
        shuffle: bool = True,
        **options: int,
    ):
        if len(sources) != len(targets) or len(sources) == 0:
            raise ValueError(
                "`sources` and `targets` must hold as many sentences each, and one at least. "
                f"Received: {len(sources)} and {len(targets)}"
            )
        self.sources, self.targets = list(sources), list(targets)
        lengths = [[len(row) for row in side] for side in (sources, targets)]
        super().__init__(lengths, batch_size, seed, shuffle, **options)

    @property
    def signature(self) -> ParallelBatch:
        """What all batches are alike in: `tf.TensorSpec`s of unknown sizes."""
        return SIGNATURE

    def batch(self, step: int) -> ParallelBatch:
        """The batch of a step, counted from 0 over all epochs."""
        rows = self.rows(step)
        source, _ = with_end([self.sources[row] for row in rows], self.multiple)
        targets, real = with_end([self.targets[row] for row in rows], self.multiple)
        inputs = np.full_like(targets, START)
        inputs[:, 1:] = np.where(real[:, 1:], targets[:, :-1], PAD)  # all but the end
        return ParallelBatch(source, inputs, targets, real.astype(np.float32))


def with_end(rows: Sequence[np.ndarray], multiple: int = 1) -> tuple[np.ndarray, np.ndarray]:
    """`padded` rows with `END` behind each, and where they are no padding."""
    lengths = np.array([len(row) for row in rows], int)[:, None]
    width = math.ceil((lengths.max(initial=0) + 1) / multiple) * multiple
    places = np.arange(width)
    array = np.full([len(rows), width], PAD, np.int32)
    if len(rows):
        array[places < lengths] = np.concatenate(rows)
    array[places == lengths] = END
    return array, places <= lengths


def batches_of_like_length(
    ids: Sequence[np.ndarray], batch_size: int, multiple: int = 1
) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Sentences to translate, the shortest first.

        for rows, source in batches_of_like_length(ids, 64):
            translations[rows] = translate(source)

    Args:
        ids: One-dimensional arrays of ids, without special tokens.
        batch_size: How many sentences a batch has at most.
        multiple: Lengths are rounded up to multiples of this.

    Yields:
        `(rows, source)`: which sentences these are, `[batch]`, and their ids, `[batch, S]`, as
        `ParallelBatch.source` has them.
    """
    for rows in groups_of_like_length([len(row) for row in ids], batch_size):
        yield rows, with_end([ids[row] for row in rows], multiple)[0]

"""Pairs of sentences from files, and the batches that a translator is trained on."""

import math
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
import tensorflow as tf

from tfseq.files import read_text
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


class ParallelBatches:
    """Pairs of like length together, so that a batch is little padding; each pair once an epoch.

    In each epoch the pairs are put in a new order and parted into pools of `pool` batches. A pool
    is sorted by the length of target and source, pairs of one length staying in their new order,
    and cut into batches; then the batches of all pools are put in a new order. One batch of an
    epoch may be smaller than the others.

    A batch is a function of `(seed, step)` alone, so training can go on from any step.

    Args:
        sources: One-dimensional arrays of ids, one for each sentence, without special tokens.
        targets: Those of their translations.
        batch_size: How many pairs a step has.
        seed: Which orders the pairs come in.
        shuffle: Whether each epoch has a new order. Otherwise all have the same, shortest first.
        pool: How many batches are sorted together. A larger pool has less padding.
        multiple: `S` and `T` are rounded up to multiples of this, so that fewer shapes occur.

    Reference: Khomenko et al., 2016, Accelerating recurrent neural network training using sequence
    bucketing and multi-GPU data parallelization, arXiv:1708.05604.
    """

    def __init__(
        self,
        sources: Sequence[np.ndarray],
        targets: Sequence[np.ndarray],
        batch_size: int,
        seed: int = 0,
        shuffle: bool = True,
        *,
        pool: int = 100,
        multiple: int = 1,
    ):
        for name, value in (("batch_size", batch_size), ("pool", pool), ("multiple", multiple)):
            if value < 1:
                raise ValueError(f"`{name}` must be a positive integer. Received: {name}={value!r}")
        if len(sources) != len(targets) or len(sources) == 0:
            raise ValueError(
                "`sources` and `targets` must hold as many sentences each, and one at least. "
                f"Received: {len(sources)} and {len(targets)}"
            )
        self.sources, self.targets = list(sources), list(targets)
        self.batch_size = batch_size
        self.seed = seed
        self.shuffle = shuffle
        self.pool = pool
        self.multiple = multiple
        self._lengths = np.array([[len(row) for row in side] for side in (sources, targets)])
        self._epoch, self._batches = -1, []

    @property
    def signature(self) -> ParallelBatch:
        """What all batches are alike in: `tf.TensorSpec`s of unknown sizes."""
        ids = tf.TensorSpec([None, None], tf.int32)
        return ParallelBatch(ids, ids, ids, tf.TensorSpec([None, None], tf.float32))  # pyright: ignore

    @property
    def steps_per_epoch(self) -> int:
        """How many batches the pairs make."""
        return math.ceil(len(self.sources) / self.batch_size)

    def batch(self, step: int) -> ParallelBatch:
        """The batch of a step, counted from 0 over all epochs."""
        epoch, number = divmod(step, self.steps_per_epoch)
        rows = self._rows(epoch)[number]
        targets = [self.targets[row] for row in rows]
        following = padded([np.append(row, END) for row in targets], self.multiple)
        return ParallelBatch(
            padded([np.append(self.sources[row], END) for row in rows], self.multiple),
            padded([np.insert(row, 0, START) for row in targets], self.multiple),
            following,
            np.not_equal(following, PAD).astype(np.float32),
        )

    def _rows(self, epoch: int) -> list[np.ndarray]:
        """Which pairs each batch of an epoch has; the last epoch asked for is kept."""
        if epoch != self._epoch:
            self._epoch, self._batches = epoch, self._grouped(epoch)
        return self._batches

    def _grouped(self, epoch):
        if not self.shuffle:
            return _parts(self._by_length(np.arange(len(self.sources))), self.batch_size)
        random = np.random.default_rng([self.seed, epoch])
        pools = _parts(random.permutation(len(self.sources)), self.pool * self.batch_size)
        batches = [
            batch for pool in pools for batch in _parts(self._by_length(pool), self.batch_size)
        ]
        return [batches[number] for number in random.permutation(len(batches))]

    def _by_length(self, rows):
        """Rows by target length, then source length; what is of one length stays in its order."""
        sources, targets = self._lengths[:, rows]
        return rows[np.lexsort((sources, targets))]


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
    if batch_size < 1:
        raise ValueError(
            f"`batch_size` must be a positive integer. Received: batch_size={batch_size!r}"
        )
    order = np.argsort([len(row) for row in ids], kind="stable")
    for rows in _parts(order, batch_size):
        yield rows, padded([np.append(ids[row], END) for row in rows], multiple)


def padded(rows: Sequence[np.ndarray], multiple: int = 1) -> np.ndarray:
    """One int32 array of rows of ids, `PAD` behind each; as wide as the longest, rounded up."""
    width = max((len(row) for row in rows), default=0)
    array = np.full([len(rows), math.ceil(width / multiple) * multiple], PAD, np.int32)
    for number, row in enumerate(rows):
        array[number, : len(row)] = row
    return array


def _parts(rows, size):
    return [rows[start : start + size] for start in range(0, len(rows), size)]

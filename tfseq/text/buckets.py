"""Examples of like length side by side, so that a batch is little padding."""

import math
from collections.abc import Iterator, Sequence

import numpy as np

from tfseq.text.vocabulary import PAD


class Buckets:
    """Which examples each step has: those of like length together, each once an epoch.

    In each epoch the examples are put in a new order and parted into pools of `pool` batches. A
    pool is sorted by length, examples of one length staying in their new order, and cut into
    batches; then the batches of all pools are put in a new order. One batch of an epoch may be
    smaller than the others.

    What a step has is a function of `(seed, step)` alone, so training can go on from any step. A
    subclass makes arrays of it: `batch(step)`.

    Args:
        lengths: Of each example, `[examples]`; or several, `[sides, examples]`, of which the last
            counts first.
        batch_size: How many examples a step has.
        seed: Which orders the examples come in.
        shuffle: Whether each epoch has a new order. Otherwise all have the same, shortest first.
        pool: How many batches are sorted together. A larger pool has less padding.
        multiple: Padded lengths are rounded up to multiples of this, so that fewer shapes occur.

    Reference: Khomenko et al., 2016, Accelerating recurrent neural network training using sequence
    bucketing and multi-GPU data parallelization, arXiv:1708.05604.
    """

    def __init__(
        self,
        lengths,
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
        self.batch_size = batch_size
        self.seed = seed
        self.shuffle = shuffle
        self.pool = pool
        self.multiple = multiple
        self._lengths = np.atleast_2d(lengths)
        self._epoch, self._batches = -1, []

    @property
    def steps_per_epoch(self) -> int:
        """How many batches the examples make."""
        return math.ceil(self._lengths.shape[1] / self.batch_size)

    def rows(self, step: int) -> np.ndarray:
        """Which examples a step has, counted from 0 over all epochs."""
        epoch, number = divmod(step, self.steps_per_epoch)
        if epoch != self._epoch:  # the last epoch asked for is kept
            self._epoch, self._batches = epoch, self._grouped(epoch)
        return self._batches[number]

    def _grouped(self, epoch):
        examples = self._lengths.shape[1]
        if not self.shuffle:
            return parts(self._by_length(np.arange(examples)), self.batch_size)
        random = np.random.default_rng([self.seed, epoch])
        pools = parts(random.permutation(examples), self.pool * self.batch_size)
        batches = [
            batch for pool in pools for batch in parts(self._by_length(pool), self.batch_size)
        ]
        return [batches[number] for number in random.permutation(len(batches))]

    def _by_length(self, rows):
        """Rows by length; what is of one length stays in its order."""
        return rows[np.lexsort(self._lengths[:, rows])]


def groups_of_like_length(lengths, batch_size: int) -> Iterator[np.ndarray]:
    """Yield which examples stand side by side, the shortest first: for what is read once.

    Args:
        lengths: `[examples]`.
        batch_size: How many examples a group has at most.
    """
    if batch_size < 1:
        raise ValueError(
            f"`batch_size` must be a positive integer. Received: batch_size={batch_size!r}"
        )
    yield from parts(np.argsort(lengths, kind="stable"), batch_size)


def padded(rows: Sequence[np.ndarray], multiple: int = 1) -> np.ndarray:
    """One int32 array of rows of ids, `PAD` behind each; as wide as the longest, rounded up."""
    lengths = np.array([len(row) for row in rows], int)
    width = math.ceil(lengths.max(initial=0) / multiple) * multiple
    array = np.full([len(rows), width], PAD, np.int32)
    if len(rows):
        array[np.arange(width) < lengths[:, None]] = np.concatenate(rows)
    return array


def parts(rows, size: int) -> list:
    """A sequence in pieces of `size`, the last one what is left."""
    return [rows[start : start + size] for start in range(0, len(rows), size)]

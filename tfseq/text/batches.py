"""Documents, and the batches that a language model is trained on."""

import itertools
import math
import re
from collections.abc import Sequence
from typing import NamedTuple, TypeVar

import numpy as np

from tfseq.text.vocabulary import PAD

Document = TypeVar("Document")


def scenes(text: str) -> list[str]:
    """Cut a text behind its blank lines; a line of blanks and tabs is one.

    Each scene keeps the line breaks that end it, so that joining the scenes gives the text back.
    Blank lines at the very beginning belong to the first scene.
    """
    breaks = [run for run in re.finditer(r"(?:[ \t]*\r?\n){2,}", text) if run.start() > 0]
    cuts = [0, *(run.end() for run in breaks), len(text)]
    return [text[start:end] for start, end in itertools.pairwise(cuts) if start < end]


def split_held_out(
    documents: Sequence[Document], share: float
) -> tuple[Sequence[Document], Sequence[Document]]:
    """Part documents into those to train on and the last `share` of them, to test on.

    Args:
        documents: At least two, of any kind.
        share: Between 0 and 1. Rounded up to whole documents; each part has at least one.

    Returns:
        `(training, held_out)`.
    """
    if not 0 < share < 1:
        raise ValueError(f"`share` must lie between 0 and 1. Received: share={share!r}")
    if len(documents) < 2:
        raise ValueError(
            f"`documents` must be at least two, to hold one out. Received: {len(documents)}"
        )
    wanted = math.ceil(round(share * len(documents), 6))  # 0.1 * 30 is a little more than 3
    cut = max(1, len(documents) - wanted)
    return documents[:cut], documents[cut:]


def split_at_random(texts: Sequence[str], share: float, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Which texts to train on, and which to hold out; equal texts stay together.

    Args:
        texts: Of each example; of a pair, the source.
        share: Of the examples, drawn at random, to hold out.
        seed: Which are drawn.

    Returns:
        `(training, held_out)`: places among the texts, in their order.

    Raises:
        ValueError: Nothing would be left to train on.
    """
    _, groups = np.unique(texts, return_inverse=True)
    counts = np.bincount(groups)
    order = np.random.default_rng(seed).permutation(len(counts))
    before = np.concatenate([[0], np.cumsum(counts[order])[:-1]])
    chosen = np.zeros(len(counts), bool)
    chosen[order[before < share * len(groups)]] = True
    if chosen.all():
        raise ValueError(
            f"`texts` must be enough to hold out `share` of them. Received: share={share} of "
            f"{len(counts)} different texts"
        )
    held_out = chosen[groups]
    return np.flatnonzero(~held_out), np.flatnonzero(held_out)


class Batch(NamedTuple):
    """One step of training.

    Attributes:
        inputs: `[batch_size, window]`, int32.
        targets: The ids that follow them, likewise.
        weights: `[batch_size, window]`, float32; 0 where the row is filled up with `PAD`.
        fresh: Whether the model's state must be set to zero before this step.
    """

    inputs: np.ndarray
    targets: np.ndarray
    weights: np.ndarray
    fresh: np.ndarray


class LanguageModelBatches:
    """Consecutive windows of a stream of ids, for a model that carries its state along.

    In each epoch the documents are put in a new order and joined. The stream is cut into
    `batch_size` lanes of equal length (give or take one id), each lane into windows; row `b` of
    step `n + 1` goes on where row `b` of step `n` ended. Twelve ids, two lanes, windows of four:

        lane 0:   0 1 2 3 | 4  5          step 0, step 1
        lane 1:   6 7 8 9 | 10 11

    Targets are the inputs shifted by one. The stream is a circle: its last id is followed by its
    first, so each id is an input once and a target once in an epoch. A last window that is not
    full is filled with `PAD` at weight 0, so that shapes never change. (The usual recipe drops that
    remainder, up to a window in each lane, in every epoch the same ids.)

    A batch is a function of `(seed, step)` alone, so training can go on from any step.

    Args:
        documents: One-dimensional arrays of ids, one for each document.
        batch_size: How many lanes.
        window: How many ids of a lane a step has.
        seed: Which orders the documents come in.
        shuffle: Whether each epoch has a new order. Otherwise all have the order given.
    """

    def __init__(
        self,
        documents: Sequence[np.ndarray],
        batch_size: int,
        window: int,
        seed: int = 0,
        shuffle: bool = True,
    ):
        for name, value in (("batch_size", batch_size), ("window", window)):
            if value < 1:
                raise ValueError(f"`{name}` must be a positive integer. Received: {name}={value!r}")
        self._documents = [np.asarray(document, np.int32) for document in documents]
        self.size = sum(len(document) for document in self._documents)
        if self.size == 0:
            raise ValueError(f"`documents` must hold ids. Received: {len(documents)} empty ones")
        self.batch_size = batch_size
        self.window = window
        self.seed = seed
        self.shuffle = shuffle
        self._epoch, self._ids = -1, np.zeros([0], np.int32)

    @property
    def steps_per_epoch(self) -> int:
        """How many windows the longest lane has."""
        return math.ceil(self.size / (self.batch_size * self.window))

    def batch(self, step: int) -> Batch:
        """The batch of a step, counted from 0 over all epochs."""
        epoch, window = divmod(step, self.steps_per_epoch)
        stream = self._stream(epoch)
        ends = np.arange(1, self.batch_size + 1)[:, None] * self.size // self.batch_size
        starts = np.arange(self.batch_size)[:, None] * self.size // self.batch_size
        positions = starts + window * self.window + np.arange(self.window)  # [batch, window]
        real = positions < ends
        inputs = np.where(real, stream[positions % self.size], PAD)
        targets = np.where(real, stream[(positions + 1) % self.size], PAD)
        return Batch(inputs, targets, real.astype(np.float32), np.array(window == 0))

    def _stream(self, epoch: int) -> np.ndarray:
        """All ids in the epoch's order; the last epoch asked for is kept."""
        if epoch != self._epoch:
            order = np.arange(len(self._documents))
            if self.shuffle:
                order = np.random.default_rng([self.seed, epoch]).permutation(order)
            self._epoch, self._ids = epoch, np.concatenate([self._documents[i] for i in order])
        return self._ids

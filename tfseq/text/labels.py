"""Labels: the few names that a classifier chooses among, and a tagger at each word."""

import collections
import json
import pathlib
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np
import tensorflow as tf

from tfseq.files import read_text, written_aside
from tfseq.text.buckets import Buckets, padded
from tfseq.text.vocabulary import UNK


class Labels:
    """Numbers the labels from 0, in the order given; there is none for what is unknown.

    Args:
        names: The labels, each once, two at least.
    """

    def __init__(self, names: Iterable[str]):
        self.names = list(names)
        counts = collections.Counter(self.names)
        if len(counts) < 2 or len(counts) < len(self.names):
            raise ValueError(
                f"`names` must be at least two labels, each once. Received: names={self.names[:5]}"
            )
        self._ids = {name: number for number, name in enumerate(self.names)}

    @classmethod
    def build(cls, names: Iterable[str]) -> "Labels":
        """The different ones among the labels of all examples, by the alphabet."""
        return cls(sorted(set(names)))

    def __len__(self) -> int:
        return len(self.names)

    def __contains__(self, name: str) -> bool:
        return name in self._ids

    def ids(self, names: Iterable[str]) -> np.ndarray:
        """int32 numbers of labels that there are."""
        names = list(names)
        if unknown := [name for name in names if name not in self]:
            raise ValueError(
                f"`names` must be labels among {', '.join(self.names)}. Received: {unknown[0]!r}"
            )
        return np.array([self._ids[name] for name in names], np.int32)

    def tokens(self, ids) -> tf.Tensor:
        """Names of a tensor of numbers, in graph operations; as `Vocabulary.tokens`."""
        return tf.gather(tf.constant(self.names), ids)

    def save(self, path: str | pathlib.Path) -> None:
        """Write one JSON string a line; the first line is number 0."""
        with written_aside(path) as file:
            file.writelines(json.dumps(name, ensure_ascii=False) + "\n" for name in self.names)

    @classmethod
    def load(cls, path: str | pathlib.Path) -> "Labels":
        """Read what `save` wrote."""
        return cls(map(json.loads, read_text(path).removesuffix("\n").split("\n")))


class LabelledBatch(NamedTuple):
    """One step of training. `T` is the longest length in the batch.

    Attributes:
        ids: `[batch, T]`, int32, `PAD` behind each text.
        labels: `[batch]` of texts, or `[batch, T]` of words with 0 behind each text.
    """

    ids: np.ndarray
    labels: np.ndarray


class LabelledBatches(Buckets):
    """Texts of like length together, each with its label, or with one for each of its words.

    Args:
        texts: One-dimensional arrays of ids.
        labels: Of each text a number, or a one-dimensional array with one for each word.
        batch_size: How many texts a step has.
        seed: Which orders the texts come in.
        shuffle: Whether each epoch has a new order. Otherwise all have the same, shortest first.
        unknown_rate: Share of the tokens seen once that are read as `UNK`, drawn for each step.
        **options: `pool` and `multiple` of `Buckets`.
    """

    def __init__(
        self,
        texts: Sequence[np.ndarray],
        labels: Sequence | np.ndarray,
        batch_size: int,
        seed: int = 0,
        shuffle: bool = True,
        *,
        unknown_rate: float = 0.0,
        **options: int,
    ):
        if len(texts) != len(labels) or len(texts) == 0:
            raise ValueError(
                "`texts` and `labels` must be as many each, and one at least. "
                f"Received: {len(texts)} and {len(labels)}"
            )
        self.texts, self.labels = list(texts), list(labels)
        self.by_word = np.ndim(labels[0]) == 1
        self.unknown_rate = unknown_rate
        self.seen_once = np.bincount(np.concatenate(self.texts)) == 1
        super().__init__([len(text) for text in texts], batch_size, seed, shuffle, **options)

    @property
    def signature(self) -> LabelledBatch:
        """What all batches are alike in: `tf.TensorSpec`s of unknown sizes."""
        ids = tf.TensorSpec([None, None], tf.int32)
        return LabelledBatch(ids, ids if self.by_word else tf.TensorSpec([None], tf.int32))  # pyright: ignore

    def batch(self, step: int) -> LabelledBatch:
        """The batch of a step, counted from 0 over all epochs."""
        ids, labels = self.whole_batch(step)
        return LabelledBatch(self.hidden(ids, self.seen_once[ids], step), labels)

    def whole_batch(self, step: int) -> LabelledBatch:
        """The same with nothing hidden."""
        rows = self.rows(step)
        labels = [self.labels[row] for row in rows]
        return LabelledBatch(
            padded([self.texts[row] for row in rows], self.multiple),
            padded(labels, self.multiple) if self.by_word else np.array(labels, np.int32),
        )

    def hidden(self, ids: np.ndarray, seen_once: np.ndarray, step: int) -> np.ndarray:
        """The ids of a step with `UNK` for some of those that training has seen once."""
        if not self.unknown_rate:
            return ids
        noise = np.random.default_rng([self.seed, step]).random(ids.shape)
        return np.where(seen_once & (noise < self.unknown_rate), np.int32(UNK), ids)

"""What a mechanism of attention is: from a query and a memory to a context and weights.

    scores[i] = score(query, keys[i])                    how well each source position fits
    weights = softmax(scores)                            over the real positions
    context = sum_i weights[i] values[i]

A memory is made once for each batch of sources, `mechanism.memorize(values, mask)`; the mechanism
then looks at it at every step, `mechanism(query, memory, previous_weights)`. Nothing about a batch
is kept on the mechanism.

**Beams.** A memory has a row for each source; a query may have `k` rows for each, side by side, as
in beam search (a a b b). Keys and values are never repeated for that: the query is folded to
`[batch, k, width]`, and all the arithmetic inside runs on `[batch, k, time]`.
"""

from typing import Any, NamedTuple

import keras
import numpy as np
import tensorflow as tf
from keras import ops

from tfseq.cells.base import check_units


class Memory(NamedTuple):
    """What a decoder may look at, projected once.

    Attributes:
        keys: `[batch, time, units]`, what a query is compared with.
        values: `[batch, time, depth]`, what a context is made of; zero where masked.
        mask: Boolean `[batch, time]`, `True` for a real position.
    """

    keys: Any
    values: Any
    mask: Any


class AttentionState(NamedTuple):
    """The states of a cell that attends.

    Attributes:
        cell: The states of the inner cell.
        attention: `[rows, width]`, what the last step attended to.
        weights: `[rows, time]`, the last weights; a tuple of them for several mechanisms.
    """

    cell: Any
    attention: Any
    weights: Any


def hardmax(scores):
    """One for the highest score on the last axis (the first of equal ones), zero for all others.

    Args:
        scores: `[..., time]`.

    Returns:
        Like `scores`. No gradient passes.

    Reference: `tf.contrib.seq2seq.hardmax` of TensorFlow 1.15.
    """
    return ops.one_hot(ops.argmax(scores, axis=-1), ops.shape(scores)[-1], dtype=scores.dtype)


LOWEST = float(np.finfo("float32").min)  # a masked score: finite, so an empty row has no NaN
# TensorFlow's own: Keras's softmax warns of a single position, which a source of one word has.
PROBABILITIES = {"softmax": tf.nn.softmax, "hardmax": hardmax}


class AttentionMechanism(keras.Layer):
    """A way to attend. Subclass it and define `score` to make one of your own.

    The weights are zero on padding and sum to one over the real positions. A source without a real
    position gives zero weights and a zero context.

    Args:
        units: Width of the keys, which a subclass makes in a `memory_layer`. Without such a layer
            the keys are the values, and `units`, if given, must be their depth.
        probability: How scores become weights: `"softmax"`, or `"hardmax"`, which is one for the
            best position. The choice of it passes no gradient on.

    Call arguments:
        query: `[rows, width]`, with `rows` the batch of the memory, or `k` times as many.
        memory: What `memorize` returned.
        previous_weights: `[rows, time]`, for mechanisms that go on from where they were.

    Raises:
        ValueError: An unknown `probability`; `units` that do not fit.
    """

    memory_layer = None

    def __init__(self, units=None, probability="softmax", **kwargs):
        super().__init__(**kwargs)
        if probability not in PROBABILITIES:
            raise ValueError(
                f"`probability` must be one of {', '.join(sorted(PROBABILITIES))}. "
                f"Received: probability={probability!r}"
            )
        self.units = None if units is None else check_units(units)
        self.probability = probability
        self.depth: Any = None  # of the values; known once something was memorized
        self.query_depth: Any = None

    def project(self, units, name):
        """A layer `x -> x W`, for keys or queries."""
        return keras.layers.Dense(units, use_bias=False, name=name, dtype=self.dtype_policy)

    def memorize(self, values, mask=None):
        """Make the memory of a batch of sources.

            values = values * mask
            keys = values W        (or the values themselves)

        Args:
            values: `[batch, time, depth]`, such as the outputs of an encoder.
            mask: Boolean `[batch, time]`, `True` for a real position; by default the one that
                Keras attached to the values, or all.

        Returns:
            A `Memory`.
        """
        if mask is None:
            mask = getattr(values, "_keras_mask", None)
        values = ops.cast(values, self.compute_dtype)
        self.build_memory(values.shape[-1])
        if mask is None:
            mask = ops.ones_like(values[:, :, 0], dtype="bool")
        mask = ops.cast(mask, "bool")
        values = ops.where(mask[:, :, None], values, 0.0)
        keys = values if self.memory_layer is None else self.memory_layer(values)
        return Memory(keys, values, mask)

    def build_memory(self, depth):
        """Make what a memory of values of this depth needs."""
        if self.depth not in (None, depth):
            raise ValueError(
                "The values that a mechanism memorizes must always be equally wide. "
                f"Received: values of depth {depth}, after values of depth {self.depth}"
            )
        self.depth = depth
        if self.memory_layer is not None:
            if not self.memory_layer.built:
                with keras.name_scope(self.name, caller=self):
                    self.memory_layer.build((None, None, depth))
        elif self.units not in (None, depth):
            raise ValueError(
                f"{type(self).__name__} compares the query with the values themselves: `units` "
                f"must be their depth. Received: units={self.units}, values of depth {depth}"
            )

    def build(self, query_shape):
        """Make what queries of this shape need."""
        self.query_depth = query_shape[-1]

    def initial_weights(self, batch_size, memory):
        """The weights before the first step: zeros, `[batch_size, time]`."""
        return ops.zeros((batch_size, ops.shape(memory.keys)[1]), dtype=self.compute_dtype)

    def score(self, query, keys):
        """How well each position fits each query: what a new kind of attention defines.

        Args:
            query: `[batch, k, width]`.
            keys: `[batch, time, units]`.

        Returns:
            Scores, `[batch, k, time]`.
        """
        raise NotImplementedError("A mechanism must define `score(query, keys)`.")

    def weigh(self, scores, mask, previous_weights, training=False):
        """From scores to weights: zero where masked.

        Args:
            scores: `[batch, k, time]`, float32 or wider.
            mask: Boolean `[batch, 1, time]`.
            previous_weights: `[batch * k, time]`, or `None`.
            training: Whether this is a step of training.

        Returns:
            Weights, `[batch, k, time]`.
        """
        weights = PROBABILITIES[self.probability](ops.where(mask, scores, LOWEST))
        return ops.where(mask, weights, 0.0)  # for rows without a real position

    def call(self, query, memory, previous_weights=None, training=False):
        """Attend: `(context [rows, depth], weights [rows, time])`."""
        keys, values, mask = memory
        rows, time = ops.shape(query)[0], ops.shape(keys)[1]
        scores = self.score(fold(query, keys), keys)
        # Small types are too coarse for the sum under a softmax.
        wide = "float64" if values.dtype == "float64" else "float32"
        scores = ops.cast(scores, wide)
        weights = self.weigh(scores, mask[:, None], previous_weights, training=training)
        weights = ops.cast(weights, values.dtype)
        context = ops.matmul(weights, values)  # [batch, k, depth]
        return ops.reshape(context, (rows, values.shape[-1])), ops.reshape(weights, (rows, time))

    def get_config(self):
        """The constructor's arguments."""
        return {**super().get_config(), "units": self.units, "probability": self.probability}

    def get_build_config(self):
        """Both depths, from which all weights can be made again."""
        return {"depth": self.depth, "query_depth": self.query_depth} if self.built else None

    def build_from_config(self, config):
        """The reverse of `get_build_config`."""
        if config["depth"] is not None:
            self.build_memory(config["depth"])
        self.build((None, config["query_depth"]))


def fold(query, keys):
    """`[batch * k, width]` to `[batch, k, width]`, by the batch of the keys."""
    rows, batch = query.shape[0], keys.shape[0]
    if rows is not None and batch is not None and (rows % batch if batch else rows):
        raise ValueError(
            "`query` must have as many rows as the memory, or `k` for each of them. "
            f"Received: a query of shape {tuple(query.shape)}, keys of shape {tuple(keys.shape)}"
        )
    return ops.reshape(query, (ops.shape(keys)[0], -1, query.shape[-1]))

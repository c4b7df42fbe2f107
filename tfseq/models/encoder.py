"""A text read: from ids to an annotation for each word, and what is known at the end.

A translator's decoder looks at the annotations, a tagger labels each of them, a classifier pools
them.
"""

from typing import Any, NamedTuple

import keras
from keras import ops

from tfseq.cells import stack_cells
from tfseq.rnn import RNN

ENCODERS = ("unidirectional", "bidirectional", "stacked_bidirectional")
MERGES = ("concat", "sum")


class Reading(NamedTuple):
    """What an `Encoder` knows of a text.

    Attributes:
        annotations: `[batch, time, depth]`, zeros where masked.
        states: For each layer a list of the last states of its one or two ways.
        last: `[batch, depth]`: what each way of the top layer says behind the last word it reads,
            merged; zeros of a row without words. Neither dropped nor added to by `residual_from`.
    """

    annotations: Any
    states: Any
    last: Any


def encoder_cells(kind, name, units, layers, *, reverse=False, residual_from=None, **options):
    """The cells of an `Encoder`: for each of its layers one that reads on and one that reads back.

        unidirectional           one stack that reads from the first word to the last
        bidirectional            two stacks, each way one, that meet at the top
        stacked_bidirectional    in each layer both ways read what both ways of the layer below say

    Args:
        kind: One of `ENCODERS`.
        name: One of `tfseq.CELLS`.
        units: Units of each way.
        layers: Number of layers.
        reverse: Whether a unidirectional encoder reads from the last word to the first.
        residual_from: First layer, from 0, that adds its inputs to its outputs; the `Encoder` does
            it where layers are of two ways.
        **options: Further arguments of `stack_cells`, such as dropout rates and a seed.

    Returns:
        A list of pairs `(forward, backward)`, a cell or `None` each.

    References: Sutskever et al., 2014, arXiv:1409.3215 (reversed source); Schuster & Paliwal, 1997
    (bidirectional); Wu et al., 2016, arXiv:1609.08144 (residual).
    """
    if kind not in ENCODERS:
        raise ValueError(f"`kind` must be one of {', '.join(ENCODERS)}. Received: kind={kind!r}")
    if reverse and kind != "unidirectional":
        raise ValueError(
            "`reverse` is for a unidirectional encoder; the others read both ways. "
            f"Received: kind={kind!r}"
        )
    seed = options.pop("seed", None)

    def stack(number, depth, residual_from=None):
        own_seed = None if seed is None else seed + 100 * number
        return stack_cells(
            name, units, depth, residual_from=residual_from, seed=own_seed, **options
        )

    if kind == "stacked_bidirectional":
        return [(stack(2 * layer, 1), stack(2 * layer + 1, 1)) for layer in range(layers)]
    forward = stack(0, layers, residual_from)
    if kind == "bidirectional":
        return [(forward, stack(1, layers, residual_from))]
    return [(None, forward)] if reverse else [(forward, None)]


@keras.saving.register_keras_serializable("tfseq")
class Encoder(keras.Layer):
    """Reads a text: an annotation for each word, which knows what stands around it.

        x_t  = E[w_t]
        f_t  = forward(x_t, f_{t-1}),    b_t = backward(x_t, b_{t+1})
        a_t  = [f_t; b_t] or f_t + b_t   and so on, layer upon layer

    Annotations stand in the order of the words, whichever way they were read.

    Args:
        embedding: An `Embedding`, or any layer from `ids` to `[batch, time, depth]`.
        cells: For each layer a pair `(forward, backward)` of cells, one of which may be `None`;
            `encoder_cells` makes them.
        merge: How the two ways of a layer become one: one of `MERGES`.
        residual_from: First layer, from 0, that adds its inputs to its annotations. They must be
            equally wide.
        rate: Dropout of the annotations.
        seed: Seed of that dropout.

    Call arguments:
        ids: `[batch, time]` integers, or what else the embedding reads.
        mask: `[batch, time]` booleans, `True` = a real word.

    Returns:
        `(annotations [batch, time, depth], states)`: zeros where the mask is `False`; and for each
        layer a list of the last states of its one or two ways, which stand still there. `read`
        gives them with what the ways say at their ends.

    Reference: Bahdanau et al., 2015, arXiv:1409.0473.
    """

    def __init__(
        self,
        embedding,
        cells,
        *,
        merge="concat",
        residual_from=None,
        rate=0.0,
        seed=None,
        **kwargs,
    ):
        super().__init__(**kwargs)
        if merge not in MERGES:
            raise ValueError(f"`merge` must be one of {', '.join(MERGES)}. Received: {merge=}")
        self.merge = merge
        self.supports_masking = True
        self.embedding = embedding
        self.residual_from = residual_from
        self.rate = rate
        self.seed = seed
        self.seed_generator = keras.random.SeedGenerator(seed)
        self.ways = [
            [
                RNN(cell, return_sequences=True, return_state=True, go_backwards=backward)
                for cell, backward in zip(pair, (False, True), strict=True)
                if cell is not None
            ]
            for pair in cells
        ]

    def build(self, ids_shape=None):
        """Nothing of its own: the parts are built when they are first called."""
        self.built = True

    def call(self, ids, mask=None, training=False):
        reading = self.read(ids, mask, training)
        return reading.annotations, reading.states

    def read(self, ids, mask=None, training=False):
        """The `Reading` of a batch of texts; the arguments are those of a call."""
        layers = self.layers(ids, mask, training)
        *_, (values, read) = layers
        reading = self.reading(values, [outputs for outputs, _ in read], mask)
        annotations = reading.annotations
        if training and self.rate:
            annotations = keras.random.dropout(annotations, self.rate, seed=self.seed_generator)
        states = [[state for _, state in read] for _, read in layers]
        return reading._replace(annotations=annotations, states=states)

    def layers(self, ids, mask=None, training=False):
        """What each layer reads, and what each of its ways makes of it, lowest layer first.

        Returns:
            A list of `(values [batch, time, depth], [(outputs, states) of each way])`, all in the
            order of the words.
        """
        values, found, read = self.embedding(ids, training=training), [], []
        for layer, ways in enumerate(self.ways):
            if layer:
                values = self._annotated(layer - 1, values, [outputs for outputs, _ in read])
            read = [self._read(way, values, mask, training) for way in ways]
            found.append((values, read))
        return found

    def reading(self, values, outputs, mask=None):
        """The `Reading` that the top layer's ways make, without states.

        Args:
            values: What that layer reads.
            outputs: What each of its ways says, in the order of the words.
            mask: As in a call.
        """
        annotations = self._annotated(len(self.ways) - 1, values, outputs)
        pairs = zip(self.ways[-1], outputs, strict=True)
        ends = [out[:, 0] if way.go_backwards else last_real(out, mask) for way, out in pairs]
        return Reading(annotations, [], self._merged(ends))

    def _annotated(self, layer, values, outputs):
        """What a layer says of each word."""
        annotations = self._merged(outputs)
        residual = self.residual_from is not None and layer >= self.residual_from
        return annotations + values if residual else annotations

    def _merged(self, ways):
        """What both ways say, as one."""
        return sum(ways) if self.merge == "sum" else ops.concatenate(ways, axis=-1)

    @staticmethod
    def _read(way, values, mask, training):
        """Outputs in the order of the words, and the last states."""
        outputs, states = way(values, mask=mask, training=training)
        return ops.flip(outputs, axis=1) if way.go_backwards else outputs, states

    def get_config(self):
        pairs = [
            tuple(
                next((way.cell for way in ways if way.go_backwards is backward), None)
                for backward in (False, True)
            )
            for ways in self.ways
        ]
        config = super().get_config()
        config.update(
            embedding=keras.saving.serialize_keras_object(self.embedding),
            cells=[[keras.saving.serialize_keras_object(cell) for cell in pair] for pair in pairs],
            merge=self.merge,
            residual_from=self.residual_from,
            rate=self.rate,
            seed=self.seed,
        )
        return config

    @classmethod
    def from_config(cls, config):
        revive = keras.saving.deserialize_keras_object
        cells = [tuple(cell and revive(cell) for cell in pair) for pair in config["cells"]]
        embedding = revive(config["embedding"])
        return cls(**{**config, "embedding": embedding, "cells": cells})


def last_real(values, mask=None):
    """The last step of each row that the mask calls real; the first of a row that has none.

    Args:
        values: `[batch, time, depth]`.
        mask: `[batch, time]` booleans, or `None` where all steps are real.

    Returns:
        `[batch, depth]`.
    """
    if mask is None:
        return values[:, -1]
    places = ops.cast(mask, "int32") * ops.arange(ops.shape(mask)[1])
    places = ops.max(places, axis=1)[:, None, None]
    return ops.take_along_axis(values, places, axis=1)[:, 0]

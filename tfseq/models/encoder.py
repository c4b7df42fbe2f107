"""The reading half of sequence to sequence: source ids to annotations and last states."""

import keras
from keras import ops

from tfseq.cells import stack_cells
from tfseq.rnn import RNN

ENCODERS = ("unidirectional", "bidirectional", "stacked_bidirectional")


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
    """Reads the source: an annotation for each word, which knows what stands around it.

        x_t  = E[w_t]
        f_t  = forward(x_t, f_{t-1}),    b_t = backward(x_t, b_{t+1})
        a_t  = [f_t; b_t]                and so on, layer upon layer

    Annotations stand in the order of the words, whichever way they were read.

    Args:
        embedding: An `Embedding`.
        cells: For each layer a pair `(forward, backward)` of cells, one of which may be `None`;
            `encoder_cells` makes them.
        residual_from: First layer, from 0, that adds its inputs to its annotations. They must be
            equally wide.
        rate: Dropout of the annotations.
        seed: Seed of that dropout.

    Call arguments:
        ids: `[batch, time]` integers.
        mask: `[batch, time]` booleans, `True` = a real word.

    Returns:
        `(annotations [batch, time, depth], states)`: zeros where the mask is `False`; and for each
        layer a list of the last states of its one or two ways, which stand still there.

    Reference: Bahdanau et al., 2015, arXiv:1409.0473.
    """

    def __init__(self, embedding, cells, *, residual_from=None, rate=0.0, seed=None, **kwargs):
        super().__init__(**kwargs)
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
        values = self.embedding(ids, training=training)
        states = []
        for layer, ways in enumerate(self.ways):
            read = [self._read(way, values, mask, training) for way in ways]
            annotations = ops.concatenate([outputs for outputs, _ in read], axis=-1)
            states.append([state for _, state in read])
            if self.residual_from is not None and layer >= self.residual_from:
                annotations = annotations + values
            values = annotations
        if training and self.rate:
            values = keras.random.dropout(values, self.rate, seed=self.seed_generator)
        return values, states

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

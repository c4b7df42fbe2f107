"""TensorFlow 1's `AttentionWrapper`: a cell that looks back at each step."""

from typing import Any

import keras
from keras import ops

from tfseq.attention.attending import AttendingCell
from tfseq.attention.mechanism import AttentionState
from tfseq.cells.ahead import ahead_obstacle
from tfseq.cells.base import (
    build_cell,
    check_cell,
    check_units,
    step,
)
from tfseq.cells.wrappers import ResidualWrapper


@keras.saving.register_keras_serializable("tfseq")
class AttentionWrapper(AttendingCell):
    """A cell whose inputs hold what it attended to last, and whose output is the query.

        h, cell states = cell([x, attention])
        context = sum_i weights[i] values[i],    weights from the query h
        attention = [h, context] A               or the context itself, without `attention_units`
        output = attention                       or h, without `output_attention`

    With several mechanisms their attentions stand side by side.

    Args:
        cell: The inner cell: ours, Keras's, a stack or your own.
        mechanism: An `AttentionMechanism`, or a list of several.
        attention_units: Width of the attention: an integer, or a list of one for each mechanism.
        output_attention: Whether the output is the attention.
        cell_input: `cell_input(inputs, attention)` in place of joining the two. Register it
            (`keras.saving.register_keras_serializable`) to save the cell.
        attention_layer: A layer in place of `A`, or a list of one for each mechanism.

    Call arguments:
        inputs: `[rows, depth]`.
        states: An `AttentionState`, at first from `get_initial_state` or `start`.
        memory: What `mechanism.memorize` returned; a tuple of them for a list of mechanisms.

    Raises:
        ValueError: Both `attention_units` and `attention_layer`, or another number of them than of
            mechanisms; no `memory`; built before the mechanism has made a memory.

    Reference: Luong et al., 2015, arXiv:1508.04025 (input feeding);
    `tf.contrib.seq2seq.AttentionWrapper` of TensorFlow 1.15.
    """

    def __init__(
        self,
        cell,
        mechanism,
        attention_units=None,
        output_attention=True,
        cell_input=None,
        attention_layer=None,
        **kwargs,
    ):
        super().__init__(**kwargs)
        if attention_units is not None and attention_layer is not None:
            raise ValueError(
                "`attention_units` and `attention_layer` say the same thing: give one of them. "
                f"Received: attention_units={attention_units!r}, "
                f"attention_layer={attention_layer!r}"
            )
        self.cell = check_cell(cell)
        self.mechanism = mechanism
        self.attention_units = attention_units
        self.output_attention = output_attention
        self.cell_input = cell_input
        self.attention_layer = attention_layer
        self.attention_layers = self._make_layers()

    def _make_layers(self):
        if self.attention_layer is not None:
            return self.unpack(self.attention_layer, "attention_layer")
        if self.attention_units is None:
            return [None] * len(self.mechanisms)
        return [
            keras.layers.Dense(
                check_units(units, "attention_units"),
                use_bias=False,
                name=f"attention_layer_{position}" if position else "attention_layer",
                dtype=self.dtype_policy,
            )
            for position, units in enumerate(self.unpack(self.attention_units, "attention_units"))
        ]

    @property
    def cells(self):
        """The inner cell."""
        return [self.cell]

    @property
    def attention_size(self):
        """Width of all attentions side by side."""
        widths: list[Any] = [
            mechanism.depth if layer is None else layer.compute_output_shape((None, joined))[-1]
            for mechanism, layer, joined in zip(
                self.mechanisms, self.attention_layers, self._joined_widths(), strict=True
            )
        ]
        return None if None in widths else sum(widths)

    @property
    def output_size(self):
        """Width of the attention, or what the inner cell has."""
        return self.attention_size if self.output_attention else self.cell.output_size

    def _joined_widths(self):
        depths = [mechanism.depth for mechanism in self.mechanisms]
        return [None if depth is None else self.cell.output_size + depth for depth in depths]

    def build(self, inputs_shape):
        """Build the mechanisms, the inner cell and the attention layers."""
        rows, depth = inputs_shape
        self.build_mechanisms((rows, self.cell.output_size))
        joined = self._join(ops.zeros((1, depth)), ops.zeros((1, self.attention_size)))
        build_cell(self.cell, (rows, joined.shape[-1]))
        for layer, width in zip(self.attention_layers, self._joined_widths(), strict=True):
            if layer is not None:
                build_cell(layer, (rows, width))

    def _join(self, inputs, attention):
        if self.cell_input is not None:
            return self.cell_input(inputs, attention)
        return ops.concatenate([inputs, attention], axis=-1)

    def attend(self, mechanism, attention_layer, query, memory, previous_weights, training=False):
        """One look of one mechanism; a subclass may have another.

        Args:
            mechanism: The mechanism.
            attention_layer: Its attention layer, or `None`.
            query: Output of the inner cell, `[rows, width]`.
            memory: The mechanism's `Memory`.
            previous_weights: Its last weights, `[rows, time]`.
            training: Whether this is a step of training.

        Returns:
            `(attention, weights)`.
        """
        context, weights = mechanism(query, memory, previous_weights, training=training)
        if attention_layer is None:
            return context, weights
        return attention_layer(ops.concatenate([query, context], axis=-1)), weights

    def call(self, inputs, states, memory=None, training=False):
        """One step."""
        cell_states, attention, weights = states
        inputs = self._join(inputs, attention)
        output, cell_states = step(self.cell, inputs, cell_states, training=training)
        return self._look(output, cell_states, weights, memory, training)

    def _look(self, output, cell_states, weights, memory, training=False):
        """The part of a step behind the inner cell."""
        looks = [
            self.attend(mechanism, layer, output, own, previous, training)
            for mechanism, layer, own, previous in zip(
                self.mechanisms,
                self.attention_layers,
                self.memories(memory),
                self.unpack(weights, "weights"),
                strict=True,
            )
        ]
        attentions, weights = zip(*looks, strict=True)
        attention = attentions[0] if len(looks) == 1 else ops.concatenate(attentions, axis=-1)
        states = AttentionState(cell_states, attention, self.pack(weights))
        return attention if self.output_attention else output, states

    def loop_obstacle(self):
        """A `cell_input`, or an inner cell to whose products inputs and attention do not add up."""
        if self.cell_input is not None:
            return "`cell_input` is given"
        return ahead_obstacle(self.cell) or _obstacle_to_parts(self.cell)

    def loop_weights(self):
        """The inner cell's."""
        return self.cell.loop_weights()

    def loop_inputs(self, weights, inputs):
        """What they add in the inner cell, the attention left out."""
        return self.cell.loop_inputs(weights, inputs)

    def loop_step(self, weights, added, states, memory=None):
        """One step, from what the inputs add."""
        added = added + self.cell.loop_inputs(weights, states.attention, last=True)
        output, cell_states = self.cell.loop_step(weights, added, states.cell)
        return self._look(output, cell_states, states.weights, memory)


def _obstacle_to_parts(cell):
    """A residual cell at the bottom, which needs its inputs whole."""
    while hasattr(cell, "cell") or hasattr(cell, "cells"):
        if isinstance(cell, ResidualWrapper):
            return "the lowest cell adds its inputs to its output"
        cell = cell.cell if hasattr(cell, "cell") else cell.cells[0]
    return ""

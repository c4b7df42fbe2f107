"""Cells that attend: what they share, and TensorFlow 1's `AttentionWrapper`."""

from typing import Any

import keras
from keras import ops

from tfseq.attention.mechanism import AttentionState, Memory
from tfseq.cells.ahead import ahead_obstacle
from tfseq.cells.base import (
    RNNCell,
    build_cell,
    carries,
    check_cell,
    check_units,
    initial_states,
    state_structure,
    step,
)
from tfseq.cells.wrappers import ResidualWrapper


class AttendingCell(RNNCell):
    """A cell that looks at a memory at each step; its states are an `AttentionState`.

    A subclass has `build`, `call`, and these attributes:

    Attributes:
        mechanism: An `AttentionMechanism`, or a list of several, each with a memory of its own.
        cells: The cells inside. The states are those of the first.
        attention_size: Width of the attention; `None` before the mechanism has made a memory.
    """

    mechanism: Any = None
    cells: Any = ()
    attention_size: Any = None

    @property
    def has_several(self):
        """Whether `mechanism` is a list."""
        return isinstance(self.mechanism, (list, tuple))

    @property
    def mechanisms(self):
        """All mechanisms."""
        return list(self.mechanism) if self.has_several else [self.mechanism]

    @property
    def state_size(self):
        """An `AttentionState` of sizes. The weights have `None`: they are as long as the source."""
        lengths = self.pack([None for _ in self.mechanisms])
        return AttentionState(state_structure(self.cells[0]), self.attention_size, lengths)

    @property
    def state_is_carry(self):
        """What the inner cell says of its states; the weights are the mechanism's own."""
        return AttentionState(
            carries(self.cells[0]), False, self.pack([True for _ in self.mechanisms])
        )

    def pack(self, items):
        """From a list, one item for each mechanism, to one item or a tuple of several."""
        return tuple(items) if self.has_several else items[0]

    def unpack(self, items, name):
        """The reverse of `pack`."""
        if not self.has_several:
            return [items]
        if isinstance(items, Memory) or len(items) != len(self.mechanism):
            raise ValueError(
                f"`{name}` must be a tuple of one for each of the {len(self.mechanism)} "
                f"mechanisms. Received: {name}={items!r}"
            )
        return list(items)

    def memories(self, memory):
        """A `Memory` for each mechanism."""
        if memory is None:
            raise ValueError(
                "`memory` must be given to a cell that attends: what `mechanism.memorize` "
                "returned. Received: memory=None"
            )
        return [Memory(*own) for own in self.unpack(memory, "memory")]

    def start(self, cell_states, memory):
        """The states before the first step, from given states of the inner cell.

        Args:
            cell_states: Nest of `[rows, size]`, such as the last states of an encoder.
            memory: The memory, or a tuple of one for each mechanism.

        Returns:
            An `AttentionState`: nothing attended to yet, and the first weights of the mechanism.
        """
        rows = ops.shape(keras.tree.flatten(cell_states)[0])[0]
        weights = [
            mechanism.initial_weights(rows, own)
            for mechanism, own in zip(self.mechanisms, self.memories(memory), strict=True)
        ]
        attention = ops.zeros((rows, self.attention_size), dtype=self.compute_dtype)
        return AttentionState(cell_states, attention, self.pack(weights))

    def get_initial_state(self, batch_size=None, memory=None):
        """`start` from the initial states of the inner cell; by default a row for each source."""
        if batch_size is None:
            batch_size = ops.shape(self.memories(memory)[0].keys)[0]
        return self.start(initial_states(self.cells[0], batch_size), memory)

    def start_sequence(self):
        """Handed on to the inner cells."""
        for cell in self.cells:
            if hasattr(cell, "start_sequence"):
                cell.start_sequence()

    def build_mechanisms(self, query_shape):
        """Build the mechanisms on their queries."""
        for mechanism in self.mechanisms:
            if mechanism.depth is None:
                raise ValueError(
                    f"{type(self).__name__} is built after its mechanism has made a memory, whose "
                    "depth it needs: call `mechanism.memorize(values, mask)` first."
                )
            build_cell(mechanism, query_shape)


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

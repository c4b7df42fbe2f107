"""The conditional cell: two steps around a look at the source."""

import keras
from keras import ops

from tfseq.attention.mechanism import AttentionState, Memory
from tfseq.cells.base import (
    RNNCell,
    build_cell,
    carries,
    check_cell,
    initial_states,
    state_structure,
    step,
)


@keras.saving.register_keras_serializable("tfseq")
class ConditionalCell(RNNCell):
    """A step, a look at the source, and a second step on what was seen.

        h, states = first(x, states)
        context = attention(h)
        h', states' = second(context, states)
        output = [h', context]

    With two GRU cells it is the conditional GRU.

    Args:
        first: The cell that reads the inputs, and whose output is the query.
        mechanism: An `AttentionMechanism`.
        second: The cell that reads the context and goes on from the states of `first`, so its
            states must have the same sizes.

    Call arguments:
        inputs: `[rows, depth]`.
        states: An `AttentionState`, with the states of `second` as `cell` and the context as
            `attention`.
        memory: What `mechanism.memorize` returned.

    Raises:
        ValueError: The states of `first` and `second` differ in size, or both are one object.

    Reference: Sennrich et al., 2017, arXiv:1703.04357.
    """

    def __init__(self, first, mechanism, second, **kwargs):
        super().__init__(**kwargs)
        self.first, self.mechanism, self.second = check_cell(first), mechanism, check_cell(second)
        if first is second:
            raise ValueError("`first` and `second` must be different objects. Received: one")
        sizes = [keras.tree.flatten(state_structure(cell)) for cell in (first, second)]
        if sizes[0] != sizes[1]:
            raise ValueError(
                "`second` goes on from the states of `first`, so their sizes must be the same. "
                f"Received: {sizes[0]} and {sizes[1]}"
            )

    @property
    def cells(self):
        """Both cells."""
        return [self.first, self.second]

    @property
    def state_size(self):
        """An `AttentionState` of sizes; that of the weights, the source's length, is `None`."""
        return AttentionState(state_structure(self.second), self.mechanism.depth, None)

    @property
    def output_size(self):
        """Width of `h'` and of the context."""
        depth = self.mechanism.depth
        return None if depth is None else self.second.output_size + depth

    @property
    def state_is_carry(self):
        """What the first cell says of its states; the weights are."""
        return AttentionState(carries(self.first), False, True)

    def start(self, cell_states, memory):
        """The states before the first step: no attention yet, and the given states of the cell."""
        memory = Memory(*memory)
        rows = ops.shape(keras.tree.flatten(cell_states)[0])[0]
        attention = ops.zeros((rows, memory.values.shape[-1]), dtype=self.compute_dtype)
        return AttentionState(cell_states, attention, self.mechanism.initial_weights(rows, memory))

    def get_initial_state(self, batch_size=None, memory=None):
        """`start` from the initial states of the first cell."""
        if memory is None:
            raise ValueError("A cell that attends needs `memory` for its first states.")
        return self.start(initial_states(self.first, batch_size), memory)

    def start_sequence(self):
        """Handed on to both cells."""
        for cell in self.cells:
            if hasattr(cell, "start_sequence"):
                cell.start_sequence()

    def build(self, inputs_shape):
        """Build both cells, and the mechanism on the output of the first."""
        if self.mechanism.depth is None:
            raise ValueError("`mechanism` must have made a memory before the cell is built.")
        build_cell(self.first, inputs_shape)
        build_cell(self.mechanism, (inputs_shape[0], self.first.output_size))
        build_cell(self.second, (inputs_shape[0], self.mechanism.depth))

    def call(self, inputs, states, memory=None, training=False):
        """One step."""
        cell_states, _, weights = states
        query, cell_states = step(self.first, inputs, cell_states, training=training)
        context, weights = self.mechanism(query, Memory(*memory), weights, training=training)
        output, cell_states = step(self.second, context, cell_states, training=training)
        output = ops.concatenate([output, context], axis=-1)
        return output, AttentionState(cell_states, context, weights)

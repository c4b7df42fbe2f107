"""The conditional cell: two steps around a look at the source."""

import keras
from keras import ops

from tfseq.attention.mechanism import AttentionState
from tfseq.attention.wrapper import AttendingCell
from tfseq.cells.base import build_cell, check_cell, state_structure, step


@keras.saving.register_keras_serializable("tfseq")
class ConditionalCell(AttendingCell):
    """A step, a look at the source, and a second step on what was seen.

        h, states = first(x, states)
        context = sum_i weights[i] values[i],    weights from the query h
        h', states' = second(context, states)
        output = [h', context]

    With two GRU cells it is the conditional GRU.

    Args:
        first: The cell that reads the inputs, and whose output is the query.
        mechanism: An `AttentionMechanism`.
        second: The cell that reads the context and goes on from the states of `first`: they must
            have the same sizes.

    Call arguments:
        inputs: `[rows, depth]`.
        states: An `AttentionState`, at first from `get_initial_state` or `start`: the states of
            `second`, the context, the weights.
        memory: What `mechanism.memorize` returned.

    Raises:
        ValueError: The states of `first` and `second` differ in size, or both are one object; no
            `memory`; built before the mechanism has made a memory.

    Reference: Sennrich et al., 2017, arXiv:1703.04357.
    """

    def __init__(self, first, mechanism, second, **kwargs):
        super().__init__(**kwargs)
        sizes = [keras.tree.flatten(state_structure(check_cell(c))) for c in (first, second)]
        if first is second or sizes[0] != sizes[1]:
            raise ValueError(
                "`second` must be an object of its own, with states of the sizes that `first` has. "
                f"Received: first={first!r} with {sizes[0]}, second={second!r} with {sizes[1]}"
            )
        self.first = first
        self.mechanism = mechanism
        self.second = second

    @property
    def cells(self):
        """Both cells."""
        return [self.first, self.second]

    @property
    def attention_size(self):
        """Width of the context."""
        return self.mechanism.depth

    @property
    def output_size(self):
        """Width of `h'` and the context side by side."""
        depth = self.mechanism.depth
        return None if depth is None else self.second.output_size + depth

    def build(self, inputs_shape):
        """Build the first cell, the mechanism on its output, and the second cell on the context."""
        rows = inputs_shape[0]
        self.build_mechanisms((rows, self.first.output_size))
        build_cell(self.first, inputs_shape)
        build_cell(self.second, (rows, self.mechanism.depth))

    def call(self, inputs, states, memory=None, training=False):
        """One step."""
        (memory,) = self.memories(memory)
        cell_states, _, weights = states
        query, cell_states = step(self.first, inputs, cell_states, training=training)
        context, weights = self.mechanism(query, memory, weights, training=training)
        output, cell_states = step(self.second, context, cell_states, training=training)
        output = ops.concatenate([output, context], axis=-1)
        return output, AttentionState(cell_states, context, weights)

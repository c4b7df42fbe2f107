"""The conditional cell: two steps around a look at the source."""

import keras
from keras import ops

from tfseq.attention.attending import AttendingCell
from tfseq.attention.conditional_sequence import conditional_sequence, last_real
from tfseq.attention.mechanism import AttentionMechanism, AttentionState, Memory
from tfseq.cells import GRUCell, MultiRNNCell
from tfseq.cells.ahead import ahead_obstacle
from tfseq.cells.base import build_cell, check_cell, obstacle, state_structure, step


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
        return _joined(output, cell_states, context, weights)

    def loop_obstacle(self):
        """What is in the way of the first cell, or of the second."""
        return ahead_obstacle(self.first) or ahead_obstacle(self.second)

    def loop_weights(self):
        """Those of both cells."""
        return [cell.loop_weights() for cell in self.cells]

    def loop_inputs(self, weights, inputs):
        """What they add in the first cell."""
        return self.first.loop_inputs(weights[0], inputs)

    def loop_step(self, weights, added, states, memory=None):
        """One step, from what the inputs add in the first cell."""
        (memory,) = self.memories(memory)
        query, cell_states = self.first.loop_step(weights[0], added, states.cell)
        context, attended = self.mechanism(query, memory, states.weights)
        added = self.second.loop_inputs(weights[1], context)
        output, cell_states = self.second.loop_step(weights[1], added, cell_states)
        return _joined(output, cell_states, context, attended)

    def obstacle(self, training=False):
        """Another cell than a `GRUCell`, or a mechanism that looks at more than the query."""
        cells = [_gru(cell) for cell in self.cells]
        if None in cells:
            return "a cell is no `GRUCell` with `tanh`"
        mechanism = self.mechanism
        own = type(mechanism).call, type(mechanism).weigh
        draws = len(mechanism.variables) > len(mechanism.weights)
        if own != (AttentionMechanism.call, AttentionMechanism.weigh) or draws:
            return f"{type(mechanism).__name__} looks at more than the query and the memory"
        if len({layer.compute_dtype for layer in (self, mechanism, *self.cells, *cells)}) > 1:
            return "its parts compute in different dtypes"
        return ""

    def unroll(self, inputs, states, mask=None, memory=None, training=False):
        """A whole sequence, by `conditional_sequence`."""
        (memory,) = self.memories(memory)
        (hidden,) = keras.tree.flatten(states.cell)
        own = self.mechanism.weights

        def attend(query, keys, values, tensors):
            with keras.StatelessScope(zip(own, tensors, strict=True)):
                return self.mechanism(query, Memory(keys, values, memory.mask), training=training)

        outputs, contexts, weights, hidden = conditional_sequence(
            ops.cast(inputs, self.compute_dtype),
            hidden,
            memory,
            attend,
            [variable.value for variable in own],
            *[_gru(cell).sequence_weights() for cell in self.cells],
            mask=mask,
        )
        new_states = AttentionState(
            keras.tree.pack_sequence_as(states.cell, [hidden]),
            last_real(states.attention, contexts, mask),
            last_real(states.weights, weights, mask),
        )
        return ops.concatenate([outputs, contexts], axis=-1), new_states


def _joined(output, cell_states, context, weights):
    output = ops.concatenate([output, context], axis=-1)
    return output, AttentionState(cell_states, context, weights)


def _gru(cell):
    """The `GRUCell` that a cell is, if need be as a stack of one; `None` for any other."""
    while type(cell) is MultiRNNCell and len(cell.cells) == 1:
        (cell,) = cell.cells
    return cell if type(cell).call is GRUCell.call and not obstacle(cell) else None

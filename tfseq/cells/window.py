"""A cell that attends to its own past."""

import keras
from keras import ops

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


@keras.saving.register_keras_serializable("tfseq")
class AttentionCellWrapper(RNNCell):
    """Attention over the last outputs of a cell, `window` of them.

        x~ = [x, a] W + b
        output, states = cell(x~, states)
        weights = softmax_k(v . tanh(past_k U + [states] Q + d))
        a' = sum_k weights_k past_k
        output -> [output, a'] P + e
        past' = past without its oldest, and the new output

    Args:
        cell: The inner cell.
        window: How many outputs are looked at.
        units: Width of `a` and of the output; that of the inner output if not given.
        attention_units: Width in which the attention compares; `units` if not given.
        input_units: Width of `x~`; that of `x` if not given.
        kernel_initializer: For all matrices and `v`.
        bias_initializer: For all biases.

    Call arguments:
        inputs: `[batch, depth]`.
        states: `[cell's states, a, past]`; `a` is `[batch, units]`, `past`, the oldest first,
            `[batch, window * units]`.

    Reference: Cheng et al., 2016, arXiv:1601.06733.
    """

    def __init__(
        self,
        cell,
        window,
        units=None,
        attention_units=None,
        input_units=None,
        kernel_initializer="glorot_uniform",
        bias_initializer="zeros",
        **kwargs,
    ):
        super().__init__(**kwargs)
        self.cell = check_cell(cell)
        self.window = check_units(window, "window")
        self.units = check_units(units or cell.output_size)
        self.attention_units = check_units(attention_units or self.units, "attention_units")
        self.input_units = input_units
        self.kernel_initializer = kernel_initializer
        self.bias_initializer = bias_initializer

    @property
    def state_size(self):
        """`[cell's, a, past]`."""
        return [state_structure(self.cell), self.units, self.window * self.units]

    @property
    def output_size(self):
        """Width of the output."""
        return self.units

    @property
    def state_is_carry(self):
        """What the inner cell says; only the wrapper reads the others."""
        inner = keras.tree.pack_sequence_as(state_structure(self.cell), carries(self.cell))
        return [inner, True, True]

    def get_initial_state(self, batch_size=None):
        """The inner cell's, and zeros."""
        zeros = (ops.zeros((batch_size, n), self.compute_dtype) for n in self.state_size[1:])
        return [initial_states(self.cell, batch_size), *zeros]

    def start_sequence(self):
        """Handed on to the inner cell."""
        if hasattr(self.cell, "start_sequence"):
            self.cell.start_sequence()

    def build(self, inputs_shape):
        """Make the four layers and `v`, and build the inner cell."""
        batch, depth = inputs_shape
        inner = self.input_units or depth
        states = sum(keras.tree.flatten(state_structure(self.cell)))
        self.kernels, self.biases = {}, {}
        for name, rows, width in (
            ("", depth + self.units, inner),
            ("attention_", states, self.attention_units),
            ("attn_output_projection_", self.cell.output_size + self.units, self.units),
        ):
            self.kernels[name] = self._add((rows, width), f"{name}kernel")
            self.biases[name] = self.add_weight(
                shape=(width,), initializer=self.bias_initializer, name=f"{name}bias"
            )
        self.attn_w = self._add((1, 1, self.units, self.attention_units), "attention_attn_w")
        self.attn_v = self._add((self.attention_units,), "attention_attn_v")
        build_cell(self.cell, (batch, inner))

    def _add(self, shape, name):
        return self.add_weight(shape=shape, initializer=self.kernel_initializer, name=name)

    def call(self, inputs, states, training=False):
        """One step."""
        cell_states, attention, past = states
        inputs = self._linear("", [inputs, attention])
        output, cell_states = step(self.cell, inputs, cell_states, training=training)
        past = ops.reshape(past, (-1, self.window, self.units))
        attention = self.attend(cell_states, past)
        output = self._linear("attn_output_projection_", [output, attention])
        past = ops.concatenate([past[:, 1:], output[:, None]], axis=1)
        past = ops.reshape(past, (-1, self.window * self.units))
        return output, [cell_states, attention, past]

    def attend(self, cell_states, past):
        """The mean of the last outputs, weighted by how well they fit the states."""
        query = self._linear("attention_", self._in_order(cell_states))
        keys = ops.matmul(past, ops.cast(self.attn_w, self.compute_dtype)[0, 0])
        scores = ops.sum(self.attn_v * ops.tanh(keys + query[:, None]), axis=-1)
        return ops.sum(ops.softmax(scores)[..., None] * past, axis=1)

    def _in_order(self, cell_states):
        """All states, as TensorFlow 1 had them: what is carried before what is shown."""
        flat = zip(keras.tree.flatten(cell_states), carries(self.cell), strict=True)
        ordered, shown = [], []
        for state, is_carried in flat:
            if is_carried:
                ordered += [state, *shown]
                shown = []
            else:
                ordered += shown
                shown = [state]
        return ordered + shown

    def _linear(self, name, parts):
        both = ops.concatenate(parts, axis=-1)
        return ops.matmul(both, self.kernels[name]) + self.biases[name]

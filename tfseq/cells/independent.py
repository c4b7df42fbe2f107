"""Cells whose units see their own past alone: the recurrent weights are vectors, not matrices."""

import keras
from keras import ops

from tfseq.cells.base import RNNCell
from tfseq.cells.basic import BasicRNNCell
from tfseq.cells.gru import GRUCell
from tfseq.cells.lstm import BasicLSTMCell


class IndependentCell(RNNCell):
    """What these cells have in common: how their recurrent vectors are drawn.

    Args:
        units: Width of the states.
        recurrent_initializer: For the vectors; `None`: uniform in (-1, 1), as a unit whose own
            weight is beyond 1 grows without bound.
        **kwargs: Those of the cell.
    """

    def __init__(self, units, recurrent_initializer=None, **kwargs):
        super().__init__(units, **kwargs)  # pyright: ignore[reportCallIssue]
        self.recurrent_initializer = recurrent_initializer

    def add_kernels(self, depth, width, name=""):
        """The matrix for the inputs and the vector for the unit's own past."""
        own = self.recurrent_initializer or keras.initializers.RandomUniform(-1.0, 1.0)
        return (
            self.add_weight(shape=shape, initializer=initializer, name=f"{name}{kind}")
            for kind, shape, initializer in (
                ("kernel_w", (depth, width), self.kernel_initializer),
                ("kernel_u", (1, width), own),
            )
        )


@keras.saving.register_keras_serializable("tfseq")
class IndRNNCell(IndependentCell, BasicRNNCell):
    """Independently recurrent cell.

        h' = tanh(x W + u * h + b)

    Args:
        units: Width of `h`.
        recurrent_initializer: For `u`, `[1, units]`; by default uniform in (-1, 1).
        **kwargs: `activation` and the initializers of `BasicRNNCell`; `kernel_initializer` is for
            `W`, `[depth, units]`.

    Call arguments:
        inputs: `[batch, depth]`.
        states: `[h]`, `[batch, units]`.

    Reference: Li et al., 2018, arXiv:1803.04831.
    """

    def build(self, inputs_shape):
        """Make `kernel_w`, `kernel_u` and `bias`."""
        self.kernel_w, self.kernel_u = self.add_kernels(inputs_shape[-1], self.units)
        self.bias = self.add_weight(
            shape=(self.units,), initializer=self.bias_initializer, name="bias"
        )

    def call(self, inputs, states, training=False):
        """One step."""
        (hidden,) = states
        inner = ops.matmul(inputs, self.kernel_w) + self.kernel_u * hidden
        hidden = self.activate(inner + self.bias)
        return hidden, [hidden]


@keras.saving.register_keras_serializable("tfseq")
class IndyGRUCell(IndependentCell, GRUCell):
    """Gated recurrent unit with independent units.

        r, u = split(sigmoid(x W + w * [h, h] + b))
        candidate = tanh(x V + v * (r * h) + d)
        h' = u * h + (1 - u) * candidate

    Args:
        units: Width of `h`.
        recurrent_initializer: For `w`, `[1, 2 * units]`, and `v`, `[1, units]`; by default uniform
            in (-1, 1).
        **kwargs: `activation` and the initializers of `GRUCell`; `kernel_initializer` is for `W`,
            `[depth, 2 * units]`, and `V`, `[depth, units]`.

    Call arguments:
        inputs: `[batch, depth]`.
        states: `[h]`, `[batch, units]`.

    Reference: Gonnet & Deselaers, 2019, arXiv:1903.08023.
    """

    def build(self, inputs_shape):
        """Make two kernels and a bias for the gates, and for the candidate."""
        depth = inputs_shape[-1]
        self.gates_kernel_w, self.gates_kernel_u = self.add_kernels(depth, 2 * self.units, "gates_")
        self.gates_bias = self.add_weight(
            shape=(2 * self.units,), initializer=self.gates_bias_initializer, name="gates_bias"
        )
        self.candidate_kernel_w, self.candidate_kernel_u = self.add_kernels(
            depth, self.units, "candidate_"
        )
        self.candidate_bias = self.add_weight(
            shape=(self.units,), initializer=self.candidate_bias_initializer, name="candidate_bias"
        )

    def call(self, inputs, states, training=False):
        """One step."""
        (hidden,) = states
        own = self.gates_kernel_u * ops.tile(hidden, (1, 2))
        gates = ops.matmul(inputs, self.gates_kernel_w) + own + self.gates_bias
        r, u = ops.split(ops.sigmoid(gates), 2, axis=-1)
        own = self.candidate_kernel_u * (r * hidden)
        inner = ops.matmul(inputs, self.candidate_kernel_w) + own + self.candidate_bias
        hidden = u * hidden + (1 - u) * self.activate(inner)
        return hidden, [hidden]


@keras.saving.register_keras_serializable("tfseq")
class IndyLSTMCell(IndependentCell, BasicLSTMCell):
    """Long short-term memory with independent units.

        i, j, f, o = split(x W + u * [h, h, h, h] + b)
        c' = sigmoid(f + forget_bias) * c + sigmoid(i) * tanh(j)
        h' = sigmoid(o) * tanh(c')

    Args:
        units: Width of `h` and `c`.
        recurrent_initializer: For `u`, `[1, 4 * units]`; by default uniform in (-1, 1).
        **kwargs: `forget_bias`, `activation` and the initializers of `BasicLSTMCell`;
            `kernel_initializer` is for `W`, `[depth, 4 * units]`.

    Call arguments:
        inputs: `[batch, depth]`.
        states: `[h, c]`, each `[batch, units]`.

    Reference: Gonnet & Deselaers, 2019, arXiv:1903.08023.
    """

    def build(self, inputs_shape):
        """Make `kernel_w`, `kernel_u` and `bias`."""
        self.kernel_w, self.kernel_u = self.add_kernels(inputs_shape[-1], 4 * self.units)
        self.bias = self.add_weight(
            shape=(4 * self.units,), initializer=self.bias_initializer, name="bias"
        )

    def gates(self, inputs, hidden):
        """`[i, j, f, o]`, side by side."""
        own = self.kernel_u * ops.tile(hidden, (1, 4))
        return ops.matmul(inputs, self.kernel_w) + own + self.bias

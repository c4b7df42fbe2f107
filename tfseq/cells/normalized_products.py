"""Cells whose products are layer-normalised before they are cut into gates.

The `norm` of each is that of `tfseq.cells.normalized`.
"""

import keras
from keras import ops

from tfseq.cells.basic import BasicRNNCell
from tfseq.cells.gru import GRUCell
from tfseq.cells.lstm import BasicLSTMCell
from tfseq.cells.normalized import NormalizedCell


@keras.saving.register_keras_serializable("tfseq")
class LayerNormGRUCell(NormalizedCell, GRUCell):
    """Gated recurrent unit with layer normalisation; the reset gate acts behind the product.

        r, u = split(sigmoid(norm(x W) + norm(h U)))
        candidate = tanh(norm(x V) + r * norm(h R))
        h' = u * h + (1 - u) * candidate

    The `beta`s are its biases.

    Args:
        units: Width of `h`.
        gamma_initializer: For each `gamma`.
        beta_initializer: For each `beta`.
        activation: What stands for `tanh` above.
        kernel_initializer: For `[W, V]`, `[depth, 3 * units]`, and `[U, R]`, `[units, 3 * units]`.

    Call arguments:
        inputs: `[batch, depth]`.
        states: `[h]`, `[batch, units]`.

    Reference: Ba et al., 2016, arXiv:1607.06450.
    """

    def __init__(
        self,
        units,
        gamma_initializer="ones",
        beta_initializer="zeros",
        activation="tanh",
        kernel_initializer="glorot_uniform",
        **kwargs,
    ):
        super().__init__(
            units, activation=activation, kernel_initializer=kernel_initializer, **kwargs
        )
        self.gamma_initializer = gamma_initializer
        self.beta_initializer = beta_initializer

    def build(self, inputs_shape):
        """Make `kernel`, `recurrent_kernel` and the norms."""
        self.kernel, self.recurrent_kernel = (
            self.add_weight(
                shape=(depth, 3 * self.units), initializer=self.kernel_initializer, name=name
            )
            for name, depth in (("kernel", inputs_shape[-1]), ("recurrent_kernel", self.units))
        )
        widths = {"gates": 2 * self.units, "candidate": self.units}
        sides = ("inputs", "state")
        self.add_norms({f"{k}_{side}": width for k, width in widths.items() for side in sides})

    def call(self, inputs, states, training=False):
        """One step."""
        (hidden,) = states
        ends = [2 * self.units]
        gates, candidate = ops.split(ops.matmul(inputs, self.kernel), ends, axis=-1)
        own_gates, own = ops.split(ops.matmul(hidden, self.recurrent_kernel), ends, axis=-1)
        gates = self.norm(gates, "gates_inputs") + self.norm(own_gates, "gates_state")
        r, u = ops.split(ops.sigmoid(gates), 2, axis=-1)
        own = r * self.norm(own, "candidate_state")
        hidden = u * hidden + (1 - u) * self.activate(
            self.norm(candidate, "candidate_inputs") + own
        )
        return hidden, [hidden]


@keras.saving.register_keras_serializable("tfseq")
class LayerNormProductLSTMCell(NormalizedCell, BasicLSTMCell):
    """Long short-term memory whose products are layer-normalised, all four gates together.

        i, j, f, o = split(norm(x W) + norm(h U) + b)
        c' = norm(sigmoid(f + forget_bias) * c + sigmoid(i) * tanh(j))
        h' = sigmoid(o) * tanh(c')

    TensorFlow Addons had it as `tfa.rnn.LayerNormLSTMCell`, with the gates in the order i, f, j, o
    and the forget bias in `b`. TensorFlow 1's `LayerNormLSTMCell` normalises gate by gate.

    Args:
        units: Width of `h` and `c`.
        gamma_initializer: For each `gamma`, `[4 * units]` and `[units]`.
        beta_initializer: For each `beta`, likewise.
        epsilon: Added to each variance.
        **kwargs: `forget_bias`, `activation` and the initializers of `BasicLSTMCell`.

    Call arguments:
        inputs: `[batch, depth]`.
        states: `[h, c]`, each `[batch, units]`.

    Reference: Ba et al., 2016, arXiv:1607.06450.
    """

    def __init__(
        self,
        units,
        gamma_initializer="ones",
        beta_initializer="zeros",
        epsilon=1e-3,
        **kwargs,
    ):
        super().__init__(units, **kwargs)
        self.gamma_initializer = gamma_initializer
        self.beta_initializer = beta_initializer
        self.epsilon = epsilon

    def build(self, inputs_shape):
        """Make `kernel`, `recurrent_kernel`, `bias` and the norms."""
        width = 4 * self.units
        self.kernel, self.recurrent_kernel = (
            self.add_weight(shape=(depth, width), initializer=self.kernel_initializer, name=name)
            for name, depth in (("kernel", inputs_shape[-1]), ("recurrent_kernel", self.units))
        )
        self.bias = self.add_weight(shape=(width,), initializer=self.bias_initializer, name="bias")
        self.add_norms({"inputs": width, "hidden": width, "state": self.units})

    def gates(self, inputs, hidden):
        """`[i, j, f, o]`, side by side."""
        mine = self.norm(ops.matmul(inputs, self.kernel), "inputs")
        return mine + self.norm(ops.matmul(hidden, self.recurrent_kernel), "hidden") + self.bias

    def call(self, inputs, states, training=False):
        """One step."""
        hidden, cell = states
        i, j, f, o = ops.split(self.gates(inputs, hidden), 4, axis=-1)
        cell = ops.sigmoid(f + self.forget_bias) * cell + ops.sigmoid(i) * self.activate(j)
        cell = self.norm(cell, "state")
        hidden = ops.sigmoid(o) * self.activate(cell)
        return hidden, [hidden, cell]


@keras.saving.register_keras_serializable("tfseq")
class LayerNormBasicRNNCell(NormalizedCell, BasicRNNCell):
    """Simple recurrent cell with layer normalisation.

        h' = tanh(norm([x, h] W))

    The `beta` is its bias. TensorFlow Addons had it as `tfa.rnn.LayerNormSimpleRNNCell`.

    Args:
        units: Width of `h`.
        gamma_initializer: For `gamma`, `[units]`.
        beta_initializer: For `beta`, `[units]`.
        epsilon: Added to the variance.
        activation: What stands for `tanh` above.
        kernel_initializer: For `W`, `[depth + units, units]`.

    Call arguments:
        inputs: `[batch, depth]`.
        states: `[h]`, `[batch, units]`.

    Reference: Ba et al., 2016, arXiv:1607.06450.
    """

    def __init__(
        self,
        units,
        gamma_initializer="ones",
        beta_initializer="zeros",
        epsilon=1e-5,
        activation="tanh",
        kernel_initializer="glorot_uniform",
        **kwargs,
    ):
        super().__init__(
            units, activation=activation, kernel_initializer=kernel_initializer, **kwargs
        )
        self.gamma_initializer = gamma_initializer
        self.beta_initializer = beta_initializer
        self.epsilon = epsilon

    def build(self, inputs_shape):
        """Make `kernel` and the norm."""
        self.kernel = self.add_weight(
            shape=(inputs_shape[-1] + self.units, self.units),
            initializer=self.kernel_initializer,
            name="kernel",
        )
        self.add_norms({"inner": self.units})

    def call(self, inputs, states, training=False):
        """One step."""
        (hidden,) = states
        inner = ops.matmul(ops.concatenate([inputs, hidden], axis=-1), self.kernel)
        hidden = self.activate(self.norm(inner, "inner"))
        return hidden, [hidden]

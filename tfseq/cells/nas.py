"""The cell that a search over cells has found."""

import keras
from keras import ops

from tfseq.cells.base import RNNCell, check_units


@keras.saving.register_keras_serializable("tfseq")
class NASCell(RNNCell):
    """Cell of a neural architecture search: a tree of sums, products and activations.

        x0 .. x7, h0 .. h7 = split(x W), split(h U + b)
        a = tanh(sigmoid(x0 + h0) * relu(x1 + h1))
        d = tanh(sigmoid(x2 + h2) + relu(x3 * h3))
        e = tanh(tanh(x4 + h4) * sigmoid(x5 + h5))
        g = sigmoid(tanh(x6 + h6) + sigmoid(x7 + h7))
        c' = tanh(a + c) * d
        h' = tanh(c' * tanh(e + g)) P

    Args:
        units: Width of `c`, and of `h` unless it is projected.
        projection_units: Width of `h` after the product with `P`; without it there is no `P`.
        use_bias: Whether there is a `b`, `[8 * units]`.
        kernel_initializer: For `W`, `[depth, 8 * units]`, `U`, `[width of h, 8 * units]`, and `P`.
        bias_initializer: For `b`.

    Call arguments:
        inputs: `[batch, depth]`.
        states: `[h, c]`, `[batch, projection_units or units]` and `[batch, units]`.

    Reference: Zoph & Le, 2017, arXiv:1611.01578.
    """

    def __init__(
        self,
        units,
        projection_units=None,
        use_bias=False,
        kernel_initializer="glorot_uniform",
        bias_initializer="zeros",
        **kwargs,
    ):
        super().__init__(**kwargs)
        self.units = check_units(units)
        if projection_units is not None:
            check_units(projection_units, "projection_units")
        self.projection_units = projection_units
        self.use_bias = use_bias
        self.kernel_initializer = kernel_initializer
        self.bias_initializer = bias_initializer

    @property
    def state_size(self):
        """`[h, c]`."""
        return [self.output_size, self.units]

    @property
    def output_size(self):
        """Width of `h`."""
        return self.projection_units or self.units

    @property
    def state_is_carry(self):
        """Only the cell itself reads `c`."""
        return [False, True]

    def build(self, inputs_shape):
        """Make `kernel`, `recurrent_kernel`, and what the options ask for."""
        shapes = {
            "kernel": (inputs_shape[-1], 8 * self.units),
            "recurrent_kernel": (self.output_size, 8 * self.units),
        }
        if self.projection_units:
            shapes["projection_weights"] = self.units, self.projection_units
        for name, shape in shapes.items():
            weight = self.add_weight(shape=shape, initializer=self.kernel_initializer, name=name)
            setattr(self, name, weight)
        if self.use_bias:
            self.bias = self.add_weight(
                shape=(8 * self.units,), initializer=self.bias_initializer, name="bias"
            )

    def call(self, inputs, states, training=False):
        """One step."""
        hidden, cell = states
        recurrent = ops.matmul(hidden, self.recurrent_kernel)
        if self.use_bias:
            recurrent = recurrent + self.bias
        x = ops.split(ops.matmul(inputs, self.kernel), 8, axis=-1)
        h = ops.split(recurrent, 8, axis=-1)
        a = ops.tanh(ops.sigmoid(x[0] + h[0]) * ops.relu(x[1] + h[1]))
        d = ops.tanh(ops.sigmoid(x[2] + h[2]) + ops.relu(x[3] * h[3]))
        e = ops.tanh(ops.tanh(x[4] + h[4]) * ops.sigmoid(x[5] + h[5]))
        g = ops.sigmoid(ops.tanh(x[6] + h[6]) + ops.sigmoid(x[7] + h[7]))
        cell = ops.tanh(a + cell) * d
        hidden = ops.tanh(cell * ops.tanh(e + g))
        if self.projection_units:
            hidden = ops.matmul(hidden, self.projection_weights)
        return hidden, [hidden, cell]

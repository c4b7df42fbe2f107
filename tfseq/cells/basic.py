"""The simplest recurrent cell."""

import keras
from keras import ops

from tfseq.cells.ahead import ProductCell, products_of
from tfseq.cells.base import check_units
from tfseq.cells.simple_sequence import simple_sequence


@keras.saving.register_keras_serializable("tfseq")
class BasicRNNCell(ProductCell):
    """Simple recurrent cell, whose output is its state.

        h' = tanh([x, h] W + b)

    Args:
        units: Width of `h`.
        activation: What stands for `tanh` above.
        kernel_initializer: For `W`, `[depth + units, units]`.
        bias_initializer: For `b`, `[units]`.

    Call arguments:
        inputs: `[batch, depth]`.
        states: `[h]`, `[batch, units]`.

    Reference: Elman, 1990, "Finding structure in time".
    """

    def __init__(
        self,
        units,
        activation="tanh",
        kernel_initializer="glorot_uniform",
        bias_initializer="zeros",
        **kwargs,
    ):
        super().__init__(**kwargs)
        self.units = check_units(units)
        self.activation = activation
        self.activate = keras.activations.get(activation)
        self.kernel_initializer = kernel_initializer
        self.bias_initializer = bias_initializer

    @property
    def state_size(self):
        """`[h]`."""
        return [self.units]

    @property
    def output_size(self):
        """Width of `h`."""
        return self.units

    def build(self, inputs_shape):
        """Make `kernel` and `bias`."""
        self.add_kernel(inputs_shape[-1] + self.units, self.units)

    def add_kernel(self, depth, width, bias_width=None):
        """Make a `kernel` of this shape, and a `bias` for what comes out of it, or a part of it."""
        self.kernel = self.add_weight(
            shape=(depth, width), initializer=self.kernel_initializer, name="kernel"
        )
        self.bias = self.add_weight(
            shape=(bias_width or width,), initializer=self.bias_initializer, name="bias"
        )

    def call(self, inputs, states, training=False):
        """One step."""
        return self.advance(states, *products_of(inputs, self.weight_pairs()))

    def weight_pairs(self):
        """`(W, b)`."""
        return [(self.kernel, self.bias)]

    def advance(self, states, inner):
        """The step from `h -> [x, h] W + b`."""
        hidden = self.activate(inner(states[0]))
        return hidden, [hidden]

    def obstacle(self, training=False):
        """Another activation than `tanh`."""
        return other_activation(self)

    def unroll(self, inputs, states, mask=None, memory=None, training=False):
        """A whole sequence, by `simple_sequence`."""
        (hidden,) = states
        weights = inputs, hidden, self.kernel, self.bias
        tensors = [ops.cast(x, self.compute_dtype) for x in weights]
        outputs, hidden = simple_sequence(*tensors, mask=mask)
        return outputs, [hidden]


def other_activation(cell):
    """What is in the way of a cell whose gradient is known for `tanh` alone."""
    return "" if cell.activate is keras.activations.tanh else f"`activation` is {cell.activation!r}"

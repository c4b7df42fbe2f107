"""Convolutional LSTM: states are images, products are convolutions."""

import keras
import tensorflow as tf
from keras import ops

from tfseq.cells.base import RNNCell, check_units


@keras.saving.register_keras_serializable("tfseq")
class ConvLSTMCell(RNNCell):
    """Convolutional long short-term memory, in one, two or three dimensions.

        i, j, f, o = split(convolve([x, h], W) + b)
        c' = sigmoid(f + forget_bias) * c + sigmoid(i) * tanh(j)
        h' = sigmoid(o) * tanh(c')

    The convolution keeps the size of the image.

    Args:
        input_shape: Of one input without the batch, channels last: `(width, channels)` in one
            dimension, `(height, width, channels)` in two.
        channels: Of `h` and `c`.
        kernel_shape: Of the filter, a number for each dimension.
        use_bias: Whether there is a `b`.
        forget_bias: Added to `f`, so that the cell remembers at first. It is not part of `b`.
        kernel_initializer: For `W`, `[*kernel_shape, channels in + channels, 4 * channels]`.
        bias_initializer: For `b`, `[4 * channels]`.

    Call arguments:
        inputs: `[batch, *input_shape]`.
        states: `[h, c]`, each `[batch, .., channels]`.

    Raises:
        ValueError: A `kernel_shape` of another number of dimensions than the input.

    Reference: Shi et al., 2015, arXiv:1506.04214.
    """

    def __init__(
        self,
        input_shape,
        channels,
        kernel_shape,
        use_bias=True,
        forget_bias=1.0,
        kernel_initializer="glorot_uniform",
        bias_initializer="zeros",
        **kwargs,
    ):
        super().__init__(**kwargs)
        self.input_shape_of_one = tuple(input_shape)
        self.channels = check_units(channels, "channels")
        self.kernel_shape = tuple(kernel_shape)
        if len(self.input_shape_of_one) != len(self.kernel_shape) + 1 or not (
            1 <= len(self.kernel_shape) <= 3
        ):
            raise ValueError(
                "`kernel_shape` must have a number for each dimension of the input, one to three, "
                f"its channels apart. Received: input_shape={input_shape}, "
                f"kernel_shape={kernel_shape}"
            )
        self.use_bias = use_bias
        self.forget_bias = forget_bias
        self.kernel_initializer = kernel_initializer
        self.bias_initializer = bias_initializer

    @property
    def state_size(self):
        """`[h, c]`, each a shape."""
        return [self.output_size, self.output_size]

    @property
    def output_size(self):
        """Shape of `h`."""
        return tf.TensorShape((*self.input_shape_of_one[:-1], self.channels))

    @property
    def state_is_carry(self):
        """Only the cell itself reads `c`."""
        return [False, True]

    def get_initial_state(self, batch_size=None):
        """Zeros."""
        shape = (batch_size, *self.output_size)
        return [ops.zeros(shape, dtype=self.compute_dtype) for _ in range(2)]

    def build(self, inputs_shape):
        """Make `kernel` and `bias`."""
        depth = inputs_shape[-1] + self.channels
        self.kernel = self.add_weight(
            shape=(*self.kernel_shape, depth, 4 * self.channels),
            initializer=self.kernel_initializer,
            name="kernel",
        )
        if self.use_bias:
            self.bias = self.add_weight(
                shape=(4 * self.channels,), initializer=self.bias_initializer, name="biases"
            )

    def call(self, inputs, states, training=False):
        """One step."""
        hidden, cell = states
        both = ops.concatenate([inputs, hidden], axis=-1)
        gates = ops.conv(both, self.kernel, padding="same", data_format="channels_last")
        if self.use_bias:
            gates = gates + self.bias
        i, j, f, o = ops.split(gates, 4, axis=-1)
        cell = ops.sigmoid(f + self.forget_bias) * cell + ops.sigmoid(i) * ops.tanh(j)
        hidden = ops.sigmoid(o) * ops.tanh(cell)
        return hidden, [hidden, cell]

    def get_config(self):
        config = super(RNNCell, self).get_config()
        names = ("channels", "kernel_shape", "use_bias", "forget_bias")
        config |= {name: getattr(self, name) for name in names}
        config["input_shape"] = self.input_shape_of_one
        for name in ("kernel_initializer", "bias_initializer"):
            config[name] = keras.saving.serialize_keras_object(getattr(self, name))
        return config

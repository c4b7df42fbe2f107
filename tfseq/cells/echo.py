"""The echo state network: a recurrent cell that is drawn at random, and never trained."""

from typing import Any

import keras
from keras import ops

from tfseq.cells.basic import BasicRNNCell


@keras.saving.register_keras_serializable("tfseq")
class ESNCell(BasicRNNCell):
    """Cell of an echo state network. What is trained is what reads its output.

        h' = (1 - leak) * h + leak * tanh(x W + h U + b)

    `U` is sparse, and scaled to a spectral radius: below 1, old inputs fade. TensorFlow Addons had
    the cell as `tfa.rnn.ESNCell`, with `leaky` for `leak`.

    Args:
        units: Width of `h`.
        connectivity: Share of the entries of `U` that are not zero, above 0 and at most 1.
        leak: How much of the state is new.
        spectral_radius: Of `U`: the size of its greatest eigenvalue. A matrix that has none but 0
            stays as it was drawn.
        seed: For the zeros in `U`.
        activation: What stands for `tanh` above.
        kernel_initializer: For `W`, `[depth, units]`, and for `U`, `[units, units]`, before it is
            made sparse.
        bias_initializer: For `b`, `[units]`.

    Call arguments:
        inputs: `[batch, depth]`.
        states: `[h]`, `[batch, units]`.

    Raises:
        ValueError: A `connectivity` out of its bounds.

    Reference: Jaeger, 2001, "The echo state approach to analysing and training recurrent neural
    networks".
    """

    def __init__(
        self,
        units,
        connectivity=0.1,
        leak=1.0,
        spectral_radius=0.9,
        seed=None,
        activation="tanh",
        kernel_initializer="glorot_uniform",
        bias_initializer="zeros",
        **kwargs,
    ):
        super().__init__(units, activation, kernel_initializer, bias_initializer, **kwargs)
        if not 0.0 < connectivity <= 1.0:
            raise ValueError(
                "`connectivity` must be above 0 and at most 1. "
                f"Received: connectivity={connectivity!r}"
            )
        self.connectivity = connectivity
        self.leak = leak
        self.spectral_radius = spectral_radius
        self.seed = seed

    def build(self, inputs_shape):
        """Make `kernel`, `recurrent_kernel` and `bias`, none of them to be trained."""
        self.kernel, self.recurrent_kernel, self.bias = (
            self.add_weight(shape=shape, initializer=initializer, name=name, trainable=False)
            for name, shape, initializer in (
                ("kernel", (inputs_shape[-1], self.units), self.kernel_initializer),
                ("recurrent_kernel", (self.units, self.units), self.draw_reservoir),
                ("bias", (self.units,), self.bias_initializer),
            )
        )

    def draw_reservoir(self, shape, dtype=None):
        """A sparse matrix of the spectral radius."""
        initializer: Any = keras.initializers.get(self.kernel_initializer)
        dense = initializer(shape, dtype)
        kept = keras.random.uniform(shape, seed=self.seed) < self.connectivity
        drawn = ops.where(kept, dense, ops.zeros_like(dense))
        radius = ops.max(ops.abs(ops.eig(drawn)[0]))
        # Rounding gives a nilpotent matrix small eigenvalues, which must not be scaled up.
        scale = ops.where(radius > 1e-2, self.spectral_radius / ops.maximum(radius, 1e-2), 1.0)
        return drawn * ops.cast(scale, drawn.dtype)

    def call(self, inputs, states, training=False):
        """One step."""
        (hidden,) = states
        inner = ops.matmul(inputs, self.kernel) + ops.matmul(hidden, self.recurrent_kernel)
        hidden = (1 - self.leak) * hidden + self.leak * self.activate(inner + self.bias)
        return hidden, [hidden]

"""Cells with one state and one or two gates, each simpler than the gated recurrent unit."""

import keras
from keras import ops

from tfseq.cells.basic import BasicRNNCell


@keras.saving.register_keras_serializable("tfseq")
class UGRNNCell(BasicRNNCell):
    """Recurrent cell with one gate, between the old state and a new one.

        g, j = split([x, h] W + b)
        g = sigmoid(g + forget_bias)
        h' = g * h + (1 - g) * tanh(j)

    Args:
        units: Width of `h`.
        forget_bias: Added to `g`, so that the cell remembers at first. It is not part of `b`.
        **kwargs: `activation` and the initializers of `BasicRNNCell`.

    Call arguments:
        inputs: `[batch, depth]`.
        states: `[h]`, `[batch, units]`.

    Reference: Collins et al., 2017, arXiv:1611.09913.
    """

    def __init__(self, units, forget_bias=1.0, **kwargs):
        super().__init__(units, **kwargs)
        self.forget_bias = forget_bias

    def build(self, inputs_shape):
        """Make `kernel` and `bias`."""
        self.add_kernel(inputs_shape[-1] + self.units, 2 * self.units)

    def call(self, inputs, states, training=False):
        """One step."""
        (hidden,) = states
        inner = ops.matmul(ops.concatenate([inputs, hidden], axis=-1), self.kernel) + self.bias
        g, j = ops.split(inner, 2, axis=-1)
        g = ops.sigmoid(g + self.forget_bias)
        hidden = g * hidden + (1 - g) * self.activate(j)
        return hidden, [hidden]


@keras.saving.register_keras_serializable("tfseq")
class IntersectionRNNCell(BasicRNNCell):
    """Recurrent cell with a gate through time and a gate through depth.

        g, j, k, z = split([x, h] W + b)
        g, k = sigmoid(g + forget_bias), sigmoid(k + forget_bias)
        h' = g * h + (1 - g) * tanh(j)
        y  = k * x + (1 - k) * relu(z)

    The output is `y`. Inputs of another width than `units` are projected first: `x <- x P + d`.

    Args:
        units: Width of `h` and `y`.
        forget_bias: Added to both gates.
        output_activation: What stands for `relu` above.
        **kwargs: `activation` and the initializers of `BasicRNNCell`.

    Call arguments:
        inputs: `[batch, depth]`.
        states: `[h]`, `[batch, units]`.

    Reference: Collins et al., 2017, arXiv:1611.09913.
    """

    def __init__(self, units, forget_bias=1.0, output_activation="relu", **kwargs):
        super().__init__(units, **kwargs)
        self.forget_bias = forget_bias
        self.output_activation = output_activation
        self.activate_output = keras.activations.get(output_activation)
        self.projects = False

    def build(self, inputs_shape):
        """Make `kernel` and `bias`, and those of the projection where there is one."""
        self.projects = inputs_shape[-1] != self.units
        if self.projects:
            self.in_projection_kernel = self.add_weight(
                shape=(inputs_shape[-1], self.units),
                initializer=self.kernel_initializer,
                name="in_projection_kernel",
            )
            self.in_projection_bias = self.add_weight(
                shape=(self.units,), initializer=self.bias_initializer, name="in_projection_bias"
            )
        self.add_kernel(2 * self.units, 4 * self.units)

    def call(self, inputs, states, training=False):
        """One step."""
        (hidden,) = states
        if self.projects:
            inputs = ops.matmul(inputs, self.in_projection_kernel) + self.in_projection_bias
        inner = ops.matmul(ops.concatenate([inputs, hidden], axis=-1), self.kernel) + self.bias
        g, j, k, z = ops.split(inner, 4, axis=-1)
        g, k = ops.sigmoid(g + self.forget_bias), ops.sigmoid(k + self.forget_bias)
        hidden = g * hidden + (1 - g) * self.activate(j)
        return k * inputs + (1 - k) * self.activate_output(z), [hidden]


@keras.saving.register_keras_serializable("tfseq")
class MinimalRNNCell(BasicRNNCell):
    """Recurrent cell whose candidate does not look at the state.

        z = tanh(x W)
        u = sigmoid([z, h] V + b)
        h' = u * h + (1 - u) * z

    Args:
        units: Width of `h`.
        bias_initializer: For `b`. At 1 the cell keeps its state at first.
        **kwargs: `activation` and `kernel_initializer` of `BasicRNNCell`; the latter is for `W` and
            `V`, one below the other, `[depth + 2 * units, units]`.

    Call arguments:
        inputs: `[batch, depth]`.
        states: `[h]`, `[batch, units]`.

    Reference: Chen, 2017, arXiv:1711.06788.
    """

    def __init__(self, units, bias_initializer="ones", **kwargs):
        super().__init__(units, bias_initializer=bias_initializer, **kwargs)

    def build(self, inputs_shape):
        """Make `kernel` and `bias`."""
        self.add_kernel(inputs_shape[-1] + 2 * self.units, self.units)

    def call(self, inputs, states, training=False):
        """One step."""
        (hidden,) = states
        depth = inputs.shape[-1]
        candidate = self.activate(ops.matmul(inputs, self.kernel[:depth]))
        both = ops.concatenate([candidate, hidden], axis=-1)
        u = ops.sigmoid(ops.matmul(both, self.kernel[depth:]) + self.bias)
        hidden = u * hidden + (1 - u) * candidate
        return hidden, [hidden]


@keras.saving.register_keras_serializable("tfseq")
class CFNCell(BasicRNNCell):
    """Chaos-free cell: without inputs its state falls to zero, whatever the weights.

        t, e = split(sigmoid(x W + h U + b))
        h' = t * tanh(h) + (1 - e) * tanh(x V)

    The paper has `e` where TensorFlow 1, and this cell, have `1 - e`.

    Args:
        units: Width of `h`.
        bias_initializer: For `b`, `[2 * units]`.
        **kwargs: `activation` and `kernel_initializer` of `BasicRNNCell`; the latter is for `W` and
            `V` side by side, `[depth, 3 * units]`, and `U`, `[units, 2 * units]`.

    Call arguments:
        inputs: `[batch, depth]`.
        states: `[h]`, `[batch, units]`.

    Reference: Laurent & von Brecht, 2017, arXiv:1612.06212.
    """

    def __init__(self, units, bias_initializer="ones", **kwargs):
        super().__init__(units, bias_initializer=bias_initializer, **kwargs)

    def build(self, inputs_shape):
        """Make `kernel`, `recurrent_kernel` and `bias`."""
        self.add_kernel(inputs_shape[-1], 3 * self.units, 2 * self.units)
        self.recurrent_kernel = self.add_weight(
            shape=(self.units, 2 * self.units),
            initializer=self.kernel_initializer,
            name="recurrent_kernel",
        )

    def call(self, inputs, states, training=False):
        """One step."""
        (hidden,) = states
        inner, candidate = ops.split(ops.matmul(inputs, self.kernel), [2 * self.units], axis=-1)
        inner = inner + ops.matmul(hidden, self.recurrent_kernel) + self.bias
        t, e = ops.split(ops.sigmoid(inner), 2, axis=-1)
        hidden = t * self.activate(hidden) + (1 - e) * self.activate(candidate)
        return hidden, [hidden]

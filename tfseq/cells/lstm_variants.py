"""LSTMs with other weights: one gate for two, weights in groups, normalised weights."""

import keras
from keras import ops

from tfseq.cells.lstm import BasicLSTMCell, LSTMCell, clip


@keras.saving.register_keras_serializable("tfseq")
class CoupledInputForgetGateLSTMCell(LSTMCell):
    """Long short-term memory that writes as much as it forgets.

        j, f, o = split([x, h] W + b)
        f = sigmoid(f + w_f * c + forget_bias)
        c' = f * c + (1 - f) * tanh(j)
        h' = clip((sigmoid(o + w_o * c') * tanh(c')) P)

    Args:
        units: Width of `c`, and of `h` unless it is projected.
        **kwargs: `use_peepholes`, `projection_units`, `projection_clip`, `forget_bias`,
            `activation` and the initializers of `LSTMCell`. `cell_clip` is not for this cell.

    Call arguments:
        inputs: `[batch, depth]`.
        states: `[h, c]`, `[batch, projection_units or units]` and `[batch, units]`.

    Reference: Greff et al., 2017, arXiv:1503.04069.
    """

    def __init__(self, units, **kwargs):
        super().__init__(units, **kwargs)
        if self.cell_clip is not None:
            raise ValueError(
                "`cell_clip` is not for a cell with coupled gates, whose state stays within the "
                f"activation's range. Received: cell_clip={self.cell_clip!r}"
            )

    def build(self, inputs_shape):
        """Make `kernel`, `bias`, and what the options ask for."""
        self.kernel = self.add_weight(
            shape=(inputs_shape[-1] + self.output_size, 3 * self.units),
            initializer=self.kernel_initializer,
            name="kernel",
        )
        self.bias = self.add_weight(
            shape=(3 * self.units,), initializer=self.bias_initializer, name="bias"
        )
        self.add_options("fo")

    def call(self, inputs, states, training=False):
        """One step."""
        hidden, cell = states
        j, f, o = ops.split(self.gates(inputs, hidden), 3, axis=-1)
        if self.use_peepholes:
            f = f + self.w_f_diag * cell
        f = ops.sigmoid(f + self.forget_bias)
        cell = self.settle(f * cell + (1 - f) * self.activate(j))
        if self.use_peepholes:
            o = o + self.w_o_diag * cell
        hidden = self.project(ops.sigmoid(o) * self.activate(cell))
        return hidden, [hidden, cell]


@keras.saving.register_keras_serializable("tfseq")
class GLSTMCell(BasicLSTMCell):
    """Long short-term memory whose gates read the inputs and the state in groups.

        i_g, j_g, f_g, o_g = split([x_g, h_g] W_g)    for each group g of the columns
        i = [i_1, i_2, ..] + b_i                      likewise j, f, o
        c' = sigmoid(f + forget_bias) * c + sigmoid(i) * tanh(j)
        h' = (sigmoid(o) * tanh(c')) P

    Args:
        units: Width of `c`, and of `h` unless it is projected.
        groups: How many groups; `units`, the width of `h` and the depth are multiples of it.
        projection_units: Width of `h` after the product with `P`; without it there is no `P`.
        **kwargs: `forget_bias`, `activation` and the initializers of `BasicLSTMCell`.

    Call arguments:
        inputs: `[batch, depth]`.
        states: `[h, c]`, `[batch, projection_units or units]` and `[batch, units]`.

    Raises:
        ValueError: A width that is not a multiple of `groups`.

    Reference: Kuchaiev & Ginsburg, 2017, arXiv:1703.10722.
    """

    def __init__(self, units, groups=1, projection_units=None, **kwargs):
        super().__init__(units, **kwargs)
        self.groups = groups
        self.projection_units = projection_units
        for name in ("units", "projection_units"):
            self._check(name, getattr(self, name) or groups)

    @property
    def output_size(self):
        """Width of `h`."""
        return self.projection_units or self.units

    def build(self, inputs_shape):
        """Make a kernel for each group, a bias for each gate, and that of the projection."""
        depth = inputs_shape[-1]
        self._check("depth", depth)
        shape = (depth + self.output_size) // self.groups, 4 * self.units // self.groups
        self.kernels = [
            self.add_weight(
                shape=shape, initializer=self.kernel_initializer, name=f"group{group}_kernel"
            )
            for group in range(self.groups)
        ]
        self.biases = [
            self.add_weight(
                shape=(self.units,), initializer=self.bias_initializer, name=f"bias_{gate}"
            )
            for gate in "ijfo"
        ]
        if self.projection_units:
            self.projection_kernel = self.add_weight(
                shape=(self.units, self.projection_units),
                initializer=self.kernel_initializer,
                name="projection_kernel",
            )

    def gates(self, inputs, hidden):
        """`[i, j, f, o]`, side by side."""

        def parts_of(group):
            x, h = (
                values[:, group * width : (group + 1) * width]
                for values, width in (
                    (inputs, inputs.shape[-1] // self.groups),
                    (hidden, self.output_size // self.groups),
                )
            )
            inner = ops.matmul(ops.concatenate([x, h], axis=-1), self.kernels[group])
            i, j, f, o = ops.split(inner, 4, axis=-1)
            return i, j, f, o

        groups = [parts_of(group) for group in range(self.groups)]
        by_gate = [part for gate in zip(*groups, strict=True) for part in gate]
        biases = [ops.cast(bias, self.compute_dtype) for bias in self.biases]
        return ops.concatenate(by_gate, axis=-1) + ops.concatenate(biases, axis=-1)

    def call(self, inputs, states, training=False):
        """One step."""
        hidden, (_, cell) = super().call(inputs, states, training=training)
        if self.projection_units:
            hidden = ops.matmul(hidden, self.projection_kernel)
        return hidden, [hidden, cell]

    def _check(self, name, width):
        if width % self.groups:
            raise ValueError(
                f"`{name}` must be a multiple of `groups`. Received: {name}={width}, "
                f"groups={self.groups}"
            )


@keras.saving.register_keras_serializable("tfseq")
class WeightNormLSTMCell(LSTMCell):
    """Long short-term memory with normalised weights.

        W <- g * W / |W|        column by column, the rows of x and of h apart
        P <- g * P / |P|

    and the steps of `LSTMCell`.

    Args:
        units: Width of `c`, and of `h` unless it is projected.
        gain_initializer: For each `g`, as wide as what it scales.
        **kwargs: Those of `LSTMCell`.

    Call arguments:
        inputs: `[batch, depth]`.
        states: `[h, c]`, `[batch, projection_units or units]` and `[batch, units]`.

    Reference: Salimans & Kingma, 2016, arXiv:1602.07868.
    """

    def __init__(self, units, gain_initializer="ones", **kwargs):
        super().__init__(units, **kwargs)
        self.gain_initializer = gain_initializer

    def build(self, inputs_shape):
        """Make what `LSTMCell` has, and the gains."""
        super().build(inputs_shape)
        widths = {"norm_0": 4 * self.units, "norm_1": 4 * self.units}
        if self.projection_units:
            widths["projection_norm"] = self.projection_units
        for name, width in widths.items():
            weight = self.add_weight(shape=(width,), initializer=self.gain_initializer, name=name)
            setattr(self, name, weight)

    def gates(self, inputs, hidden):
        """`[i, j, f, o]`, side by side."""
        depth = inputs.shape[-1]
        kernels = (
            _normal(self.kernel[:depth], self.norm_0),
            _normal(self.kernel[depth:], self.norm_1),
        )
        both = ops.concatenate([inputs, hidden], axis=-1)
        return ops.matmul(both, ops.concatenate(kernels, axis=0)) + self.bias

    def project(self, hidden):
        """`h'` from the output gate's product."""
        if not self.projection_units:
            return hidden
        kernel = _normal(self.projection_kernel, self.projection_norm)
        return clip(ops.matmul(hidden, kernel), self.projection_clip)


def _normal(kernel, gain):
    """Columns of length `gain`."""
    kernel = ops.convert_to_tensor(kernel)
    return gain * kernel * ops.rsqrt(ops.maximum(ops.sum(kernel**2, axis=0), 1e-12))

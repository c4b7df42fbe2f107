"""Cells whose matrix products read the inputs alone: what is left for each step is elementwise."""

import keras
from keras import ops

from tfseq.cells.base import check_units
from tfseq.cells.basic import BasicRNNCell


@keras.saving.register_keras_serializable("tfseq")
class SRUCell(BasicRNNCell):
    """Simple recurrent unit.

        z, f, r, s = split(x W)
        f, r = sigmoid([f, r] + b)
        c' = f * c + (1 - f) * z
        h = r * tanh(c') + (1 - r) * s

    The output is `h`, the state `c`.

    Args:
        units: Width of `h` and `c`.
        **kwargs: `activation` and the initializers of `BasicRNNCell`; `kernel_initializer` is for
            `W`, `[depth, 4 * units]`, `bias_initializer` for `b`, `[2 * units]`.

    Call arguments:
        inputs: `[batch, depth]`.
        states: `[c]`, `[batch, units]`.

    Reference: Lei et al., 2018, arXiv:1709.02755.
    """

    def build(self, inputs_shape):
        """Make `kernel` and `bias`."""
        self.add_kernel(inputs_shape[-1], 4 * self.units, 2 * self.units)

    @property
    def state_is_carry(self):
        """Only the cell itself reads `c`."""
        return [True]

    def call(self, inputs, states, training=False):
        """One step."""
        (cell,) = states
        ends = [self.units, 3 * self.units]
        z, gates, s = ops.split(ops.matmul(inputs, self.kernel), ends, axis=-1)
        f, r = ops.split(ops.sigmoid(gates + self.bias), 2, axis=-1)
        cell = f * cell + (1 - f) * z
        return r * self.activate(cell) + (1 - r) * s, [cell]


@keras.saving.register_keras_serializable("tfseq")
class QRNNCell(BasicRNNCell):
    """Quasi-recurrent cell, with fo-pooling.

        z, f, o = split(sum_k x_{t-k} W_k + b),    k = 0 .. window - 1
        c_t = sigmoid(f) * c_{t-1} + (1 - sigmoid(f)) * tanh(z)
        h_t = sigmoid(o) * c_t

    Before the first step the inputs are zero. The state holds, beside `c`, what the inputs so far
    add to the sums of the next `window - 1` steps.

    Args:
        units: Width of `h` and `c`.
        window: How many inputs a step reads, its own and the ones before.
        **kwargs: `activation` and the initializers of `BasicRNNCell`; `kernel_initializer` is for
            `W_0 .. W_k` side by side, `[depth, window * 3 * units]`, `bias_initializer` for `b`,
            `[3 * units]`.

    Call arguments:
        inputs: `[batch, depth]`.
        states: `[c]`, `[batch, units]`, and with a `window` above 1 the sums,
            `[batch, (window - 1) * 3 * units]`.

    Reference: Bradbury et al., 2017, arXiv:1611.01576.
    """

    def __init__(self, units, window=2, **kwargs):
        super().__init__(units, **kwargs)
        self.window = check_units(window, "window")

    @property
    def state_size(self):
        """`[c]`, and the sums to come."""
        sums = (self.window - 1) * 3 * self.units
        return [self.units, sums] if sums else [self.units]

    @property
    def state_is_carry(self):
        """Only the cell itself reads its states."""
        return [True] * len(self.state_size)

    def build(self, inputs_shape):
        """Make `kernel` and `bias`."""
        self.add_kernel(inputs_shape[-1], self.window * 3 * self.units, 3 * self.units)

    def call(self, inputs, states, training=False):
        """One step."""
        cell, *sums = states
        width = 3 * self.units
        parts = ops.matmul(inputs, self.kernel)
        if sums:
            parts = parts + ops.pad(sums[0], [[0, 0], [0, width]])
        now, later = ops.split(parts, [width], axis=-1)
        z, f, o = ops.split(now + self.bias, 3, axis=-1)
        f = ops.sigmoid(f)
        cell = f * cell + (1 - f) * self.activate(z)
        return ops.sigmoid(o) * cell, [cell, later] if sums else [cell]

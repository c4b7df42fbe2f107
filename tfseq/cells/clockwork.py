"""Clockwork cell: parts of the state that move at different speeds."""

import math

import keras
import numpy as np
from keras import ops

from tfseq.cells.basic import BasicRNNCell


@keras.saving.register_keras_serializable("tfseq")
class ClockworkRNNCell(BasicRNNCell):
    """Recurrent cell in modules; each runs every so many steps and rests between.

        h_m' = tanh(x W_m + sum_n h_n U_nm + b_m)    where t is a multiple of period_m
        h_m' = h_m                                   elsewhere

    with `t = 0` at the first step, and the sum over modules `n` at least as slow as `m`: what is
    slow tells what is fast, never the other way round.

    Args:
        units: Width of `h`, a multiple of the number of modules.
        periods: Of the modules, in steps, in rising order.
        **kwargs: `activation` and the initializers of `BasicRNNCell`; `kernel_initializer` is for
            `W` and `U`, one below the other, `[depth + units, units]`.

    Call arguments:
        inputs: `[batch, depth]`.
        states: `[h, t]`, `[batch, units]` and `[batch, 1]`; `t` starts again where all modules
            run at once.

    Raises:
        ValueError: `periods` that are not positive integers in rising order, or as many as do not
            divide `units`.

    Reference: Koutnik et al., 2014, arXiv:1402.3511.
    """

    def __init__(self, units, periods=(1, 2, 4, 8), **kwargs):
        super().__init__(units, **kwargs)
        self.periods = list(periods)
        rising = self.periods == sorted(set(self.periods))
        if not rising or not self.periods or not all(_is_period(p) for p in self.periods):
            raise ValueError(
                f"`periods` must be positive integers in rising order. Received: periods={periods}"
            )
        if units % len(self.periods):
            raise ValueError(
                "`units` must be a multiple of the number of modules. "
                f"Received: units={units}, periods={periods}"
            )
        width = units // len(self.periods)
        self._unit_periods = np.repeat(self.periods, width)
        modules = np.repeat(np.arange(len(self.periods)), width)
        self._hears = (modules[:, None] >= modules).astype("float32")

    @property
    def state_size(self):
        """`[h, t]`."""
        return [self.units, 1]

    @property
    def state_is_carry(self):
        """Only the cell itself reads `t`."""
        return [False, True]

    def call(self, inputs, states, training=False):
        """One step."""
        hidden, time = states
        depth = inputs.shape[-1]
        recurrent = self.kernel[depth:] * ops.cast(self._hears, self.compute_dtype)
        inner = ops.matmul(inputs, self.kernel[:depth]) + ops.matmul(hidden, recurrent)
        due = ops.equal(ops.mod(time, ops.cast(self._unit_periods, time.dtype)), 0)
        hidden = ops.where(due, self.activate(inner + self.bias), hidden)
        return hidden, [hidden, ops.mod(time + 1, math.lcm(*self.periods))]


def _is_period(period):
    return isinstance(period, int) and not isinstance(period, bool) and period >= 1

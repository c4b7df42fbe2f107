"""Phased LSTM: a cell whose units open and close by a clock of their own."""

import math

import keras
from keras import ops

from tfseq.cells.base import RNNCell, check_units


@keras.saving.register_keras_serializable("tfseq")
class ExponentialUniform(keras.initializers.Initializer):
    """`exp` of numbers drawn uniformly from `[log(low), log(high)]`.

    Args:
        low: Above 0.
        high: At least `low`.
        seed: Of the draws.
    """

    def __init__(self, low, high, seed=None):
        self.low = low
        self.high = high
        self.seed = seed

    def __call__(self, shape, dtype=None):
        low, high = math.log(self.low), math.log(self.high)
        return ops.exp(keras.random.uniform(shape, low, high, dtype=dtype, seed=self.seed))

    def get_config(self):
        return {"low": self.low, "high": self.high, "seed": self.seed}


@keras.saving.register_keras_serializable("tfseq")
class PhasedLSTMCell(RNNCell):
    """Long short-term memory for events at any times: each unit has a gate that time opens.

        p = ((t - s) mod tau) / tau
        k = 2 p / r            where p < r / 2         the gate opens
            2 - 2 p / r        where p < r             it closes
            leak * p           elsewhere               it is closed
        i, f = split(sigmoid([x, h, c] W + b))
        c~ = f * c + i * tanh([x, h] V + d)
        h~ = sigmoid([x, h, c~] U + e) * tanh(c~)
        c' = k * c~ + (1 - k) * c
        h' = k * h~ + (1 - k) * h

    `tau` (the period), `s` (its shift) and `r` (the share of it that is open) are vectors of
    weights. Without peepholes `c` and `c~` are not read by the gates.

    Args:
        units: Width of `h` and `c`.
        use_peepholes: Whether the gates look at `c`.
        leak: How far a closed gate is open.
        ratio_on: `r` at first.
        trainable_ratio_on: Whether `r` is trained.
        period_minimum: The least `tau` at first.
        period_maximum: The greatest `tau` at first.
        kernel_initializer: For `W`, `V` and `U`.
        bias_initializer: For `b`, `d` and `e`.
        seed: Of the first periods and shifts.

    Call arguments:
        inputs: `(t, x)`, `[batch, 1]` and `[batch, depth]`.
        states: `[h, c]`, each `[batch, units]`.

    Reference: Neil et al., 2016, arXiv:1610.09513.
    """

    def __init__(
        self,
        units,
        use_peepholes=False,
        leak=0.001,
        ratio_on=0.1,
        trainable_ratio_on=True,
        period_minimum=1.0,
        period_maximum=1000.0,
        kernel_initializer="glorot_uniform",
        bias_initializer="zeros",
        seed=None,
        **kwargs,
    ):
        super().__init__(**kwargs)
        self.units = check_units(units)
        self.use_peepholes = use_peepholes
        self.leak = leak
        self.ratio_on = ratio_on
        self.trainable_ratio_on = trainable_ratio_on
        self.period_minimum = period_minimum
        self.period_maximum = period_maximum
        self.kernel_initializer = kernel_initializer
        self.bias_initializer = bias_initializer
        self.seed = seed

    @property
    def state_size(self):
        """`[h, c]`."""
        return [self.units, self.units]

    @property
    def output_size(self):
        """Width of `h`."""
        return self.units

    @property
    def state_is_carry(self):
        """Only the cell itself reads `c`."""
        return [False, True]

    def build(self, inputs_shape):
        """Make three kernels, their biases, and the clock."""
        _, shape = inputs_shape
        depth = shape[-1] + self.units
        peep = self.units if self.use_peepholes else 0
        self.kernels, self.biases = {}, {}
        for name, rows, width in (
            ("mask_gates", depth + peep, 2 * self.units),
            ("new_input", depth, self.units),
            ("output_gate", depth + peep, self.units),
        ):
            self.kernels[name] = self.add_weight(
                shape=(rows, width), initializer=self.kernel_initializer, name=f"{name}_kernel"
            )
            self.biases[name] = self.add_weight(
                shape=(width,), initializer=self.bias_initializer, name=f"{name}_bias"
            )
        self._build_clock()

    def _build_clock(self):
        period = ExponentialUniform(self.period_minimum, self.period_maximum, self.seed)
        self.period = self.add_weight(shape=(self.units,), initializer=period, name="period")
        # A shift within the period, which may differ from unit to unit.
        shift = keras.initializers.RandomUniform(0.0, 1.0, seed=self.seed)
        self.phase = self.add_weight(
            shape=(self.units,),
            initializer=lambda shape, dtype: shift(shape, dtype) * ops.cast(self.period, dtype),
            name="phase",
        )
        self.open_share = self.add_weight(
            shape=(self.units,),
            initializer=keras.initializers.Constant(self.ratio_on),
            trainable=self.trainable_ratio_on,
            name="ratio_on",
        )

    def call(self, inputs, states, training=False):
        """One step."""
        time, inputs = inputs
        hidden, cell = states
        both = [inputs, hidden]
        gates = ops.sigmoid(self._linear("mask_gates", [*both, *self._seen(cell)]))
        i, f = ops.split(gates, 2, axis=-1)
        new_cell = f * cell + i * ops.tanh(self._linear("new_input", both))
        o = ops.sigmoid(self._linear("output_gate", [*both, *self._seen(new_cell)]))
        new_hidden = o * ops.tanh(new_cell)
        k = ops.cast(self.openness(time), new_cell.dtype)
        cell = k * new_cell + (1 - k) * cell
        hidden = k * new_hidden + (1 - k) * hidden
        return hidden, [hidden, cell]

    def openness(self, time):
        """`k`: how far each unit's gate is open, `[batch, units]`; float32 whatever the policy."""
        period, share = (ops.cast(x.value, "float32") for x in (self.period, self.open_share))
        shifted = ops.cast(time, "float32") - ops.cast(self.phase.value, "float32")
        # The gradient goes to the time and the shift, as if the period stood still.
        turns = ops.stop_gradient(ops.floor(shifted / period) * period)
        place = (shifted - turns) / period
        opening, closing = 2 * place / share, 2 - 2 * place / share
        k = ops.where(place < share, closing, self.leak * place)
        return ops.where(place < share / 2, opening, k)

    def _seen(self, cell):
        return [cell] if self.use_peepholes else []

    def _linear(self, name, parts):
        product = ops.matmul(ops.concatenate(parts, axis=-1), self.kernels[name])
        return product + self.biases[name]

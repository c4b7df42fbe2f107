"""LSTMs whose gates are layer-normalised, each by itself.

    norm(v) = gamma * (v - mean(v)) / sqrt(variance(v) + epsilon) + beta

Each `norm` of a cell has a `gamma` and a `beta` of its own.
"""

from typing import Any

import keras
from keras import ops

from tfseq.cells.base import RNNCell, check_rate
from tfseq.cells.basic import other_activation
from tfseq.cells.lstm import BasicLSTMCell, LSTMCell, clip
from tfseq.cells.lstm_variants import CoupledInputForgetGateLSTMCell
from tfseq.cells.normalized_sequence import normalized_sequence

GATES = ("input", "transform", "forget", "output")


class NormalizedCell(RNNCell):
    """What normalised cells have in common: `gamma` and `beta` by name."""

    gamma_initializer = "ones"
    beta_initializer = "zeros"
    epsilon = 1e-12

    def add_norms(self, widths):
        """Make `gamma` and `beta` for each `{name: width}`."""
        self.gamma, self.beta = {}, {}
        for name, width in widths.items():
            for kind in ("gamma", "beta"):
                weight = self.add_weight(
                    shape=(width,),
                    initializer=getattr(self, f"{kind}_initializer"),
                    name=f"{name}_{kind}",
                )
                getattr(self, kind)[name] = weight

    @property
    def least_variance(self):
        """`epsilon`; 1e-12 is zero in float16."""
        return max(self.epsilon, 1e-3 if self.compute_dtype == "float16" else 0.0)

    def norm(self, values, name):
        """Layer normalisation over the last axis."""
        mean, variance = ops.moments(values, axes=-1, keepdims=True)
        normal = (values - mean) * ops.rsqrt(variance + self.least_variance)
        return self.gamma[name] * normal + self.beta[name]

    def norm_gates(self, gates, names=GATES):
        """Gates side by side, such as the four of an LSTM, each normalised."""
        parts: Any = ops.split(gates, len(names), axis=-1)
        normal = [self.norm(part, name) for part, name in zip(parts, names, strict=True)]
        return ops.concatenate(normal, axis=-1)


@keras.saving.register_keras_serializable("tfseq")
class LayerNormBasicLSTMCell(NormalizedCell, BasicLSTMCell):
    """Long short-term memory with layer normalisation and recurrent dropout.

        i, j, f, o = split([x, h] W)
        i, j, f, o = norm(i), norm(j), norm(f), norm(o)
        c' = norm(sigmoid(f + forget_bias) * c + sigmoid(i) * dropout(tanh(j)))
        h' = sigmoid(o) * tanh(c')

    The `c'` that is carried to the next step is the
    normalised one.

    Args:
        units: Width of `h` and `c`.
        layer_norm: Without it each `norm` goes, and a bias `b`, `[4 * units]`, comes after `W`.
        rate: Probability to drop an entry of `tanh(j)` in training, drawn at each step.
        gamma_initializer: For each `gamma`, `[units]`.
        beta_initializer: For each `beta`, `[units]`.
        seed: For the dropout.
        **kwargs: `forget_bias`, `activation` and the initializers of `BasicLSTMCell`.

    Call arguments:
        inputs: `[batch, depth]`.
        states: `[h, c]`, each `[batch, units]`.

    Reference: Ba et al., 2016, arXiv:1607.06450; Semeniuta et al., 2016, arXiv:1603.05118.
    """

    def __init__(
        self,
        units,
        layer_norm=True,
        rate=0.0,
        gamma_initializer="ones",
        beta_initializer="zeros",
        seed=None,
        **kwargs,
    ):
        super().__init__(units, **kwargs)
        self.layer_norm = layer_norm
        self.rate = check_rate(rate)
        self.gamma_initializer = gamma_initializer
        self.beta_initializer = beta_initializer
        self.seed = seed
        self.seed_generator = keras.random.SeedGenerator(seed) if rate else None

    def build(self, inputs_shape):
        """Make `kernel`, and `gamma` and `beta` for each norm, or `bias`."""
        if not self.layer_norm:
            super().build(inputs_shape)
            return
        self.kernel = self.add_weight(
            shape=(inputs_shape[-1] + self.units, 4 * self.units),
            initializer=self.kernel_initializer,
            name="kernel",
        )
        self.add_norms(dict.fromkeys((*GATES, "state"), self.units))

    def gates(self, inputs, hidden):
        """`[i, j, f, o]`, side by side."""
        if not self.layer_norm:
            return super().gates(inputs, hidden)
        both = ops.concatenate([inputs, hidden], axis=-1)
        return self.norm_gates(ops.matmul(both, self.kernel))

    def call(self, inputs, states, training=False):
        """One step."""
        hidden, cell = states
        i, j, f, o = ops.split(self.gates(inputs, hidden), 4, axis=-1)
        candidate = self.activate(j)
        if training and self.rate:
            candidate = keras.random.dropout(candidate, self.rate, seed=self.seed_generator)
        cell = ops.sigmoid(f + self.forget_bias) * cell + ops.sigmoid(i) * candidate
        if self.layer_norm:
            cell = self.norm(cell, "state")
        hidden = ops.sigmoid(o) * self.activate(cell)
        return hidden, [hidden, cell]

    def obstacle(self, training=False):
        """Dropout, or another activation than `tanh`."""
        if training and self.rate:
            return f"`rate` is {self.rate}"
        return other_activation(self)

    def unroll(self, inputs, states, mask=None, memory=None, training=False):
        """A whole sequence, by `normalized_sequence`, or without a norm by `lstm_sequence`."""
        if not self.layer_norm:
            return super().unroll(inputs, states, mask)
        norms = [[part[name] for name in (*GATES, "state")] for part in (self.gamma, self.beta)]
        weights = inputs, *states, self.kernel, *norms
        tensors: Any = keras.tree.map_structure(lambda x: ops.cast(x, self.compute_dtype), weights)
        outputs, *states = normalized_sequence(
            *tensors, forget_bias=self.forget_bias, epsilon=self.least_variance, mask=mask
        )
        return outputs, states


@keras.saving.register_keras_serializable("tfseq")
class LayerNormLSTMCell(NormalizedCell, LSTMCell):
    """Long short-term memory with layer normalisation and the options of `LSTMCell`.

        i, j, f, o = split([x, h] W)
        i, j, f, o = norm(i), norm(j), norm(f), norm(o)
        c' = clip(norm(sigmoid(f + w_f * c + forget_bias) * c + sigmoid(i + w_i * c) * tanh(j)))
        h' = clip((sigmoid(o + w_o * c') * tanh(c')) P)

    Args:
        units: Width of `c`, and of `h` unless it is projected.
        gamma_initializer: For each `gamma`, `[units]`.
        beta_initializer: For each `beta`, `[units]`.
        **kwargs: Those of `LSTMCell`; there is no bias to initialize.

    Call arguments:
        inputs: `[batch, depth]`.
        states: `[h, c]`, `[batch, projection_units or units]` and `[batch, units]`.

    Reference: Ba et al., 2016, arXiv:1607.06450.
    """

    def __init__(self, units, gamma_initializer="ones", beta_initializer="zeros", **kwargs):
        super().__init__(units, **kwargs)
        self.gamma_initializer = gamma_initializer
        self.beta_initializer = beta_initializer

    def build(self, inputs_shape):
        """Make `kernel`, what the options ask for, and the norms."""
        self.kernel = self.add_weight(
            shape=(inputs_shape[-1] + self.output_size, 4 * self.units),
            initializer=self.kernel_initializer,
            name="kernel",
        )
        self.add_options("ifo")
        self.add_norms(dict.fromkeys((*GATES, "state"), self.units))

    def gates(self, inputs, hidden):
        """`[i, j, f, o]`, side by side."""
        both = ops.concatenate([inputs, hidden], axis=-1)
        return self.norm_gates(ops.matmul(both, self.kernel))

    def settle(self, cell):
        """`c'` from the sum of what is kept and what is new."""
        return clip(self.norm(cell, "state"), self.cell_clip)


@keras.saving.register_keras_serializable("tfseq")
class LayerNormCoupledInputForgetGateLSTMCell(NormalizedCell, CoupledInputForgetGateLSTMCell):
    """Coupled gates as in `CoupledInputForgetGateLSTMCell`, with layer normalisation.

        j, f, o = split([x, h] W)
        j, f, o = norm(j), norm(f), norm(o)
        f = sigmoid(f + w_f * c + forget_bias)
        c' = norm(f * c + (1 - f) * tanh(j))
        h' = clip((sigmoid(o + w_o * c') * tanh(c')) P)

    Args:
        units: Width of `c`, and of `h` unless it is projected.
        gamma_initializer: For each `gamma`, `[units]`.
        beta_initializer: For each `beta`, `[units]`.
        **kwargs: Those of `CoupledInputForgetGateLSTMCell`; there is no bias to initialize.

    Call arguments:
        inputs: `[batch, depth]`.
        states: `[h, c]`, `[batch, projection_units or units]` and `[batch, units]`.

    Reference: Greff et al., 2017, arXiv:1503.04069; Ba et al., 2016, arXiv:1607.06450.
    """

    def __init__(self, units, gamma_initializer="ones", beta_initializer="zeros", **kwargs):
        super().__init__(units, **kwargs)
        self.gamma_initializer = gamma_initializer
        self.beta_initializer = beta_initializer

    def build(self, inputs_shape):
        """Make `kernel`, what the options ask for, and the norms."""
        self.kernel = self.add_weight(
            shape=(inputs_shape[-1] + self.output_size, 3 * self.units),
            initializer=self.kernel_initializer,
            name="kernel",
        )
        self.add_options("fo")
        self.add_norms(dict.fromkeys((*GATES[1:], "state"), self.units))

    def gates(self, inputs, hidden):
        """`[j, f, o]`, side by side."""
        both = ops.concatenate([inputs, hidden], axis=-1)
        return self.norm_gates(ops.matmul(both, self.kernel), GATES[1:])

    def settle(self, cell):
        """`c'` from the sum of what is kept and what is new."""
        return self.norm(cell, "state")

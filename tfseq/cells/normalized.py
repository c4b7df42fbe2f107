"""LSTM whose gates are layer-normalised."""

import keras
from keras import ops

from tfseq.cells.base import check_rate
from tfseq.cells.lstm import BasicLSTMCell

NORMALIZED = ("input", "transform", "forget", "output", "state")


@keras.saving.register_keras_serializable("tfseq")
class LayerNormBasicLSTMCell(BasicLSTMCell):
    """Long short-term memory with layer normalisation and recurrent dropout.

        i, j, f, o = split([x, h] W)
        i, j, f, o = norm(i), norm(j), norm(f), norm(o)
        c' = norm(sigmoid(f + forget_bias) * c + sigmoid(i) * dropout(tanh(j)))
        h' = sigmoid(o) * tanh(c')

        norm(v) = gamma * (v - mean(v)) / sqrt(variance(v) + epsilon) + beta

    Each `norm` has its own `gamma` and `beta`. The `c'` that is carried to the next step is the
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
        self.gamma, self.beta = {}, {}
        for name in NORMALIZED:
            self.gamma[name] = self.add_weight(
                shape=(self.units,), initializer=self.gamma_initializer, name=f"{name}_gamma"
            )
            self.beta[name] = self.add_weight(
                shape=(self.units,), initializer=self.beta_initializer, name=f"{name}_beta"
            )

    def call(self, inputs, states, training=False):
        """One step."""
        hidden, cell = states
        gates = ops.matmul(ops.concatenate([inputs, hidden], axis=-1), self.kernel)
        if not self.layer_norm:
            gates = gates + self.bias
        i, j, f, o = ops.split(gates, 4, axis=-1)
        i, j = self.norm(i, "input"), self.norm(j, "transform")
        f, o = self.norm(f, "forget"), self.norm(o, "output")
        candidate = self.activate(j)
        if training and self.rate:
            candidate = keras.random.dropout(candidate, self.rate, seed=self.seed_generator)
        cell = ops.sigmoid(f + self.forget_bias) * cell + ops.sigmoid(i) * candidate
        cell = self.norm(cell, "state")
        hidden = ops.sigmoid(o) * self.activate(cell)
        return hidden, [hidden, cell]

    def norm(self, values, name):
        """Layer normalisation of one gate, or of the new state."""
        if not self.layer_norm:
            return values
        # 1e-12 is zero in float16.
        epsilon = 1e-3 if self.compute_dtype == "float16" else 1e-12
        mean, variance = ops.moments(values, axes=-1, keepdims=True)
        normal = (values - mean) * ops.rsqrt(variance + epsilon)
        return self.gamma[name] * normal + self.beta[name]

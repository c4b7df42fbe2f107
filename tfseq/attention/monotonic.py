"""Monotonic attention: from left to right over the source, never back."""

import keras
import numpy as np
import tensorflow as tf
from keras import ops

from tfseq.attention.mechanism import AttentionMechanism
from tfseq.attention.scores import BahdanauAttention, LuongAttention

MODES = ("parallel", "recursive", "hard")


def safe_cumprod(values, exclusive=False):
    """The product of all entries up to each one, on the last axis, with gradients without overflow.

        result[j] = exp(sum_(i <= j) log(max(values[i], tiny)))

    Args:
        values: `[..., time]`, from 0 to 1.
        exclusive: Whether the entry itself is left out (`i < j`).

    Returns:
        Like `values`.

    Reference: `tf.contrib.seq2seq.safe_cumprod` of TensorFlow 1.15.
    """
    if exclusive:
        values = _after_ones(values)
    tiny = float(np.finfo(keras.backend.standardize_dtype(values.dtype)).tiny)
    return ops.exp(ops.cumsum(ops.log(ops.clip(values, tiny, 1.0)), axis=-1))


def monotonic_attention(choose_probabilities, previous, mode):
    """The distribution over where a reader stops who starts where the last one stopped.

    At each position, going right, it stops with probability `p`:

        weights[j] = p[j] sum_(i <= j) previous[i] prod_(i <= l < j) (1 - p[l])

    Args:
        choose_probabilities: `p`, `[..., time]`.
        previous: The last weights, `[..., time]`.
        mode: `"parallel"` is quick, and inexact where `p` is almost 1 at many positions;
            `"recursive"` is exact, by a loop over the source; `"hard"` is for `p` and `previous` of
            zeros and ones, where the reader stops at the first 1 from where it was.

    Returns:
        Weights, `[..., time]`. They sum to less than one where the reader may run off the end.

    Raises:
        ValueError: An unknown `mode`.

    Reference: Raffel et al., 2017, arXiv:1704.00784.
    """
    p = choose_probabilities
    if _known_mode(mode) == "recursive":
        return p * _arrivals(_after_ones(1 - p), previous)
    if mode == "parallel":
        passed = safe_cumprod(1 - p, exclusive=True)
        return p * passed * ops.cumsum(previous / ops.clip(passed, 1e-10, 1.0), axis=-1)
    p = p * ops.cumsum(previous, axis=-1)
    return p * ops.cumprod(_after_ones(1 - p), axis=-1)


class Monotonic(AttentionMechanism):
    """Makes the mechanism it is mixed into monotonic.

        p = sigmoid(score + r + noise)        r is `attention_score_bias`
        weights = monotonic_attention(p, previous weights, mode)

    The first weights are one at the first position. In the mode `"hard"`, `p` is one where the
    score is positive and zero elsewhere, and no gradient passes.

    Args:
        units: Width of the keys.
        mode: `"parallel"`, `"recursive"` or `"hard"`, as in `monotonic_attention`.
        sigmoid_noise: Size of the Gaussian noise in training, which drives `p` to 0 and 1 so that
            a later hard choice changes little.
        score_bias_init: What `r` is at first; a negative value makes the reader go further.
        seed: Makes the noise repeatable.
        **kwargs: Further arguments of the mechanism.

    Raises:
        ValueError: An unknown `mode`.
    """

    def __init__(
        self,
        units,
        mode="parallel",
        sigmoid_noise=0.0,
        score_bias_init=0.0,
        seed=None,
        **kwargs,
    ):
        super().__init__(units, **kwargs)
        self.mode = _known_mode(mode)
        self.sigmoid_noise = sigmoid_noise
        self.score_bias_init = score_bias_init
        self.seed = seed
        self.seed_generator = keras.random.SeedGenerator(seed)

    def build(self, query_shape):
        """Make `attention_score_bias`."""
        super().build(query_shape)
        self.attention_score_bias = self.add_weight(
            shape=(),
            initializer=keras.initializers.Constant(self.score_bias_init),
            name="attention_score_bias",
        )

    def initial_weights(self, batch_size, memory):
        """The weights before the first step: one at the first position, `[batch_size, time]`."""
        first = ops.zeros((batch_size,), dtype="int32")
        return ops.one_hot(first, ops.shape(memory.keys)[1], dtype=self.compute_dtype)

    def score(self, query, keys):
        """`[batch, k, time]`."""
        return super().score(query, keys) + self.attention_score_bias

    def weigh(self, scores, mask, previous_weights, training=False):
        """From scores to weights: zero where masked."""
        if previous_weights is None:
            raise ValueError(
                "`previous_weights` must be given to a monotonic mechanism, at first "
                "`initial_weights`. Received: previous_weights=None"
            )
        if self.mode == "hard":
            p = ops.cast(scores > 0, scores.dtype)
        else:
            if training and self.sigmoid_noise:
                noise = keras.random.normal(ops.shape(scores), seed=self.seed_generator)
                scores = scores + self.sigmoid_noise * ops.cast(noise, scores.dtype)
            p = ops.sigmoid(scores)
        p = ops.where(mask, p, ops.zeros_like(p))
        previous = ops.cast(ops.reshape(previous_weights, ops.shape(p)), p.dtype)
        return monotonic_attention(p, previous, self.mode)

    def get_config(self):
        """The constructor's arguments."""
        config = super().get_config()
        del config["probability"]
        return {
            **config,
            "mode": self.mode,
            "sigmoid_noise": self.sigmoid_noise,
            "score_bias_init": self.score_bias_init,
            "seed": self.seed,
        }


@keras.saving.register_keras_serializable("tfseq")
class LuongMonotonicAttention(Monotonic, LuongAttention):
    """Monotonic attention by the scores of `LuongAttention`; see `Monotonic` for the options.

    Args:
        units: Width of the keys, and of the query.
        scale: As in `LuongAttention`.

    Reference: Raffel et al., 2017, arXiv:1704.00784.
    """


@keras.saving.register_keras_serializable("tfseq")
class BahdanauMonotonicAttention(Monotonic, BahdanauAttention):
    """Monotonic attention by the scores of `BahdanauAttention`; see `Monotonic` for the options.

    Args:
        units: Width of the keys and of the hidden layer.
        normalize: As in `BahdanauAttention`; the paper's own choice.

    Reference: Raffel et al., 2017, arXiv:1704.00784.
    """


def _known_mode(mode):
    if mode not in MODES:
        raise ValueError(f"`mode` must be one of {', '.join(MODES)}. Received: mode={mode!r}")
    return mode


def _after_ones(values):
    """One position further right, with ones coming in: it makes a running product exclusive."""
    return ops.concatenate([ops.ones_like(values[..., :1]), values[..., :-1]], axis=-1)


def _arrivals(stayed, previous):
    """`q[j] = stayed[j] q[j - 1] + previous[j]` on the last axis."""
    last_first = lambda x: ops.moveaxis(x, -1, 0)  # noqa: E731
    first = ops.zeros_like(previous[..., 0])
    q = tf.scan(
        lambda q, now: now[0] * q + now[1], (last_first(stayed), last_first(previous)), first
    )
    return ops.moveaxis(q, 0, -1)

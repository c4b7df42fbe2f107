"""TensorFlow 1's attention mechanisms by name."""

import tensorflow as tf

from tfseq import attention
from tfseq.tf1.attention import LibraryMechanism


class Weighing:
    """TensorFlow 1's `probability_fn` and `score_mask_value` for a mechanism that is mixed in."""

    probability_fn = None
    score_mask_value = None

    def weigh(self, scores, mask, previous_weights, training=False):
        """From scores to weights, by the function that was given."""
        if self.probability_fn is None:
            return super().weigh(scores, mask, previous_weights, training)
        low = scores.dtype.min if self.score_mask_value is None else self.score_mask_value
        scores = tf.where(mask, scores, tf.cast(low, scores.dtype))
        return self.probability_fn(scores)


class LuongScores(Weighing, attention.LuongAttention):
    pass


class BahdanauScores(Weighing, attention.BahdanauAttention):
    pass


def _weighing(mechanism, probability_fn, score_mask_value):
    mechanism.probability_fn = (
        tf.nn.softmax if probability_fn is None and score_mask_value is not None else probability_fn
    )
    mechanism.score_mask_value = score_mask_value
    return mechanism


class LuongAttention(LibraryMechanism):
    """`tf.contrib.seq2seq.LuongAttention`; the equation is in `tfseq.attention`.

    Args:
        num_units: Width in which query and memory are compared.
        memory: `[batch, time, depth]`, what is looked at.
        memory_sequence_length: Integers `[batch]`: past them nothing is looked at.
        scale: Whether scores are scaled by a variable.
        probability_fn: From scores to weights; `None`: the softmax.
        score_mask_value: The score past the lengths; `None`: the least that there is.
        dtype: Of the weights.
        custom_key_value_fn: `f(keys, values) -> (keys, values)`, what is looked at instead.
        name: Scope of the variables' names.

    Source: `LuongAttention` in TensorFlow 1.15.
    """

    def __init__(
        self,
        num_units,
        memory,
        memory_sequence_length=None,
        scale=False,
        probability_fn=None,
        score_mask_value=None,
        dtype=None,
        custom_key_value_fn=None,
        name="LuongAttention",
    ):
        mechanism = _weighing(
            LuongScores(num_units, scale, dtype=dtype), probability_fn, score_mask_value
        )
        super().__init__(mechanism, memory, memory_sequence_length, custom_key_value_fn, name)


class BahdanauAttention(LibraryMechanism):
    """`tf.contrib.seq2seq.BahdanauAttention`; the equation is in `tfseq.attention`.

    Args:
        num_units: Width in which query and memory are compared.
        memory: `[batch, time, depth]`, what is looked at.
        memory_sequence_length: Integers `[batch]`: past them nothing is looked at.
        normalize: Whether the weights of the score are normalised.
        probability_fn: From scores to weights; `None`: the softmax.
        score_mask_value: The score past the lengths; `None`: the least that there is.
        dtype: Of the weights.
        custom_key_value_fn: `f(keys, values) -> (keys, values)`, what is looked at instead.
        name: Scope of the variables' names.

    Source: `BahdanauAttention` in TensorFlow 1.15.
    """

    def __init__(
        self,
        num_units,
        memory,
        memory_sequence_length=None,
        normalize=False,
        probability_fn=None,
        score_mask_value=None,
        dtype=None,
        custom_key_value_fn=None,
        name="BahdanauAttention",
    ):
        mechanism = _weighing(
            BahdanauScores(num_units, normalize, dtype=dtype), probability_fn, score_mask_value
        )
        super().__init__(mechanism, memory, memory_sequence_length, custom_key_value_fn, name)


class LuongMonotonicAttention(LibraryMechanism):
    """`tf.contrib.seq2seq.LuongMonotonicAttention`; the equation is in `tfseq.attention`.

    Args:
        num_units: Width in which query and memory are compared.
        memory: `[batch, time, depth]`, what is looked at.
        memory_sequence_length: Integers `[batch]`: past them nothing is looked at.
        scale: Whether scores are scaled by a variable.
        score_mask_value: Taken and not used: past the lengths the weights are zero.
        sigmoid_noise: Deviation of noise on the scores.
        sigmoid_noise_seed: For that noise.
        score_bias_init: What the bias of the scores starts with.
        mode: `"recursive"`, `"parallel"` or `"hard"`.
        dtype: Of the weights.
        name: Scope of the variables' names.

    Source: `LuongMonotonicAttention` in TensorFlow 1.15.
    """

    def __init__(
        self,
        num_units,
        memory,
        memory_sequence_length=None,
        scale=False,
        score_mask_value=None,
        sigmoid_noise=0.0,
        sigmoid_noise_seed=None,
        score_bias_init=0.0,
        mode="parallel",
        dtype=None,
        name="LuongMonotonicAttention",
    ):
        mechanism = attention.LuongMonotonicAttention(
            num_units,
            mode,
            sigmoid_noise,
            score_bias_init,
            sigmoid_noise_seed,
            scale=scale,
            dtype=dtype,
        )
        super().__init__(mechanism, memory, memory_sequence_length, name=name)


class BahdanauMonotonicAttention(LibraryMechanism):
    """`tf.contrib.seq2seq.BahdanauMonotonicAttention`; the equation is in `tfseq.attention`.

    Args:
        num_units: Width in which query and memory are compared.
        memory: `[batch, time, depth]`, what is looked at.
        memory_sequence_length: Integers `[batch]`: past them nothing is looked at.
        normalize: Whether the weights of the score are normalised.
        score_mask_value: Taken and not used: past the lengths the weights are zero.
        sigmoid_noise: Deviation of noise on the scores.
        sigmoid_noise_seed: For that noise.
        score_bias_init: What the bias of the scores starts with.
        mode: `"recursive"`, `"parallel"` or `"hard"`.
        dtype: Of the weights.
        name: Scope of the variables' names.

    Source: `BahdanauMonotonicAttention` in TensorFlow 1.15.
    """

    def __init__(
        self,
        num_units,
        memory,
        memory_sequence_length=None,
        normalize=False,
        score_mask_value=None,
        sigmoid_noise=0.0,
        sigmoid_noise_seed=None,
        score_bias_init=0.0,
        mode="parallel",
        dtype=None,
        name="BahdanauMonotonicAttention",
    ):
        mechanism = attention.BahdanauMonotonicAttention(
            num_units,
            mode,
            sigmoid_noise,
            score_bias_init,
            sigmoid_noise_seed,
            normalize=normalize,
            dtype=dtype,
        )
        super().__init__(mechanism, memory, memory_sequence_length, name=name)

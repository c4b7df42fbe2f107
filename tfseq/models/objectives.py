"""Cheaper objectives for large vocabularies: other losses than the softmax's, named as such."""

import itertools
import math
from typing import Any

import keras
import tensorflow as tf
from keras import ops

from tfseq.cells.base import check_units
from tfseq.linear_losses import linear_cross_entropy
from tfseq.losses import word_losses
from tfseq.models.head import Head

OBJECTIVES = ("softmax", "sampled_softmax", "adaptive_softmax")


@keras.saving.register_keras_serializable("tfseq")
class SampledSoftmax(keras.Layer):
    """A softmax that is trained against a few words drawn at random, and measured against all.

    In training, with `S` draws of words `v` by Zipf's law `q_v`, in place of the whole sum:

        s_v = o . w_v + b_v - log(S q_v),       q_v = log((v + 2) / (v + 1)) / log(V + 1)
        loss = -s_target + log(exp(s_target) + sum over the draws of exp(s_v))

    A draw that is the target is left out. All positions share the draws. Its gradient is that of
    the softmax only in the limit of many draws; word ids must fall with frequency.

    Args:
        vocabulary_size: `V`.
        samples: `S`.
        seed: Of the draws.

    Call arguments:
        outputs: `[..., width]`.

    Returns:
        Scores of all words, `[..., vocabulary]`, in float32.

    References: Bengio and Senecal, 2008, "Adaptive importance sampling to accelerate training of a
    neural probabilistic language model"; Jean et al., 2015, arXiv:1412.2007.
    """

    def __init__(self, vocabulary_size, samples=512, seed=None, **kwargs):
        super().__init__(**kwargs)
        self.vocabulary_size = check_units(vocabulary_size, "vocabulary_size")
        self.samples = check_units(samples, "samples")
        self.seed = seed
        self.seed_generator = keras.random.SeedGenerator(seed)

    def build(self, outputs_shape):
        """Make `w`, a row for each word, and `b`."""
        shape = (self.vocabulary_size, outputs_shape[-1])
        self.kernel = self.add_weight(shape, initializer="glorot_uniform", name="kernel")
        self.bias = self.add_weight((shape[0],), initializer="zeros", name="bias")

    def call(self, outputs):
        scores: Any = ops.matmul(outputs, ops.transpose(ops.cast(self.kernel, outputs.dtype)))
        return ops.cast(scores, "float32") + ops.cast(self.bias, "float32")

    def cross_entropy(self, outputs, targets, weights, label_smoothing=0.0, training=False):
        """`(sum of the losses, sum of the weights)`: against draws in training, else all words."""
        if not training:
            head = Head(self.kernel, self.bias, self.compute_dtype, tied=True)
            return head.cross_entropy(outputs, targets, weights, label_smoothing)
        weights = tf.cast(weights, tf.float32)
        losses = self.sampled_losses(outputs, targets, self.draw())
        return tf.reduce_sum(losses * weights), tf.reduce_sum(weights)

    def draw(self):
        """Ids of `samples` words, by Zipf's law."""
        noise: Any = keras.random.uniform((self.samples,), seed=self.seed_generator)
        ids = tf.cast(tf.exp(noise * math.log(self.vocabulary_size + 1)), tf.int32) - 1
        return tf.minimum(ids, self.vocabulary_size - 1)

    def sampled_losses(self, outputs, targets, draws):
        """The loss of each position against the draws, `[...]`."""
        kernel, bias = self.kernel.value, self.bias.value
        targets = tf.cast(targets, tf.int32)

        def shifted(scores, ids):
            scores = tf.cast(scores, tf.float32) + tf.cast(tf.gather(bias, ids), tf.float32)
            return scores - self.log_expected(ids)

        own = tf.cast(tf.gather(kernel, targets), outputs.dtype)
        true = shifted(tf.reduce_sum(outputs * own, axis=-1), targets)
        others = tf.cast(tf.gather(kernel, draws), outputs.dtype)
        drawn = shifted(tf.einsum("...w,sw->...s", outputs, others), draws)
        drawn = tf.where(tf.expand_dims(targets, -1) == draws, -math.inf, drawn)
        return word_losses(
            tf.concat([tf.expand_dims(true, -1), drawn], axis=-1), tf.zeros_like(targets)
        )

    def log_expected(self, ids):
        """`log(S q_v)`: how often each word is drawn, in the mean."""
        ids = tf.cast(ids, tf.float32)
        share = tf.math.log1p(1 / (ids + 1)) / math.log(self.vocabulary_size + 1)
        return tf.math.log(self.samples * share)

    def get_config(self):
        names = ("vocabulary_size", "samples", "seed")
        return {**super().get_config(), **{name: getattr(self, name) for name in names}}


@keras.saving.register_keras_serializable("tfseq")
class AdaptiveSoftmax(keras.Layer):
    """A softmax over the frequent words and over groups of rare ones, and one within each group.

        p(v) = head(v)                                        where v is frequent
        p(v) = head(group of v) * softmax(o P_g W_g + b_g)_v  else

    Rare words are many and seldom, so their vectors are narrow: `P_g` goes from `width` to
    `width / 4^g`. Word ids must fall with frequency. It is another model than the softmax.

    Args:
        vocabulary_size: Number of words.
        cutoffs: Ids where the groups begin, rising: `(2000, 10000)` are two groups.
        shrink: How many times narrower the vectors of each next group are.

    Call arguments:
        outputs: `[..., width]`.

    Returns:
        Log-probabilities of all words, `[..., vocabulary]`, in float32: scores like any others.

    Raises:
        ValueError: `cutoffs` that do not rise between 1 and the vocabulary's size.

    Reference: Grave et al., 2017, arXiv:1609.04309.
    """

    def __init__(self, vocabulary_size, cutoffs, shrink=4, **kwargs):
        super().__init__(**kwargs)
        bounds = [0, *cutoffs, vocabulary_size]
        if not cutoffs or any(a >= b for a, b in itertools.pairwise(bounds)):
            raise ValueError(
                "`cutoffs` must rise, from above 0 to below the vocabulary's size. "
                f"Received: cutoffs={tuple(cutoffs)}, vocabulary_size={vocabulary_size}"
            )
        self.vocabulary_size = vocabulary_size
        self.cutoffs = tuple(cutoffs)
        self.shrink = check_units(shrink, "shrink")
        self.groups = list(itertools.pairwise(bounds[1:]))

    def build(self, outputs_shape):
        """Make the head, and for each group a projection, a kernel and a bias."""
        width = outputs_shape[-1]
        self.head = self._softmax(width, self.cutoffs[0] + len(self.groups), "head")
        self.projections, self.tails = [], []
        for number, (first, end) in enumerate(self.groups):
            narrow = max(1, width // self.shrink ** (number + 1))
            self.projections.append(
                self.add_weight(
                    (width, narrow), initializer="glorot_uniform", name=f"group_{number}_projection"
                )
            )
            self.tails.append(self._softmax(narrow, end - first, f"group_{number}"))

    def _softmax(self, width, words, name):
        kernel = self.add_weight(
            (width, words), initializer="glorot_uniform", name=f"{name}_kernel"
        )
        return kernel, self.add_weight((words,), initializer="zeros", name=f"{name}_bias")

    def call(self, outputs):
        head = self._log_softmax(outputs, self.head)
        parts = [head[..., : self.cutoffs[0]]]
        for number, (projection, tail) in enumerate(
            zip(self.projections, self.tails, strict=True), start=self.cutoffs[0]
        ):
            inner = ops.matmul(outputs, ops.cast(projection, outputs.dtype))
            parts.append(head[..., number : number + 1] + self._log_softmax(inner, tail))
        return ops.concatenate(parts, axis=-1)

    def _log_softmax(self, outputs, softmax) -> Any:
        kernel, bias = softmax
        scores: Any = ops.matmul(outputs, ops.cast(kernel, outputs.dtype))
        return ops.log_softmax(ops.cast(scores, "float32") + ops.cast(bias, "float32"))

    def cross_entropy(self, outputs, targets, weights, label_smoothing=0.0, training=False):
        """`(sum of the losses, sum of the weights)`; each group is computed where it is needed."""
        if label_smoothing:
            raise ValueError(
                "`label_smoothing` must be 0 with an adaptive softmax, which has no scores to "
                f"share it among. Received: {label_smoothing=!r}"
            )
        outputs = tf.reshape(outputs, [-1, outputs.shape[-1]])
        targets = tf.cast(tf.reshape(targets, [-1]), tf.int32)
        weights = tf.cast(tf.reshape(weights, [-1]), tf.float32)
        entries = targets  # of the head: frequent words are themselves
        total = tf.constant(0.0)
        for number, (first, end) in enumerate(self.groups):
            inside = (targets >= first) & (targets < end)
            entries = tf.where(inside, self.cutoffs[0] + number, entries)
            total += self._of_group(number, first, inside, outputs, targets, weights)
        return total + self._cost(outputs, self.head, entries, weights), tf.reduce_sum(weights)

    def _of_group(self, number, first, inside, outputs, targets, weights):
        rows = tf.where(inside)[:, 0]
        outputs, targets, weights = (tf.gather(x, rows) for x in (outputs, targets, weights))
        narrow = tf.matmul(outputs, tf.cast(self.projections[number].value, outputs.dtype))
        return self._cost(narrow, self.tails[number], targets - first, weights)

    @staticmethod
    def _cost(outputs, softmax, targets, weights):
        kernel, bias = (tf.cast(weight.value, outputs.dtype) for weight in softmax)
        return linear_cross_entropy(outputs, kernel, bias, targets, weights)[0]

    def get_config(self):
        names = ("vocabulary_size", "cutoffs", "shrink")
        return {**super().get_config(), **{name: getattr(self, name) for name in names}}


def make_softmax(objective, vocabulary_size, samples, cutoffs, seed):
    """The softmax layer of an objective that is not the plain one."""
    if objective not in OBJECTIVES:
        raise ValueError(
            f"`objective` must be one of {', '.join(OBJECTIVES)}. Received: {objective=!r}"
        )
    if objective == "sampled_softmax":
        return SampledSoftmax(vocabulary_size, samples, seed)
    if objective == "adaptive_softmax":
        return AdaptiveSoftmax(vocabulary_size, cutoffs)
    return keras.layers.Dense(vocabulary_size)

"""The random choices of word2vec: words left out, widths of windows, negative words.

Each is a function of a seed alone, so that a run that was killed draws the same again.

Reference: Mikolov et al., 2013, arXiv:1310.4546.
"""

import numpy as np
import tensorflow as tf

POWER = 0.75


def keep_rates(counts, sample):
    """With which probability each word stays in the text when frequent words are thinned out.

        min(1, sqrt(sample / f) + sample / f),   f the word's share of the text

    It is the rule of the `word2vec` program; the paper prints `sqrt(sample / f)`.

    Args:
        counts: `[words]`.
        sample: The share above which a word is thinned out; 0 = none is.

    Returns:
        float32 `[words]`.
    """
    counts = np.asarray(counts, np.float64)
    if not sample:
        return np.ones(len(counts), np.float32)
    share = sample * counts.sum() / counts
    return np.minimum(1, np.sqrt(share) + share).astype(np.float32)


class Noise:
    """Draws of negative words, each with a probability proportional to its count ** 0.75.

    A number of 32 bits chooses a word (Walker's alias method): multiplied by the words, its upper
    half is a column, and its lower half is on one side of the column's threshold.

    Args:
        counts: `[words]`.

    Reference: Vose, 1991, "A linear algorithm for generating random numbers".
    """

    def __init__(self, counts):
        weights = np.asarray(counts, np.float64) ** POWER
        self.probabilities = weights / weights.sum()
        thresholds, others = alias_table(self.probabilities)
        self.thresholds = tf.constant(thresholds * 2.0**32, tf.int64)
        self.others = tf.constant(others, tf.int32)

    def draw(self, shape, seed):
        """int32 ids of that shape; the same for the same seed."""
        bits = tf.random.stateless_uniform(
            shape,
            seed,
            minval=None,  # pyright: ignore[reportArgumentType]
            dtype=tf.uint32,
        )
        scaled = tf.cast(bits, tf.int64) * len(self.others)
        columns = tf.cast(tf.bitwise.right_shift(scaled, tf.constant(32, tf.int64)), tf.int32)
        below = tf.bitwise.bitwise_and(scaled, 2**32 - 1) < tf.gather(self.thresholds, columns)
        return tf.where(below, columns, tf.gather(self.others, columns))


def alias_table(probabilities):
    """`(thresholds, others)`: column i holds word i up to its threshold, and another above it.

    Args:
        probabilities: `[words]`, with sum 1.
    """
    thresholds = np.asarray(probabilities, np.float64) * len(probabilities)
    others = np.arange(len(thresholds))
    small = list(np.flatnonzero(thresholds < 1))
    large = list(np.flatnonzero(thresholds >= 1))
    while small and large:
        low, high = small.pop(), large[-1]
        others[low] = high
        thresholds[high] -= 1 - thresholds[low]
        if thresholds[high] < 1:
            small.append(large.pop())
    thresholds[[*small, *large]] = 1  # full but for rounding
    return thresholds, others


def thin(ids, rates, seed):
    """Leave words out, frequent ones more often.

    Args:
        ids: int32 `[any]`, words, and negative numbers, which do not stay either.
        rates: As from `keep_rates`.
        seed: `[2]` integers.

    Returns:
        int64, the places of the words that stay.
    """
    real = ids >= 0
    rates = tf.gather(rates, tf.where(real, ids, 0))
    stay = real & (tf.random.stateless_uniform(tf.shape(ids), seed) < rates)
    return tf.where(stay)[:, 0]


def draw_reaches(count, window, seed):
    """How far each word looks to both sides: 1 to `window`, each as likely. int32 `[count]`."""
    return tf.random.stateless_uniform([count], seed, 1, window + 1, tf.int32)


def fold(seed, number):
    """A seed of its own for each number."""
    return tf.random.experimental.stateless_fold_in(seed, number)

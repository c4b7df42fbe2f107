"""What beam search adds to a hypothesis's log-probability: for its length, and for its coverage.

Without them the shortest hypotheses win, since each further word makes a hypothesis less likely.

Reference: Wu et al., 2016, arXiv:1609.08144.
"""

import tensorflow as tf


def length_penalty(lengths, weight):
    """What log-probabilities are divided by: `((5 + length) / 6) ** weight`.

    Args:
        lengths: Integers, any shape.
        weight: 0 for none; about 0.6 to 1 for translation. A number, or any shape that fits.

    Reference: Wu et al., 2016, arXiv:1609.08144, equation 14.
    """
    return ((5.0 + tf.cast(lengths, tf.float32)) / 6.0) ** tf.cast(weight, tf.float32)


def coverage_penalty(attended, weight):
    """What is added where a source position has got less than one word's attention, 0 or less.

        weight * sum_s log(min(attended_s, 1))

    A position that has got exactly nothing, as padding has, adds nothing.

    Args:
        attended: `[..., source]`, the attention weights summed over the words of a hypothesis.
        weight: 0 for none; about 0.2. A number, or any shape that fits `[...]`.

    Reference: Wu et al., 2016, arXiv:1609.08144, equation 14.
    """
    attended = tf.where(tf.equal(attended, 0.0), 1.0, tf.minimum(attended, 1.0))
    return tf.cast(weight, tf.float32) * tf.reduce_sum(tf.math.log(attended), axis=-1)

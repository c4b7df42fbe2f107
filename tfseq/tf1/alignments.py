"""TensorFlow 1's functions on alignments; see those of the same name in `tfseq.attention`."""

import tensorflow as tf

from tfseq import attention


def hardmax(logits, name=None):
    """`tf.contrib.seq2seq.hardmax`: one for the greatest, zero for all others."""
    return attention.hardmax(tf.convert_to_tensor(logits))


def monotonic_attention(p_choose_i, previous_attention, mode):
    """`tf.contrib.seq2seq.monotonic_attention`: where a reader stops who only goes on."""
    return attention.monotonic_attention(p_choose_i, previous_attention, mode)


def safe_cumprod(x, axis=-1, exclusive=False):
    """`tf.contrib.seq2seq.safe_cumprod`: products from the first on, without a NaN gradient."""
    last = tf.rank(x) - 1
    moved = tf.experimental.numpy.moveaxis(x, axis, -1) if axis not in (-1, x.shape.rank - 1) else x
    found = attention.safe_cumprod(moved, exclusive=exclusive)
    return found if moved is x else tf.experimental.numpy.moveaxis(found, last, axis)

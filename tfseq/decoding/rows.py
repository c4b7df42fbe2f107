"""Rows that have ended leave the loop, and the others go on alone, with less to do at each step.

A batch runs until its longest row has ended. With 64 translations of sentences of like length that
is nearly half as many steps again as the rows need. So once few enough are left, the loop takes
them out of all its tensors and keeps the others as they were. Everything here is a nest of tensors
with the rows first; `places [rows]` says where in the whole batch each of them belongs.
"""

import tensorflow as tf

LEFT = 0.9  # of the rows: when no more go on, it pays to move these
LEAST = 8  # so few rows are as fast as one


def few(active):
    """Whether so many rows have ended that the others should go on alone.

    Args:
        active: `[rows]`, booleans.
    """
    rows = tf.size(active)
    left = tf.math.count_nonzero(active, dtype=tf.int32)
    return (
        (rows > LEAST) & (left > 0) & (tf.cast(left, tf.float32) <= LEFT * tf.cast(rows, "float32"))
    )


def taken(nest, rows, width=1):
    """The given rows of each tensor, which may hold `width` rows for each, one after the other."""
    if width > 1:
        rows = tf.reshape(rows[:, None] * width + tf.range(width), [-1])
    return tf.nest.map_structure(lambda tensor: tf.gather(tensor, rows), nest)


def put(whole, places, nest):
    """The whole batch, with these rows in their places."""
    return tf.nest.map_structure(
        lambda all_rows, rows: tf.tensor_scatter_nd_update(all_rows, places[:, None], rows),
        whole,
        nest,
        check_types=False,
    )


def spread(values, places, batch):
    """A whole batch of zeros, with these rows in their places."""
    shape = tf.concat([[batch], tf.shape(values)[1:]], axis=0)
    return tf.tensor_scatter_nd_update(tf.zeros(shape, values.dtype), places[:, None], values)


def any_rows(nest):
    """The shapes of a loop's variables whose number of rows may change."""
    return tf.nest.map_structure(lambda tensor: tf.TensorShape([None, *tensor.shape[1:]]), nest)

"""What a chunk does to a matrix of vectors: only the rows it has met are read and written."""

import tensorflow as tf

from tfseq.word2vec.sampling import row_sums

EPSILON = 1e-8  # added to a row's squares


def adagrad(vectors, squares, rows, rate):
    """Adagrad with one rate for each row.

        squares_r += mean(g^2) for each g of row r,   vectors_r += rate g / sqrt(squares_r)

    Where a row occurs several times in a chunk, each occurrence counts with its own square, and all
    are divided by the root of the final sum.

    Args:
        vectors: `[words, dim]`.
        squares: `[words]`.
        rows: `Rows`, the directions to go.
        rate: The learning rate.

    Returns:
        `(vectors, squares)`.

    Reference: Duchi et al., 2011, "Adaptive subgradient methods".
    """
    ids, steps = _flat(rows)
    squares = tf.tensor_scatter_nd_add(squares, ids, row_sums(steps**2) / steps.shape[-1])
    scales = rate * tf.math.rsqrt(tf.gather_nd(squares, ids) + EPSILON)
    return tf.tensor_scatter_nd_add(vectors, ids, steps * scales[:, None]), squares


def sgd(vectors, squares, rows, rate):
    """Plain gradient descent; `squares` stays as it is. Arguments as for `adagrad`."""
    ids, steps = _flat(rows)
    return tf.tensor_scatter_nd_add(vectors, ids, rate * steps), squares


UPDATES = {"adagrad": adagrad, "sgd": sgd}


def _flat(rows):
    """Ids `[rows, 1]`, values `[rows, dim]`."""
    return tf.reshape(rows.ids, [-1, 1]), tf.reshape(rows.values, [-1, rows.values.shape[-1]])

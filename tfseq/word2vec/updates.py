"""What a chunk does to a matrix of vectors: only the rows it has met are read and written."""

import tensorflow as tf

from tfseq.word2vec.sampling import row_sums

EPSILON = 1e-8  # added to a row's squares
DAMPING = 0.7


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


def sgd(vectors, reaches, rows, rate):
    """Gradient descent with shorter steps for the rows that a chunk meets often.

        vectors_r += rate g / (1 + 0.7 rate reach_r) for each g of row r

    with `reach_r` the sum of the reaches of the row's occurrences. One by one, each step would see
    what the steps before it have done, and a row that is met often would settle. Here all its steps
    are taken from the same place, and without the divisor they would add up to many times the way.
    It is Euler's implicit step with `reach` for the curvature, as in implicit stochastic gradient
    descent. No score moves by more than about 20 in a chunk, whatever the rate.

    Args:
        vectors: `[words, dim]`.
        reaches: `[words]`, 0; returned as it came.
        rows: `Rows`, the directions to go.
        rate: The learning rate.

    Returns:
        `(vectors, reaches)`.

    Reference: Toulis and Airoldi, 2017, arXiv:1408.2923.
    """
    ids, steps = _flat(rows)
    reaches = tf.tensor_scatter_nd_add(reaches, ids, tf.reshape(rows.reach, [-1]))
    scales = rate / (1 + DAMPING * rate * tf.gather_nd(reaches, ids))
    reaches = tf.tensor_scatter_nd_update(reaches, ids, tf.zeros_like(scales))
    return tf.tensor_scatter_nd_add(vectors, ids, steps * scales[:, None]), reaches


UPDATES = {"adagrad": adagrad, "sgd": sgd}


def _flat(rows):
    """Ids `[rows, 1]`, values `[rows, dim]`."""
    return tf.reshape(rows.ids, [-1, 1]), tf.reshape(rows.values, [-1, rows.values.shape[-1]])

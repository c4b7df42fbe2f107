"""Several workers, each learning from a part of a segment, and what they found put together."""

import concurrent.futures

import tensorflow as tf

MANY = 30.0  # times a word stands in a part, from where its parts are averaged more than added


def side_by_side(function, *columns):
    """`[function(*row) for row in zip(*columns)]`, each in a thread of its own."""
    rows = list(zip(*columns, strict=True))
    if len(rows) == 1:
        return [function(*rows[0])]
    with concurrent.futures.ThreadPoolExecutor(len(rows)) as threads:
        return list(threads.map(lambda row: function(*row), rows))


def together(starts, ends, times):
    """Matrices after several workers went on from the same ones.

        start_r + f_r sum_k (end_kr - start_r),   f_r = 1 - (1 - 1 / K) times_r / (times_r + 30)

    What is learnt of a rare word adds up, as it would one after the other. Of a frequent word all
    `K` workers learn the same; it goes to where they are on average, since the sum would lie
    far beyond.

    Args:
        starts: A list of `[rows, ...]`.
        ends: For each worker a list of the same shapes.
        times: For each matrix float32 `[rows]`, how often a row is met in a worker's part.

    Returns:
        A list of the same shapes.

    Reference: averaging: Zinkevich et al., 2010, "Parallelized stochastic gradient descent".
    """
    found = []
    for start, *parts, met in zip(starts, *ends, times, strict=True):
        share = 1 - (1 - 1 / len(parts)) * met / (met + MANY)
        share = tf.reshape(share, [-1] + [1] * (len(start.shape) - 1))
        found.append(start + share * (tf.add_n(parts) - len(parts) * start))
    return found

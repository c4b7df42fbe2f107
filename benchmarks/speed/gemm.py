"""The processor's limit: one product of two matrices of 2048 x 2048."""

import tensorflow as tf

from benchmarks.speed.contender import serve

WIDTH = 2048
FLOPS = 2 * WIDTH**3


def make(task, threads):
    """A step is one product."""
    tf.config.threading.set_intra_op_parallelism_threads(threads)
    matrix = tf.ones([WIDTH, WIDTH])
    multiply = tf.function(lambda: tf.matmul(matrix, matrix))
    return lambda: multiply()[0, 0].numpy()


if __name__ == "__main__":
    serve(make)

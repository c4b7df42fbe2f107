"""The softmax layer and its cross entropy as one: scores of all words are never all in memory.

A batch of 128 rows, 16 steps and 6,800 words has 56 MB of scores, and as much again for each thing
that is computed from them. Here a few hundred positions at a time are scored, their loss is taken,
and what the loss says of weights and outputs is added up at once.
"""

from typing import Any

import tensorflow as tf

from tfseq.losses import check_smoothing, exponential_losses, slopes_of_losses
from tfseq.products import matmul

ROWS = 512  # positions at a time
LEAST_COMPILED = 1 << 18  # scores


def linear_cross_entropy(
    outputs, kernel, bias, targets, weights, label_smoothing=0.0, *, tied=False, rows=ROWS
):
    """The cross entropy of `softmax(o W + b)`, summed, as `cross_entropy` has it of scores.

        sum_t weights_t * -sum_v p_v log softmax(o_t W + b)_v

    Where a gradient is asked for, it is computed along with the loss:

        dscores = weights * (softmax(o W + b) - p),   do = dscores W^T,   dW = o^T dscores

    It is a gradient of first order, and there is none by `weights`.

    Args:
        outputs: `o`, `[..., width]`.
        kernel: `W`, `[width, vocabulary]`; `[vocabulary, width]` where it is `tied`.
        bias: `b`, `[vocabulary]`.
        targets: `[...]` ids.
        weights: `[...]`; 0 where a position is padding.
        label_smoothing: As in `word_losses`.
        tied: Whether the kernel lies as an embedding does.
        rows: Positions at a time.

    Returns:
        `(sum of the weighted losses in nats, sum of the weights)`, float32 whatever the policy.

    Raises:
        ValueError: Where `label_smoothing` is not in `[0, 1)`.
    """
    check_smoothing(label_smoothing)
    positions = tf.reshape(outputs, [-1, outputs.shape[-1]])
    flat = tf.reshape(targets, [-1]), tf.cast(tf.reshape(weights, [-1]), tf.float32)
    run = _Run(*flat, label_smoothing, tied, rows)

    @tf.custom_gradient
    def total(positions, kernel, bias) -> Any:
        loss, gradients = run(positions, kernel, bias)

        def gradient(by):
            return [tf.cast(by, x.dtype) * x for x in gradients]

        return loss, gradient

    return total(positions, kernel, bias), tf.reduce_sum(flat[1])


class _Run:
    """The pass over all positions: so many pieces of `rows`, and what is left."""

    def __init__(self, targets, weights, smoothing, tied, rows):
        self.targets, self.weights = targets, weights
        self.smoothing, self.tied, self.rows = smoothing, tied, rows

    def __call__(self, outputs, kernel, bias):
        """The loss, and its gradients by all three."""
        count = outputs.shape[0]
        count = tf.shape(outputs)[0] if count is None else count
        whole = count // self.rows
        loss, left, *gradients = self.of_piece(outputs, kernel, bias, whole * self.rows, None)
        if isinstance(whole, int) and whole == 0:
            return loss, [left, *gradients]
        moved = tf.TensorArray(outputs.dtype, whole, element_shape=[self.rows, outputs.shape[1]])

        def body(number, moved, loss, by_kernel, by_bias):
            start = number * self.rows
            found, by_outputs, *further = self.of_piece(outputs, kernel, bias, start, self.rows)
            sums = loss + found, by_kernel + further[0], by_bias + further[1]
            return number + 1, moved.write(number, by_outputs), *sums

        _, moved, loss, *gradients = tf.while_loop(
            lambda number, *_: number < whole,
            body,
            (0, moved, loss, *gradients),
            parallel_iterations=1,
        )
        by_outputs = tf.reshape(moved.stack(), [-1, outputs.shape[1]])
        return loss, [tf.concat([by_outputs, left], axis=0), *gradients]

    def of_piece(self, outputs, kernel, bias, start, rows):
        """The loss of a few positions, and its gradients by outputs, kernel and bias.

        Args:
            outputs: Those of all positions.
            kernel: As in `linear_cross_entropy`.
            bias: Likewise.
            start: The first of the positions.
            rows: How many; `None`: all from there on.
        """
        piece = slice(start, None if rows is None else start + rows)
        outputs, targets, weights = (x[piece] for x in (outputs, self.targets, self.weights))
        if rows is not None:
            outputs.set_shape([rows, outputs.shape[1]])
        scores = matmul(outputs, kernel, transpose_b=self.tied)
        scores = tf.nn.bias_add(tf.cast(scores, tf.float32), tf.cast(bias, tf.float32))
        loss, slopes, by_bias = _softmax(scores)(scores, targets, weights, self.smoothing)
        slopes = tf.cast(slopes, outputs.dtype)
        by_outputs = matmul(slopes, kernel, transpose_b=not self.tied)
        pair = (slopes, outputs) if self.tied else (outputs, slopes)
        by_kernel = matmul(*pair, transpose_a=True)
        return loss, by_outputs, by_kernel, tf.cast(by_bias, bias.dtype)


def _loss_and_slopes(scores, targets, weights, smoothing):
    """The summed loss, its gradient by the scores, and the sum of that over positions."""
    losses, exponentials, sums = exponential_losses(scores, targets, smoothing)
    slopes = slopes_of_losses(exponentials, sums, targets, weights, smoothing)
    return tf.reduce_sum(losses * weights), slopes, tf.reduce_sum(slopes, axis=0)


_compiled = tf.function(_loss_and_slopes, jit_compile=True, autograph=False)


def _softmax(scores):
    """`_loss_and_slopes`; compiled, with half the passes over the scores, where that pays.

    It pays in a graph whose shapes are known, so that it is compiled once, and for many scores.
    """
    known = tf.inside_function() and scores.shape.is_fully_defined()
    return (
        _compiled if known and scores.shape.num_elements() >= LEAST_COMPILED else _loss_and_slopes
    )

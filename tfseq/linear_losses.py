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
    """The pass over all positions, `rows` at a time."""

    def __init__(self, targets, weights, smoothing, tied, rows):
        self.targets, self.weights = targets, weights
        self.smoothing, self.tied, self.rows = smoothing, tied, rows

    def __call__(self, outputs, kernel, bias):
        """The loss, and its gradients by all three."""
        if outputs.shape[0] is not None and outputs.shape[0] <= self.rows:
            loss, *gradients = self.of_piece(outputs, kernel, bias, slice(None))
            return loss, gradients
        count = tf.shape(outputs)[0]
        moved = tf.TensorArray(
            outputs.dtype,
            size=(count + self.rows - 1) // self.rows,
            element_shape=[None, outputs.shape[-1]],
            infer_shape=False,
        )

        def body(start, loss, moved, by_kernel, by_bias):
            piece = slice(start, tf.minimum(start + self.rows, count))
            found, by_outputs, *further = self.of_piece(outputs[piece], kernel, bias, piece)
            moved = moved.write(start // self.rows, by_outputs)
            return (
                start + self.rows,
                loss + found,
                moved,
                by_kernel + further[0],
                by_bias + further[1],
            )

        zeros = tf.constant(0.0), moved, tf.zeros_like(kernel), tf.zeros_like(bias)
        _, loss, moved, *gradients = tf.while_loop(
            lambda start, *_: start < count, body, (0, *zeros), parallel_iterations=1
        )
        by_outputs = tf.reshape(moved.concat(), tf.shape(outputs))
        return loss, [by_outputs, *gradients]

    def of_piece(self, outputs, kernel, bias, piece):
        """The loss of a few positions, and its gradients by outputs, kernel and bias."""
        scores = matmul(outputs, kernel, transpose_b=self.tied)
        scores = tf.nn.bias_add(tf.cast(scores, tf.float32), tf.cast(bias, tf.float32))
        targets, weights = self.targets[piece], self.weights[piece]
        losses, *parts = exponential_losses(scores, targets, self.smoothing)
        slopes = slopes_of_losses(*parts, targets, weights, self.smoothing)
        by_bias = tf.cast(tf.reduce_sum(slopes, axis=0), bias.dtype)
        slopes = tf.cast(slopes, outputs.dtype)
        by_outputs = matmul(slopes, kernel, transpose_b=not self.tied)
        pair = (slopes, outputs) if self.tied else (outputs, slopes)
        by_kernel = matmul(*pair, transpose_a=True)
        return tf.reduce_sum(losses * weights), by_outputs, by_kernel, by_bias

"""Losses of sequence models: of each word, summed with weights, and as TensorFlow 1 averaged them.

TensorFlow's own cross entropy takes three times as long on a processor.
"""

import numbers
from typing import Any

import tensorflow as tf


def cross_entropy(logits, targets, weights, label_smoothing=0.0):
    """The negative log-likelihood of the target words, summed.

        sum_t weights_t * word_losses_t

    Args:
        logits: `[batch, time, vocabulary]`.
        targets: `[batch, time]` ids.
        weights: `[batch, time]`; 0 where a position is padding.
        label_smoothing: As in `word_losses`.

    Returns:
        `(sum of the weighted losses in nats, sum of the weights)`, two scalars, so that means over
        several batches are taken over words and not over batches.
    """
    losses = word_losses(logits, targets, label_smoothing)
    return tf.reduce_sum(losses * weights), tf.reduce_sum(weights)


def word_losses(logits, targets, label_smoothing=0.0):
    """How surprised the model is by each target word.

        -sum_v p_v log softmax(logits)_v
        p = (1 - label_smoothing) onehot(target) + label_smoothing / vocabulary

    Args:
        logits: `[..., vocabulary]`; half precision is widened to `float32`.
        targets: `[...]` ids.
        label_smoothing: The share of the truth that is given to all words alike, a Python number
            in `[0, 1)`.

    Returns:
        `[...]`, in nats.

    Raises:
        ValueError: Where `label_smoothing` is not in `[0, 1)`.

    Reference: Szegedy et al., 2016, arXiv:1512.00567 (label smoothing).
    """
    check_smoothing(label_smoothing)
    logits, targets = tf.convert_to_tensor(logits), tf.convert_to_tensor(targets)
    if logits.dtype in (tf.float16, tf.bfloat16):
        logits = tf.cast(logits, tf.float32)
    rows = tf.reshape(logits, [-1, tf.shape(logits)[-1]])
    losses = _of_rows(rows, tf.reshape(targets, [-1]), label_smoothing)
    return tf.reshape(losses, tf.shape(targets))


def check_smoothing(label_smoothing):
    """Refuse a share of the truth outside [0, 1)."""
    if not isinstance(label_smoothing, numbers.Real) or not 0 <= label_smoothing < 1:
        raise ValueError(
            f"`label_smoothing` must be a number in [0, 1). Received: {label_smoothing=!r}"
        )


def sequence_loss(
    logits,
    targets,
    weights,
    average_across_timesteps=True,
    average_across_batch=True,
    sum_over_timesteps=False,
    sum_over_batch=False,
    softmax_loss_function=None,
):
    """The weighted cross entropy of sequences, averaged as TensorFlow 1 did.

        average:  sum(weights * losses) / sum(weights)
        sum:      sum(weights * losses) / number of weights that are not 0

    Both sums run over the dimensions that are averaged or summed over; 0 / 0 is 0. Without any,
    the weighted losses come as they are.

    Args:
        logits: `[batch, time, vocabulary]`.
        targets: `[batch, time]` ids.
        weights: `[batch, time]`; 0 where a position is padding.
        average_across_timesteps: Average over the time.
        average_across_batch: Average over the batch.
        sum_over_timesteps: Sum over the time.
        sum_over_batch: Sum over the batch.
        softmax_loss_function: `f(labels=[words], logits=[words, vocabulary]) -> [words]` in place
            of the cross entropy.

    Returns:
        A scalar, `[batch]`, `[time]` or `[batch, time]`.

    Raises:
        ValueError: Where something is to be averaged and something to be summed.
    """
    averaged = _axes(average_across_batch, average_across_timesteps)
    summed = _axes(sum_over_batch, sum_over_timesteps)
    if averaged and summed:
        raise ValueError(
            "`average_across_timesteps` and `average_across_batch` must be False where "
            "`sum_over_timesteps` or `sum_over_batch` is True. Received: "
            f"{average_across_timesteps=}, {average_across_batch=}, {sum_over_timesteps=}, "
            f"{sum_over_batch=}"
        )
    logits, targets = tf.convert_to_tensor(logits), tf.convert_to_tensor(targets)
    if softmax_loss_function is None:
        losses = word_losses(logits, targets)
    else:
        rows = tf.reshape(logits, [-1, tf.shape(logits)[-1]])
        losses = softmax_loss_function(labels=tf.reshape(targets, [-1]), logits=rows)
        losses = tf.reshape(losses, tf.shape(targets))
    losses *= weights
    if not averaged and not summed:
        return losses
    shares = weights if averaged else tf.cast(tf.not_equal(weights, 0), losses.dtype)
    axes = averaged or summed
    return tf.math.divide_no_nan(tf.reduce_sum(losses, axis=axes), tf.reduce_sum(shares, axis=axes))


def _axes(over_batch, over_timesteps):
    return [axis for axis, is_used in enumerate((over_batch, over_timesteps)) if is_used]


def _of_rows(logits, targets, smoothing) -> Any:
    """`word_losses` of `[words, vocabulary]`, with a gradient that uses the exponentials again."""

    @tf.custom_gradient
    def losses(logits):
        found, exponentials, sums = exponential_losses(logits, targets, smoothing)
        return found, lambda by: slopes_of_losses(exponentials, sums, targets, by, smoothing)

    return losses(logits)


def exponential_losses(logits, targets, smoothing):
    """The losses of `[words, vocabulary]`, and what `slopes_of_losses` needs.

    Returns:
        `(losses, exponentials, sums)`: `[words]`, `[words, vocabulary]`, `[words, 1]`, the last two
        those of a softmax whose greatest score is 0.
    """
    greatest = tf.reduce_max(logits, axis=-1, keepdims=True)
    exponentials = tf.exp(logits - greatest)
    sums = tf.reduce_sum(exponentials, axis=-1, keepdims=True)
    # Great logits are taken from each other first, so that nothing of them is lost.
    top = tf.squeeze(greatest, axis=-1)
    below = (1 - smoothing) * (top - tf.gather(logits, targets, batch_dims=1))
    if smoothing:
        below += smoothing * (top - tf.reduce_mean(logits, axis=-1))
    return tf.squeeze(tf.math.log(sums), axis=-1) + below, exponentials, sums


def slopes_of_losses(exponentials, sums, targets, by, smoothing):
    """The gradient of the logits, `by` times: the softmax minus what was to be expected."""
    scale = by[:, None]
    slopes = exponentials * (scale / sums)
    if smoothing:
        slopes -= scale * (smoothing / tf.cast(tf.shape(slopes)[1], slopes.dtype))
    places = tf.stack([tf.range(tf.size(targets)), tf.cast(targets, tf.int32)], axis=1)
    return tf.tensor_scatter_nd_sub(slopes, places, (1 - smoothing) * by)

"""TensorFlow 1's losses of sequences; the arithmetic is that of `tfseq.losses`."""

import tensorflow as tf

from tfseq import losses


def sequence_loss(
    logits,
    targets,
    weights,
    average_across_timesteps=True,
    average_across_batch=True,
    sum_over_timesteps=False,
    sum_over_batch=False,
    softmax_loss_function=None,
    name=None,
):
    """`tf.contrib.seq2seq.sequence_loss`; see `tfseq.sequence_loss`. `name` is not used.

    Raises:
        ValueError: Tensors of other ranks, or both an average and a sum.
    """
    for key, value, rank, shape in (
        ("logits", logits, 3, "[batch, time, words]"),
        ("targets", targets, 2, "[batch, time]"),
        ("weights", weights, 2, "[batch, time]"),
    ):
        found = tf.convert_to_tensor(value).shape
        if found.rank not in (None, rank):
            raise ValueError(
                f"`{key}` must be a tensor of {shape}. Received: {key} of shape {tuple(found)}"
            )
    return losses.sequence_loss(
        logits,
        targets,
        weights,
        average_across_timesteps,
        average_across_batch,
        sum_over_timesteps,
        sum_over_batch,
        softmax_loss_function,
    )


def sequence_loss_by_example(
    logits,
    targets,
    weights,
    average_across_timesteps=True,
    softmax_loss_function=None,
    name=None,
):
    """`tf.contrib.legacy_seq2seq.sequence_loss_by_example`: a loss for each row.

    Args:
        logits: List over time of `[batch, vocabulary]`.
        targets: List over time of `[batch]` ids.
        weights: List over time of `[batch]`.
        average_across_timesteps: Whether to divide by the sum of the weights (and 1e-12).
        softmax_loss_function: `f(labels=, logits=) -> [batch]` in place of the cross entropy.
        name: Not used.

    Returns:
        `[batch]`.

    Raises:
        ValueError: Lists that are not equally long.
    """
    if not len(logits) == len(targets) == len(weights):
        raise ValueError(
            "Lengths of logits, weights, and targets must be the same. "
            f"Received: {len(logits)}, {len(weights)}, {len(targets)}"
        )
    weights = tf.stack(weights, axis=1)
    found = losses.sequence_loss(
        tf.stack(logits, axis=1),
        tf.stack(targets, axis=1),
        weights,
        average_across_timesteps=False,
        average_across_batch=False,
        softmax_loss_function=softmax_loss_function,
    )
    total = tf.reduce_sum(found, axis=1)
    if average_across_timesteps:
        total /= tf.reduce_sum(weights, axis=1) + 1e-12
    return total


def legacy_sequence_loss(
    logits,
    targets,
    weights,
    average_across_timesteps=True,
    average_across_batch=True,
    softmax_loss_function=None,
    name=None,
):
    """`tf.contrib.legacy_seq2seq.sequence_loss`: the sum or mean of those of the rows."""
    total = tf.reduce_sum(
        sequence_loss_by_example(
            logits, targets, weights, average_across_timesteps, softmax_loss_function
        )
    )
    if average_across_batch:
        total /= tf.cast(tf.shape(targets[0])[0], total.dtype)
    return total

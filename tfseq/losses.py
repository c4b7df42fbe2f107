"""Losses of sequence models."""

import tensorflow as tf


def cross_entropy(logits, targets, weights):
    """The negative log-likelihood of the target words, summed.

        sum_t weights_t * -log softmax(logits_t)[targets_t]

    Args:
        logits: `[batch, time, vocabulary]`.
        targets: `[batch, time]` ids.
        weights: `[batch, time]`; 0 where a position is padding.

    Returns:
        `(sum of the weighted losses in nats, sum of the weights)`, two scalars, so that means over
        several batches are taken over words and not over batches.
    """
    losses = tf.nn.sparse_softmax_cross_entropy_with_logits(labels=targets, logits=logits)
    return tf.reduce_sum(losses * weights), tf.reduce_sum(weights)

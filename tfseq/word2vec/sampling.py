"""Skip-gram and continuous bag of words with negative sampling, a chunk at a time.

With `v` the input vectors and `u` the output vectors, a pair of an input `x` and a true word `o`
costs

    -log sigmoid(x . u_o) - sum over k negatives n of log sigmoid(-x . u_n)

In skip-gram `x` is the vector of a centre and `o` each word of its context in turn; in the bag of
words `x` is the mean of the context's vectors and `o` the centre. The negatives of a block are
shared: each of the `shared` draws counts `pairs * k / shared` times, which is the same in
expectation. A negative may be the true word, as in the paper's equation.

Reference: Mikolov et al., 2013, arXiv:1310.4546, equation 4.
"""

from typing import NamedTuple

import numpy as np
import tensorflow as tf

LEAST_BEND = 1 / 14  # as a share of a score's error
BAG_REACH = 1 / 14  # a bag's steps are shares of a whole one; the whole reach would hold them back


class Rows(NamedTuple):
    """Rows of a matrix, each with a direction; rows may repeat.

    Attributes:
        ids: int32, any shape.
        values: `[..., dim]`, the directions.
        reach: As `ids`, how much the slopes change along the direction, at most.
    """

    ids: tf.Tensor
    values: tf.Tensor
    reach: tf.Tensor


class Slopes(NamedTuple):
    """How the loss falls by each score.

    Attributes:
        slopes: `(label - sigmoid(score)) weight`.
        bends: How much a slope changes with its score: with `e = |label - sigmoid(score)|` the
            second derivative is `e (1 - e) weight`; `e weight / 14` on top of it keeps a bound
            where a score is far on the wrong side and the second derivative nearly 0.
    """

    slopes: tf.Tensor
    bends: tf.Tensor


class Pass(NamedTuple):
    """What a chunk costs and where its vectors should go.

    Attributes:
        loss: Sum over the pairs.
        pairs: How many there are, float32.
        inputs: `Rows`, the negative gradient of the sum for the input vectors.
        outputs: `Rows`, the same for the output vectors.
    """

    loss: tf.Tensor
    pairs: tf.Tensor
    inputs: Rows
    outputs: Rows


def skipgram(blocks, negatives):
    """Skip-gram with negative sampling.

    Args:
        blocks: A `Blocks`.
        negatives: Negative words for each true one.

    Returns:
        A function of a `Chunk`, input vectors and output vectors to a `Pass`.
    """
    labels = np.zeros(blocks.span + blocks.shared, np.float32)
    labels[: blocks.span] = 1

    def learn(chunk, inputs, outputs):
        centres = blocks.centred(chunk.words)
        targets = tf.concat([blocks.around(chunk.words), chunk.negatives], 1)
        sizes = blocks.sizes(chunk)
        weights = tf.concat([blocks.contexts(chunk), _shared(sizes, negatives, blocks)], -1)
        x, u = tf.gather(inputs, centres), tf.gather(outputs, targets)
        # [blocks, centres, span + shared]
        loss, slopes = logistic(tf.matmul(x, u, transpose_b=True), labels, weights)
        dx, du = toward(u, slopes), toward(x, slopes, transpose=True)
        return Pass(loss, tf.reduce_sum(sizes), Rows(centres, *dx), Rows(targets, *du))

    return learn


def cbow(blocks, negatives):
    """Continuous bag of words with negative sampling; as `skipgram`."""

    def learn(chunk, inputs, outputs):
        centres, around = blocks.centred(chunk.words), blocks.around(chunk.words)
        means, present = context_means(blocks, chunk)
        x = tf.matmul(means, tf.gather(inputs, around))  # [blocks, centres, dim]
        true, false = tf.gather(outputs, centres), tf.gather(outputs, chunk.negatives)
        true_loss, true_slopes = logistic(row_sums(x * true), 1.0, present)
        false_loss, slopes = logistic(
            tf.matmul(x, false, transpose_b=True), 0.0, _shared(present, negatives, blocks)
        )
        from_true, from_false = along(true, true_slopes), toward(false, slopes)
        dx, reach = (one + other for one, other in zip(from_true, from_false, strict=True))
        du = zip(along(x, true_slopes), toward(x, slopes, transpose=True), strict=True)
        moves, reaches = (tf.concat(parts, 1) for parts in du)
        return Pass(
            true_loss + false_loss,
            tf.reduce_sum(present),
            Rows(around, *spread(means, dx, BAG_REACH * reach)),
            Rows(tf.concat([centres, chunk.negatives], 1), moves, BAG_REACH * reaches),
        )

    return learn


def context_means(blocks, chunk):
    """The matrix that takes means over contexts, and 1.0 where there is a context.

    Returns:
        float32 `[blocks, centres, span]` with rows that sum to 1, or 0 where there is no context;
        float32 `[blocks, centres]`.
    """
    sizes = blocks.sizes(chunk)
    means = blocks.contexts(chunk) / tf.maximum(sizes, 1)[..., None]
    return means, tf.minimum(sizes, 1)


def toward(others, slopes, *, transpose=False):
    """Where vectors should go by the slopes of their scores with others, and the reach of that.

        direction = sum slope o,   reach = sum bend |o|^2

    Args:
        others: `[..., others, dim]`.
        slopes: `Slopes` `[..., rows, others]`.
        transpose: Whether they come as `[..., others, rows]`.

    Returns:
        `[..., rows, dim]` and `[..., rows]`.
    """
    squares = tf.expand_dims(row_sums(others**2), -1)
    reach = tf.matmul(slopes.bends, squares, transpose_a=transpose)
    return tf.matmul(slopes.slopes, others, transpose_a=transpose), tf.squeeze(reach, -1)


def along(others, slopes):
    """As `toward` for a single other: `[..., dim]` and `[...]`."""
    return tf.expand_dims(slopes.slopes, -1) * others, slopes.bends * row_sums(others**2)


def spread(means, directions, reach):
    """The same for the words of a context, whose mean should go there."""
    there = tf.matmul(means, directions, transpose_a=True)
    return there, tf.squeeze(tf.matmul(means, reach[..., None], transpose_a=True), -1)


def logistic(scores, labels, weights):
    """The weighted logistic loss, and its negative slope by each score.

    Args:
        scores: Any shape.
        labels: 1.0 where the pair is true, else 0.0.
        weights: How often each counts.

    Returns:
        The sum `-log sigmoid(+-score) * weight`, and `Slopes`.
    """
    losses = tf.nn.softplus(scores) - labels * scores
    errors = labels - tf.sigmoid(scores)
    sizes = tf.abs(errors)
    bends = sizes * (1 + LEAST_BEND - sizes) * weights
    return tf.reduce_sum(losses * weights), Slopes(errors * weights, bends)


def row_sums(values):
    """Sums over the last axis, by a product: XLA adds up one number at a time otherwise."""
    width = values.shape[-1]
    ones = tf.ones([width, 1])
    return tf.reshape(tf.matmul(tf.reshape(values, [-1, width]), ones), values.shape[:-1])


def _shared(counts, negatives, blocks):
    """How often each shared negative counts, `[blocks, centres, shared]`."""
    weights = counts[..., None] * (negatives / blocks.shared)
    return tf.broadcast_to(weights, [*counts.shape, blocks.shared])

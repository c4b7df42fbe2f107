"""One id per row: the greatest logit, or a random draw that belongs to its row alone.

A draw needs one random number per row and step. It is a pure function of the row's seed and of
how many ids the row has emitted, so a row says the same alone, among others, and in pieces.

Choices go over the vocabulary in two levels, first blocks of ids and then the ids of a block: a
running sum over 7,000 ids at once takes half as long as the model's own step.
"""

import tensorflow as tf

WIDTH = 128  # of a block, about
NARROW = 64  # several blocks are gathered per row, so smaller ones
GOLDEN_GAMMA = 0x9E3779B97F4A7C15
BELOW_ONE = 1.0 - 2.0**-24  # the greatest float32 below 1


def splitmix64(x):
    """The output of SplitMix64 whose state is `x`: a bijection that scatters 64 bits.

        z = x + 0x9e3779b97f4a7c15
        z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9
        z = (z ^ (z >> 27)) * 0x94d049bb133111eb
        splitmix64(x) = z ^ (z >> 31)

    Args:
        x: `uint64`, any shape.

    Reference: Steele, Lea & Flood, 2014, "Fast splittable pseudorandom number generators".
    """
    z = x + tf.constant(GOLDEN_GAMMA, tf.uint64)
    z = _fold(z, 30) * tf.constant(0xBF58476D1CE4E5B9, tf.uint64)
    z = _fold(z, 27) * tf.constant(0x94D049BB133111EB, tf.uint64)
    return _fold(z, 31)


def _fold(z, bits):
    return tf.bitwise.bitwise_xor(z, tf.bitwise.right_shift(z, tf.constant(bits, tf.uint64)))


def uniform(seeds, counter):
    """Number `counter` of the random stream of each seed, in `[0, 1)`.

    Each seed opens a SplitMix64 stream at a scattered place, so that neighbouring seeds have
    nothing in common.

    Args:
        seeds: Integers, `[batch]` or a scalar.
        counter: Integers, `[batch]`.

    Returns:
        `[batch]`, `float32`, in multiples of `2**-24`.
    """
    origin = splitmix64(_unsigned(seeds))
    bits = splitmix64(origin + _unsigned(counter) * tf.constant(GOLDEN_GAMMA, tf.uint64))
    return tf.cast(tf.bitwise.right_shift(bits, tf.constant(40, tf.uint64)), tf.float32) * 2.0**-24


def _unsigned(integers):
    return tf.cast(tf.cast(integers, tf.int64), tf.uint64)


def categorical(weights, uniforms):
    """The id in whose share of the weights the row's uniform number falls.

        id = min { i : sum_{j <= i} weights_j > uniform * sum_j weights_j }

    An id of weight 0 is never drawn; the number 0 draws the first id that can be.

    Args:
        weights: `[batch, vocabulary]`, not negative, one of each row above 0; any sum will do.
        uniforms: `[batch]`, in `[0, 1)`.
    """
    blocks = _blocks(weights, 0.0, WIDTH)
    sums = tf.cumsum(tf.reduce_sum(blocks, axis=-1), axis=-1)
    block, rest = _share_holding(uniforms[:, None] * sums[:, -1:], sums)
    sums = tf.cumsum(tf.gather(blocks, block, batch_dims=1), axis=-1)
    place, _ = _share_holding(rest, sums)
    return block * tf.shape(blocks)[-1] + place


def nucleus(logits, top_p, numbers):
    """A draw from the smallest set of the likeliest ids whose mass reaches `top_p`, unsorted.

        an id is drawn; if likelier ids have less mass than top_p it is in the set and is taken,
        else the next is drawn from these alone

    All of the nucleus is among those, so what is taken at last is distributed as in the nucleus.
    About half of the mass is left each time: few draws will do, and most often the first.

    Args:
        logits: `[batch, vocabulary]`, the greatest of each row 0.
        top_p: `[batch, 1]` or `[1, 1]`, in `(0, 1]`, 1 for all.
        numbers: `numbers(attempt) -> [batch]`, uniform in `[0, 1)`.

    Reference: Holtzman et al., 2019, arXiv:1904.09751.
    """
    weights = tf.exp(logits)
    wanted = top_p * tf.reduce_sum(weights, axis=-1, keepdims=True)
    places = tf.range(tf.shape(logits)[-1])

    def draw(attempt, weights, ids, taken):
        ids = tf.where(taken, ids, categorical(weights, numbers(attempt)))
        last, place = tf.gather(logits, ids, batch_dims=1)[:, None], ids[:, None]
        before = (logits > last) | ((logits == last) & (places < place))
        likelier = tf.where(before, weights, 0.0)
        mass = tf.reduce_sum(likelier, axis=-1, keepdims=True)
        taken |= ((top_p >= 1.0) | (mass < wanted))[:, 0]
        weights = tf.where(taken[:, None], weights, likelier)
        return attempt + 1, weights, ids, taken

    none = tf.zeros(tf.shape(logits)[:1], tf.int32)
    start = (tf.constant(0), weights, none, tf.zeros_like(none, tf.bool))
    shapes = tuple(value.shape for value in start)
    return tf.while_loop(
        lambda *state: ~tf.reduce_all(state[-1]), draw, start, shape_invariants=shapes
    )[2]


def _share_holding(target, sums):
    """The index in whose share of the running sums `target` falls, and how far into the share."""
    # Kept below the sum of all, rounding can never carry the target past the last share.
    passed = sums <= tf.minimum(target, sums[:, -1:] * BELOW_ONE)
    before = tf.reduce_max(tf.where(passed, sums, 0.0), axis=-1, keepdims=True)
    return tf.reduce_sum(tf.cast(passed, tf.int32), axis=-1), target - before


def greatest(logits):
    """The id of the greatest logit, the lowest id among equals, like `tf.argmax`.

    Args:
        logits: `[batch, vocabulary]`.
    """
    blocks = _blocks(logits, -float("inf"), WIDTH)
    block = tf.argmax(tf.reduce_max(blocks, axis=-1), axis=-1, output_type=tf.int32)
    inside = tf.gather(blocks, block, batch_dims=1)
    return block * tf.shape(blocks)[-1] + tf.argmax(inside, axis=-1, output_type=tf.int32)


def greatest_few(logits, count):
    """The `count` greatest logits and their ids, like `tf.math.top_k`, at a quarter of its time.

    Args:
        logits: `[batch, vocabulary]`.
        count: How many, at most the size of the vocabulary.

    Returns:
        `(logits, ids)`, each `[batch, count]`, the greatest first, the lower id first among equals.
    """
    blocks = _blocks(logits, -float("inf"), NARROW)
    # They lie in the `count` blocks with the greatest maxima: each of these has one as great.
    likely = tf.math.top_k(tf.reduce_max(blocks, axis=-1), tf.minimum(count, tf.shape(blocks)[1]))
    order = tf.sort(likely.indices, axis=-1)
    gathered = tf.gather(blocks, order, batch_dims=1)
    values, places = tf.math.top_k(tf.reshape(gathered, [tf.shape(logits)[0], -1]), count)
    width = tf.shape(blocks)[-1]
    return values, tf.gather(order, places // width, batch_dims=1) * width + places % width


def _blocks(values, fill, width):
    """`[batch, vocabulary]` -> `[batch, blocks, width]`, filled up at the end.

    The width is changed a little where a vocabulary is then cut without a copy to be filled up.
    """
    size = values.shape[1] or tf.shape(values)[1]
    if isinstance(size, int):
        near = [w for w in range(width // 2, 2 * width) if size % w == 0]
        width = min(near, key=lambda other: abs(other - width), default=width)
    if not isinstance(size, int) or size % width:
        values = tf.pad(values, [[0, 0], [0, -size % width]], constant_values=fill)
    return tf.reshape(values, [tf.shape(values)[0], -1, width])

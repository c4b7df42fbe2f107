"""What a random choice may choose from: each filter takes logits and gives logits.

They come in this order: `forbid`, `penalize`, `temper`, `truncate`. Every option is one number or
one per row, and a row's result does not depend on what its neighbours ask for; work that no row
asks for is not done.
"""

import tensorflow as tf

NEVER = -float("inf")
COLDEST = 1e-30
# A nucleus usually ends among this many ids; finding them takes an eighth of the time
# that sorting a vocabulary of 7,000 does.
FIRST_LOOK = 256


def forbid(logits, ids):
    """Take `ids` out of every row's choice.

    Args:
        logits: `[batch, vocabulary]`.
        ids: `[count]`, or a list of Python integers.
    """
    size = tf.shape(logits)[-1]
    return logits + tf.reduce_sum(tf.one_hot(ids, size, on_value=NEVER, off_value=0.0), axis=0)


def penalize(logits, seen, penalty):
    """Make ids that the row has seen less likely.

        logits' = logits / penalty    if seen and logits > 0
                  logits * penalty    if seen and logits <= 0
                  logits              elsewhere

    Args:
        logits: `[batch, vocabulary]`.
        seen: `[batch, vocabulary]`, boolean.
        penalty: `[batch, 1]` or `[1, 1]`, 1 for none.

    Reference: Keskar et al., 2019, arXiv:1909.05858.
    """

    def penalized():
        lowered = tf.where(logits > 0, logits / penalty, logits * penalty)
        return tf.where(seen, lowered, logits)

    return tf.cond(tf.reduce_any(penalty != 1.0), penalized, lambda: logits)


def temper(logits, temperature):
    """Sharpen or flatten: `(logits - max logits) / temperature`.

    At temperature 0 the greatest logits become 0 and all others fall out of reach.

    Args:
        logits: `[batch, vocabulary]`.
        temperature: `[batch, 1]` or `[1, 1]`.
    """
    distance = logits - tf.reduce_max(logits, axis=-1, keepdims=True)
    return distance / tf.maximum(temperature, COLDEST)


def truncate(logits, top_k, top_p):
    """Keep the `top_k` most likely ids and, of these, the smallest set whose mass reaches `top_p`.

        kept = first n ids by falling probability,
        n    = min(top_k, min { n : sum_{i <= n} p_i >= top_p })      p over the top_k ids

    At least one id is kept. Among equals the lower id comes first.

    Args:
        logits: `[batch, vocabulary]`, the greatest of each row 0.
        top_k: `[batch, 1]` or `[1, 1]` integers, 0 for all.
        top_p: `[batch, 1]` or `[1, 1]`, in `(0, 1]`, 1 for all.

    Reference: Holtzman et al., 2019, arXiv:1904.09751.
    """
    wanted = (top_k > 0) | (top_p < 1.0)
    return tf.cond(
        tf.reduce_any(wanted),
        lambda: tf.where(~wanted | _kept(logits, top_k, top_p), logits, NEVER),
        lambda: logits,
    )


def _kept(logits, top_k, top_p):
    size = tf.shape(logits)[-1]
    limit = tf.where(top_k > 0, tf.minimum(top_k, size), size)
    nucleus_of_all = (top_p < 1.0) & (limit == size)
    look = tf.where(nucleus_of_all, FIRST_LOOK, top_k)
    first_look = tf.minimum(size, tf.reduce_max(look))
    count, logit, index = _last_kept(logits, limit, top_p, first_look)
    unsettled = nucleus_of_all & (count == first_look) & (first_look < size)
    _, logit, index = tf.cond(
        tf.reduce_any(unsettled),
        lambda: _last_kept(logits, limit, top_p, size),
        lambda: (count, logit, index),
    )
    return (logits > logit) | ((logits == logit) & (tf.range(size) <= index))


def _last_kept(logits, limit, top_p, width):
    """Looking at the `width` most likely ids: how many are kept, the last one's logit and id."""
    logits_ranked, ids = tf.math.top_k(logits, width)
    allowed = tf.range(width) < limit
    mass = tf.cumsum(tf.where(allowed, tf.exp(logits_ranked), 0.0), axis=-1)
    everything = tf.reduce_sum(tf.exp(logits), axis=-1, keepdims=True)
    # The same sum whatever the width, which may be a neighbour's doing.
    total = tf.where(limit < tf.shape(logits)[-1], mass[:, -1:], everything)
    before = tf.pad(mass[:, :-1], [[0, 0], [1, 0]])
    kept = allowed & ((top_p >= 1.0) | (before < top_p * total))
    count = tf.reduce_sum(tf.cast(kept, tf.int32), axis=-1, keepdims=True)
    last = [tf.gather(ranked, count - 1, batch_dims=1) for ranked in (logits_ranked, ids)]
    return count, *last

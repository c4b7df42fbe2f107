"""The linear-chain conditional random field: whole rows of labels get a probability.

    score(y) = sum_t s_t[y_t] + sum_{t > 1} T[y_{t-1}, y_t]
    p(y) = exp(score(y)) / Z,    Z = sum over all rows of labels y' of exp(score(y'))

with scores `s [batch, time, labels]` and transitions `T [labels, labels]`, from row to column. The
functions bear the names of `tf.contrib.crf`. Masks are `[batch, time]` booleans whose padding
stands behind the words; a row without words has the one empty row of labels, whose score is 0.

Reference: Lafferty et al., 2001, "Conditional random fields".
"""

import tensorflow as tf

from tfseq.cells.scan import first_derivatives, scan


def crf_log_likelihood(scores, labels, transitions, mask):
    """`log p(y)` of each row, `[batch]`; the arguments are those of the functions below."""
    score = crf_sequence_score(scores, labels, transitions, mask)
    return score - crf_log_norm(scores, transitions, mask)


def crf_sequence_score(scores, labels, transitions, mask):
    """`score(y)` of given labels.

    Args:
        scores: `[batch, time, labels]`.
        labels: `[batch, time]` integers; what stands behind a row's end does not matter.
        transitions: `[labels, labels]`.
        mask: `[batch, time]`.

    Returns:
        `[batch]`.
    """
    labels, real = tf.convert_to_tensor(labels), tf.cast(mask, scores.dtype)
    chosen = tf.one_hot(labels, scores.shape[-1], dtype=scores.dtype)
    steps = tf.gather_nd(transitions, tf.stack([labels[:, :-1], labels[:, 1:]], axis=-1))
    own = tf.reduce_sum(scores * chosen * real[:, :, None], axis=[1, 2])
    return own + tf.reduce_sum(steps * real[:, 1:], axis=1)


def crf_log_norm(scores, transitions, mask):
    """`log Z` by the forward algorithm, with logarithms throughout, so that nothing overflows.

        a_1 = s_1
        a_t[j] = s_t[j] + log sum_i exp(a_{t-1}[i] + T[i, j])
        log Z = log sum_j exp(a_n[j])

    Its gradient is made of the marginals, by the backward algorithm; second ones are refused.

    Args:
        scores: `[batch, time, labels]`.
        transitions: `[labels, labels]`.
        mask: `[batch, time]`.

    Returns:
        `[batch]`.
    """

    @tf.custom_gradient
    def run(scores, transitions):
        before = _log_prefixes(scores, transitions, mask)
        norm = _log_sum(before, mask)

        def gradient(upstream):
            after = _log_suffixes(scores, transitions, mask)
            singles = _marginals(before, after, norm, mask)
            pairs = (
                before[:, :-1, :, None]
                + transitions
                + (scores + after)[:, 1:, None, :]
                - norm[:, None, None, None]
            )  # [batch, time - 1, labels, labels]
            pairs = tf.where(mask[:, 1:, None, None], tf.exp(pairs), 0)
            return first_derivatives(
                singles * upstream[:, None, None], tf.einsum("btij,b->ij", pairs, upstream)
            )

        return norm, gradient

    return run(tf.convert_to_tensor(scores), tf.convert_to_tensor(transitions))


def crf_marginals(scores, transitions, mask):
    """`p(y_t = j)`, the sum over all rows of labels with `j` at `t`: `[batch, time, labels]`.

        b_n = 0
        b_t[i] = log sum_j exp(T[i, j] + s_{t+1}[j] + b_{t+1}[j])
        p(y_t = j) = exp(a_t[j] + b_t[j] - log Z)

    The arguments are those of `crf_log_norm`. Zeros where the mask is `False`.
    """
    before = _log_prefixes(scores, transitions, mask)
    after = _log_suffixes(scores, transitions, mask)
    return _marginals(before, after, _log_sum(before, mask), mask)


def crf_decode(scores, transitions, mask):
    """The labels of the highest score, by Viterbi's algorithm.

        d_1 = s_1,    d_t[j] = s_t[j] + max_i (d_{t-1}[i] + T[i, j])
        y_n = argmax_j d_n[j],    y_t = argmax_i (d_t[i] + T[i, y_{t+1}])

    Args:
        scores: `[batch, time, labels]`, of one step at least.
        transitions: `[labels, labels]`.
        mask: `[batch, time]`.

    Returns:
        `(labels [batch, time], scores [batch])`; labels are int32, 0 where the mask is `False`. Of
        equally good ones the first is taken.
    """
    best = _over_time(tf.reduce_max, scores, transitions, mask)
    into = tf.transpose(transitions)

    def step(following, now):
        values, is_followed = now
        onward = tf.where(is_followed[:, None], tf.gather(into, following), 0)
        return tf.argmax(values + onward, axis=-1, output_type=tf.int32)

    is_followed = tf.pad(mask[:, 1:], [[0, 0], [0, 1]])
    elements = tf.transpose(best, [1, 0, 2]), tf.transpose(is_followed)
    nothing = tf.zeros_like(is_followed[:, 0], tf.int32)
    labels = tf.scan(step, elements, nothing, reverse=True)
    highest = tf.where(tf.reduce_any(mask, axis=1), tf.reduce_max(best[:, -1], axis=-1), 0)
    return tf.where(mask, tf.transpose(labels), 0), highest


def _log_prefixes(scores, transitions, mask):
    """`a`, which stays behind a row's end."""
    return _over_time(tf.reduce_logsumexp, scores, transitions, mask)


def _over_time(reduce, scores, transitions, mask):
    """The recursion of `a` and of `d`: `[batch, time, labels]`."""
    scores, real = tf.transpose(scores, [1, 0, 2]), tf.transpose(mask)[:, :, None]

    def step(time, states):
        (before,) = states
        now = scores[time + 1] + reduce(before[:, :, None] + transitions, axis=1)
        now = tf.where(real[time + 1], now, before)
        return [now], [now]

    (later,), _ = scan(step, scores[1:], [scores[0]], [scores.shape[-1]])
    return tf.transpose(tf.concat([scores[:1], later], axis=0), [1, 0, 2])


def _log_suffixes(scores, transitions, mask):
    """`b`, 0 from a row's last word on."""
    scores, real = tf.transpose(scores, [1, 0, 2]), tf.transpose(mask)[:, :, None]

    def step(time, states):
        (after,) = states
        onward = (scores[time + 1] + after)[:, None, :] + transitions
        now = tf.where(real[time + 1], tf.reduce_logsumexp(onward, axis=2), after)
        return [now], [now]

    end = tf.zeros_like(scores[0])
    (earlier,), _ = scan(step, scores[1:], [end], [scores.shape[-1]], reverse=True)
    return tf.transpose(tf.concat([earlier, end[None]], axis=0), [1, 0, 2])


def _log_sum(before, mask):
    """`log Z`."""
    return tf.where(tf.reduce_any(mask, axis=1), tf.reduce_logsumexp(before[:, -1], axis=-1), 0)


def _marginals(before, after, norm, mask):
    return tf.where(mask[:, :, None], tf.exp(before + after - norm[:, None, None]), 0)

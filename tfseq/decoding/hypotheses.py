"""The hypotheses of a beam search: what is known of them, and how they grow in one step.

`begin` makes those without any ids, `grow` is one step, `settled` says which rows may stop early.
The arithmetic is that of TensorFlow 1's `BeamSearchDecoder`.
"""

from typing import Any, NamedTuple

import tensorflow as tf

from tfseq.decoding.draws import greatest_few
from tfseq.decoding.penalties import coverage_penalty, length_penalty

NEVER = -float("inf")


class Hypotheses(NamedTuple):
    """What is known between two steps of the hypotheses of each row, best first.

    Attributes:
        log_probabilities: `[batch, width]`, of all ids together.
        scores: `[batch, width]`, log-probabilities after the penalties.
        lengths: `[batch, width]`, how many ids there are, an end token counted.
        finished: `[batch, width]`; what has probability 0 counts as finished, too.
        attended: `[batch, width, source]`, attention weights summed over the words so far; `()`
            where nobody asks for the coverage.
    """

    log_probabilities: Any
    scores: Any
    lengths: Any
    finished: Any
    attended: Any = ()


class Penalties(NamedTuple):
    """The weights of the two penalties, each one number or one per row (`[batch]`)."""

    length: Any = 0.0
    coverage: Any = 0.0


def begin(batch, width, covers):
    """One hypothesis for each row, which has no ids; the places beside it are impossible.

    Args:
        batch: Number of rows.
        width: Number of hypotheses of each row, a Python integer.
        covers: Whether there is a coverage penalty.
    """
    first = tf.broadcast_to(tf.equal(tf.range(width), 0), [batch, width])
    log_probabilities = tf.where(first, 0.0, NEVER)
    # The first step tells how long the source is.
    attended = tf.zeros([batch, width, 1]) if covers else ()
    lengths = tf.zeros([batch, width], tf.int32)
    return Hypotheses(log_probabilities, log_probabilities, lengths, ~first, attended)


def grow(hypotheses, logits, end_id, penalties, attention=None):
    """One step: the best continuations of all hypotheses of a row together.

        total = log p(hypotheses) + log softmax(logits)
        score = total / length_penalty(length) + coverage_penalty(attended)

    A finished hypothesis has one continuation, itself. `length` counts the new id unless it is the
    end; the coverage counts for what had finished before. Where scores are equal, the better
    parent comes first, then the lower id.

    Args:
        hypotheses: `Hypotheses`.
        logits: `[batch * width, vocabulary]`.
        end_id: The id a hypothesis ends with.
        penalties: `Penalties`.
        attention: `[batch * width, source]`, the weights of this step, read where `hypotheses`
            have `attended`.

    Returns:
        The new `Hypotheses`; the places of their parents; their new ids, both `[batch, width]`.
    """
    width, finished = hypotheses.finished.shape[1], hypotheses.finished[..., None]
    ids, steps = _continuations(hypotheses.finished, logits, end_id)
    totals = hypotheses.log_probabilities[..., None] + steps
    lengths = hypotheses.lengths[..., None] + tf.cast(~finished & (ids != end_id), tf.int32)
    scores = totals / length_penalty(lengths, per_row(penalties.length, rank=3))
    if not isinstance(hypotheses.attended, tuple):
        hypotheses = _attend(hypotheses, attention)
        coverage = coverage_penalty(hypotheses.attended, per_row(penalties.coverage))
        scores += tf.where(finished, coverage[..., None], 0.0)
    scores, places = tf.math.top_k(_flat(scores), width)
    parents = places // tf.shape(ids)[-1]
    ids, totals = (tf.gather(_flat(values), places, batch_dims=1) for values in (ids, totals))
    parent = tf.nest.map_structure(lambda x: tf.gather(x, parents, batch_dims=1), hypotheses)
    grown = Hypotheses(
        totals,
        scores,
        parent.lengths + tf.cast(~parent.finished, tf.int32),
        parent.finished | tf.equal(ids, end_id) | tf.equal(totals, NEVER),
        parent.attended,
    )
    return grown, parents, ids


def settled(hypotheses, steps, limits, weight, count):
    """Rows whose first `count` hypotheses have their last score and cannot be overtaken.

    Args:
        hypotheses: `Hypotheses`.
        steps: How many steps have been made.
        limits: `[batch]`, the longest each row may grow.
        weight: Of the length penalty, 0 or more.
        count: Less than the width, a Python integer.
    """
    # The score changes once more in the step after the end.
    final = hypotheses.finished & (hypotheses.lengths < steps)
    # From here on log-probabilities only fall, and nothing divides them by more than this.
    lengths = tf.where(hypotheses.finished, hypotheses.lengths, limits[:, None])
    reach = hypotheses.log_probabilities / length_penalty(lengths, per_row(weight))
    others = tf.where(final, hypotheses.scores, reach)[:, count:]
    overtaken = others > hypotheses.scores[:, count - 1 : count]
    return tf.reduce_all(final[:, :count], axis=1) & ~tf.reduce_any(overtaken, axis=1)


def per_row(option, rank=2):
    """One number or one per row -> `[1, 1, ...]` or `[batch, 1, ...]`."""
    return tf.reshape(tf.cast(option, tf.float32), [-1] + [1] * (rank - 1))


def _continuations(finished, logits, end_id):
    """Likely ids and their log-probabilities, each `[batch, width, candidates]`.

    One more than `width` of each hypothesis, since the end may be worth less than its
    probability. The end stands last, where it is not among these.
    """
    width, logits = finished.shape[1], tf.cast(logits, tf.float32)
    finished = tf.reshape(finished, [-1, 1])
    values, ids = greatest_few(logits, tf.minimum(width + 1, tf.shape(logits)[1]))
    greatest = values[:, :1]
    normaliser = tf.math.log(tf.reduce_sum(tf.exp(logits - greatest), axis=-1, keepdims=True))
    is_there = tf.reduce_any(tf.equal(ids, end_id), axis=-1, keepdims=True)
    ends = tf.fill(tf.shape(is_there), tf.cast(end_id, tf.int32))
    end = tf.where(is_there, NEVER, tf.gather(logits, ends, batch_dims=1))
    steps = tf.concat([values, end], axis=-1) - greatest - normaliser
    ids = tf.concat([ids, ends], axis=-1)
    alone = tf.concat([tf.fill(tf.shape(values), NEVER), tf.zeros_like(end)], axis=-1)
    steps = tf.where(finished, alone, steps)
    shape = [-1, width, tf.shape(ids)[1]]
    return tf.reshape(ids, shape), tf.reshape(steps, shape)


def _attend(hypotheses, attention):
    """Add what each unfinished hypothesis has looked at in this step."""
    shape = [-1, hypotheses.finished.shape[1], tf.shape(attention)[-1]]
    looked = tf.where(hypotheses.finished[..., None], 0.0, tf.reshape(attention, shape))
    return hypotheses._replace(attended=hypotheses.attended + looked)


def _flat(candidates):
    """`[batch, width, candidates]` -> `[batch, width * candidates]`."""
    return tf.reshape(candidates, [tf.shape(candidates)[0], -1])

"""What a beam search has found: its records, read once, after the loop.

At every step the loop writes down which hypothesis each one came from. Here those are followed back
from the best hypotheses of the last step.
"""

from typing import Any, NamedTuple

import tensorflow as tf

from tfseq.decoding.hypotheses import NEVER


class Beams(NamedTuple):
    """The hypotheses of each row, best first.

    Where a row has fewer sequences than hypotheses, the others have length 0 and score `-inf`.

    Attributes:
        ids: `[batch, n_best, steps]`, 0 (PAD) after a hypothesis's end. `steps` is the number of
            steps run.
        lengths: `[batch, n_best]`, how many ids a hypothesis has, an end token counted.
        scores: `[batch, n_best]`, log-probabilities after the penalties.
        log_probabilities: `[batch, n_best]`, of the whole hypothesis.
        finished: `[batch, n_best]`, whether it ends with the end token; False where a limit has
            cut it.
        watched: `[batch, n_best, steps, ...]`, what `watch` returned in the step that gave each
            id, 0 after the end; None without.
    """

    ids: Any
    lengths: Any
    scores: Any
    log_probabilities: Any
    finished: Any
    watched: Any


def read_beams(hypotheses, parents, ids, watched=None, *, n_best):
    """Read the records along the ways of the best hypotheses.

    Args:
        hypotheses: `Hypotheses` after the last step.
        parents: `[steps, batch, width]`, where each hypothesis stood before the step.
        ids: `[steps, batch, width]`, what it has got in the step.
        watched: `[steps, batch, width, ...]`, of each place before the step.
        n_best: How many are read.
    """
    best = tf.nest.map_structure(lambda values: values[:, :n_best], hypotheses)
    before, after = trace_back(parents, n_best)
    is_possible = best.log_probabilities > NEVER
    lengths = tf.where(is_possible, best.lengths, 0)
    if watched is not None:
        watched = _read(watched, before, lengths)
    finished = best.finished & is_possible
    ids = _read(ids, after, lengths)
    return Beams(ids, lengths, best.scores, best.log_probabilities, finished, watched)


def _read(records, places, lengths):
    """`[steps, batch, width, ...]` at the places of each step -> `[batch, n_best, steps, ...]`."""
    found = tf.gather(records, places, batch_dims=2)
    found = tf.transpose(found, [1, 2, 0, *range(3, found.shape.rank)])
    mask = tf.sequence_mask(lengths, tf.shape(places)[0])
    mask = tf.reshape(mask, tf.concat([tf.shape(mask), [1] * (found.shape.rank - 3)], axis=0))
    return tf.where(mask, found, tf.zeros_like(found))


def trace_back(parents, count):
    """The way of the first `count` hypotheses of the last step through all the steps.

    Args:
        parents: `[steps, batch, width]`, where each hypothesis stood before the step.
        count: At most `width`.

    Returns:
        `(before, after)`, each `[steps, batch, count]`: the hypothesis's place before each step
        and its place after it.
    """
    last = tf.broadcast_to(tf.range(count, dtype=parents.dtype), [tf.shape(parents)[1], count])
    before = tf.scan(
        lambda places, parents: tf.gather(parents, places, batch_dims=1),
        parents,
        last,
        reverse=True,
    )
    return before, tf.concat([before[1:], last[None]], axis=0)

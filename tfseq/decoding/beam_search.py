"""Beam search: the loop that keeps the best few hypotheses of each row.

`beam_search` runs in the graph as a whole, for any `step(inputs, states, memory)`. It repeats and
reorders by itself what belongs to one hypothesis; the memory stays one per row. Which hypothesis
came from which is written down at every step and read once, after the loop.
"""

import functools
import numbers
from typing import Any, NamedTuple

import tensorflow as tf

from tfseq.decoding.hypotheses import NEVER, Penalties, begin, grow, settled


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


def beam_search(
    step,
    start_ids,
    end_id,
    states,
    memory=(),
    *,
    width,
    max_steps,
    max_lengths=None,
    length_penalty=0.0,
    coverage_penalty=0.0,
    n_best=None,
    watch=None,
):
    """Find likely sequences, keeping the `width` best beginnings of each row at every step.

        score = log p(ids) / ((5 + length) / 6) ** length_penalty
                + coverage_penalty * sum_s log(min(attended_s, 1))

    A row ends when all its hypotheses have ended or when it is `max_lengths` long, and nothing of
    a row depends on how long its neighbours run. Two things are as they were in TensorFlow 1: in
    the step that ends a hypothesis its length does not count the end token, from the next step on
    it does; and the coverage counts from that next step on.

    Args:
        step: `step(inputs, states, memory) -> (logits, new_states)`, inputs `[batch * width]` and
            logits `[batch * width, vocabulary]`, the hypotheses of a row one after the other.
        start_ids: `[batch]`, fed first.
        end_id: The id a hypothesis ends with.
        states: The model's states, a nest of tensors with the batch first, one for each row.
        memory: Handed to every step as it is: one for each row, not one for each hypothesis.
        width: How many hypotheses are kept, a Python integer.
        max_steps: Stop after so many steps: an integer or a scalar tensor, at least 1. One step
            is always run, so that shapes are known.
        max_lengths: One number or `[batch]`, the longest each row may grow.
        length_penalty: One number or `[batch]`, 0 or more; more favours long sequences.
        coverage_penalty: One number or `[batch]`, 0 or more; more favours sequences that have
            attended to the whole source. Needs `watch`.
        n_best: How many hypotheses come back, all if None. With fewer, a row ends as soon as
            these cannot change any more: the same hypotheses, sooner.
        watch: `watch(logits, new_states) -> [batch * width, ...]`, floats to be recorded at every
            step. With a coverage penalty these are the weights of the attention,
            `[batch * width, source]`, 0 at padding.

    Returns:
        `Beams`.

    Raises:
        ValueError: Where a Python number is out of its range, or a coverage penalty has no
            `watch`.

    Reference: Wu et al., 2016, arXiv:1609.08144 (penalties).
    """
    n_best = width if n_best is None else n_best
    penalties = Penalties(length_penalty, coverage_penalty)
    _check(width, n_best, max_steps, penalties, watch)
    max_steps = tf.cast(max_steps, tf.int32)
    limits = max_steps if max_lengths is None else tf.cast(max_lengths, tf.int32)
    limits = tf.broadcast_to(tf.minimum(limits, max_steps), tf.shape(start_ids)[:1])

    def advance(hypotheses, ids, states):
        logits, states = step(ids, states, memory)
        watched = () if watch is None else (tf.cast(watch(logits, states), tf.float32),)
        return *grow(hypotheses, logits, end_id, penalties, *watched), states, watched

    def is_active(steps, hypotheses):
        ended = tf.reduce_all(hypotheses.finished, axis=1)
        if n_best < width:
            ended |= settled(hypotheses, steps, limits, length_penalty, n_best)
        return ~ended & (steps < limits)

    hypotheses = begin(tf.shape(start_ids)[0], width, _is_used(coverage_penalty))
    ids, states = tile_batch((tf.cast(start_ids, tf.int32), states), width)
    hypotheses, records = _loop(advance, is_active, hypotheses, ids, states, watch is not None)
    return _beams(hypotheses, *records, n_best=n_best)


def tile_batch(tensors, width):
    """Repeat each row of a nest of tensors `width` times on the spot: `a b` -> `a a b b`."""
    return tf.nest.map_structure(lambda tensor: tf.repeat(tensor, width, axis=0), tensors)


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


def _loop(advance, is_active, hypotheses, ids, states, is_watched):
    """Repeat `advance`, hold the rows that have ended, stack the records: `[steps, ...]`."""
    dtypes = (tf.int32, tf.int32, tf.float32) if is_watched else (tf.int32, tf.int32)

    def body(steps, active, hypotheses, ids, states, records):
        grown, parents, ids, new_states, watched = advance(hypotheses, ids, states)
        grown = tf.nest.map_structure(functools.partial(_select, active), grown, hypotheses)
        parents = _select(active, parents, tf.range(parents.shape[1]))
        values = (parents, ids, *watched)
        records = tuple(r.write(steps, value) for r, value in zip(records, values, strict=True))
        # Of a row that has ended, ids and states may be anything: nothing reads them again.
        states = tf.nest.map_structure(
            functools.partial(_of, parents), states, new_states, check_types=False
        )
        active &= is_active(steps + 1, grown)
        return steps + 1, active, grown, tf.reshape(ids, [-1]), states, records

    def goes_on(steps, active, *_):
        return tf.equal(steps, 0) | tf.reduce_any(active)

    states = tf.nest.map_structure(tf.convert_to_tensor, states)
    records = tuple(tf.TensorArray(dtype, size=0, dynamic_size=True) for dtype in dtypes)
    first = (tf.constant(0), is_active(0, hypotheses), hypotheses, ids, states, records)
    last = tf.while_loop(goes_on, body, first, _shapes(*first))
    return last[2], [record.stack() for record in last[-1]]


def _shapes(*variables):
    """What is fixed of the shapes of the loop's variables, `None` for everything."""
    steps, active, hypotheses, ids, states, records = variables
    chosen = tf.nest.map_structure(_width_alone, (active, hypotheses, ids))
    rest = tf.nest.map_structure(lambda _: None, (steps, states, records))
    return rest[0], *chosen, *rest[1:]


def _width_alone(variable):
    # The length of the source, for one, is only known after the first step.
    _, *others = variable.shape
    return tf.TensorShape([None, *others[:1], *[None] * len(others[1:])])


def _select(active, new, old):
    """`new` in the rows that are active, `old` elsewhere."""
    return tf.where(tf.reshape(active, [-1] + [1] * (new.shape.rank - 1)), new, old)


def _of(parents, old, new):
    """The states of the parents."""
    rows = tf.range(tf.shape(parents)[0])[:, None] * parents.shape[1] + parents
    # The static shape of a loop's variable may not change from step to step.
    return tf.ensure_shape(tf.gather(new, tf.reshape(rows, [-1])), old.shape)


def _beams(hypotheses, parents, ids, watched=None, *, n_best):
    """Read the records along the ways of the best hypotheses."""
    best = tf.nest.map_structure(lambda values: values[:, :n_best], hypotheses)
    before, after = trace_back(parents, n_best)
    is_possible = best.log_probabilities > NEVER
    lengths = tf.where(is_possible, best.lengths, 0)
    if watched is not None:
        by_place = tf.concat([tf.shape(parents), tf.shape(watched)[2:]], axis=0)
        watched = _read(tf.reshape(watched, by_place), before, lengths)
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


def _is_used(penalty):
    return not (isinstance(penalty, numbers.Real) and penalty == 0)


def _check(width, n_best, max_steps, penalties, watch):
    """Check what can be checked before there is a graph."""
    if not _is_count(width):
        raise ValueError(f"`width` must be a positive integer. Received: width={width!r}")
    if not _is_count(n_best) or n_best > width:
        raise ValueError(f"`n_best` must be in [1, {width}]. Received: n_best={n_best!r}")
    if isinstance(max_steps, numbers.Real) and max_steps < 1:
        raise ValueError(f"`max_steps` must be at least 1. Received: max_steps={max_steps!r}")
    for name, weight in penalties._asdict().items():
        if isinstance(weight, numbers.Real) and not weight >= 0:
            name = f"{name}_penalty"
            raise ValueError(f"`{name}` must be 0 or more. Received: {name}={weight!r}")
    if _is_used(penalties.coverage) and watch is None:
        raise ValueError(
            "`watch` must give the weights of the attention where there is a `coverage_penalty`. "
            f"Received: watch=None, coverage_penalty={penalties.coverage!r}"
        )


def _is_count(value):
    return isinstance(value, numbers.Integral) and not isinstance(value, bool) and value >= 1

"""Beam search: the loop that keeps the best few hypotheses of each row.

`beam_search` runs in the graph as a whole, for any `step(inputs, states, memory)`. It repeats and
reorders by itself what belongs to one hypothesis; the memory stays one per row. Which hypothesis
came from which is written down at every step and read once, after the loop.
"""

import functools
import numbers
from typing import Any, NamedTuple

import tensorflow as tf

from tfseq.decoding.beams import read_beams
from tfseq.decoding.hypotheses import Penalties, begin, grow, settled
from tfseq.decoding.rows import any_rows, few, put, spread, taken


class _Rows(NamedTuple):
    """The rows that are in the loop; `ids` and `states` have `width` rows for each of them.

    Attributes:
        places: `[rows]`, where they belong in the batch.
        active: `[rows]`, which of them have not ended.
        hypotheses: `Hypotheses`.
        ids: To be fed next.
        states: The model's.
        memory: As it was given.
        limits: `[rows]`, the longest each may grow.
        penalties: `Penalties`.
    """

    places: Any
    active: Any
    hypotheses: Any
    ids: Any
    states: Any
    memory: Any
    limits: Any
    penalties: Any


FIXED = ("places", "memory", "limits", "penalties")  # unless rows leave


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
    drop_ended=False,
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
        drop_ended: Whether the rows that have ended leave the batch, so that the steps after have
            less to do. The hypotheses are the same. Then `memory` is a nest of tensors with the
            batch first, and `step` knows its rows by states and memory alone. No gradient is
            defined.

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
    covers = _is_used(coverage_penalty)
    batch = tf.shape(start_ids)[0]
    if drop_ended:
        penalties = Penalties(*(tf.broadcast_to(tf.cast(x, "float32"), [batch]) for x in penalties))
    max_steps = tf.cast(max_steps, tf.int32)
    limits = max_steps if max_lengths is None else tf.cast(max_lengths, tf.int32)
    limits = tf.broadcast_to(tf.minimum(limits, max_steps), [batch])

    def advance(rows):
        logits, states = step(rows.ids, rows.states, rows.memory)
        watched = () if watch is None else (tf.cast(watch(logits, states), tf.float32),)
        return *grow(rows.hypotheses, logits, end_id, rows.penalties, *watched), states, watched

    def is_active(steps, rows):
        ended = tf.reduce_all(rows.hypotheses.finished, axis=1)
        if n_best < width:
            length_penalty = rows.penalties.length
            ended |= settled(rows.hypotheses, steps, rows.limits, length_penalty, n_best)
        return ~ended & (steps < rows.limits)

    hypotheses = begin(batch, width, covers)
    start = tf.cast(start_ids, tf.int32), tf.nest.map_structure(tf.convert_to_tensor, states)
    ids, states = tile_batch(start, width)
    rows = _Rows(tf.range(batch), (), hypotheses, ids, states, memory, limits, penalties)
    rows = rows._replace(active=is_active(0, rows))
    hypotheses, records = _loop(advance, is_active, rows, watch is not None, drop_ended, max_steps)
    return read_beams(hypotheses, *records, n_best=n_best)


def tile_batch(tensors, width):
    """Repeat each row of a nest of tensors `width` times on the spot: `a b` -> `a a b b`."""
    return tf.nest.map_structure(lambda tensor: tf.repeat(tensor, width, axis=0), tensors)


def _loop(advance, is_active, batch, is_watched, drop_ended, max_steps):
    """Repeat `advance`, hold the rows that have ended, stack the records: `[steps, batch, ...]`."""
    # What does not change stays out of the loop.
    fixed = {} if drop_ended else {name: getattr(batch, name) for name in FIXED}
    first = batch._replace(**dict.fromkeys(fixed, ()))
    own = tf.range(batch.hypotheses.finished.shape[1])

    def body(steps, rows, whole, records):
        if drop_ended:
            rows, whole = _without_ended(rows, whole)
        rows = rows._replace(**fixed)
        grown, parents, ids, new_states, watched = advance(rows)
        grown = tf.nest.map_structure(
            functools.partial(_select, rows.active), grown, rows.hypotheses
        )
        # From here on in records; of a row that has ended, ids and states may be anything.
        moved = _select(rows.active, parents - own, tf.zeros_like(own))
        values = [moved, ids, *(_by_row(value, parents) for value in watched)]
        if drop_ended:
            values = [spread(value, rows.places, tf.size(batch.places)) for value in values]
        records = tuple(r.write(steps, value) for r, value in zip(records, values, strict=True))
        states = tf.nest.map_structure(
            functools.partial(_of, parents), rows.states, new_states, check_types=False
        )
        rows = rows._replace(hypotheses=grown, ids=tf.reshape(ids, [-1]), states=states)
        rows = rows._replace(active=rows.active & is_active(steps + 1, rows))
        return steps + 1, rows._replace(**dict.fromkeys(fixed, ())), whole, records

    def goes_on(steps, rows, *_):
        return tf.equal(steps, 0) | tf.reduce_any(rows.active)

    dtypes = (tf.int32, tf.int32, tf.float32) if is_watched else (tf.int32, tf.int32)
    # Of a fixed size: XLA would write nothing into arrays that grow, and not say so.
    records = tuple(tf.TensorArray(dtype, tf.maximum(max_steps, 1)) for dtype in dtypes)
    whole = _results(batch.hypotheses) if drop_ended else ()
    variables = (tf.constant(0), first, whole, records)
    steps, rows, whole, records = tf.while_loop(goes_on, body, variables, _shapes(*variables))
    results = _results(rows.hypotheses)
    moved, *others = [record.stack()[:steps] for record in records]
    return put(whole, rows.places, results) if drop_ended else results, [moved + own, *others]


def _without_ended(rows, whole):
    """Only the rows that go on, where these are few; what the others came to stands in `whole`."""
    width = rows.hypotheses.finished.shape[1]

    def move():
        left = tf.cast(tf.where(rows.active)[:, 0], tf.int32)
        by_hypothesis = taken((rows.ids, rows.states), left, width)
        others = taken(rows._replace(ids=(), states=()), left)
        moved = others._replace(ids=by_hypothesis[0], states=by_hypothesis[1])
        return moved, put(whole, rows.places, _results(rows.hypotheses))

    return tf.cond(few(rows.active), move, lambda: (rows, whole))


def _results(hypotheses):
    """What is read of the hypotheses after the loop."""
    return hypotheses._replace(attended=())


def _shapes(steps, rows, whole, records):
    """What is fixed of the shapes of the loop's variables."""
    chosen = rows.active, rows.hypotheses, rows.ids
    active, hypotheses, ids = tf.nest.map_structure(_width_alone, chosen)
    shapes = any_rows(rows._replace(active=(), hypotheses=(), ids=()))
    shapes = shapes._replace(active=active, hypotheses=hypotheses, ids=ids)
    whole = tf.nest.map_structure(_width_alone, whole)
    return steps.shape, shapes, whole, tf.nest.map_structure(lambda _: None, records)


def _width_alone(variable):
    # The length of the source, for one, is only known after the first step.
    _, *others = variable.shape
    return tf.TensorShape([None, *others[:1], *[None] * len(others[1:])])


def _by_row(values, parents):
    """`[batch * width, ...]` -> `[batch, width, ...]`."""
    return tf.reshape(values, tf.concat([tf.shape(parents), tf.shape(values)[1:]], axis=0))


def _select(active, new, old):
    """`new` in the rows that are active, `old` elsewhere."""
    return tf.where(tf.reshape(active, [-1] + [1] * (new.shape.rank - 1)), new, old)


def _of(parents, old, new):
    """The states of the parents."""
    rows = tf.range(tf.shape(parents)[0])[:, None] * parents.shape[1] + parents
    # The static shape of a loop's variable may not change from step to step.
    return tf.ensure_shape(tf.gather(new, tf.reshape(rows, [-1])), old.shape)


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

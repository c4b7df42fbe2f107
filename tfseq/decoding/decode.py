"""The loop over an unknown sequence: step, choose, feed the choice, until all rows have ended.

`decode` runs in the graph as a whole, for any `step(inputs, states, memory) -> (logits, states)`
and any sampler. Text can be made in pieces: what `decode` gives back beside the ids goes into the
next call, and the pieces together are what one long call gives.
"""

import functools
import numbers
from typing import Any, NamedTuple

import tensorflow as tf

from tfseq.decoding.rows import any_rows, few, put, spread, taken


class Decoded(NamedTuple):
    """What one call has emitted.

    Attributes:
        ids: `[batch, steps]`, the chosen ids, 0 (PAD) after a row's end. `steps` is the number of
            steps run, up to the longest row.
        lengths: `[batch]`, how many ids the row has emitted, an end token counted.
        finished: `[batch]`, whether the sampler has ended the row; False where a limit has cut it.
        log_probabilities: `[batch, steps]`, of the chosen ids under the softmax of the model's own
            logits, before any temperature or filter; 0 after a row's end; None where not asked.
        watched: `[batch, steps, ...]`, what `watch` returned, 0 after a row's end; None without.
    """

    ids: Any
    lengths: Any
    finished: Any
    log_probabilities: Any
    watched: Any


class Progress(NamedTuple):
    """All that changes while decoding, each with the batch first. A row that has ended is held.

    Attributes:
        time: `[batch]`, ids emitted by each row since the very first step.
        inputs: `[batch]`, the ids to be fed next.
        finished: `[batch]`, whether the sampler has ended the row.
        states: The model's states.
        choices: The sampler's own state, such as the ids it has seen.
    """

    time: Any
    inputs: Any
    finished: Any
    states: Any
    choices: Any


class _Rows(NamedTuple):
    """The rows that are in the loop: places in the batch, progress, memory, limits (or `()`)."""

    places: Any
    progress: Progress
    memory: Any
    limits: Any

    def active(self):
        """Which of them have not ended."""
        if isinstance(self.limits, tuple):
            return ~self.progress.finished
        return ~self.progress.finished & (self.progress.time < self.limits)


def decode(
    step,
    sampler,
    states,
    memory=(),
    *,
    max_steps,
    max_lengths=None,
    watch=None,
    log_probabilities=True,
    drop_ended=False,
):
    """Run `step` on what `sampler` chooses until every row has ended.

        logits, states' = step(inputs, states, memory)
        inputs' = ids   = sampler.choose(logits, time, ...)

    A row ends when its sampler says so or when it is `max_lengths` long. From then on it emits 0
    and its states are held, so nothing of a row depends on how long its neighbours run.

    Args:
        step: `step(inputs, states, memory) -> (logits, new_states)`, inputs `[batch]` and logits
            `[batch, vocabulary]`.
        sampler: One of `tfseq.decoding.samplers`, or any object with their two methods.
        states: The model's states, a nest of tensors with the batch first; or, to go on where an
            earlier call stopped, the `Progress` it gave back.
        memory: Handed to every step as it is.
        max_steps: Stop after so many steps: an integer or a scalar tensor, at least 1. One step
            is always run, so that shapes are known, also if every row has ended before.
        max_lengths: `[batch]`, the longest each row may grow, counted from its very first step.
        watch: `watch(logits, states') -> [batch, ...]`, floats to be recorded at every step, such
            as the logits for a loss or the weights of an attention.
        log_probabilities: Whether to compute them; a step that need not is a tenth faster.
        drop_ended: Whether the rows that have ended leave the batch, so that the steps after have
            less to do. The ids are the same. Then `memory` is a nest of tensors with the batch
            first, `step` knows its rows by states and memory alone, and so does the sampler by
            its state, as `GreedySampler` does. No gradient is defined.

    Returns:
        `Decoded`, and the `Progress` to go on from; its `states` are the model's last states.

    Raises:
        ValueError: Where `max_steps` is a Python number below 1.
    """
    if isinstance(max_steps, numbers.Real) and max_steps < 1:
        raise ValueError(f"`max_steps` must be at least 1. Received: max_steps={max_steps!r}")
    before = states if isinstance(states, Progress) else _begin(sampler, states)
    before = tf.nest.map_structure(tf.convert_to_tensor, before)
    limits = () if max_lengths is None else tf.convert_to_tensor(max_lengths)
    after, records = _loop(
        functools.partial(_advance, step, sampler, watch, log_probabilities),
        _Rows(tf.range(tf.size(before.time)), before, memory, limits),
        max_steps,
        [tf.int32] + [tf.float32] * (bool(log_probabilities) + (watch is not None)),
        drop_ended,
    )
    ids, *others = records
    lengths = after.time - before.time
    likely = others.pop(0) if log_probabilities else None
    decoded = Decoded(ids, lengths, after.finished, likely, *(others or [None]))
    return decoded, after


def _begin(sampler, states):
    inputs, ended, choices = sampler.start()
    return Progress(tf.zeros_like(inputs), inputs, ended, states, choices)


def _advance(step, sampler, watch, log_probabilities, progress, memory):
    """One step of every row, ended or not: the new progress and the values to record."""
    outputs, states = step(progress.inputs, progress.states, memory)
    logits = tf.cast(outputs, tf.float32)
    ids, ended, choices = sampler.choose(logits, progress.time, progress.choices)
    values = [ids]
    if log_probabilities:
        values.append(_log_probability(logits, ids))
    if watch is not None:
        values.append(tf.cast(watch(outputs, states), tf.float32))
    return Progress(progress.time + 1, ids, ended, states, choices), values


def _log_probability(logits, ids):
    # `tf.reduce_logsumexp` takes half as long again.
    shifted = logits - tf.reduce_max(logits, axis=-1, keepdims=True)
    sums = tf.reduce_sum(tf.exp(shifted), axis=-1)
    return tf.gather(shifted, ids, batch_dims=1) - tf.math.log(sums)


def _loop(advance, batch, max_steps, dtypes, drop_ended):
    """Repeat `advance`, hold what has ended, stack the records to `[batch, steps, ...]`."""
    # What does not change stays out of the loop.
    first = batch if drop_ended else _Rows((), batch.progress, (), ())
    whole = batch.progress if drop_ended else ()

    def full(rows):
        return rows if drop_ended else batch._replace(progress=rows.progress)

    def goes_on(steps, rows, *_):
        return (steps == 0) | ((steps < max_steps) & tf.reduce_any(full(rows).active()))

    def body(steps, rows, whole, records):
        if drop_ended:
            rows, whole = _without_ended(rows, whole)
        active = full(rows).active()
        new, values = advance(rows.progress, full(rows).memory)
        values = [_select(active, value, tf.zeros_like(value)) for value in values]
        if drop_ended:
            values = [spread(value, rows.places, tf.size(batch.places)) for value in values]
        records = tuple(r.write(steps, value) for r, value in zip(records, values, strict=True))
        hold = functools.partial(_hold, active)
        progress = tf.nest.map_structure(hold, rows.progress, new, check_types=False)
        return steps + 1, rows._replace(progress=progress), whole, records

    # Of a fixed size: XLA would write nothing into arrays that grow, and not say so.
    size = tf.maximum(max_steps, 1) if tf.is_tensor(max_steps) else max_steps
    records = tuple(tf.TensorArray(dtype, size) for dtype in dtypes)
    shapes = any_rows(first) if drop_ended else tf.nest.map_structure(lambda x: x.shape, first)
    shapes = tf.TensorShape([]), shapes, tf.nest.map_structure(lambda x: x.shape, whole)
    shapes += (tf.nest.map_structure(lambda _: None, records),)
    steps, rows, whole, records = tf.while_loop(goes_on, body, (0, first, whole, records), shapes)
    progress = put(whole, rows.places, rows.progress) if drop_ended else rows.progress
    return progress, [_batch_major(record.stack()[:steps]) for record in records]


def _without_ended(rows, whole):
    """Only the rows that go on, where these are few; what the others came to stands in `whole`."""
    active = rows.active()

    def move():
        left = tf.cast(tf.where(active)[:, 0], tf.int32)
        return taken(rows, left), put(whole, rows.places, rows.progress)

    return tf.cond(few(active), move, lambda: (rows, whole))


def _hold(active, old, new):
    # The static shape of a loop's variable may not change from step to step.
    return tf.ensure_shape(_select(active, new, old), old.shape)


def _select(active, new, old):
    # Whole rows are copied so, which takes half the time of a choice that is broadcast.
    return tf.compat.v1.where(active, new, old)


def _batch_major(stacked):
    return tf.transpose(stacked, [1, 0, *range(2, stacked.shape.rank)])

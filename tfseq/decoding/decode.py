"""The loop over an unknown sequence: step, choose, feed the choice, until all rows have ended.

`decode` runs in the graph as a whole, for any `step(inputs, states, memory) -> (logits, states)`
and any sampler. Text can be made in pieces: what `decode` gives back beside the ids goes into the
next call, and the pieces together are what one long call gives.
"""

import functools
import numbers
from typing import Any, NamedTuple

import tensorflow as tf


class Decoded(NamedTuple):
    """What one call has emitted.

    Attributes:
        ids: `[batch, steps]`, the chosen ids, 0 (PAD) after a row's end. `steps` is the number of
            steps run, up to the longest row.
        lengths: `[batch]`, how many ids the row has emitted, an end token counted.
        finished: `[batch]`, whether the sampler has ended the row; False where a limit has cut it.
        log_probabilities: `[batch, steps]`, of the chosen ids under the softmax of the model's own
            logits, before any temperature or filter; 0 after a row's end.
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


def decode(step, sampler, states, memory=(), *, max_steps, max_lengths=None, watch=None):
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

    Returns:
        `Decoded`, and the `Progress` to go on from; its `states` are the model's last states.

    Raises:
        ValueError: Where `max_steps` is a Python number below 1.
    """
    if isinstance(max_steps, numbers.Real) and max_steps < 1:
        raise ValueError(f"`max_steps` must be at least 1. Received: max_steps={max_steps!r}")
    before = states if isinstance(states, Progress) else _begin(sampler, states)
    before = tf.nest.map_structure(tf.convert_to_tensor, before)
    after, records = _loop(
        lambda progress: _advance(step, sampler, memory, watch, progress),
        before,
        functools.partial(_active, max_lengths=max_lengths),
        max_steps,
        (tf.int32, tf.float32) if watch is None else (tf.int32, tf.float32, tf.float32),
    )
    ids, log_probabilities, *watched = records
    lengths = after.time - before.time
    decoded = Decoded(ids, lengths, after.finished, log_probabilities, *(watched or [None]))
    return decoded, after


def _begin(sampler, states):
    inputs, ended, choices = sampler.start()
    return Progress(tf.zeros_like(inputs), inputs, ended, states, choices)


def _active(progress, max_lengths):
    if max_lengths is None:
        return ~progress.finished
    return ~progress.finished & (progress.time < max_lengths)


def _advance(step, sampler, memory, watch, progress):
    """One step of every row, ended or not: the new progress and the values to record."""
    outputs, states = step(progress.inputs, progress.states, memory)
    logits = tf.cast(outputs, tf.float32)
    ids, ended, choices = sampler.choose(logits, progress.time, progress.choices)
    values = (ids, _log_probability(logits, ids))
    if watch is not None:
        values += (tf.cast(watch(outputs, states), tf.float32),)
    return Progress(progress.time + 1, ids, ended, states, choices), values


def _log_probability(logits, ids):
    # `tf.reduce_logsumexp` takes half as long again.
    shifted = logits - tf.reduce_max(logits, axis=-1, keepdims=True)
    sums = tf.reduce_sum(tf.exp(shifted), axis=-1)
    return tf.gather(shifted, ids, batch_dims=1) - tf.math.log(sums)


def _loop(advance, progress, is_active, max_steps, dtypes):
    """Repeat `advance`, hold what has ended, stack the records to `[batch, steps, ...]`."""

    def goes_on(steps, progress, _):
        return (steps == 0) | ((steps < max_steps) & tf.reduce_any(is_active(progress)))

    def body(steps, progress, records):
        active = is_active(progress)
        new, values = advance(progress)
        emitted = [_select(active, value, tf.zeros_like(value)) for value in values]
        records = tuple(r.write(steps, value) for r, value in zip(records, emitted, strict=True))
        hold = functools.partial(_hold, active)
        return steps + 1, tf.nest.map_structure(hold, progress, new, check_types=False), records

    records = tuple(tf.TensorArray(dtype, size=0, dynamic_size=True) for dtype in dtypes)
    _, progress, records = tf.while_loop(goes_on, body, (0, progress, records))
    return progress, [_batch_major(record.stack()) for record in records]


def _hold(active, old, new):
    # The static shape of a loop's variable may not change from step to step.
    return tf.ensure_shape(_select(active, new, old), old.shape)


def _select(active, new, old):
    return tf.where(tf.reshape(active, [-1] + [1] * (new.shape.rank - 1)), new, old)


def _batch_major(stacked):
    return tf.transpose(stacked, [1, 0, *range(2, stacked.shape.rank)])

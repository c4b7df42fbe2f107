"""The conditional GRU over a whole known sequence at once, for any mechanism of attention."""

from typing import Any

import tensorflow as tf

from tfseq.cells.gru_sequence import (
    gru_kernels,
    gru_slopes,
    gru_step,
    gru_step_backward,
    gru_weight_gradients,
)
from tfseq.cells.scan import (
    entries,
    first_derivatives,
    first_state,
    leading_sizes,
    multiplier,
    project,
    scan,
)


def conditional_sequence(inputs, hidden, memory, attend, own, first, second, mask=None) -> Any:
    """`ConditionalCell` with two `GRUCell`s over a sequence.

        q = first(x, h)
        context = sum_i weights[i] values[i],    weights from the query q and the keys
        h' = second(context, q)

    Backward, with `dv` the gradient of `v`, and `dz`, `dy` of each cell as in `gru_sequence`:

        dq, dz2, dy2 = second backward (dh')
        dcontext += [dz2, dy2] [Wx2, Vx2]^T
        dq, dkeys += attend backward (dcontext, dweights)
        dh, dz1, dy1 = first backward (dq)

    The loop backward looks at the memory anew, as the mechanism does it, and differentiates that
    look. The gradients of both cells' weights come after the loop, as in `gru_sequence`, and so
    does `dvalues = sum weights^T dcontext`.

    Args:
        inputs: `x`, `[time, rows, depth]`.
        hidden: The first `h`, `[rows, units]`.
        memory: A `Memory`, with a row for each of the inputs', or for every `k` of them.
        attend: `attend(query, keys, values, own) -> (context, weights)`, which depends on nothing
            else that changes.
        own: List of the mechanism's weights.
        first: `W, b, V, d` of the first cell.
        second: Those of the second cell.
        mask: Boolean `[time, rows]`; where it is `False`, `h` stays. `None`: all steps are real.

    Returns:
        `(outputs, contexts, weights, hidden)`: `h'`, the context and the weights at each step,
        `[time, rows, ...]`, and the last `h'`.

    Reference: Sennrich et al., 2017, arXiv:1703.04357.
    """

    @tf.custom_gradient
    def run(inputs, hidden, keys, values, *weights):
        own = weights[8:]
        keys = tf.identity(keys)  # of some mechanisms the keys are the values: two gradients
        real = entries(mask, hidden.shape[-1])
        kept, (after,) = _forward(
            lambda query: attend(query, keys, values, own), inputs, hidden, values, real, weights
        )
        kept_first, kept_second, (contexts, attentions, outputs) = kept[:4], kept[4:8], kept[8:]

        def look_backward(query, by):
            """Gradients of the query, of the keys and of the mechanism's weights."""
            sources = [query, keys, *own]
            with tf.GradientTape() as tape:
                tape.watch(sources)
                looked = attend(query, keys, values, own)
            return tape.gradient(looked, sources, by)

        def gradient(*by):
            slopes = [*gru_slopes(*kept_first), *gru_slopes(*kept_second), kept_second[0]]
            sums = [tf.zeros_like(x) for x in (keys, *own)]
            (dz, dy, dz2, dy2, dcontexts), (dh, dkeys, *down) = _backward(
                look_backward, slopes, real, weights, by, sums
            )
            above, *_ = _kernels(weights)
            return first_derivatives(
                project(dz, above[0], transpose=True) + project(dy, above[1], transpose=True),
                dh,
                dkeys,
                _values_gradient(values, attentions, dcontexts),
                *gru_weight_gradients(inputs, kept_first[0], kept_first[1], dz, dy),
                *gru_weight_gradients(contexts, kept_second[0], kept_second[1], dz2, dy2),
                *down,
            )

        return (outputs, contexts, attentions, after), gradient

    hidden = first_state(inputs, hidden)
    # A variable of several devices would be taken for one that `run` reaches by itself.
    weights = [tf.convert_to_tensor(weight) for weight in (*first, *second, *own)]
    return run(inputs, hidden, memory.keys, memory.values, *weights)


def last_real(first, values, mask=None):
    """The value at the last real step of each row, or the first one where no step is real.

    Args:
        first: `[rows, width]`.
        values: `[time, rows, width]`.
        mask: Boolean `[time, rows]`, or `None` where all steps are real.

    Returns:
        `[rows, width]`.
    """
    values = tf.concat([first[None], values], axis=0)
    if mask is None:
        return values[-1]
    steps, rows = leading_sizes(mask)
    count = tf.where(mask, tf.range(1, steps + 1)[:, None], 0)
    last = tf.maximum(tf.reduce_max(count, axis=0), 0)  # the greatest of no steps is below 0
    return tf.gather_nd(values, tf.stack([last, tf.range(rows)], axis=1))


def _kernels(weights):
    """`(Wx1, Vx1)`, `[Wx2, Vx2]` as one matrix, and `[Wh1, Vh1, Wh2, Vh2]`."""
    above, recurrent = gru_kernels(weights[0], weights[2])
    above_second, recurrent_second = gru_kernels(weights[4], weights[6])
    return above, tf.concat(above_second, axis=1), [*recurrent, *recurrent_second]


def _forward(look, inputs, hidden, values, real, weights):
    """What each step keeps, `h, r, u, c` of both cells, context, weights, `h'`; the last `h'`."""
    above, of_context, recurrent = _kernels(weights)
    for_gates = project(inputs, above[0]) + weights[1]
    for_candidate = project(inputs, above[1]) + weights[3]
    shift = tf.concat([weights[5], weights[7]], axis=0)
    times_context = multiplier(of_context)
    products = [multiplier(kernel) for kernel in recurrent]
    units = hidden.shape[-1]

    def step(time, states):
        (hidden,) = states
        query, kept = gru_step(hidden, for_gates[time], for_candidate[time], products[:2])
        context, attention = look(query)
        arguments = tf.split(times_context(context) + shift, [2 * units, units], axis=-1)
        new, kept_second = gru_step(query, arguments[0], arguments[1], products[2:])
        if real is not None:
            new = tf.where(real[time], new, hidden)
        return [*kept, *kept_second, context, attention, new], [new]

    widths = [units] * 8 + [values.shape[-1], leading_sizes(values)[1], units]
    return scan(step, inputs, [hidden], widths)


def _backward(look_backward, slopes, real, weights, by, sums):
    """`dz`, `dy` of both cells and `dcontext` at each step; `dh` and the sums of all looks."""
    dhs, dcontexts, dweights, dh = by
    _, of_context, recurrent = _kernels(weights)
    times_context = multiplier(of_context, transpose=True)
    products = [multiplier(kernel, transpose=True) for kernel in recurrent]

    def step(time, states):
        dh, *sums = states
        dh, held = dh + dhs[time], 0
        if real is not None:
            held = tf.where(real[time], tf.zeros_like(dh), dh)
            dh = tf.where(real[time], dh, 0)
        now = [x[time] for x in slopes]
        dq, dz2, dy2 = gru_step_backward(dh, now[5:10], products[2:])
        dcontext = dcontexts[time] + times_context(tf.concat([dz2, dy2], axis=-1))
        through_look, *parts = look_backward(now[10], [dcontext, dweights[time]])
        dh, dz, dy = gru_step_backward(_plus(dq, through_look), now[:5], products[:2])
        sums = [_plus(total, part) for total, part in zip(sums, parts, strict=True)]
        return [dz, dy, dz2, dy2, dcontext], [dh + held, *sums]

    units = dh.shape[-1]
    widths = [2 * units, units, 2 * units, units, dcontexts.shape[-1]]
    return scan(step, dhs, [dh, *sums], widths, reverse=True)


def _plus(total, part):
    """The sum, with a part that is `None` where nothing depends on it."""
    return total if part is None else total + part


def _values_gradient(values, weights, dcontexts):
    """The sum over time of `weights^T dcontext`, also where `k` rows share a memory."""
    steps, rows = leading_sizes(dcontexts)
    batch, source = leading_sizes(values)
    beams = [steps, batch, rows // tf.maximum(batch, 1)]
    weights = tf.reshape(weights, [*beams, source])
    dcontexts = tf.reshape(dcontexts, [*beams, values.shape[-1]])
    return tf.einsum("tbks,tbkd->bsd", weights, dcontexts)

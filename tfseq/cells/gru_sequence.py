"""The GRU over a whole known sequence at once, with gradients derived by hand; see `scan`."""

import tensorflow as tf

from tfseq.cells.scan import (
    OPEN,
    bias_gradient,
    first_derivatives,
    first_state,
    kernel_gradient,
    multiplier,
    project,
    scan,
)


def gru_sequence(
    inputs, hidden, gates_kernel, gates_bias, candidate_kernel, candidate_bias, mask=None
):
    """`GRUCell` over a sequence.

        r, u = split(sigmoid([x, h] W + b))
        c = tanh([x, r * h] V + d)
        h' = u * h + (1 - u) * c

    Backward, with `dv` the gradient of `v`, `dy` that of the argument of `c`, and `dz` that of the
    arguments of the gates:

        dy = dh' * (1 - u) * (1 - c^2)
        e = dy Vh^T                                             the gradient of r * h
        dz = [e * h * r * (1 - r), dh' * (h - c) * u * (1 - u)]
        dh = dh' * u + e * r + dz Wh^T
        dx = dz Wx^T + dy Vx^T
        dW = sum [x, h]^T dz,        db = sum dz
        dV = sum [x, r * h]^T dy,    dd = sum dy

    At a step that is not real `u = 1`, so that `h` stays, and `dy` and `dz` are zero.

    Args:
        inputs: `x`, `[time, batch, depth]`.
        hidden: The first `h`, `[batch, units]`.
        gates_kernel: `W`, `[depth + units, 2 * units]`: `Wx` above `Wh`.
        gates_bias: `b`, `[2 * units]`.
        candidate_kernel: `V`, `[depth + units, units]`.
        candidate_bias: `d`, `[units]`.
        mask: Boolean `[time, batch]`; where it is `False`, `h` stays. `None`: all are real.

    Returns:
        `(outputs, hidden)`: `h` after each step, `[time, batch, units]`, and the last.

    Reference: Cho et al., 2014, arXiv:1406.1078.
    """
    units = candidate_kernel.shape[1]

    @tf.custom_gradient
    def run(inputs, hidden, gates_kernel, gates_bias, candidate_kernel, candidate_bias):
        above, recurrent = gru_kernels(gates_kernel, candidate_kernel)
        products = [multiplier(kernel) for kernel in recurrent]
        for_gates = project(inputs, above[0]) + gates_bias
        for_candidate = project(inputs, above[1]) + candidate_bias
        if mask is not None:
            held = tf.repeat(tf.constant([0, OPEN], gates_bias.dtype), units)
            for_gates = tf.where(mask[:, :, None], for_gates, held)
            for_candidate = tf.where(mask[:, :, None], for_candidate, 0)

        def step(time, states):
            new, kept = gru_step(states[0], for_gates[time], for_candidate[time], products)
            return [*kept, new], [new]

        (*kept, outputs), states = scan(step, inputs, [hidden], [units] * 5)

        def gradient(outputs_gradient, *states_gradients):
            slopes = gru_slopes(*kept)
            products = [multiplier(kernel, transpose=True) for kernel in recurrent]

            def step(time, states):
                dh = states[0] + outputs_gradient[time]
                dh, *arguments = gru_step_backward(dh, [x[time] for x in slopes], products)
                return arguments, [dh]

            (dz, dy), states = scan(
                step, inputs, states_gradients, [2 * units, units], reverse=True
            )
            dx = project(dz, above[0], transpose=True) + project(dy, above[1], transpose=True)
            weights = gru_weight_gradients(inputs, kept[0], kept[1], dz, dy)
            return first_derivatives(dx, *states, *weights)

        return (outputs, *states), gradient

    weights = gates_kernel, gates_bias, candidate_kernel, candidate_bias
    return run(inputs, first_state(inputs, hidden), *weights)


def gru_kernels(gates_kernel, candidate_kernel):
    """`(Wx, Vx), (Wh, Vh)`."""
    units = candidate_kernel.shape[1]
    kernels = gates_kernel, candidate_kernel
    return [kernel[:-units] for kernel in kernels], [kernel[-units:] for kernel in kernels]


def gru_step(hidden, for_gates, for_candidate, products):
    """One step of `gru_sequence` from `x Wx + b` and `x Vx + d`: `h'` and `[h, r, u, c]`."""
    gates = tf.sigmoid(for_gates + products[0](hidden))
    r, u = tf.split(gates, 2, axis=-1)
    c = tf.tanh(for_candidate + products[1](r * hidden))
    return u * hidden + (1 - u) * c, [hidden, r, u, c]


def gru_slopes(hidden, r, u, c):
    """What `gru_step_backward` multiplies with, for all steps."""
    return [(1 - u) * (1 - c * c), hidden * r * (1 - r), (hidden - c) * u * (1 - u), r, u]


def gru_step_backward(dh, slopes, products):
    """One step of `gru_sequence` backward: `dh`, `dz`, `dy` from `dh'`."""
    for_candidate, for_reset, for_update, r, u = slopes
    dy = dh * for_candidate
    e = products[1](dy)
    dz = tf.concat([e * for_reset, dh * for_update], axis=-1)
    return dh * u + e * r + products[0](dz), dz, dy


def gru_weight_gradients(inputs, hidden, r, dz, dy):
    """`dW`, `db`, `dV`, `dd` from all steps."""
    return (
        kernel_gradient(tf.concat([inputs, hidden], axis=-1), dz),
        bias_gradient(dz),
        kernel_gradient(tf.concat([inputs, r * hidden], axis=-1), dy),
        bias_gradient(dy),
    )

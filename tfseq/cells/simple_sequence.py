"""The simple cell over a whole known sequence, with gradients derived by hand; see `scan`."""

import tensorflow as tf

from tfseq.cells.scan import (
    bias_gradient,
    entries,
    first_derivatives,
    first_state,
    kernel_gradient,
    multiplier,
    project,
    scan,
)


def simple_sequence(inputs, hidden, kernel, bias, mask=None):
    """`BasicRNNCell` over a sequence.

        h' = tanh([x, h] W + b)

    Backward, with `dv` the gradient of `v`, and `dz` that of the argument of `tanh`:

        dz = dh' * (1 - h'^2)
        dh = dz Wh^T
        dx = dz Wx^T,    dW = sum [x, h]^T dz,    db = sum dz

    Args:
        inputs: `x`, `[time, batch, depth]`.
        hidden: The first `h`, `[batch, units]`.
        kernel: `W`, `[depth + units, units]`: `Wx` above `Wh`.
        bias: `b`, `[units]`.
        mask: Boolean `[time, batch]`; where it is `False`, `h` stays. `None`: all are real.

    Returns:
        `(outputs, hidden)`: `h` after each step, `[time, batch, units]`, and the last.

    Reference: Werbos, 1990, "Backpropagation through time: what it does and how to do it".
    """
    units = kernel.shape[1]
    real = entries(mask, units)

    @tf.custom_gradient
    def run(inputs, hidden, kernel, bias):
        above, recurrent = kernel[:-units], kernel[-units:]
        arguments = project(inputs, above) + bias
        times_recurrent = multiplier(recurrent)

        def step(time, states):
            (hidden,) = states
            new = tf.tanh(arguments[time] + times_recurrent(hidden))
            if real is not None:
                new = tf.where(real[time], new, hidden)
            return [hidden, new], [new]

        (before, outputs), states = scan(step, inputs, [hidden], [units] * 2)

        def gradient(outputs_gradient, state_gradient):
            slopes = 1 - outputs * outputs
            if real is not None:
                slopes = tf.where(real, slopes, 0)
            times_transposed = multiplier(recurrent, transpose=True)

            def step(time, states):
                hidden = states[0] + outputs_gradient[time]
                dz = hidden * slopes[time]
                before = times_transposed(dz)
                if real is not None:
                    before = tf.where(real[time], before, hidden)
                return [dz], [before]

            (dz,), states = scan(step, slopes, [state_gradient], [units], reverse=True)
            return first_derivatives(
                project(dz, above, transpose=True),
                *states,
                kernel_gradient(tf.concat([inputs, before], axis=-1), dz),
                bias_gradient(dz),
            )

        return (outputs, *states), gradient

    return run(inputs, first_state(inputs, hidden), kernel, bias)

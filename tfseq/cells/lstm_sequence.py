"""The LSTM over a whole known sequence at once, with gradients derived by hand; see `scan`."""

import tensorflow as tf

from tfseq.cells.scan import (
    CLOSED,
    OPEN,
    bias_gradient,
    entries,
    first_derivatives,
    first_state,
    kernel_gradient,
    multiplier,
    project,
    scan,
)
from tfseq.products import matmul


def lstm_sequence(
    inputs, hidden, cell, kernel, bias, peepholes=(), projection=None, *, forget_bias=1.0, mask=None
):
    """`BasicLSTMCell` over a sequence, and `LSTMCell` with peepholes or a projection.

        i, j, f, o = split([x, h] W + b)
        i, f = sigmoid(i + w_i * c), sigmoid(f + w_f * c + forget_bias)
        c' = f * c + i * tanh(j)
        o = sigmoid(o + w_o * c')
        m = o * tanh(c')
        h' = m P

    Without peepholes `w` is 0, without a projection `h'` is `m`. Backward, with `dv` the gradient
    of `v`, and `dz` that of the arguments of the gates:

        dm = dh' P^T
        do = dm * tanh(c') * o * (1 - o)
        dc' += dm * o * (1 - tanh(c')^2) + do * w_o
        dz = [dc' * j * i * (1 - i), dc' * i * (1 - j^2), dc' * c * f * (1 - f), do]
        dh = dz Wh^T,    dc = dc' * f + di * w_i + df * w_f
        dx = dz Wx^T,    dW = sum [x, h]^T dz,    db = sum dz,    dP = sum m^T dh'
        dw_i = sum di * c,    dw_f = sum df * c,    dw_o = sum do * c'

    At a step that is not real `i = o = 0` and `f = 1`, so that `c` stays and `dz` is zero.

    Args:
        inputs: `x`, `[time, batch, depth]`.
        hidden: The first `h`, `[batch, width]`.
        cell: The first `c`, `[batch, units]`.
        kernel: `W`, `[depth + width, 4 * units]`: `Wx` above `Wh`.
        bias: `b`, `[4 * units]`.
        peepholes: `(w_i, w_f, w_o)`, each `[units]`, or none of them.
        projection: `P`, `[units, width]`; `None`: there is none.
        forget_bias: A number.
        mask: Boolean `[time, batch]`; where it is `False`, `h` and `c` stay. `None`: all are real.

    Returns:
        `(outputs, hidden, cell)`: `h` after each step, `[time, batch, width]`, and the last of
        both.

    References: Graves and Schmidhuber, 2005, "Framewise phoneme classification with bidirectional
    LSTM and other neural network architectures" (the whole gradient); Sak et al., 2014,
    arXiv:1402.1128 (projection).
    """
    projections = [] if projection is None else [projection]

    @tf.custom_gradient
    def run(inputs, hidden, cell, kernel, bias, *more):
        peepholes, projections = more[:3] if len(more) > 1 else (), more[3 * (len(more) > 1) :]
        parts = Parts(kernel, peepholes, *projections)
        real = entries(mask, hidden.shape[-1])
        arguments = parts.arguments(inputs, bias, forget_bias, mask)
        times_recurrent = multiplier(parts.recurrent)

        def step(time, states):
            hidden, cell = states
            kept, new = parts.step(arguments[time] + times_recurrent(hidden), cell)
            if real is not None:
                new[0] = tf.where(real[time], new[0], hidden)
            return [*kept, cell, hidden, *new], new

        widths = [cell.shape[-1]] * 6 + [hidden.shape[-1]] * 2 + [cell.shape[-1]]
        (*kept, before, outputs, after), states = scan(step, inputs, [hidden, cell], widths)

        def gradient(outputs_gradient, *states_gradients):
            dz, dh, states = parts.backward(kept, real, outputs_gradient, states_gradients)
            return first_derivatives(
                project(dz, parts.above, transpose=True),
                *states,
                kernel_gradient(tf.concat([inputs, before], axis=-1), dz),
                bias_gradient(dz),
                *parts.further_gradients(kept, after, dz, dh),
            )

        return (outputs, *states), gradient

    states = first_state(inputs, hidden), first_state(inputs, cell)
    return run(inputs, *states, kernel, bias, *peepholes, *projections)


class Parts:
    """The weights of `lstm_sequence` but the bias, and what a step does with them."""

    def __init__(self, kernel, peepholes=(), projection=None):
        units = kernel.shape[1] // 4
        width = units if projection is None else projection.shape[1]
        self.above, self.recurrent = kernel[:-width], kernel[-width:]
        self.peepholes = peepholes
        self.projection = projection
        self.units = units

    def arguments(self, inputs, bias, forget_bias, mask):
        """What comes into the gates of all steps from the inputs."""
        shift = tf.repeat(tf.constant([0, 0, forget_bias, 0], bias.dtype), self.units)
        arguments = project(inputs, self.above) + (bias + shift)
        if mask is None:
            return arguments
        held = tf.repeat(tf.constant([CLOSED, 0, OPEN, CLOSED], bias.dtype), self.units)
        return tf.where(mask[:, :, None], arguments, held)

    def step(self, arguments, cell):
        """`[i, j, f, o, tanh(c')]` and `[h', c']`."""
        i, j, f, o = tf.split(arguments, 4, axis=-1)
        if self.peepholes:
            i, f = i + self.peepholes[0] * cell, f + self.peepholes[1] * cell
        i, j, f = tf.sigmoid(i), tf.tanh(j), tf.sigmoid(f)
        new_cell = f * cell + i * j
        if self.peepholes:
            o += self.peepholes[2] * new_cell
        o, squashed = tf.sigmoid(o), tf.tanh(new_cell)
        hidden = o * squashed
        if self.projection is not None:
            hidden = matmul(hidden, self.projection)
        return [i, j, f, o, squashed], [hidden, new_cell]

    def backward(self, kept, real, outputs_gradient, states_gradients):
        """`dz` and `dh'` at each step, and the gradients of the first states."""
        i, j, f, o, squashed, cell = kept
        through_cell = o * (1 - squashed * squashed)
        slopes = [j * i * (1 - i), i * (1 - j * j), cell * f * (1 - f)]
        slopes, slope = tf.concat(slopes, axis=-1), squashed * o * (1 - o)
        times_transposed = multiplier(self.recurrent, transpose=True)

        def step(time, states):
            hidden, cell = states
            hidden = hidden + outputs_gradient[time]
            made = self.projected_back(hidden)
            of_output = made * slope[time]
            cell = cell + made * through_cell[time]
            if self.peepholes:
                cell += of_output * self.peepholes[2]
            inner = tf.concat([cell, cell, cell], axis=-1) * slopes[time]
            dz = tf.concat([inner, of_output], axis=-1)
            before = times_transposed(dz)
            if real is not None:
                before = tf.where(real[time], before, hidden)
            cell *= f[time]
            if self.peepholes:
                of_input, _, of_forget = tf.split(inner, 3, axis=-1)
                cell += of_input * self.peepholes[0] + of_forget * self.peepholes[1]
            return [dz, hidden], [before, cell]

        widths = [4 * self.units, outputs_gradient.shape[-1]]
        (dz, dh), states = scan(step, slopes, states_gradients, widths, reverse=True)
        return dz, dh, states

    def projected_back(self, hidden):
        """`dm` from `dh'`."""
        if self.projection is None:
            return hidden
        return matmul(hidden, self.projection, transpose_b=True)

    def further_gradients(self, kept, after, dz, dh):
        """Those of peepholes and projection, from all steps."""
        _, _, _, o, squashed, cell = kept
        gradients = []
        if self.peepholes:
            of_input, _, of_forget, of_output = tf.split(dz, 4, axis=-1)
            products = of_input * cell, of_forget * cell, of_output * after
            gradients += [bias_gradient(product) for product in products]
        if self.projection is not None:
            gradients.append(kernel_gradient(o * squashed, dh))
        return gradients

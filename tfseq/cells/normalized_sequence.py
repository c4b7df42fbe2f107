"""The layer-normalised LSTM over a whole known sequence, with gradients derived by hand."""

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


def normalized_sequence(
    inputs, hidden, cell, kernel, gammas, betas, *, forget_bias, epsilon, mask=None
):
    """`LayerNormBasicLSTMCell` over a sequence.

        z = [x, h] W
        i, j, f, o = split(gamma * normal(z) + beta)                 each gate by itself
        p = sigmoid(f + forget_bias) * c + sigmoid(i) * tanh(j)
        c' = gamma_c * normal(p) + beta_c
        h' = sigmoid(o) * tanh(c')

    Backward, with `dv` the gradient of `v`, `da` that of the arguments of the gates, and of
    `n = normal(v) = (v - mean) r`, `r = 1 / sqrt(variance + epsilon)`:

        dv = r (dn - mean(dn) - n mean(dn n))
        dc' += dh' * o * (1 - tanh(c')^2)
        da = [dp * j * i * (1 - i), dp * i * (1 - j^2), dp * c * f * (1 - f),
              dh' * tanh(c') * o * (1 - o)]
        dh = dz Wh^T,    dc = dp * f
        dx = dz Wx^T,    dW = sum [x, h]^T dz,    dgamma = sum da normal(z),    dbeta = sum da

    Args:
        inputs: `x`, `[time, batch, depth]`.
        hidden: The first `h`, `[batch, units]`.
        cell: The first `c`, `[batch, units]`.
        kernel: `W`, `[depth + units, 4 * units]`: `Wx` above `Wh`.
        gammas: Five `[units]`: of i, j, f, o and c.
        betas: Likewise.
        forget_bias: A number.
        epsilon: Added to each variance.
        mask: Boolean `[time, batch]`; where it is `False`, `h` and `c` stay. `None`: all are real.

    Returns:
        `(outputs, hidden, cell)`: `h` after each step, `[time, batch, units]`, and the last of
        both.

    Reference: Ba et al., 2016, arXiv:1607.06450.
    """
    units = kernel.shape[1] // 4
    real = entries(mask, units)

    @tf.custom_gradient
    def run(inputs, hidden, cell, kernel, *norms):
        above, recurrent = kernel[:-units], kernel[-units:]
        norm = Norm(tf.stack(norms[:4]), tf.stack(norms[5:9]), epsilon)
        norm_state = Norm(norms[4][None], norms[9][None], epsilon)
        arguments = project(inputs, above)
        times_recurrent = multiplier(recurrent)

        def step(time, states):
            hidden, cell = states
            gates, normal, scale = norm(arguments[time] + times_recurrent(hidden))
            i, j, f, o = tf.split(gates, 4, axis=-1)
            i, j, f, o = tf.sigmoid(i), tf.tanh(j), tf.sigmoid(f + forget_bias), tf.sigmoid(o)
            new_cell, normal_cell, scale_cell = norm_state(f * cell + i * j)
            squashed = tf.tanh(new_cell)
            new = [o * squashed, new_cell]
            if real is not None:
                new = [tf.where(real[time], a, b) for a, b in zip(new, states, strict=True)]
            kept = [i, j, f, o, squashed, cell, normal, scale, normal_cell, scale_cell]
            return [*kept, hidden, new[0]], new

        widths = [*[units] * 6, 4 * units, 4, units, 1, units, units]
        (*kept, before, outputs), states = scan(step, inputs, [hidden, cell], widths)

        def gradient(outputs_gradient, *states_gradients):
            (da, dz, dc), states = _backward(
                kept, real, norm, norm_state, recurrent, outputs_gradient, states_gradients
            )
            of_gates = [bias_gradient(da * kept[6]), bias_gradient(da)]
            of_state = [bias_gradient(dc * kept[8]), bias_gradient(dc)]
            of_norms = zip(of_gates, of_state, strict=True)
            return first_derivatives(
                project(dz, above, transpose=True),
                *states,
                kernel_gradient(tf.concat([inputs, before], axis=-1), dz),
                *(part for gates, state in of_norms for part in (*tf.split(gates, 4), state)),
            )

        return (outputs, *states), gradient

    states = first_state(inputs, hidden), first_state(inputs, cell)
    return run(inputs, *states, kernel, *gammas, *betas)


def _backward(kept, real, norm, norm_state, recurrent, outputs_gradient, states_gradients):
    """`da`, `dz` and `dc'` at each step, and the gradients of the first states."""
    i, j, f, o, squashed, cell, normal, scale, normal_cell, scale_cell = kept
    through_cell = o * (1 - squashed * squashed)
    slopes = [j * i * (1 - i), i * (1 - j * j), cell * f * (1 - f), squashed * o * (1 - o)]
    slopes = tf.concat(slopes, axis=-1)
    times_transposed = multiplier(recurrent, transpose=True)
    units = cell.shape[-1]

    def step(time, states):
        hidden = states[0] + outputs_gradient[time]
        dc = states[1] + hidden * through_cell[time]
        dp = norm_state.backward(dc, normal_cell[time], scale_cell[time])
        da = tf.concat([dp, dp, dp, hidden], axis=-1) * slopes[time]
        dz = norm.backward(da, normal[time], scale[time])
        new = [times_transposed(dz), dp * f[time]]
        written = [da, dz, dc]
        if real is not None:
            new = [
                tf.where(real[time], a, b) for a, b in zip(new, (hidden, states[1]), strict=True)
            ]
            row = real[time][:, :1]
            written = [tf.where(row, x, 0) for x in written]
        return written, new

    widths = [4 * units, 4 * units, units]
    return scan(step, slopes, states_gradients, widths, reverse=True)


class Norm:
    """Layer normalisation of groups that stand side by side.

    Args:
        gamma: `[groups, width]`.
        beta: Likewise.
        epsilon: Added to each variance.
    """

    def __init__(self, gamma, beta, epsilon):
        self.gamma, self.beta, self.epsilon = gamma, beta, epsilon
        self.groups, self.width = gamma.shape

    def __call__(self, values):
        """From `[batch, groups * width]`: the same normalised, scaled and shifted.

        Returns:
            That, what it was before scale and shift, and `[batch, groups]`, what it was divided by.
        """
        values = self.grouped(values)
        mean, variance = tf.nn.moments(values, axes=[-1], keepdims=True)
        scale = tf.math.rsqrt(variance + self.epsilon)
        normal = (values - mean) * scale
        return self.flat(self.gamma * normal + self.beta), self.flat(normal), tf.squeeze(scale, -1)

    def backward(self, gradient, normal, scale):
        """The gradient of the values from that of the result."""
        gradient, normal = self.grouped(gradient) * self.gamma, self.grouped(normal)
        mean = tf.reduce_mean(gradient, axis=-1, keepdims=True)
        along = tf.reduce_mean(gradient * normal, axis=-1, keepdims=True)
        return self.flat(tf.expand_dims(scale, -1) * (gradient - mean - normal * along))

    def grouped(self, values):
        """`[batch, groups, width]`."""
        return tf.reshape(values, [-1, self.groups, self.width])

    def flat(self, values):
        """`[batch, groups * width]`."""
        return tf.reshape(values, [-1, self.groups * self.width])

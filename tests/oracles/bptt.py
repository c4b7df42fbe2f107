"""Back-propagation through time in NumPy, by the equations of `docs/bptt.md`.

A kind of cell is two functions: a step forward, which also says what the way back needs, and a step
back. A network is layers of cells, run forward over time and layers and back over both.
"""

import numpy as np

from tests.oracles.equations import sigmoid


def plain_forward(w, x, states):
    """`h' = tanh([x, h] W + b)`."""
    read = np.hstack([x, *states])
    hidden = np.tanh(read @ w["kernel"] + w["bias"])
    return [hidden], (read, hidden)


def plain_backward(w, trace, errors):
    """The error term, that of the step's inputs, those of its old states, gradients of weights."""
    (error,), (read, hidden) = errors, trace
    delta = error * (1 - hidden**2)
    back = delta @ w["kernel"].T
    depth = read.shape[1] - hidden.shape[1]
    return delta, back[:, :depth], [back[:, depth:]], weight_gradients(read, delta)


def lstm_forward(w, x, states, forget_bias=1.0):
    """`c' = f c + i j` and `h' = o tanh(c')`, with all four from `[x, h] W + b`."""
    hidden, carry = states
    read = np.hstack([x, hidden])
    i, j, f, o = np.split(read @ w["kernel"] + w["bias"], 4, axis=1)
    i, j, f, o = sigmoid(i), np.tanh(j), sigmoid(f + forget_bias), sigmoid(o)
    new = f * carry + i * j
    return [o * np.tanh(new), new], (read, carry, new, i, j, f, o)


def lstm_backward(w, trace, errors):
    """The same for an LSTM; its error term has that of each gate, in the order i, j, f, o."""
    of_hidden, of_carry = errors
    read, carry, new, i, j, f, o = trace
    shown = np.tanh(new)
    of_carry = of_carry + of_hidden * o * (1 - shown**2)
    delta = np.hstack(
        [
            of_carry * j * i * (1 - i),
            of_carry * i * (1 - j**2),
            of_carry * carry * f * (1 - f),
            of_hidden * shown * o * (1 - o),
        ]
    )
    back = delta @ w["kernel"].T
    depth = read.shape[1] - carry.shape[1]
    states = [back[:, depth:], of_carry * f]
    return delta, back[:, :depth], states, weight_gradients(read, delta)


def weight_gradients(read, delta):
    """What one step adds to the gradients of kernel and bias."""
    return {"kernel": read.T @ delta, "bias": delta.sum(axis=0)}


KINDS = {
    "basic_rnn": (plain_forward, plain_backward),
    "basic_lstm": (lstm_forward, lstm_backward),
}


def forward(kind, weights, inputs, states, real):
    """Read all steps with all layers.

    Args:
        kind: A key of `KINDS`.
        weights: `{"kernel", "bias"}` of each layer, the lowest first.
        inputs: `[batch, time, depth]`.
        states: Those of each layer before the first step.
        real: `[batch, time]`, 1 for a real step; elsewhere states stay and the output is zero.

    Returns:
        `(outputs [batch, time, units], last states, traces)`, a trace for each step and layer.
    """
    step, outputs, traces = KINDS[kind][0], [], []
    for t in range(inputs.shape[1]):
        x, now, kept = inputs[:, t], real[:, t, None], []
        for w, old in zip(weights, states, strict=True):
            new, trace = step(w, x, old)
            traces.append(trace)
            kept.append([now * a + (1 - now) * b for a, b in zip(new, old, strict=True)])
            x = new[0]
        states = kept
        outputs.append(now * x)
    return np.stack(outputs, axis=1), states, traces


def backward(kind, weights, traces, of_outputs, of_states, real):
    """Go back over all steps, and in each from the highest layer to the lowest.

    Args:
        kind: As in `forward`, like `weights` and `real`.
        weights: As there.
        traces: What `forward` returned.
        of_outputs: The loss by each output, `[batch, time, units]`.
        of_states: The loss by the last states.
        real: As there.

    Returns:
        A dictionary: `weights`, the gradients of each layer; `inputs`, the loss by each input;
        `states`, the loss by the states of each layer before each step and behind the last, a
        list over time; `deltas`, the error terms `[time][layer]`.
    """
    step, traces = KINDS[kind][1], list(traces)
    sums = [{name: np.zeros_like(value) for name, value in w.items()} for w in weights]
    of_inputs, over_time, deltas = [], [of_states], []
    for t in reversed(range(real.shape[1])):
        now, error = real[:, t, None], real[:, t, None] * of_outputs[:, t]
        earlier, terms = [], []
        for layer in reversed(range(len(weights))):
            of_new = [now * e for e in over_time[0][layer]]
            of_new[0] = of_new[0] + error  # from the future, and from above
            delta, error, of_old, gradients = step(weights[layer], traces.pop(), of_new)
            kept = [(1 - now) * e for e in over_time[0][layer]]
            earlier.insert(0, [a + b for a, b in zip(of_old, kept, strict=True)])
            terms.insert(0, delta)
            for name, gradient in gradients.items():
                sums[layer][name] += gradient
        over_time.insert(0, earlier)
        of_inputs.insert(0, error)
        deltas.insert(0, terms)
    found = {"weights": sums, "states": over_time, "deltas": deltas}
    return {**found, "inputs": np.stack(of_inputs, axis=1)}

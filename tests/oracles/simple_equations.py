"""The published equations of the cells that are neither an LSTM nor a GRU; see `equations`."""

import numpy as np


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def norm(v, w, name, epsilon=1e-12):
    centred = v - v.mean(axis=1, keepdims=True)
    deviation = np.sqrt((centred**2).mean(axis=1, keepdims=True) + epsilon)
    return w[f"{name}_gamma"] * centred / deviation + w[f"{name}_beta"]


def basic_rnn(w, x, states, units):
    (h,) = states
    h = np.tanh(np.hstack([x, h]) @ w["kernel"] + w["bias"])
    return h, [h]


def layer_norm_basic_rnn(w, x, states, units, epsilon=1e-5):
    (h,) = states
    h = np.tanh(norm(np.hstack([x, h]) @ w["kernel"], w, "inner", epsilon))
    return h, [h]


def esn(w, x, states, units, connectivity=0.1, leak=1.0):
    (h,) = states
    new = np.tanh(x @ w["kernel"] + h @ w["recurrent_kernel"] + w["bias"])
    h = h + leak * (new - h)
    return h, [h]


def additive_rnn(w, x, states, units):
    (h,) = states
    h = h + np.tanh(np.hstack([x, h]) @ w["kernel"] + w["bias"])
    return h, [h]


def two_gate_rnn(w, x, states, units, forget_bias=1.0):
    (h,) = states
    i, u, f = np.split(np.hstack([x, h]) @ w["kernel"] + w["bias"], 3, axis=1)
    h = sigmoid(f + forget_bias) * h + sigmoid(i) * np.tanh(u)
    return h, [h]


def ugrnn(w, x, states, units, forget_bias=1.0):
    (h,) = states
    gate, candidate = np.split(np.hstack([x, h]) @ w["kernel"] + w["bias"], 2, axis=1)
    gate = sigmoid(gate + forget_bias)
    h = gate * h + (1 - gate) * np.tanh(candidate)
    return h, [h]


def intersection_rnn(w, x, states, units, forget_bias=1.0):
    (h,) = states
    if x.shape[1] != units:
        x = x @ w["in_projection_kernel"] + w["in_projection_bias"]
    inner = np.hstack([x, h]) @ w["kernel"] + w["bias"]
    through_time, h_new, through_depth, y_new = np.split(inner, 4, axis=1)
    through_time, through_depth = (
        sigmoid(through_time + forget_bias),
        sigmoid(through_depth + forget_bias),
    )
    h = through_time * h + (1 - through_time) * np.tanh(h_new)
    return through_depth * x + (1 - through_depth) * np.maximum(y_new, 0), [h]


def minimal_rnn(w, x, states, units):
    (h,) = states
    depth = x.shape[1]
    z = np.tanh(x @ w["kernel"][:depth])
    u = sigmoid(np.hstack([z, h]) @ w["kernel"][depth:] + w["bias"])
    h = u * h + (1 - u) * z
    return h, [h]


def cfn(w, x, states, units):
    (h,) = states
    gates = x @ w["kernel"][:, : 2 * units] + h @ w["recurrent_kernel"] + w["bias"]
    theta, eta = np.split(sigmoid(gates), 2, axis=1)
    h = theta * np.tanh(h) + (1 - eta) * np.tanh(x @ w["kernel"][:, 2 * units :])
    return h, [h]


def nas(w, x, states, units, projection_units=None, use_bias=False):
    h, c = states
    inner = h @ w["recurrent_kernel"] + (w["bias"] if use_bias else 0.0)
    x, m = np.split(x @ w["kernel"], 8, axis=1), np.split(inner, 8, axis=1)
    left = np.tanh(sigmoid(x[0] + m[0]) * np.maximum(x[1] + m[1], 0))
    right = np.tanh(sigmoid(x[2] + m[2]) + np.maximum(x[3] * m[3], 0))
    third = np.tanh(np.tanh(x[4] + m[4]) * sigmoid(x[5] + m[5]))
    fourth = sigmoid(np.tanh(x[6] + m[6]) + sigmoid(x[7] + m[7]))
    c = np.tanh(left + c) * right
    h = np.tanh(c * np.tanh(third + fourth))
    if projection_units:
        h = h @ w["projection_weights"]
    return h, [h, c]


def sru(w, x, states, units):
    (c,) = states
    z, f, r, skip = np.split(x @ w["kernel"], 4, axis=1)
    f, r = sigmoid(f + w["bias"][:units]), sigmoid(r + w["bias"][units:])
    c = f * c + (1 - f) * z
    return r * np.tanh(c) + (1 - r) * skip, [c]


def qrnn(w, x, states, units, window=2):
    """One step, the sums over earlier inputs being in the state; see the test of a whole row."""
    c, *sums = states
    size = 3 * units
    parts = np.split(x @ w["kernel"], window, axis=1)
    before = np.split(sums[0], window - 1, axis=1) if sums else []
    before.append(np.zeros_like(parts[0]))
    z, f, o = np.split(parts[0] + before[0] + w["bias"], 3, axis=1)
    c = sigmoid(f) * c + (1 - sigmoid(f)) * np.tanh(z)
    later = [part + add for part, add in zip(parts[1:], before[1:], strict=True)]
    assert all(part.shape[1] == size for part in parts)
    return sigmoid(o) * c, [c, np.hstack(later)] if later else [c]


def ind_rnn(w, x, states, units):
    (h,) = states
    h = np.tanh(x @ w["kernel_w"] + w["kernel_u"] * h + w["bias"])
    return h, [h]


def clockwork_rnn(w, x, states, units, periods=(1, 2, 4, 8)):
    """Module by module: from itself and from the slower ones, which stand after it."""
    h, t = states
    width, depth = units // len(periods), x.shape[1]
    new = h.copy()
    for m, period in enumerate(periods):
        columns = slice(m * width, (m + 1) * width)
        rows = slice(depth + m * width, None)
        inner = x @ w["kernel"][:depth, columns] + h[:, m * width :] @ w["kernel"][rows, columns]
        moved = np.tanh(inner + w["bias"][columns])
        new[:, columns] = np.where(t % period == 0, moved, h[:, columns])
    return new, [new, (t + 1) % np.lcm.reduce(periods)]


SIMPLE = {
    "basic_rnn": basic_rnn,
    "additive_rnn": additive_rnn,
    "two_gate_rnn": two_gate_rnn,
    "layer_norm_basic_rnn": layer_norm_basic_rnn,
    "ugrnn": ugrnn,
    "intersection_rnn": intersection_rnn,
    "minimal_rnn": minimal_rnn,
    "cfn": cfn,
    "nas": nas,
    "sru": sru,
    "qrnn": qrnn,
    "ind_rnn": ind_rnn,
    "clockwork_rnn": clockwork_rnn,
    "esn": esn,
}

"""The published equations of each cell in NumPy: `(weights, x, states, options) -> (h, states)`.

Weights are the cell's variables by name. An equation is written from the paper and from
TensorFlow 1's numerical contract, never from the code it checks.
"""

import numpy as np


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def basic_rnn(w, x, states, units):
    (h,) = states
    h = np.tanh(np.hstack([x, h]) @ w["kernel"] + w["bias"])
    return h, [h]


def gru(w, x, states, units):
    (h,) = states
    gates = sigmoid(np.hstack([x, h]) @ w["gates_kernel"] + w["gates_bias"])
    reset, update = gates[:, :units], gates[:, units:]
    candidate = np.hstack([x, reset * h]) @ w["candidate_kernel"] + w["candidate_bias"]
    h = update * h + (1 - update) * np.tanh(candidate)
    return h, [h]


def basic_lstm(w, x, states, units, forget_bias=1.0):
    h, c = states
    i, j, f, o = np.split(np.hstack([x, h]) @ w["kernel"] + w["bias"], 4, axis=1)
    c = sigmoid(f + forget_bias) * c + sigmoid(i) * np.tanh(j)
    h = sigmoid(o) * np.tanh(c)
    return h, [h, c]


def lstm(
    w,
    x,
    states,
    units,
    forget_bias=1.0,
    use_peepholes=False,
    cell_clip=np.inf,
    projection_units=None,
    projection_clip=np.inf,
):
    h, c = states
    i, j, f, o = np.split(np.hstack([x, h]) @ w["kernel"] + w["bias"], 4, axis=1)
    see_i, see_f, see_o = (w[f"w_{g}_diag"] if use_peepholes else 0.0 for g in "ifo")
    c = sigmoid(f + forget_bias + see_f * c) * c + sigmoid(i + see_i * c) * np.tanh(j)
    c = np.minimum(np.maximum(c, -cell_clip), cell_clip)
    h = sigmoid(o + see_o * c) * np.tanh(c)
    if projection_units:
        h = np.minimum(np.maximum(h @ w["projection_kernel"], -projection_clip), projection_clip)
    return h, [h, c]


def layer_norm_basic_lstm(w, x, states, units, forget_bias=1.0, layer_norm=True):
    if not layer_norm:
        return basic_lstm(w, x, states, units, forget_bias)

    def norm(v, name):
        centred = v - v.mean(axis=1, keepdims=True)
        deviation = np.sqrt((centred**2).mean(axis=1, keepdims=True) + 1e-12)
        return w[f"{name}_gamma"] * centred / deviation + w[f"{name}_beta"]

    h, c = states
    i, j, f, o = np.split(np.hstack([x, h]) @ w["kernel"], 4, axis=1)
    i, j, f, o = norm(i, "input"), norm(j, "transform"), norm(f, "forget"), norm(o, "output")
    c = norm(sigmoid(f + forget_bias) * c + sigmoid(i) * np.tanh(j), "state")
    h = sigmoid(o) * np.tanh(c)
    return h, [h, c]


EQUATIONS = {
    "basic_rnn": basic_rnn,
    "basic_lstm": basic_lstm,
    "lstm": lstm,
    "gru": gru,
    "layer_norm_basic_lstm": layer_norm_basic_lstm,
}

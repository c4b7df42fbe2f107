"""The published equations of each cell in NumPy: `(weights, x, states, options) -> (h, states)`.

Weights are the cell's variables by name. An equation is written from the paper and from
TensorFlow 1's numerical contract, never from the code it checks.
"""

import numpy as np

from tests.oracles.simple_equations import SIMPLE, basic_rnn, norm, sigmoid


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

    return layer_norm_lstm(w, x, states, units, forget_bias)


def layer_norm_lstm(w, x, states, units, forget_bias=1.0):
    h, c = states
    parts = np.split(np.hstack([x, h]) @ w["kernel"], 4, axis=1)
    names = "input", "transform", "forget", "output"
    i, j, f, o = (norm(part, w, name) for part, name in zip(parts, names, strict=True))
    c = norm(sigmoid(f + forget_bias) * c + sigmoid(i) * np.tanh(j), w, "state")
    h = sigmoid(o) * np.tanh(c)
    return h, [h, c]


def layer_norm_product_lstm(w, x, states, units, forget_bias=1.0, epsilon=1e-3):
    h, c = states
    gates = norm(x @ w["kernel"], w, "inputs", epsilon)
    gates = gates + norm(h @ w["recurrent_kernel"], w, "hidden", epsilon) + w["bias"]
    i, j, f, o = np.split(gates, 4, axis=1)
    c = norm(sigmoid(f + forget_bias) * c + sigmoid(i) * np.tanh(j), w, "state", epsilon)
    h = sigmoid(o) * np.tanh(c)
    return h, [h, c]


def layer_norm_gru(w, x, states, units):
    (h,) = states
    mine, own = x @ w["kernel"], h @ w["recurrent_kernel"]
    gates = norm(mine[:, : 2 * units], w, "gates_inputs")
    gates = sigmoid(gates + norm(own[:, : 2 * units], w, "gates_state"))
    reset, update = gates[:, :units], gates[:, units:]
    inner = norm(mine[:, 2 * units :], w, "candidate_inputs")
    inner = inner + reset * norm(own[:, 2 * units :], w, "candidate_state")
    h = update * h + (1 - update) * np.tanh(inner)
    return h, [h]


def reset_after_gru(w, x, states, units):
    (h,) = states
    gates = sigmoid(np.hstack([x, h]) @ w["gates_kernel"] + w["gates_bias"])
    reset, update = gates[:, :units], gates[:, units:]
    name = "candidate_{}_projection_{}".format
    own = h @ w[name("hidden", "kernel")] + w[name("hidden", "bias")]
    inner = x @ w[name("input", "kernel")] + w[name("input", "bias")] + reset * own
    h = update * h + (1 - update) * np.tanh(inner)
    return h, [h]


def coupled_lstm(w, x, states, units, forget_bias=1.0, use_peepholes=False, projection_units=None):
    h, c = states
    j, f, o = np.split(np.hstack([x, h]) @ w["kernel"] + w["bias"], 3, axis=1)
    see_f, see_o = (w[f"w_{g}_diag"] if use_peepholes else 0.0 for g in "fo")
    f = sigmoid(f + forget_bias + see_f * c)
    c = f * c + (1 - f) * np.tanh(j)
    h = sigmoid(o + see_o * c) * np.tanh(c)
    if projection_units:
        h = h @ w["projection_kernel"]
    return h, [h, c]


def layer_norm_coupled_lstm(w, x, states, units, use_peepholes=False, projection_units=None):
    h, c = states
    parts = np.split(np.hstack([x, h]) @ w["kernel"], 3, axis=1)
    names = "transform", "forget", "output"
    j, f, o = (norm(part, w, name) for part, name in zip(parts, names, strict=True))
    see_f, see_o = (w[f"w_{g}_diag"] if use_peepholes else 0.0 for g in "fo")
    f = sigmoid(f + 1.0 + see_f * c)
    c = norm(f * c + (1 - f) * np.tanh(j), w, "state")
    h = sigmoid(o + see_o * c) * np.tanh(c)
    if projection_units:
        h = h @ w["projection_kernel"]
    return h, [h, c]


def weight_norm_lstm(w, x, states, units, projection_units=None, **options):
    depth = x.shape[1]
    columns = [w["kernel"][:depth], w["kernel"][depth:]]
    kernel = np.vstack(
        [w[f"norm_{n}"] * part / np.linalg.norm(part, axis=0) for n, part in enumerate(columns)]
    )
    weights = {**w, "kernel": kernel}
    if projection_units:
        projection = w["projection_kernel"]
        length = np.linalg.norm(projection, axis=0)
        weights["projection_kernel"] = w["projection_norm"] * projection / length
    return lstm(weights, x, states, units, projection_units=projection_units, **options)


def glstm(w, x, states, units, groups=1, projection_units=None, forget_bias=1.0):
    h, c = states
    gates = {gate: [] for gate in "ijfo"}
    for g, (x_g, h_g) in enumerate(
        zip(np.split(x, groups, axis=1), np.split(h, groups, axis=1), strict=True)
    ):
        parts = np.split(np.hstack([x_g, h_g]) @ w[f"group{g}_kernel"], 4, axis=1)
        for gate, part in zip("ijfo", parts, strict=True):
            gates[gate].append(part)
    i, j, f, o = (np.hstack(gates[gate]) + w[f"bias_{gate}"] for gate in "ijfo")
    c = sigmoid(f + forget_bias) * c + sigmoid(i) * np.tanh(j)
    h = sigmoid(o) * np.tanh(c)
    if projection_units:
        h = h @ w["projection_kernel"]
    return h, [h, c]


def indy_lstm(w, x, states, units, forget_bias=1.0):
    h, c = states
    inner = x @ w["kernel_w"] + np.hstack([h] * 4) * w["kernel_u"] + w["bias"]
    i, j, f, o = np.split(inner, 4, axis=1)
    c = sigmoid(f + forget_bias) * c + sigmoid(i) * np.tanh(j)
    h = sigmoid(o) * np.tanh(c)
    return h, [h, c]


def indy_gru(w, x, states, units):
    (h,) = states
    gates = x @ w["gates_kernel_w"] + np.hstack([h, h]) * w["gates_kernel_u"] + w["gates_bias"]
    reset, update = np.split(sigmoid(gates), 2, axis=1)
    own = w["candidate_kernel_u"] * (reset * h)
    candidate = np.tanh(x @ w["candidate_kernel_w"] + own + w["candidate_bias"])
    h = update * h + (1 - update) * candidate
    return h, [h]


EQUATIONS = {
    "basic_rnn": basic_rnn,
    "basic_lstm": basic_lstm,
    "lstm": lstm,
    "gru": gru,
    "layer_norm_basic_lstm": layer_norm_basic_lstm,
    "layer_norm_lstm": layer_norm_lstm,
    "layer_norm_product_lstm": layer_norm_product_lstm,
    "layer_norm_gru": layer_norm_gru,
    "reset_after_gru": reset_after_gru,
    "coupled_input_forget_gate_lstm": coupled_lstm,
    "layer_norm_coupled_input_forget_gate_lstm": layer_norm_coupled_lstm,
    "weight_norm_lstm": weight_norm_lstm,
    "glstm": glstm,
    "indy_lstm": indy_lstm,
    "indy_gru": indy_gru,
    **SIMPLE,
}

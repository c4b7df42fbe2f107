"""Every recorded case of TensorFlow Addons, eagerly and in a graph that knows no sizes.

Its weights are Keras's: kernels of inputs and state apart, gates in the order i, f, c, o, the
forget bias in the bias. They are put into TensorFlow 1's layout here.
"""

import keras
import numpy as np
import pytest
import tensorflow as tf

from tests.oracles.recorded import Recorded, assert_near, cases
from tests.tf1.building import loosely
from tfseq import cells, tf1, unroll

UNITS = 5
CELLS = {
    "tfa.rnn.ESNCell": lambda: cells.ESNCell(UNITS, leak=0.7),
    "tfa.rnn.LayerNormLSTMCell": lambda: cells.LayerNormProductLSTMCell(UNITS, forget_bias=0.0),
    "tfa.rnn.LayerNormSimpleRNNCell": lambda: cells.LayerNormBasicRNNCell(UNITS),
    "tfa.rnn.NASCell": lambda: cells.NASCell(UNITS),
    "tfa.rnn.NASCell.projection_bias": lambda: cells.NASCell(UNITS, 3, use_bias=True),
    "tfa.rnn.PeepholeLSTMCell": lambda: cells.LSTMCell(UNITS, use_peepholes=True, forget_bias=0.0),
}
WRAPPERS = [
    "tfa.AttentionWrapper.BahdanauAttention.normalize",
    "tfa.AttentionWrapper.BahdanauMonotonicAttention",
    "tfa.AttentionWrapper.LuongAttention.gap_mask",
    "tfa.AttentionWrapper.LuongAttention.scale",
]
DECODES = [
    "tfa.BasicDecoder.train_mask",
    "tfa.BasicDecoder.train_no_length",
    "tfa.BasicDecoder.train_sequence_length",
]
SEARCHES = [
    "tfa.BeamSearchDecoder.lp0",
    "tfa.BeamSearchDecoder.lp0.5_all_scores",
    "tfa.BeamSearchDecoder.lp0.8",
]
LOSSES = ["tfa.sequence_loss"]
WALKED = {("tfa", case) for case in (*CELLS, *WRAPPERS, *DECODES, *SEARCHES, *LOSSES)}
compiled_or_not = pytest.mark.parametrize("compiled", [False, True], ids=["eager", "graph"])


def test_every_recorded_case_is_replayed(oracle):
    assert {("tfa", case) for case in cases(oracle("tfa"))} == WALKED


def by_gate(array):
    """Gates i, f, c, o in the order i, j, f, o."""
    i, f, j, o = np.split(array, 4, axis=-1)
    return np.concatenate([i, j, f, o], axis=-1)


def joined(inputs, hidden):
    """The kernels of inputs and state, one below the other."""
    return np.concatenate([inputs, hidden], axis=0)


def lstm(kernel, recurrent_kernel, bias):
    return {"kernel": by_gate(joined(kernel, recurrent_kernel)), "bias": by_gate(bias)}


# From weights in Keras's order, or their gradients, to ours by name.
CONVERT = {
    "ESNCell": lambda u, w, b: {"recurrent_kernel": u, "kernel": w, "bias": b},
    "LayerNormLSTMCell": lambda w, u, b, *norms: {
        "kernel": by_gate(w),
        "recurrent_kernel": by_gate(u),
        "bias": by_gate(b),
        "inputs_gamma": by_gate(norms[0]),
        "inputs_beta": by_gate(norms[1]),
        "hidden_gamma": by_gate(norms[2]),
        "hidden_beta": by_gate(norms[3]),
        "state_gamma": norms[4],
        "state_beta": norms[5],
    },
    "LayerNormSimpleRNNCell": lambda w, u, b, gamma: {
        "kernel": joined(w, u),
        "inner_gamma": gamma,
        "inner_beta": b,
    },
    "NASCell": lambda u, w, *options: {
        "recurrent_kernel": u,
        "kernel": w,
        **dict(zip(("bias", "projection_weights"), options, strict=False)),
    },
    "PeepholeLSTMCell": lambda w, u, b, i, f, o: {
        **lstm(w, u, b),
        "w_i_diag": i,
        "w_f_diag": f,
        "w_o_diag": o,
    },
}


def in_order(arrays):
    """`{"0:...": array, "1:...": array}` as a list."""
    return [arrays[key] for key in sorted(arrays, key=lambda key: int(key.split(":")[0]))]


def states_of(recorded, path):
    """`[h, c]` of ours; the NAS cell's states were `(c, m)`."""
    found = [value for _, value in sorted(recorded[path].items())]
    return found[::-1] if "NASCell" in recorded.config["api"] else found


@compiled_or_not
@pytest.mark.parametrize("case", CELLS)
def test_a_cell_gives_the_recorded_numbers(oracle, case, compiled):
    recorded = Recorded(oracle("tfa"), case)
    convert = CONVERT[recorded.config["api"].split(".")[-1]]
    cell, x = CELLS[case](), tf.constant(recorded["in/x"])
    cell.build((None, x.shape[-1]))
    weights = convert(*in_order(recorded.group("weights")))
    own = {weight.name: weight for weight in cell.weights if weight.dtype == "float32"}
    assert set(own) == set(weights)
    for name, value in weights.items():
        own[name].assign(value)
    own = {name: own[name].value for name in own if own[name].trainable}

    def run(x, states, cotangent):
        with tf.GradientTape() as tape:
            outputs, final = unroll.dynamic_rnn(cell, x, initial_state=states)
            loss = tf.reduce_sum(outputs * cotangent)
        return outputs, final, loss, tape.gradient(loss, own)

    fed = {
        "x": x,
        "states": [tf.constant(s) for s in states_of(recorded, "in/initial_state")],
        "cotangent": tf.constant(recorded["in/cotangent/outputs"]),
    }
    outputs, final, loss, gradients = (loosely(run, fed) if compiled else run)(**fed)
    assert_near(outputs, recorded["out/outputs"])
    assert_near(final, states_of(recorded, "out/final_state"))
    assert_near(loss, recorded["out/loss"], 1e-4)
    recorded_gradients = in_order(recorded.group("out/grad"))
    wanted = convert(*recorded_gradients) if recorded_gradients else {}
    assert set(gradients) == set(wanted)
    for name, gradient in gradients.items():
        assert_near(tf.convert_to_tensor(gradient), wanted[name], 1e-4)


def make_lstm(recorded):
    """The decoder's cell, and the recorded weights of it and of what is around it."""
    cell = tf1.BasicLSTMCell(4, forget_bias=0.0)
    kernel, recurrent_kernel, bias, *others = in_order(recorded.group("weights"))
    named = lstm(kernel, recurrent_kernel, bias)
    return cell, {f"basic_lstm_cell/{name}": value for name, value in named.items()}, others


def lstm_state(recorded, path):
    return tf1.LSTMStateTuple(*(tf.constant(recorded[f"{path}/{name}"]) for name in "ch"))


def load(own, weights):
    """Give variables their values by name; all of them must fit."""
    assert set(own) == set(weights)
    for name, value in weights.items():
        own[name].assign(value)


# TensorFlow Addons named the layers of a mechanism by its class.
MECHANISM_NAMES = {
    "BahdanauAttention": [
        "attention_v",
        "attention_g",
        "attention_b",
        "query_layer/kernel",
        "memory_layer/kernel",
    ],
    "BahdanauMonotonicAttention": [
        "attention_v",
        "attention_score_bias",
        "query_layer/kernel",
        "memory_layer/kernel",
    ],
    "LuongAttention": ["attention_g", "memory_layer/kernel"],
}


@compiled_or_not
@pytest.mark.parametrize("case", WRAPPERS)
def test_an_attention_wrapper_gives_the_recorded_numbers(oracle, case, compiled):
    recorded = Recorded(oracle("tfa"), case)
    kind = recorded.config["mechanism"]
    given = {name: True for name in ("scale", "normalize") if case.endswith(name)}
    mechanism = getattr(tf1, kind)(4, None, name=kind, **given)
    inner, weights, (layer, *others) = make_lstm(recorded)
    names = MECHANISM_NAMES[kind][-len(others) :]
    for name, value in zip(names, others, strict=True):
        scope = "" if name.startswith("memory_layer") else f"{mechanism.name}/"
        weights[f"{scope}{name}"] = value
    weights["attention_layer/kernel"] = layer
    fed = {name: tf.constant(recorded[f"in/{name}"]) for name in ("x", "memory")}
    fed["state"] = lstm_state(recorded, "in/initial_state")
    for name in ("memory_sequence_length", "memory_mask"):
        if f"in/{name}" in recorded:
            fed[name] = tf.constant(recorded[f"in/{name}"])
    mechanism.setup_memory(fed["memory"])
    cell = tf1.AttentionWrapper(inner, mechanism, 4, alignment_history=True)

    def run(x, memory, state, **real):
        mechanism.setup_memory(memory, **real)
        first = cell.zero_state(tf.shape(x)[0], tf.float32).clone(cell_state=state)
        outputs, final = tf1.dynamic_rnn(cell, x, initial_state=first)
        return mechanism.keys, outputs, final.cell_state, final.alignment_history.stack()

    run(**fed)
    own = tf1.variables_by_name(cell)
    load({name.removeprefix("attention_wrapper/"): v for name, v in own.items()}, weights)
    keys, outputs, state, history = (loosely(run, fed) if compiled else run)(**fed)
    assert_near(keys, recorded["out/keys"])
    assert_near(outputs, recorded["out/outputs"])
    assert_near(state, lstm_state(recorded, "out/final_state"))
    alignments = np.swapaxes(history, 0, 1)
    assert_near(alignments, recorded["out/alignments"])
    if "memory_mask" in fed:
        assert not np.any(np.swapaxes(alignments, 1, 2)[~recorded["in/memory_mask"]])


def make_decoder_parts(recorded):
    """The cell, the layer on its outputs, and a function that loads their weights."""
    inner, weights, (kernel, bias) = make_lstm(recorded)
    layer = keras.layers.Dense(recorded.config["vocab"], name="dense")
    weights |= {"dense/kernel": kernel, "dense/bias": bias}
    return inner, layer, {f"decoder/{name}": value for name, value in weights.items()}


@compiled_or_not
@pytest.mark.parametrize("case", DECODES)
def test_a_decode_gives_the_recorded_numbers(oracle, case, compiled):
    recorded = Recorded(oracle("tfa"), case)
    cell, layer, weights = make_decoder_parts(recorded)
    fed = {"x": tf.constant(recorded["in/x"]), "state": lstm_state(recorded, "in/initial_state")}
    for name in ("sequence_length", "mask"):
        if f"in/{name}" in recorded:
            fed[name] = tf.constant(recorded[f"in/{name}"])

    def run(x, state, sequence_length=None, mask=None):
        if mask is not None:
            sequence_length = tf.reduce_sum(tf.cast(mask, tf.int32), axis=1)
        if sequence_length is None:
            sequence_length = tf.fill(tf.shape(x)[:1], tf.shape(x)[1])
        helper = tf1.TrainingHelper(x, sequence_length)
        decoder = tf1.BasicDecoder(cell, helper, state, layer)
        if not cell.built:
            decoder.initialize()
            load(decoder.named_variables(), weights)
        return tf1.dynamic_decode(decoder, impute_finished=recorded.config["impute_finished"])

    run(**fed)
    outputs, state, lengths = (loosely(run, fed) if compiled else run)(**fed)
    assert_near(outputs.rnn_output, recorded["out/rnn_output"])
    assert np.asarray(outputs.sample_id).tolist() == recorded["out/sample_id"].tolist()
    assert_near(state, lstm_state(recorded, "out/final_state"))
    assert np.asarray(lengths).tolist() == recorded["out/final_sequence_lengths"].tolist()


@compiled_or_not
@pytest.mark.parametrize("case", SEARCHES)
def test_a_beam_search_gives_the_recorded_numbers(oracle, case, compiled):
    recorded = Recorded(oracle("tfa"), case)
    config, width = recorded.config, recorded.config["beam_width"]
    cell, layer, weights = make_decoder_parts(recorded)
    fed = {name: tf.constant(recorded[f"in/{name}"]) for name in ("start_tokens", "embedding")}
    fed["state"] = lstm_state(recorded, "in/initial_state")

    def run(start_tokens, embedding, state):
        decoder = tf1.BeamSearchDecoder(
            cell,
            embedding,
            start_tokens,
            config["end_token"],
            tf1.tile_batch(state, width),
            width,
            layer,
            config["length_penalty_weight"],
        )
        if not cell.built:
            decoder.initialize()
            load(decoder.named_variables(), weights)
        return tf1.dynamic_decode(decoder, maximum_iterations=config["maximum_iterations"])[:2]

    run(**fed)
    outputs, final = (loosely(run, fed) if compiled else run)(**fed)
    found = outputs.beam_search_decoder_output
    for value, name in (
        (outputs.predicted_ids, "predicted_ids"),
        (found.predicted_ids, "step_predicted_ids"),
        (found.parent_ids, "step_parent_ids"),
        (final.lengths, "lengths"),
        # TensorFlow Addons returned the true ones, which TensorFlow 1 had in the state alone.
        (final.lengths, "final_sequence_lengths"),
    ):
        assert np.asarray(value).tolist() == recorded[f"out/{name}"].tolist()
    assert_near(final.log_probs, recorded["out/log_probs"], 2e-5)
    scores = recorded["out/scores"]
    if config["output_all_scores"]:
        assert_near(found.scores, chosen(scores, found), 2e-5)
        best = np.sort(scores.reshape(*scores.shape[:2], -1), axis=-1)[..., ::-1][..., :width]
        assert_near(found.scores, best, 2e-5)
    else:
        assert_near(found.scores, scores, 2e-5)


def chosen(scores, found):
    """Of the scores of every id after every hypothesis those that were taken."""
    parents, ids = (np.asarray(x)[..., None] for x in (found.parent_ids, found.predicted_ids))
    of_parents = np.take_along_axis(scores, parents, axis=2)
    return np.take_along_axis(of_parents, ids, axis=3)[..., 0]


AVERAGES = {
    "sequence_loss": {},
    "SequenceLoss_default_object": {
        "average_across_timesteps": False,
        "average_across_batch": False,
        "sum_over_timesteps": True,
        "sum_over_batch": True,
    },
    "avg_batch_only": {"average_across_timesteps": False},
    "avg_time_only": {"average_across_batch": False},
}


@compiled_or_not
@pytest.mark.parametrize("case", LOSSES)
def test_the_loss_gives_the_recorded_numbers(oracle, case, compiled):
    recorded = Recorded(oracle("tfa"), case)
    fed = {name: tf.constant(value) for name, value in recorded.group("in").items()}
    assert set(recorded.group("out")) == set(AVERAGES)
    for name, wanted in recorded.group("out").items():

        def run(name=name, **fed):
            return tf1.sequence_loss(**fed, **AVERAGES[name])

        assert_near((loosely(run, fed) if compiled else run)(**fed), wanted)

"""Every recorded mechanism and `AttentionWrapper` of TensorFlow 1.15, eagerly and in a graph."""

import keras
import pytest
import tensorflow as tf

from tests.oracles.recorded import Recorded, assert_near, cases, weighted_sum
from tests.tf1.building import load_weights, make, state_like, states_at
from tfseq import tf1

FUNCTIONS = {
    "hardmax": lambda x: tf1.hardmax(x["logits"]),
    "safe_cumprod": lambda x: tf1.safe_cumprod(x["x"], axis=1, exclusive=True),
    **{
        f"monotonic_attention.{mode}": lambda x, mode=mode: tf1.monotonic_attention(
            x["p_choose_i"], x["previous_attention"], mode
        )
        for mode in ("hard", "parallel", "recursive")
    },
}
MECHANISMS = [
    "BahdanauAttention",
    "BahdanauAttention.custom_kv",
    "BahdanauAttention.normalize",
    "BahdanauMonotonicAttention.hard",
    "BahdanauMonotonicAttention.parallel",
    "BahdanauMonotonicAttention.recursive",
    "LuongAttention",
    "LuongAttention.hardmax",
    "LuongAttention.no_len",
    "LuongAttention.scale",
    "LuongAttention.sigmoid_mask0",
    "LuongMonotonicAttention.hard",
    "LuongMonotonicAttention.parallel",
    "LuongMonotonicAttention.recursive",
]
WRAPPERS = [
    "AttentionWrapper.attention_fn",
    "AttentionWrapper.attention_layer",
    "AttentionWrapper.bahdanau_norm_gru",
    "AttentionWrapper.bahdanau_output_cell",
    "AttentionWrapper.cell_input_fn",
    "AttentionWrapper.in_dynamic_rnn_len",
    "AttentionWrapper.luong_layer",
    "AttentionWrapper.luong_scale_no_layer",
    "AttentionWrapper.monotonic",
    "AttentionWrapper.multi_cell",
    "AttentionWrapper.two_mechanisms",
]
WALKED = {
    *(("attention", case) for case in (*FUNCTIONS, *MECHANISMS)),
    *(("attention_wrapper", case) for case in WRAPPERS),
}
PROBABILITIES = {"hardmax": tf1.hardmax, "sigmoid": tf.sigmoid}
OPTIONS = ("normalize", "scale", "mode", "score_mask_value")
compiled_or_not = pytest.mark.parametrize("compiled", [False, True], ids=["eager", "graph"])


def test_every_recorded_case_is_replayed(oracle):
    assert set(cases(oracle("attention"))) == {*FUNCTIONS, *MECHANISMS}
    assert set(cases(oracle("attention_wrapper"))) == set(WRAPPERS)


@compiled_or_not
@pytest.mark.parametrize("case", FUNCTIONS)
def test_a_function_gives_the_recorded_numbers(oracle, case, compiled):
    recorded = Recorded(oracle("attention"), case)
    inputs = {name: tf.constant(value) for name, value in recorded.group("in").items()}
    run = FUNCTIONS[case]
    if compiled:
        specs = {name: tf.TensorSpec([None] * x.shape.rank, x.dtype) for name, x in inputs.items()}
        run = tf.function(run, input_signature=[specs])
    (wanted,) = recorded.group("out").values()
    assert_near(run(inputs), wanted, 1e-6)


def make_mechanism(config, name, units, memory, lengths):
    """The mechanism of a config, with the options that stand in it."""
    given = {key: config[key] for key in OPTIONS if key in config}
    if "probability_fn" in config:
        given["probability_fn"] = PROBABILITIES[config["probability_fn"]]
    if "custom_key_value_fn" in config:
        given["custom_key_value_fn"] = lambda keys, values: (2 * keys, values - 1)
    kind = getattr(tf1, name.split(".")[-1])
    return kind(units, memory, memory_sequence_length=lengths, **given)


@compiled_or_not
@pytest.mark.parametrize("case", MECHANISMS)
def test_a_mechanism_gives_the_recorded_numbers(oracle, case, compiled):
    recorded = Recorded(oracle("attention"), case)
    config = recorded.config
    memory, lengths = tf.constant(recorded["in/memory"]), recorded.get("in/memory_sequence_length")
    mechanism = make_mechanism(config, config["mechanism"], config["num_units"], memory, lengths)
    queries = tf.constant(recorded["in/queries"])
    own = load_weights(mechanism, recorded, lambda: mechanism.ensure_built(queries[:, 0].shape))

    def run(memory, queries):
        mechanism.setup_memory(memory, lengths)
        first = mechanism.initial_state(tf.shape(memory)[0], tf.float32)
        with tf.GradientTape() as tape:
            tape.watch([memory, queries])
            mechanism.setup_memory(memory, lengths)
            alignments, _ = mechanism(queries[:, 0], first)
            loss = tf.reduce_sum(alignments * recorded["in/cotangent_alignments_step0"])
        gradients = tape.gradient(loss, [own, queries])
        state, found = first, []
        for step in range(5):
            alignments, state = mechanism(queries[:, step], state)
            found.append(alignments)
        return first, mechanism.keys, mechanism.values, tf.stack(found, axis=1), gradients

    if compiled:
        sizes = [None, None, memory.shape[-1]], [None, 5, queries.shape[-1]]
        run = tf.function(run, input_signature=[tf.TensorSpec(shape) for shape in sizes])
    first, keys, values, alignments, gradients = run(memory, queries)
    assert_near(first, recorded["out/initial_alignments"])
    assert_near(keys, recorded["out/keys"])
    assert_near(values, recorded["out/values"])
    assert_near(alignments, recorded["out/alignments"])
    if "grad" in recorded:
        assert_near(gradients[1][:, 0], recorded["grad/in/query_step0"], 1e-4)
        for name, wanted in recorded.group("grad/weights").items():
            assert_near(tf.convert_to_tensor(gradients[0][name]), wanted, 1e-4)


def make_wrapper(config, memory, lengths):
    """The wrapper of a config, its mechanisms on the memory."""
    names, units = config["mechanism"], config["num_units"]
    if isinstance(names, list):
        mechanisms = [
            make_mechanism({}, name, one, memory, lengths)
            for name, one in zip(names, units, strict=True)
        ]
    else:
        mechanisms = make_mechanism(config, names, units, memory, lengths)
    given = {k: config[k] for k in ("attention_layer_size", "output_attention") if k in config}
    if "attention_layer" in config:
        given["attention_layer"] = keras.layers.Dense(4, activation="tanh", name="my_attention")
    if "cell_input_fn" in config:
        given["cell_input_fn"] = lambda inputs, attention: inputs + 0.5 * attention
    if "attention_fn" in config:
        given["attention_fn"] = half_context
    return tf1.AttentionWrapper(make(config["cell"]), mechanisms, alignment_history=True, **given)


def half_context(mechanism, cell_output, state, attention_layer):
    """The record's own `attention_fn`."""
    alignments, state = mechanism(cell_output, state)
    context = tf.squeeze(tf.matmul(alignments[:, None], mechanism.values), axis=1)
    joined = attention_layer(tf.concat([cell_output, context], axis=-1))
    return context / 2 + joined, alignments, state


@compiled_or_not
@pytest.mark.parametrize("case", WRAPPERS)
def test_a_wrapper_gives_the_recorded_numbers(oracle, case, compiled):
    recorded = Recorded(oracle("attention_wrapper"), case)
    memory, memory_lengths = recorded["in/memory"], recorded["in/memory_sequence_length"]
    cell = make_wrapper(recorded.config, memory, memory_lengths)
    mechanisms = cell._mechanisms
    x, lengths = tf.constant(recorded["in/x"]), recorded.get("in/sequence_length")
    inner = tf.nest.map_structure(
        tf.constant, state_like(cell._inner.state_size, recorded["in/initial_cell_state"])
    )

    def run(x, memory, inner):
        for mechanism in mechanisms:
            mechanism.setup_memory(memory, memory_lengths)
        state = cell.zero_state(tf.shape(x)[0], tf.float32).clone(cell_state=inner)
        outputs, final = tf1.dynamic_rnn(cell, x, lengths, initial_state=state)
        history = tf.nest.map_structure(lambda array: array.stack(), final.alignment_history)
        return outputs, final._replace(alignment_history=()), history

    run(x, tf.constant(memory), inner)
    own = {}
    for name, variable in tf1.variables_by_name(cell).items():
        own[name if name.startswith("memory_layer") else f"rnn/{name}"] = variable
    weights = recorded.group("weights")
    assert set(own) == set(weights)
    for name, value in weights.items():
        own[name].assign(value)

    def graded(x, memory, inner):
        with tf.GradientTape() as tape:
            tape.watch([x, memory, inner])
            outputs, final, history = run(x, memory, inner)
            loss = weighted_sum([outputs], [recorded["in/cotangent/outputs"]])
            for name in ("final_attention", "final_cell_state"):
                if f"in/cotangent/{name}" in recorded:
                    part = getattr(final, name.removeprefix("final_"))
                    wanted = state_like(part, recorded[f"in/cotangent/{name}"])
                    loss += weighted_sum([part], [wanted])
        gradients = tape.gradient(loss, {"weights": own, "x": x, "memory": memory})
        return outputs, final, history, loss, gradients

    if compiled:
        signature = [
            tf.TensorSpec([None, None, x.shape[-1]]),
            tf.TensorSpec([None, None, memory.shape[-1]]),
            tf.nest.map_structure(lambda s: tf.TensorSpec([None, s.shape[-1]]), inner),
        ]
        graded = tf.function(graded, input_signature=signature)
    outputs, final, history, loss, gradients = graded(x, tf.constant(memory), inner)
    assert_near(outputs, recorded["out/outputs"])
    assert_near(history, state_like(history, recorded["out/alignment_history"]))
    assert int(final.time) == int(recorded["out/final_time"])
    assert_near(loss, recorded["out/loss"], 1e-4)
    for name in ("attention", "alignments", "cell_state"):
        part = getattr(final, name)
        steps = recorded[f"out/step_state/{name}"]
        if lengths is None:
            assert_near(part, state_like(part, states_at(steps, -1)))
    for name, wanted in recorded.group("grad/weights").items():
        assert_near(tf.convert_to_tensor(gradients["weights"][name]), wanted, 1e-4)
    for name in ("x", "memory"):
        if f"grad/in/{name}" in recorded:
            assert_near(gradients[name], recorded[f"grad/in/{name}"], 1e-4)

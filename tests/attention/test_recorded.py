"""Attention against what TensorFlow 1.15 and TensorFlow Addons recorded: values and gradients."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import ops

from tests.oracles.recorded import Recorded, assert_near, cases, make_cell, variables, weighted_sum
from tfseq import attention
from tfseq.attention import (
    AttentionState,
    AttentionWrapper,
    LuongAttention,
    Memory,
    hardmax,
    monotonic_attention,
    safe_cumprod,
)
from tfseq.cells import CellWrapper
from tfseq.rnn import RNN
from tfseq.unroll import dynamic_rnn

FUNCTIONS = {
    "hardmax": lambda x: hardmax(x["logits"]),
    "safe_cumprod": lambda x: safe_cumprod(x["x"], exclusive=True),
}
for each_mode in ("hard", "parallel", "recursive"):
    FUNCTIONS[f"monotonic_attention.{each_mode}"] = lambda x, mode=each_mode: monotonic_attention(
        x["p_choose_i"], x["previous_attention"], mode
    )
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
ADDONS = [
    "tfa.AttentionWrapper.BahdanauAttention.normalize",
    "tfa.AttentionWrapper.BahdanauMonotonicAttention",
    "tfa.AttentionWrapper.LuongAttention.gap_mask",
    "tfa.AttentionWrapper.LuongAttention.scale",
]


class SigmoidLuong(LuongAttention):
    """TensorFlow 1's `probability_fn=sigmoid`, with a score of -3 where masked."""

    def weigh(self, scores, mask, previous_weights, training=False):
        return ops.sigmoid(ops.where(mask, scores, -3.0))


class DoubledKeys(attention.BahdanauAttention):
    """TensorFlow 1's `custom_key_value_fn` of the record."""

    def memorize(self, values, mask=None):
        keys, values, mask = super().memorize(values, mask)
        return Memory(2 * keys, values - 1, mask)


SPECIAL = {"LuongAttention.sigmoid_mask0": SigmoidLuong, "BahdanauAttention.custom_kv": DoubledKeys}


def make_mechanism(config, kind=None):
    name = kind or config["mechanism"].split(".")[-1]
    options = {key: config[key] for key in ("scale", "normalize", "mode") if key in config}
    if config.get("probability_fn") == "hardmax":
        options["probability"] = "hardmax"
    return (name if isinstance(name, type) else getattr(attention, name))(4, **options)


def mechanism_weights(mechanism, suffix=""):
    """The weights by TensorFlow 1's names without scopes."""
    found = {f"memory_layer{suffix}/kernel": mechanism.memory_layer.kernel}
    for weight in mechanism.trainable_variables:
        if weight is not mechanism.memory_layer.kernel:
            name = "query_layer/kernel" if weight.name == "kernel" else weight.name
            found[name] = weight
    return found


def wrapper_weights(wrapper):
    found = {}
    for position, mechanism in enumerate(wrapper.mechanisms):
        found |= mechanism_weights(mechanism, f"_{position}" if position else "")
    for layer in wrapper.attention_layers:
        if layer is not None:
            found |= {f"{layer.name}/{weight.name}": weight for weight in layer.weights}
    return found | variables(wrapper.cell)


def short(name):
    """TensorFlow 1's name as the two functions above write it."""
    name = name.removeprefix("rnn/attention_wrapper/")
    scope, _, rest = name.partition("/")
    if "_attention" in scope and scope != "my_attention":
        return rest
    return name.replace("/", "_") if "_cell" in scope else name


def assign(own, recorded):
    """Give all weights the recorded values."""
    values = {short(name): value for name, value in recorded.group("weights").items()}
    assert set(values) == set(own)
    for name, weight in own.items():
        weight.assign(values[name])


def assert_gradients(own, gradients, recorded):
    wanted = {short(name): value for name, value in recorded.group("grad/weights").items()}
    assert set(wanted) == set(own)
    for name, gradient in zip(own, gradients, strict=True):
        assert_near(gradient, wanted[name], 1e-4)


def mask_of(recorded):
    lengths = recorded.get("in/memory_sequence_length")
    time = recorded["in/memory"].shape[1]
    if "in/memory_mask" in recorded:
        return tf.constant(recorded["in/memory_mask"])
    return None if lengths is None else tf.sequence_mask(lengths, time)


def test_every_recorded_case_is_replayed(oracle):
    assert set(cases(oracle("attention"))) == {*FUNCTIONS, *MECHANISMS}
    assert set(cases(oracle("attention_wrapper"))) == set(WRAPPERS)
    assert {case for case in cases(oracle("tfa")) if "Attention" in case} == set(ADDONS)


@pytest.mark.parametrize("case", FUNCTIONS)
def test_a_function_gives_the_recorded_numbers(oracle, case):
    recorded = Recorded(oracle("attention"), case)
    inputs = {name: tf.constant(value) for name, value in recorded.group("in").items()}
    (wanted,) = recorded.group("out").values()
    assert_near(FUNCTIONS[case](inputs), wanted, 1e-6)


@pytest.mark.parametrize("case", MECHANISMS)
def test_a_mechanism_gives_the_recorded_numbers(oracle, case):
    recorded = Recorded(oracle("attention"), case)
    mechanism = make_mechanism(recorded.config, SPECIAL.get(case))
    values, mask = tf.constant(recorded["in/memory"]), mask_of(recorded)
    queries = tf.unstack(tf.constant(recorded["in/queries"]), axis=1)
    mechanism.build_memory(values.shape[-1])
    mechanism.build(queries[0].shape)
    own = mechanism_weights(mechanism)
    assign(own, recorded)
    with tf.GradientTape() as tape:
        tape.watch(queries[0])
        memory = mechanism.memorize(values, mask)
        weights = mechanism.initial_weights(values.shape[0], memory)
        assert_near(weights, recorded["out/initial_alignments"])
        _, first = mechanism(queries[0], memory, weights)
        loss = tf.reduce_sum(first * recorded["in/cotangent_alignments_step0"])
    assert_near(memory.keys, recorded["out/keys"])
    assert_near(memory.values, recorded["out/values"])
    for step, query in enumerate(queries):
        context, weights = mechanism(query, memory, weights)
        assert_near(weights, recorded["out/alignments"][:, step])
        assert_near(context, np.einsum("bt,btd->bd", weights, memory.values))
    if "grad" in recorded:
        weights = [weight.value for weight in own.values()]
        for_query, *for_weights = tape.gradient(loss, [queries[0], *weights])
        assert_near(for_query, recorded["grad/in/query_step0"], 1e-4)
        assert_gradients(own, for_weights, recorded)


class HalfContext(AttentionWrapper):
    """TensorFlow 1's `attention_fn` of the record."""

    def attend(self, mechanism, attention_layer, query, memory, previous_weights, training=False):
        context, weights = mechanism(query, memory, previous_weights)
        return context / 2 + attention_layer(ops.concatenate([query, context], -1)), weights


def make_wrapper(config):
    names, options = config["mechanism"], {}
    if isinstance(names, list):
        mechanism = [make_mechanism(config, name) for name in names]
    else:
        mechanism = make_mechanism(config, names)
    if "cell_input_fn" in config:
        options["cell_input"] = lambda inputs, attention: inputs + 0.5 * attention
    if "attention_layer" in config:
        options["attention_layer"] = keras.layers.Dense(4, "tanh", name="my_attention")
    return (HalfContext if "attention_fn" in config else AttentionWrapper)(
        make_cell(config["cell"]),
        mechanism,
        attention_units=config.get("attention_layer_size"),
        output_attention=config.get("output_attention", True),
        **options,
    )


def memorize(wrapper, values, mask):
    return wrapper.pack([mechanism.memorize(values, mask) for mechanism in wrapper.mechanisms])


class Watched(CellWrapper):
    """Gives its states out as well."""

    time: int

    @property
    def output_size(self):
        sizes = [self.time if size is None else size for size in tf.nest.flatten(self.state_size)]
        return tf.nest.pack_sequence_as(self.state_size, sizes)

    def call(self, inputs, states, memory=None, training=False):
        _, states = self.cell(inputs, states, memory=memory)
        return states, states


@pytest.mark.parametrize("case", WRAPPERS)
def test_the_wrapper_gives_the_recorded_numbers(oracle, case):
    recorded = Recorded(oracle("attention_wrapper"), case)
    wrapper, mask = make_wrapper(recorded.config), mask_of(recorded)
    x, values = tf.constant(recorded["in/x"]), tf.constant(recorded["in/memory"])
    memorize(wrapper, values, mask)
    wrapper.build((None, x.shape[-1]))
    own = wrapper_weights(wrapper)
    assign(own, recorded)
    layer = RNN(wrapper, return_sequences=True)
    cell_states = recorded.states("in/initial_cell_state", wrapper.cell.state_size)
    lengths = recorded.get("in/sequence_length")
    real = None if lengths is None else tf.sequence_mask(lengths, x.shape[1])

    with tf.GradientTape() as tape:
        tape.watch([x, values])
        memory = memorize(wrapper, values, mask)
        start = wrapper.start(cell_states, memory)
        outputs = layer(x, initial_state=start, mask=real, memory=memory)
        loss = weighted_sum(outputs, recorded["in/cotangent/outputs"])
    weights = [weight.value for weight in own.values()]
    for_x, for_memory, *for_weights = tape.gradient(loss, [x, values, *weights])
    assert_near(outputs, recorded["out/outputs"])
    assert_near(for_x, recorded["grad/in/x"], 1e-4)
    assert_near(for_memory, recorded["grad/in/memory"], 1e-4)
    assert_gradients(own, for_weights, recorded)

    watched = Watched(wrapper)
    watched.time = values.shape[1]
    history, _ = dynamic_rnn(watched, x, mask=real, initial_state=start, memory=memory)
    weights = recorded["out/step_state/alignments"]
    wanted = AttentionState(
        recorded.states("out/step_state/cell_state", wrapper.cell.state_size),
        recorded["out/step_state/attention"],
        (weights["0"], weights["1"]) if isinstance(weights, dict) else weights,
    )
    assert_near(history, wanted)


@pytest.mark.parametrize("case", ADDONS)
def test_the_wrapper_gives_the_numbers_of_tensorflow_addons(oracle, case):
    recorded = Recorded(oracle("tfa"), case)
    config, mask = recorded.config, mask_of(recorded)
    options = {key: True for key in ("scale", "normalize") if case.endswith(key)}
    mechanism = make_mechanism(config | options)
    wrapper = AttentionWrapper(keras.layers.LSTMCell(4), mechanism, 4)
    mechanism.memorize(recorded["in/memory"], mask)
    wrapper.build((None, recorded["in/x"].shape[-1]))
    layer = wrapper.attention_layers[0]
    own = {f"cell/{w.name}": w for w in wrapper.cell.weights}
    own |= {"attention_layer/kernel": layer.kernel}
    own |= {
        name.replace("query_layer", config["mechanism"]): weight
        for name, weight in mechanism_weights(mechanism).items()
    }
    found = recorded.group("weights")
    assert len(found) == len(own)
    for name, value in found.items():
        part, *scope, last = name.split(":")[1].split("/")
        if part == "mechanism":
            part = scope[0]
        own[last if last.startswith("attention_") else f"{part}/{last}"].assign(value)
    memory = mechanism.memorize(recorded["in/memory"], mask)
    assert_near(memory.keys, recorded["out/keys"])
    start = wrapper.start(recorded.states("in/initial_state", wrapper.cell.state_size), memory)
    options = {"return_sequences": True, "return_state": True}
    outputs, states = RNN(wrapper, **options)(recorded["in/x"], initial_state=start, memory=memory)
    assert_near(outputs, recorded["out/outputs"])
    assert_near(states.cell, recorded.states("out/final_state", wrapper.cell.state_size))
    assert_near(states.weights, recorded["out/alignments"][:, -1])
    if mask is not None:
        assert not np.any(states.weights[~mask])

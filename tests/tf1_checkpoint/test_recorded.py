"""The recorded weights of TensorFlow 1.15 as checkpoints: recognised, and filled into cells."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from tests.oracles.recorded import Recorded, assert_near
from tests.tf1.building import UNREAD, make, state_like
from tests.tf1.test_recorded_attention import make_wrapper
from tests.tf1.test_recorded_cells import CASES, first, inputs_of
from tests.tf1.test_recorded_legacy import Decoder
from tests.tf1_checkpoint.writing import write
from tfseq import tf1_checkpoint
from tfseq.attention import AttentionWrapper, BahdanauAttention, LuongAttention
from tfseq.cells import GRUCell, LSTMCell
from tfseq.tf1.cells import LibraryCell, snake_case
from tfseq.unroll import bidirectional_dynamic_rnn

each_case = pytest.mark.parametrize(("archive", "case"), CASES)
CELLS_ALONE = ("cells_core", "cells_compat", "cells_extra")
# The name in `tfseq.CELLS`, where it is not that of TensorFlow 1's class.
NAMES = {
    "lstm_block": "lstm",
    "cudnn_compatible_lstm": "lstm",
    "cudnn_compatible_gru": "reset_after_gru",
    "gru_block": "gru",
    "gru_block_cell_v2": "gru",
    "conv1dlstm": "conv_lstm",
    "conv2dlstm": "conv_lstm",
}


@pytest.fixture
def written(oracle, tmp_path):
    """A function from a case to the case and a checkpoint of its weights."""

    def make_one(archive, case, scope=""):
        recorded = Recorded(oracle(archive), case)
        weights = {f"{scope}{n}": v for n, v in recorded.group("weights").items()}
        return recorded, write(tmp_path / "model.ckpt-1", weights)

    return make_one


@pytest.mark.parametrize(("archive", "case"), [c for c in CASES if c[0] in CELLS_ALONE])
def test_a_cell_and_its_sizes_are_recognised(written, archive, case):
    recorded, path = written(archive, case, "Model/rnn/")
    (part,) = tf1_checkpoint.inspect(path).parts
    wanted = recorded.config["kwargs"]
    name = snake_case(recorded.config["cell"].split(".")[-1]).removesuffix("_cell")
    assert part.kind == NAMES.get(name, name)
    options = dict(part.options)
    assert options.pop("units") == (
        wanted.get("num_units") or wanted.get("units") or wanted.get("output_channels")
    )
    assert options.pop("projection_units", None) == wanted.get("num_proj")
    if name != "phased_lstm":
        peepholes = wanted.get("use_peepholes") or wanted.get("use_peephole")
        assert options.pop("use_peepholes", False) == bool(peepholes)
    assert options.pop("groups", None) == wanted.get("number_of_groups")
    assert options.pop("use_bias", False) == wanted.get("use_bias", False)
    assert options.pop("layer_norm", True) == wanted.get("layer_norm", True)
    assert options == {}
    if part.depth is not None:
        assert part.depth == recorded["in/x"].shape[-1]


@each_case
def test_each_cell_is_filled_and_gives_the_recorded_numbers(written, archive, case):
    recorded, path = written(archive, case, "Model/rnn/")
    cell, x = make(recorded.config), inputs_of(recorded)
    state = state_like(cell.state_size, recorded["in/initial_state"])
    cell(first(x), tf.nest.map_structure(tf.constant, state))
    unread = any(name in UNREAD for name in recorded.group("weights"))
    loaded = tf1_checkpoint.load(path, cell, allow_unused=unread)
    assert (len(loaded.unused), loaded.missing) == (unread, ())
    assert tf1_checkpoint.inspect(path).unknown == ()
    output, _ = cell(first(x), tf.nest.map_structure(tf.constant, state))
    assert_near(output, recorded["out/outputs"][:, 0])
    if isinstance(cell, LibraryCell):
        scrambled = [variable * 0 for variable in cell.variables]
        for variable, zeros in zip(cell.variables, scrambled, strict=True):
            variable.assign(zeros)
        tf1_checkpoint.load(path, cell.cell, allow_unused=unread)  # the cell of tfseq itself
        output, _ = cell(first(x), tf.nest.map_structure(tf.constant, state))
        assert_near(output, recorded["out/outputs"][:, 0])


KERAS = {
    "BasicLSTMCell": ("cells_core", keras.layers.LSTM, {}, {"forget_bias": 1.0}),
    "BasicLSTMCell.forget_bias": ("cells_core", keras.layers.LSTM, {}, None),
    "LSTMCell": ("cells_core", keras.layers.LSTM, {}, {"forget_bias": 1.0}),
    "LSTMBlockCell": ("cells_compat", keras.layers.LSTM, {}, {"forget_bias": 1.0}),
    "CudnnCompatibleLSTMCell": ("cells_compat", keras.layers.LSTM, {}, {}),
    "GRUCell": ("cells_core", keras.layers.GRU, {"reset_after": False}, {}),
    "GRUBlockCell": ("cells_compat", keras.layers.GRU, {"reset_after": False}, {}),
    "CudnnCompatibleGRUCell": ("cells_compat", keras.layers.GRU, {"reset_after": True}, {}),
    "BasicRNNCell": ("cells_core", keras.layers.SimpleRNN, {}, {}),
}


@pytest.mark.parametrize("case", KERAS)
def test_layers_of_keras_give_the_recorded_numbers(written, case):
    archive, kind, options, arguments = KERAS[case]
    recorded, path = written(archive, case, "encoder/rnn/")
    if arguments is None:
        arguments = {"forget_bias": recorded.config["kwargs"]["forget_bias"]}
        assert arguments["forget_bias"] != 1.0
    layer = kind(5, return_sequences=True, return_state=True, **options)
    layer.build(recorded["in/x"].shape)
    tf1_checkpoint.load(path, layer, **arguments)
    state = recorded["in/initial_state"]
    states = [state] if isinstance(state, np.ndarray) else [state["h"], state["c"]]
    outputs, *states = layer(recorded["in/x"], initial_state=states)
    assert_near(outputs, recorded["out/outputs"])
    final = recorded["out/states"]
    for name, state in zip("hc", states, strict=False):
        wanted = final if isinstance(final, np.ndarray) else final[name]
        assert_near(state, wanted[:, -1])


def test_names_of_old_versions_are_those_of_today(written, oracle, tmp_path):
    recorded = Recorded(oracle("cells_core"), "LSTMCell.all")
    old = {
        name.replace("kernel", "weights").replace("bias", "biases"): value
        for name, value in recorded.group("weights").items()
    }
    assert "lstm_cell/projection/weights" in old
    path = write(tmp_path / "old", old)
    cell, state = make(recorded.config), recorded["in/initial_state"]
    state = state_like(cell.state_size, state)
    cell(recorded["in/x"][:, 0], state)
    tf1_checkpoint.load(path, cell)
    assert_near(cell(recorded["in/x"][:, 0], state)[0], recorded["out/outputs"][:, 0])
    (part,) = tf1_checkpoint.inspect(path).parts
    assert part.options == {"units": 5, "use_peepholes": True, "projection_units": 3}


def test_both_ways_are_filled(written):
    recorded, path = written("bidirectional", "bidirectional_dynamic_rnn")
    forward, backward = LSTMCell(4), GRUCell(5)
    for cell in (forward, backward):
        cell.build((None, 3))
    tf1_checkpoint.load(path, {"bidirectional_rnn/fw": forward, "bidirectional_rnn/bw": backward})
    outputs, _ = bidirectional_dynamic_rnn(forward, backward, recorded["in/x"])
    assert_near(outputs[0], recorded["out/outputs_fw"])
    assert_near(outputs[1], recorded["out/outputs_bw"])
    layer = keras.layers.Bidirectional(
        keras.layers.LSTM(4, return_sequences=True),
        backward_layer=keras.layers.GRU(
            5, return_sequences=True, go_backwards=True, reset_after=False
        ),
        merge_mode=None,
    )
    layer.build(recorded["in/x"].shape)
    tf1_checkpoint.load(path, layer, forget_bias=1.0)
    forward, backward = layer(recorded["in/x"])
    assert_near(forward, recorded["out/outputs_fw"])
    assert_near(backward, recorded["out/outputs_bw"])


def test_a_stack_of_both_ways_is_filled(written):
    recorded, path = written("bidirectional", "stack_bidirectional_dynamic_rnn.len")
    layers = [
        keras.layers.Bidirectional(
            keras.layers.LSTM(fw, return_sequences=True, zero_output_for_mask=True),
            backward_layer=keras.layers.LSTM(
                bw, return_sequences=True, go_backwards=True, zero_output_for_mask=True
            ),
        )
        for fw, bw in ((4, 4), (3, 2))
    ]
    x = recorded["in/x"]
    layers[0].build(x.shape)
    layers[1].build((*x.shape[:2], 8))
    tf1_checkpoint.load(path, layers, forget_bias=1.0)
    for layer in layers:
        mask = tf.sequence_mask(recorded["in/sequence_length"], x.shape[1])
        x = layer(x, mask=mask)
    assert_near(x, recorded["out/outputs"])


ATTENTION = [
    "luong_layer",
    "bahdanau_norm_gru",
    "luong_scale_no_layer",
    "monotonic",
    "multi_cell",
    "two_mechanisms",
]


@pytest.mark.parametrize("case", ATTENTION)
def test_attention_is_recognised_and_filled(written, case):
    recorded, path = written("attention_wrapper", f"AttentionWrapper.{case}")
    cell = make_wrapper(
        recorded.config, recorded["in/memory"], recorded["in/memory_sequence_length"]
    )
    inner = state_like(cell._inner.state_size, recorded["in/initial_cell_state"])
    x = tf.constant(recorded["in/x"])
    state = cell.zero_state(x.shape[0], tf.float32).clone(cell_state=inner)
    cell(x[:, 0], state)
    loaded = tf1_checkpoint.load(path, cell)
    assert len(loaded.placed) == len(recorded.group("weights"))
    for mechanism in cell._mechanisms:  # its keys are made by the weights
        mechanism.setup_memory(recorded["in/memory"], recorded["in/memory_sequence_length"])
    for time in range(x.shape[1]):
        output, state = cell(x[:, time], state)
        assert_near(output, recorded["out/outputs"][:, time])
    found = tf1_checkpoint.inspect(path)
    kinds = [part.kind for part in found.parts]
    weights = recorded.group("weights")
    assert kinds.count("memory_layer") == sum(n.startswith("memory_layer") for n in weights)
    assert kinds.count("attention_layer") == sum("attention_layer" in n for n in weights)
    assert found.unknown == ()
    assert ("luong_attention" in kinds) == any("luong_attention" in n for n in weights)
    assert ("bahdanau_attention" in kinds) == any("bahdanau_attention" in n for n in weights)


def test_a_cell_that_attends_is_filled(written):
    recorded, path = written("attention_wrapper", "AttentionWrapper.two_mechanisms")
    mechanisms = [LuongAttention(4), BahdanauAttention(4)]
    cell = AttentionWrapper(LSTMCell(4), mechanisms, attention_units=[3, 2])
    memory = tuple(m.memorize(tf.constant(recorded["in/memory"])) for m in mechanisms)
    cell.build(recorded["in/x"][:, 0].shape)
    loaded = tf1_checkpoint.load(path, cell)
    assert set(loaded.placed.values()) == set(recorded.group("weights"))
    for name, mechanism in zip(("memory_layer", "memory_layer_1"), mechanisms, strict=True):
        wanted = recorded[f"weights/{name}/kernel"]
        np.testing.assert_array_equal(mechanism.memory_layer.kernel, wanted)
    assert len(memory) == 2


def test_a_decoder_of_legacy_seq2seq_is_filled(written):
    recorded, path = written("legacy_seq2seq", "attention_decoder.two_heads_init", "model/")
    decoder = Decoder(recorded)
    decoder.run(**decoder.fed)
    tf1_checkpoint.load(path, decoder.variables())  # AttnW_0 was a convolution of one by one
    outputs, _ = decoder.run(**decoder.fed)
    assert_near(outputs, recorded["out/outputs"])

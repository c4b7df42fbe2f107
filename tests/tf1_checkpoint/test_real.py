"""A checkpoint that TensorFlow 1.15 wrote, down to the logits and states that it computed."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from tests.oracles.recorded import Recorded, assert_near
from tests.tf1.building import state_like
from tfseq import tf1, tf1_checkpoint
from tfseq.cells import BasicLSTMCell, MultiRNNCell
from tfseq.models import LanguageModel

STACK = "Model/rnn/multi_rnn_cell"


@pytest.fixture
def real(shared):
    """The directory of the checkpoint."""
    return shared("oracle/tf1_checkpoint")


@pytest.fixture
def recorded(oracle):
    """What it computes."""
    return Recorded(oracle("tf1_checkpoint"), "lm_basic_lstm2")


def assert_recorded(recorded, logits, states):
    """Logits, and states as pairs `(c, h)`, are the recorded ones."""
    assert_near(logits, recorded["out/logits"])
    for layer, (c, h) in enumerate(states):
        assert_near(c, recorded[f"out/final_state/{layer}/c"])
        assert_near(h, recorded[f"out/final_state/{layer}/h"])


def mask_of(recorded):
    return tf.sequence_mask(recorded["in/sequence_length"], recorded["in/ids"].shape[1])


def both_ways(run):
    """Run eagerly, and in a `tf.function` of unknown sizes."""
    spec = tf.TensorSpec([None, None], tf.int32)
    mask = tf.TensorSpec([None, None], tf.bool)
    return run, tf.function(run, input_signature=[spec, mask])


def assert_model(recorded, model):
    for run in both_ways(lambda ids, mask: model.unroll(ids, mask=mask)):
        logits, states = run(recorded["in/ids"], mask_of(recorded))
        assert_recorded(recorded, logits, [(c, h) for h, c in states])


def test_a_language_model_is_filled(real, recorded):
    model = LanguageModel(30, MultiRNNCell([BasicLSTMCell(20), BasicLSTMCell(16)]), 12)
    loaded = tf1_checkpoint.load(real, model)
    assert_model(recorded, model)
    assert loaded.placed["embedding"] == "Model/embedding"
    assert loaded.placed["softmax/kernel"] == "Model/softmax_w"
    assert len(loaded.placed) == 7
    assert (loaded.missing, loaded.unused) == ((), ())
    assert len(loaded.aside) == 17  # two slots of Adam for each, its two powers, and the step


def test_a_language_model_is_made_from_the_shapes_alone(real, recorded):
    assert_model(recorded, tf1_checkpoint.language_model(real, forget_bias=1.0))


def test_cells_of_tensorflow_1_are_filled(real, recorded):
    cell = tf1.MultiRNNCell([tf1.BasicLSTMCell(n) for n in (20, 16)])
    cell(tf.zeros([1, 12]), cell.zero_state(1, tf.float32))
    embedding, kernel, bias = (tf.Variable(tf.zeros(s)) for s in ([30, 12], [16, 30], [30]))
    target = {"rnn": cell, "embedding": embedding, "softmax_w": kernel, "softmax_b": bias}
    tf1_checkpoint.load(real, target)

    def run(ids, mask):
        lengths = tf.reduce_sum(tf.cast(mask, tf.int32), axis=1)
        inputs = tf.nn.embedding_lookup(embedding, ids)
        outputs, states = tf1.dynamic_rnn(cell, inputs, lengths, dtype=tf.float32)
        return tf.matmul(outputs, kernel[None]) + bias, states

    for way in both_ways(run):
        logits, states = way(recorded["in/ids"], mask_of(recorded))
        assert_recorded(recorded, logits, states)
        assert_near(states, state_like(cell.state_size, recorded["out/final_state"]))


def test_two_lstm_layers_of_keras_are_filled(real, recorded):
    layers = [
        keras.layers.LSTM(n, return_sequences=True, return_state=True, zero_output_for_mask=True)
        for n in (20, 16)
    ]
    embedding, dense = keras.layers.Embedding(30, 12), keras.layers.Dense(30)
    layers[0].build((None, None, 12))
    layers[1].build((None, None, 20))
    embedding.build(None)
    dense.build((None, None, 16))
    tf1_checkpoint.load(
        real,
        {"rnn": layers, "embedding": embedding, "softmax": dense},
        rename={
            "Model/embedding": "embedding/embeddings",
            "Model/softmax_w": "softmax/kernel",
            "Model/softmax_b": "softmax/bias",
        },
        forget_bias=1.0,
    )

    def run(ids, mask):
        values, states = embedding(ids), []
        for layer in layers:
            values, h, c = layer(values, mask=mask)
            states.append((c, h))
        return dense(values), states

    for way in both_ways(run):
        assert_recorded(recorded, *way(recorded["in/ids"], mask_of(recorded)))


def test_a_model_of_layers_of_keras_is_filled(real, recorded):
    options = {"return_sequences": True, "zero_output_for_mask": True}
    model = keras.Sequential(
        [
            keras.layers.Embedding(30, 12, name="embedding"),
            keras.layers.LSTM(20, name="lower", **options),
            keras.layers.LSTM(16, name="upper", **options),
            keras.layers.Dense(30, name="softmax"),
        ]
    )
    model.build((None, None))
    rename = {
        f"{STACK}/cell_0": "lower",
        f"{STACK}/cell_1": "upper",
        "Model/embedding": "embedding/embeddings",
        "Model/softmax_w": "softmax/kernel",
        "Model/softmax_b": "softmax/bias",
    }
    tf1_checkpoint.load(real, model, rename=rename, forget_bias=1.0)
    found, wanted = model(recorded["in/ids"]), recorded["out/logits"]
    for row, length in enumerate(recorded["in/sequence_length"]):
        assert_near(found[row, :length], wanted[row, :length])


def test_one_layer_of_the_stack_is_filled_by_its_scope(real, oracle):
    cell, layer = BasicLSTMCell(16), keras.layers.LSTMCell(16)
    for one in (cell, layer):
        one.build((None, 20))
        tf1_checkpoint.load(real, one, scope=f"{STACK}/cell_1", forget_bias=1.0)
    kernel = oracle("tf1_checkpoint")[
        f"lm_basic_lstm2/weights/{STACK}/cell_1/basic_lstm_cell/kernel"
    ]
    np.testing.assert_array_equal(cell.kernel, kernel)
    np.testing.assert_array_equal(layer.recurrent_kernel[:, 16:32], kernel[20:, 32:48])


def test_an_inspection_says_what_there_is(real):
    found = tf1_checkpoint.inspect(real)
    lower, upper = found.stacks[STACK]
    assert (lower.kind, dict(lower.options), lower.depth) == ("basic_lstm", {"units": 20}, 12)
    assert (upper.kind, dict(upper.options), upper.depth) == ("basic_lstm", {"units": 16}, 20)
    assert [part.kind for part in found.parts if not part.cell] == ["embedding", "dense"]
    assert (found.unknown, found.averages) == ((), {})
    assert found.counters["global_step"] == 60
    assert len(found.slots) == 14
    assert len(found.variables) == 24
    text = str(found)
    for line in (
        "basic_lstm units=20 inputs=12  in Model/rnn/multi_rnn_cell/cell_0/basic_lstm_cell",
        "    Model/rnn/multi_rnn_cell/cell_1/basic_lstm_cell/kernel [36, 64] float32",
        "stack of 2  in Model/rnn/multi_rnn_cell",
        "    global_step = 60",
        "    14 slots: Adam, Adam_1",
        "    forget_bias (by default 1.0; it is not in the stored bias)",
    ):
        assert line in text.splitlines()

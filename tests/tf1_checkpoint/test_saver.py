"""Checkpoints that the test trains and saves itself: slots, averages, partitions, cuDNN's names."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from tests.oracles.equations import basic_lstm
from tests.tf1_checkpoint.writing import train_and_save, v1, write
from tfseq import tf1_checkpoint
from tfseq.attention import AttentionWrapper, BahdanauAttention
from tfseq.cells import (
    BasicLSTMCell,
    GRUCell,
    LSTMCell,
    MultiRNNCell,
    ResidualWrapper,
    stack_cells,
)
from tfseq.models import Decoder, Embedding, Encoder, LanguageModel, Seq2Seq, encoder_cells

KERNEL, BIAS = "Model/rnn/lstm_cell/kernel", "Model/rnn/lstm_cell/bias"
RNG = np.random.default_rng(5)


def lstm_loss():
    """The variables of an LSTM of 3 units on inputs of width 2, and a loss on all of them."""
    with v1.variable_scope("Model/rnn/lstm_cell"):
        kernel = v1.get_variable("kernel", [5, 12])
        bias = v1.get_variable("bias", [12])
    return tf.reduce_sum(kernel**2) + tf.reduce_sum((bias - 1) ** 2)


def adam(loss):
    step, rate = v1.train.get_or_create_global_step(), v1.Variable(0.1, trainable=False)
    assert rate.op.name == "Variable"
    return [v1.train.AdamOptimizer(rate).minimize(loss, global_step=step)]


def adam_and_averages(loss):
    average = tf.train.ExponentialMovingAverage(0.5)
    first = average.apply(v1.trainable_variables())
    return [first, *adam(loss), average.apply(v1.trainable_variables())]


def built(cell, depth=2):
    cell.build((None, depth))
    return cell


def assert_cell(cell, kernel, bias):
    np.testing.assert_array_equal(cell.kernel, kernel)
    np.testing.assert_array_equal(cell.bias, bias)


def test_what_an_optimizer_kept_is_set_aside(tmp_path):
    path, values = train_and_save(tmp_path / "model", lstm_loss, adam)
    found = tf1_checkpoint.inspect(path)
    assert set(found.slots) == {f"{n}/{s}" for n in (KERNEL, BIAS) for s in ("Adam", "Adam_1")}
    assert set(found.counters) == {"global_step", "beta1_power", "beta2_power", "Variable"}
    assert found.counters["global_step"] == 1
    loaded = tf1_checkpoint.load(path, cell := built(BasicLSTMCell(3)))
    assert len(loaded.aside) == 8
    assert_cell(cell, values[KERNEL], values[BIAS])


@pytest.mark.parametrize(("scope", "name"), [("training", "Momentum"), ("", "Mine")])
def test_slots_in_a_scope_or_of_another_name_are_set_aside(tmp_path, scope, name):
    def momentum(loss):
        with v1.variable_scope(scope):
            return [v1.train.MomentumOptimizer(0.1, 0.9, name=name).minimize(loss)]

    path, values = train_and_save(tmp_path / "model", lstm_loss, momentum)
    slots = {f"{scope}/{n}/{name}".strip("/") for n in (KERNEL, BIAS)}
    assert set(tf1_checkpoint.inspect(path).slots) == slots
    tf1_checkpoint.load(path, cell := built(BasicLSTMCell(3)))
    assert_cell(cell, values[KERNEL], values[BIAS])


def test_moving_averages_are_taken_where_they_are_asked_for(tmp_path):
    path, values = train_and_save(tmp_path / "model", lstm_loss, adam_and_averages)
    names = [f"{name}/ExponentialMovingAverage" for name in (KERNEL, BIAS)]
    averages = [values[name] for name in names]
    assert tf1_checkpoint.inspect(path).averages == dict(zip((KERNEL, BIAS), names, strict=True))
    assert np.abs(averages[0] - values[KERNEL]).max() > 0.01
    tf1_checkpoint.load(path, cell := built(BasicLSTMCell(3)))
    assert_cell(cell, values[KERNEL], values[BIAS])
    loaded = tf1_checkpoint.load(path, cell, average=True)
    assert_cell(cell, *averages)
    assert {KERNEL, BIAS} <= set(loaded.aside)


def test_a_checkpoint_of_averages_alone_is_read(tmp_path):
    path, values = train_and_save(
        tmp_path / "model",
        lstm_loss,
        adam_and_averages,
        lambda: [v for v in v1.global_variables() if "Average" in v.op.name],
    )
    found = tf1_checkpoint.inspect(path)
    assert [part.kind for part in found.parts] == ["lstm"]
    assert f"    {KERNEL}/ExponentialMovingAverage [5, 12] float32" in str(found).splitlines()
    cell = built(BasicLSTMCell(3))
    with pytest.raises(ValueError, match=r"average=True takes the moving averages"):
        tf1_checkpoint.load(path, cell)
    tf1_checkpoint.load(path, cell, average=True)
    ends = "/ExponentialMovingAverage"
    assert_cell(cell, values[KERNEL + ends], values[BIAS + ends])


def test_partitioned_variables_come_whole(tmp_path):
    def loss():
        with v1.variable_scope("", partitioner=v1.fixed_size_partitioner(3)):
            kernel = v1.get_variable("lstm_cell/kernel", [5, 12])
        bias = v1.get_variable("lstm_cell/bias", [12])
        assert len(list(kernel)) == 3
        return tf.reduce_sum(tf.convert_to_tensor(kernel) ** 2) + tf.reduce_sum(bias)

    path, values = train_and_save(tmp_path / "model", loss, adam_and_averages)
    parts = [values[f"lstm_cell/kernel/part_{n}"] for n in range(3)]
    tf1_checkpoint.load(path, cell := built(BasicLSTMCell(3)))
    assert_cell(cell, np.concatenate(parts), values["lstm_cell/bias"])
    (part,) = tf1_checkpoint.inspect(path).parts
    assert (part.kind, part.options, part.depth) == ("lstm", {"units": 3}, 2)


@pytest.mark.parametrize(
    "options", [{"sharded": True}, {"write_version": v1.train.SaverDef.V1}], ids=str
)
def test_shards_and_the_first_format_are_read(tmp_path, options):
    path, values = train_and_save(tmp_path / "model", lstm_loss, adam, **options)
    tf1_checkpoint.load(path, cell := built(BasicLSTMCell(3)))
    assert_cell(cell, values[KERNEL], values[BIAS])


def test_the_latest_checkpoint_of_a_directory_that_was_moved_is_read(tmp_path):
    path, values = train_and_save(tmp_path / "old" / "model", lstm_loss, adam)
    state = tmp_path / "old" / "checkpoint"
    state.write_text(f'model_checkpoint_path: "{path}"\nall_model_checkpoint_paths: "{path}"\n')
    for name in ("old", "new"):
        (tmp_path / "old").rename(tmp_path / name)
        tf1_checkpoint.load(tmp_path / name, cell := built(BasicLSTMCell(3)))
        assert_cell(cell, values[KERNEL], values[BIAS])


def test_arrays_are_cast_to_the_types_of_the_variables(tmp_path):
    path, values = train_and_save(tmp_path / "model", lstm_loss)
    for dtype in ("float64", "bfloat16"):
        tf1_checkpoint.load(path, cell := built(LSTMCell(3, dtype=dtype)))
        kernel = np.asarray(cell.kernel.value)
        assert kernel.dtype.name == dtype
        np.testing.assert_array_equal(kernel, values[KERNEL].astype(kernel.dtype))
    layer = built(keras.layers.LSTMCell(3, dtype="float64"))
    tf1_checkpoint.load(path, layer, forget_bias=1.0)
    np.testing.assert_array_equal(layer.bias[3:6], values[BIAS][6:9] + 1.0)


CUDNN = "cudnn_lstm/rnn/multi_rnn_cell/cell_{}/cudnn_compatible_lstm_cell/{}"


@pytest.fixture
def cudnn(tmp_path):
    """Two layers as `CudnnLSTM` saved them: `(prefix, weights)`."""
    shapes = {0: (5, 12), 1: (7, 16)}  # 2 -> 3 -> 4
    weights = {}
    for layer, (rows, columns) in shapes.items():
        weights[CUDNN.format(layer, "kernel")] = RNG.normal(size=(rows, columns))
        weights[CUDNN.format(layer, "bias")] = RNG.normal(size=columns)
    weights = {name: value.astype("float32") for name, value in weights.items()}
    return write(tmp_path / "cudnn", weights), weights


def outputs_by_hand(weights, x):
    """The equations, with no forget bias."""
    states = [[np.zeros((2, n)), np.zeros((2, n))] for n in (3, 4)]
    outputs = []
    for value in np.moveaxis(x, 1, 0):
        for layer, units in enumerate((3, 4)):
            own = {name: weights[CUDNN.format(layer, name)] for name in ("kernel", "bias")}
            value, states[layer] = basic_lstm(own, value, states[layer], units, forget_bias=0.0)
        outputs.append(value)
    return np.stack(outputs, axis=1)


def test_lstms_saved_by_cudnn_are_filled_into_cells_and_keras(cudnn):
    path, weights = cudnn
    x = RNG.normal(size=(2, 6, 2)).astype("float32")
    stack = built(MultiRNNCell([LSTMCell(3, forget_bias=0.0), BasicLSTMCell(4, forget_bias=0.0)]))
    layers = [keras.layers.LSTM(n, return_sequences=True) for n in (3, 4)]
    layers[0].build((None, None, 2))
    layers[1].build((None, None, 3))
    tf1_checkpoint.load(path, stack)
    tf1_checkpoint.load(path, layers)
    wanted = outputs_by_hand(weights, x)
    np.testing.assert_allclose(keras.layers.RNN(stack, return_sequences=True)(x), wanted, atol=1e-5)
    np.testing.assert_allclose(layers[1](layers[0](x)), wanted, atol=1e-5)
    found = tf1_checkpoint.inspect(path)
    assert [dict(part.options) for part in found.cells] == [{"units": 3}, {"units": 4}]
    assert not any("forget_bias" in fact for fact in found.not_recorded)


def test_a_forget_bias_that_was_not_trained_is_refused(cudnn):
    path, _ = cudnn
    stack = built(MultiRNNCell([LSTMCell(3, forget_bias=0.0), LSTMCell(4)]))
    before = [variable.numpy() for variable in stack.variables]
    with pytest.raises(ValueError, match=r"forget_bias=1.0 for 0.0 of cudnn_lstm/.*/cell_1"):
        tf1_checkpoint.load(path, stack)
    with pytest.raises(ValueError, match=r"`forget_bias` must be 0.0 .* Received: forget_bias=1.0"):
        tf1_checkpoint.load(path, stack, forget_bias=1.0)
    for old, variable in zip(before, stack.variables, strict=True):
        np.testing.assert_array_equal(old, variable)


def test_names_that_differ_are_renamed_by_beginnings_or_by_a_function(tmp_path):
    arrays = {"enc/mine/W": RNG.normal(size=(5, 12)), "enc/mine/b": RNG.normal(size=12)}
    arrays = {name: value.astype("float32") for name, value in arrays.items()}
    path = write(tmp_path / "model", arrays)
    for rename in (
        {"enc/mine/W": "lstm_cell/kernel", "enc/mine/b": "lstm_cell/bias"},
        {"enc/mine/W": "lstm_cell/kernel", "enc/mine": "lstm_cell", "enc/mine/b": "lstm_cell/bias"},
        lambda name: {"W": "lstm_cell/kernel", "b": "lstm_cell/bias"}[name[-1]],
    ):
        tf1_checkpoint.load(path, cell := built(LSTMCell(3)), rename=rename)
        assert_cell(cell, *arrays.values())
    arrays = {"a/enc/kernel": arrays["enc/mine/W"], "a/enc/bias": arrays["enc/mine/b"]}
    path = write(tmp_path / "other", arrays)
    tf1_checkpoint.load(path, cell := built(LSTMCell(3)), rename={"a/enc": "lstm_cell"})
    assert_cell(cell, *arrays.values())


def test_what_is_allowed_to_be_left_is_told(tmp_path):
    kernel, bias = np.ones((5, 12), "float32"), np.full(12, 2, "float32")
    path = write(tmp_path / "model", {"rnn/lstm_cell/bias": bias, "other/matrix": kernel})
    cell = built(LSTMCell(3))
    before = cell.kernel.numpy()
    loaded = tf1_checkpoint.load(path, cell, allow_missing=True, allow_unused=True)
    assert_cell(cell, before, bias)
    assert loaded.missing == ("lstm_cell/kernel",)
    assert loaded.unused == ("other/matrix",)
    assert "lstm_cell/bias <- rnn/lstm_cell/bias" in str(loaded)


def random_values(model):
    for variable in model.trainable_variables:
        variable.assign(RNG.normal(size=variable.shape).astype("float32"))


def gru_names(scope, cell):
    """The variables of a GRU by TensorFlow 1's names."""
    kinds = [(part, kind) for part in ("gates", "candidate") for kind in ("kernel", "bias")]
    return {f"{scope}/{part}/{kind}": getattr(cell, f"{part}_{kind}") for part, kind in kinds}


def seq2seq():
    """A translator with attention; 7 source words, 9 target words."""
    encoder = Encoder(Embedding(7, 3), encoder_cells("bidirectional", "gru", 4, 1))
    cell = AttentionWrapper(GRUCell(5), BahdanauAttention(6), attention_units=4)
    model = Seq2Seq(encoder, Decoder(Embedding(9, 2), cell), "dense")
    model.build(None)
    random_values(model)
    return model


def test_sequence_to_sequence_is_filled_by_renamed_scopes(tmp_path):
    trained = seq2seq()
    names = {
        "embeddings/source": trained.encoder.embedding.embeddings,
        "nmt/decoder/embedding": trained.decoder.embedding.embeddings,
        "nmt/decoder/memory_layer/kernel": trained.decoder.cell.mechanism.memory_layer.kernel,
        "nmt/decoder/output/kernel": trained.decoder.softmax.kernel,
        "nmt/decoder/output/bias": trained.decoder.softmax.bias,
    }
    wrapper = trained.decoder.cell
    below = "nmt/decoder/attention_wrapper"
    names[f"{below}/bahdanau_attention/attention_v"] = wrapper.mechanism.attention_v
    names[f"{below}/bahdanau_attention/query_layer/kernel"] = wrapper.mechanism.query_layer.kernel
    names[f"{below}/attention_layer/kernel"] = wrapper.attention_layers[0].kernel
    cells = {f"{below}/gru_cell": wrapper.cell}
    for way, layer in zip(("fw", "bw"), trained.encoder.ways[0], strict=True):
        cells[f"nmt/encoder/bidirectional_rnn/{way}/multi_rnn_cell/cell_0/gru_cell"] = (
            layer.cell.cells[0]
        )
    for scope, cell in cells.items():
        names |= gru_names(scope, cell)
    (layer,) = trained.bridge.layers
    names |= {"nmt/bridge/kernel": layer.kernel, "nmt/bridge/bias": layer.bias}
    path = write(tmp_path / "nmt", {n: v.numpy() for n, v in names.items()})
    model = seq2seq()
    tf1_checkpoint.load(
        path,
        model,
        rename={
            "embeddings/source": "encoder/embedding",
            "nmt/decoder/output": "decoder/softmax",
            "nmt/bridge": "bridge/dense",
        },
    )
    inputs = np.array([[1, 6, 3]]), np.array([[2, 8, 5, 4]])
    np.testing.assert_array_equal(model(inputs), trained(inputs))


def test_layers_that_added_their_inputs_are_told_to_a_language_model(tmp_path):
    cells = [GRUCell(4), ResidualWrapper(GRUCell(4))]
    trained = LanguageModel(9, MultiRNNCell(cells), 3)
    trained.build((None, None))
    random_values(trained)
    arrays = {"embedding": trained.embedding.embeddings}
    arrays |= {f"softmax/{v.name}": v for v in trained.softmax.weights}
    for layer, cell in enumerate((cells[0], cells[1].cell)):
        arrays |= gru_names(f"rnn/multi_rnn_cell/cell_{layer}/gru_cell", cell)
    path = write(tmp_path / "lm", {name: value.numpy() for name, value in arrays.items()})
    ids = np.array([[3, 1, 8, 0]])
    model = tf1_checkpoint.language_model(path, residual_from=1)
    np.testing.assert_array_equal(model(ids), trained(ids))
    assert np.abs(tf1_checkpoint.language_model(path)(ids) - trained(ids)).max() > 0.1


@pytest.mark.parametrize("tied", [True, False])
def test_a_language_model_is_known_by_its_shapes_whatever_its_names(tmp_path, tied):
    trained = LanguageModel(11, stack_cells("gru", 6, 1), 6, tied=tied)
    trained.build((None, None))
    random_values(trained)
    cell = trained.cell.cells[0]
    bias = trained.embedding.bias if tied else trained.softmax.bias
    arrays = {"Variable": trained.embedding.embeddings, "fully_connected/biases": bias}
    if not tied:
        arrays["fully_connected/weights"] = trained.softmax.kernel
    arrays |= gru_names("rnn/gru_cell", cell)
    if tied:  # without a softmax matrix, only its name tells an embedding
        arrays["word_embedding"] = arrays.pop("Variable")
    path = write(tmp_path / "lm", {name: value.numpy() for name, value in arrays.items()})
    model = tf1_checkpoint.language_model(path)
    assert model.tied == tied
    ids = np.array([[3, 1, 10, 0]])
    np.testing.assert_array_equal(model(ids), trained(ids))

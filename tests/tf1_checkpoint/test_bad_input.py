"""What cannot be read or placed: one line that says what was wrong, and nothing is assigned."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from tests.tf1_checkpoint.writing import write
from tfseq import tf1, tf1_checkpoint
from tfseq.cells import BasicLSTMCell, LSTMCell, MultiRNNCell
from tfseq.models import LanguageModel

KERNEL = np.arange(60, dtype="float32").reshape(5, 12)
BIAS = np.ones(12, "float32")
LSTM = {"rnn/lstm_cell/kernel": KERNEL, "rnn/lstm_cell/bias": BIAS}


@pytest.fixture
def path(tmp_path):
    """A checkpoint of an LSTM of 3 units on inputs of width 2."""
    return write(tmp_path / "model.ckpt-5", LSTM)


def built(cell, depth=2):
    cell.build((None, depth))
    return cell


def assert_refused(path, target, words, error=ValueError, **options):
    """The load fails with the words in one line, and leaves the target as it was."""
    layers = target if isinstance(target, list) else [target]
    before = [[v.numpy() for v in getattr(one, "variables", ())] for one in layers]
    with pytest.raises(error, match=words) as caught:
        tf1_checkpoint.load(path, target, **options)
    assert "\n" not in str(caught.value)
    for one, values in zip(layers, before, strict=True):
        for variable, value in zip(getattr(one, "variables", ()), values, strict=True):
            np.testing.assert_array_equal(variable, value)


def test_a_path_that_is_no_checkpoint(tmp_path, path):
    for wrong, reason in {
        tmp_path / "nothing": "there is no nothing.index",
        f"{path}.index": f"write {path}. Received",
        f"{path}.data-00000-of-00001": f"write {path}. Received",
        tmp_path: "no file `checkpoint` that names one of its own; it holds model.ckpt-5. ",
    }.items():
        with pytest.raises(ValueError, match=r"`path` must be a checkpoint.*Received") as caught:
            tf1_checkpoint.inspect(wrong)
        assert reason in str(caught.value)
        assert_refused(wrong, built(BasicLSTMCell(3)), "`path` must be a checkpoint")


def test_a_damaged_checkpoint(tmp_path, path):
    lost = tf.errors.DataLossError
    data = tmp_path / "model.ckpt-5.data-00000-of-00001"
    whole = data.read_bytes()
    for damage in (whole[:20], whole[:8] + b"\xff\xff" + whole[10:]):
        data.write_bytes(damage)
        assert_refused(path, built(BasicLSTMCell(3)), "`path` must be a whole checkpoint", lost)
    data.unlink()
    assert_refused(path, built(BasicLSTMCell(3)), "No such file", lost)
    (tmp_path / "text").write_text("hello")
    assert_refused(tmp_path / "text", built(BasicLSTMCell(3)), "must be a whole checkpoint", lost)
    (tmp_path / "half.index").write_bytes(b"hello" * 30)
    with pytest.raises(lost, match="`path` must be a whole checkpoint"):
        tf1_checkpoint.inspect(tmp_path / "half")


def test_a_checkpoint_that_names_objects(tmp_path):
    path = tf.train.Checkpoint(cell=tf.Variable([1.0])).write(str(tmp_path / "objects"))
    assert_refused(path, built(LSTMCell(3)), "must be a checkpoint of `tf.train.Saver`")
    assert "names objects" in str(tf1_checkpoint.inspect(path))


def test_shapes_that_disagree_are_both_shown(path):
    wrong = r"lstm_cell/kernel \(6, 12\) for rnn/lstm_cell/kernel \(5, 12\) float32"
    assert_refused(path, built(LSTMCell(3), depth=3), wrong)
    layer = built(keras.layers.LSTMCell(4))
    both = r"\(6, 16\) for .*/kernel \(5, 12\) float32; .*/bias \(16,\) for .*/bias \(12,\)"
    assert_refused(path, layer, both, forget_bias=1.0)


def test_whole_numbers_where_weights_should_be(tmp_path):
    path = write(tmp_path / "model", {**LSTM, "rnn/lstm_cell/bias": BIAS.astype("int32")})
    assert_refused(path, built(LSTMCell(3)), r"in floats. Received: lstm_cell/bias .* int32")


def test_variables_that_are_missing_or_to_spare(path):
    stack = built(MultiRNNCell([LSTMCell(3), LSTMCell(3)]))
    words = r"without multi_rnn_cell/cell_0/lstm_cell/kernel \(like rnn/lstm_cell/kernel\?\), .*"
    assert_refused(path, stack, words + "and with rnn/lstm_cell/bias.* to spare")
    peepholes = built(LSTMCell(3, use_peepholes=True))
    without = r"without lstm_cell/w_i_diag, lstm_cell/w_f_diag, lstm_cell/w_o_diag$"
    assert_refused(path, peepholes, without)


def test_weights_that_keras_has_no_place_for(tmp_path):
    peepholes = {f"lstm_cell/w_{gate}_diag": np.ones(3, "float32") for gate in "ifo"}
    weights = {name.removeprefix("rnn/"): value for name, value in LSTM.items()}
    path = write(tmp_path / "model", weights | peepholes)
    layer = built(keras.layers.LSTMCell(3))
    assert_refused(path, layer, "with lstm_cell/w_f_diag, .* to spare$", forget_bias=1.0)


def test_two_variables_for_one_place(tmp_path):
    arrays = {f"{side}/{name}": value for side in ("enc", "dec") for name, value in LSTM.items()}
    path = write(tmp_path / "model", arrays)
    words = r"`scope` or `rename` must say .* lstm_cell/kernel. Received: dec/.*, enc/"
    assert_refused(path, built(LSTMCell(3)), words)
    assert tf1_checkpoint.load(path, built(LSTMCell(3)), scope="enc").unused == ()


def test_a_forget_bias_that_is_not_told(path):
    assert_refused(path, built(keras.layers.LSTMCell(3)), "`forget_bias` must be given")
    assert_refused(
        path, built(LSTMCell(3)), "forget_bias=1.0 for 0.5 of rnn/lstm_cell", forget_bias=0.5
    )
    assert_refused(path, built(LSTMCell(3)), "`target` must have the forget bias", forget_bias=0.0)
    with pytest.raises(ValueError, match="`forget_bias` must be given: no checkpoint holds it"):
        tf1_checkpoint.language_model(path)


def test_cells_of_tensorflow_1_are_asked_for_their_forget_bias_too(path):
    cell, cudnn = tf1.LSTMCell(3, forget_bias=0.5), tf1.CudnnCompatibleLSTMCell(3)
    for one in (cell, cudnn):
        one(tf.zeros([1, 2]), one.zero_state(1, tf.float32))
    assert_refused(path, cell, "forget_bias=0.5 for 1.0", forget_bias=1.0)
    assert_refused(path, cudnn, "`forget_bias` must be given")
    tf1_checkpoint.load(path, cudnn, forget_bias=0.0)


@pytest.mark.parametrize(
    ("kind", "stored"),
    [(True, "gru_cell"), (False, "cudnn_compatible_gru_cell")],
    ids=["reset_after", "reset_before"],
)
def test_the_other_kind_of_gru(tmp_path, kind, stored):
    path = write(tmp_path / "model", {f"{stored}/gates/bias": BIAS})
    layer = built(keras.layers.GRUCell(6, reset_after=kind))
    assert_refused(path, layer, f"with {stored}/gates/bias to spare")


def test_half_of_a_cell_of_keras(path):
    layer = built(keras.layers.LSTMCell(3))
    words = "`allow_missing` must leave all of a Keras cell out"
    options = {"allow_missing": True, "allow_unused": True, "forget_bias": 1.0}
    assert_refused(path, layer, words, rename={"rnn/lstm_cell/bias": "b"}, **options)


def test_options_that_speak_of_what_is_not_there(path):
    cell = built(LSTMCell(3))
    assert_refused(path, cell, "`average` must be False", average=True)
    assert_refused(path, cell, "`scope` must hold .* Received: scope='decoder'", scope="decoder")
    assert_refused(path, cell, "`rename` must name .* Received: 'enc'", rename={"enc": "rnn"})


def test_targets_that_cannot_be_filled(path):
    assert_refused(path, 3, "`target` must be a cell, a layer", error=TypeError)
    assert_refused(path, LSTMCell(3), "`target` must have its weights: build it")
    assert_refused(path, tf1.LSTMCell(3), "`target` must have its weights: build it")
    layer = built(keras.layers.LSTMCell(3, use_bias=False))
    assert_refused(path, layer, "`target` must have biases", forget_bias=1.0)


def test_checkpoints_that_hold_no_language_model(path, tmp_path):
    with pytest.raises(ValueError, match=r"`rename` must say which variables are embedding"):
        tf1_checkpoint.language_model(path, forget_bias=1.0)
    arrays = {f"{side}/{name}": value for side in ("a", "b") for name, value in LSTM.items()}
    two = write(tmp_path / "two", arrays)
    with pytest.raises(ValueError, match=r"one stack .* with a/rnn/lstm_cell, b/rnn/lstm_cell"):
        tf1_checkpoint.language_model(two, forget_bias=1.0)


def test_a_language_model_of_other_sizes(path):
    model = LanguageModel(7, LSTMCell(3), 2)
    model.build((None, None))
    assert_refused(path, model, "without embedding, softmax/kernel, softmax/bias$")

"""What the constructors' arguments mean, where no recorded case asks for it.

Numbers, names and first values were printed by the same lines in TensorFlow 1.15.5.
"""

import numpy as np
import pytest
import tensorflow as tf

from tests.oracles.recorded import assert_near
from tfseq import tf1

FILLED = tf.constant_initializer(0.3)
OTHER = tf.constant_initializer(0.2)


def drawn(shape, phase):
    """A rule that TensorFlow 1's side had too: `sin(phase + position)`."""
    waves = np.sin(phase + np.arange(np.prod(shape), dtype="float64"))
    return waves.reshape(shape).astype("float32")


COUPLED = {
    "plain": (
        {},
        [[0.57761, 0.4639917, -0.01260314], [0.21015312, 0.16147943, 0.51259285]],
        [[1.5661283, 0.88858616, -0.02032718], [1.3905188, 0.19355783, 0.83112663]],
    ),
    "all": (
        {
            "use_peepholes": True,
            "num_proj": 2,
            "proj_clip": 0.3,
            "norm_gain": 0.7,
            "norm_shift": 0.2,
        },
        [[0.29286486, 0.3], [-0.3, -0.2964767]],
        [[0.6431732, 0.7450282, -0.7882013], [0.58953375, -0.7829277, 0.79339397]],
    ),
}


@pytest.mark.parametrize(("options", "output", "state"), COUPLED.values(), ids=COUPLED)
def test_coupled_gates_are_normalised(options, output, state):
    cell = tf1.CoupledInputForgetGateLSTMCell(3, layer_norm=True, **options)
    inputs, width = drawn((2, 4, 5), 0.0), options.get("num_proj", 3)
    found = tf1.LSTMStateTuple(drawn((2, 3), 1.0), drawn((2, width), 2.0))
    cell.ensure_built(tf.constant(inputs[:, 0]))
    names = tf1.variables_by_name(cell)
    kept = ("gamma", "beta") if "norm_gain" in options else ()
    weights = [name for name in sorted(names) if not name.endswith(kept)]
    for position, name in enumerate(weights):
        names[name].assign(drawn(names[name].shape, 3.0 + position))
    last = None
    for step in range(4):
        last, found = cell(inputs[:, step], found)
    assert_near(last, np.array(output))
    assert_near(found.c, np.array(state))
    assert len(names) == (12 if options else 9)


# Cell, and what its variables start with, in the order of their names; `None`: drawn.
FIRST = {
    "the biases of a GRU": (
        lambda: tf1.GRUCell(3),
        {"candidate/bias": 0.0, "candidate/kernel": None, "gates/bias": 1.0, "gates/kernel": None},
    ),
    "all of a GRU": (
        lambda: tf1.GRUCell(3, None, None, FILLED, OTHER),
        {"candidate/bias": 0.2, "candidate/kernel": 0.3, "gates/bias": 0.2, "gates/kernel": 0.3},
    ),
    "all of an LSTM": (
        lambda: tf1.LSTMCell(3, True, None, FILLED, 2, None, 2, 2),
        {
            "bias": 0.0,
            "kernel": 0.3,
            "projection/kernel": 0.3,
            "w_f_diag": 0.3,
            "w_i_diag": 0.3,
            "w_o_diag": 0.3,
        },
    ),
    "gains and shifts": (
        lambda: tf1.LayerNormBasicLSTMCell(3, norm_gain=0.4, norm_shift=0.6),
        {
            "kernel": None,
            **{
                f"{gate}/{kind}": value
                for gate in ("input", "transform", "forget", "output", "state")
                for kind, value in (("gamma", 0.4), ("beta", 0.6))
            },
        },
    ),
    "normalised weights": (
        lambda: tf1.WeightNormLSTMCell(3, use_peepholes=True, num_proj=2, initializer=FILLED),
        {
            "wn_lstm_cell/bias": 0.0,
            "wn_lstm_cell/kernel": 0.3,
            "wn_lstm_cell/norm_0": 1.0,
            "wn_lstm_cell/norm_1": 1.0,
            "wn_lstm_cell/projection/kernel": 0.3,
            "wn_lstm_cell/projection/norm_0": 1.0,
            "wn_lstm_cell/w_f_diag": 0.3,
            "wn_lstm_cell/w_i_diag": 0.3,
            "wn_lstm_cell/w_o_diag": 0.3,
        },
    ),
    "independent units": (
        lambda: tf1.IndyLSTMCell(3, kernel_initializer=FILLED, bias_initializer=OTHER),
        {"bias": 0.2, "kernel_u": None, "kernel_w": 0.3},
    ),
    "a cuDNN GRU": (
        lambda: tf1.CudnnCompatibleGRUCell(3, None, FILLED),
        {
            "candidate/hidden_projection/bias": 0.0,
            "candidate/hidden_projection/kernel": 0.3,
            "candidate/input_projection/bias": 0.0,
            "candidate/input_projection/kernel": 0.3,
            "gates/bias": 1.0,
            "gates/kernel": 0.3,
        },
    ),
}


@pytest.mark.parametrize(("make", "wanted"), FIRST.values(), ids=FIRST)
def test_variables_have_tensorflow_1s_names_and_first_values(make, wanted):
    cell = make()
    cell(drawn((2, 5), 0.0), cell.zero_state(2, tf.float32))
    found = {
        name.removeprefix(f"{cell.name}/"): np.asarray(variable)
        for name, variable in tf1.variables_by_name(cell).items()
    }
    assert set(found) == set(wanted)
    for name, value in wanted.items():
        if value is None:
            assert np.ptp(found[name]) > 0.01
        else:
            np.testing.assert_allclose(found[name], value)


def test_vectors_of_independent_units_are_drawn_between_minus_1_and_1():
    cell = tf1.IndRNNCell(400)
    cell(drawn((2, 5), 0.0), cell.zero_state(2, tf.float32))
    vector = np.asarray(tf1.variables_by_name(cell)["ind_rnn_cell/kernel_u"])
    assert vector.min() < -0.9
    assert vector.max() > 0.9
    assert abs(vector.mean()) < 0.1


def test_initializers_of_a_convolution_are_not_used():
    cell = tf1.Conv1DLSTMCell(
        input_shape=[4, 2], output_channels=3, kernel_shape=[2], initializers=FILLED
    )
    cell(drawn((2, 4, 2), 0.0), cell.zero_state(2, tf.float32))
    assert np.ptp(tf1.variables_by_name(cell)["conv_1d_lstm_cell/kernel"]) > 0.01


FROZEN = {
    "a simple cell": lambda: tf1.BasicRNNCell(3, trainable=False),
    "a GRU": lambda: tf1.GRUCell(3, trainable=False),
    "an LSTM": lambda: tf1.BasicLSTMCell(3, trainable=False),
    "an LSTM with options": lambda: tf1.LSTMCell(3, use_peepholes=True, trainable=False),
    "the cell of a search": lambda: tf1.NASCell(3, trainable=False),
    "a simple recurrent unit": lambda: tf1.SRUCell(3, trainable=False),
}


@pytest.mark.parametrize("make", FROZEN.values(), ids=FROZEN)
def test_a_cell_may_not_be_trained_whatever_it_stands_in(make):
    stack = tf1.MultiRNNCell([tf1.ResidualWrapper(make()), tf1.GRUCell(4)])
    stack(drawn((2, 3), 0.0), stack.zero_state(2, tf.float32))
    names = tf1.variables_by_name(stack)
    trained = {id(variable) for variable in stack.trainable_variables}
    above = {name for name, variable in names.items() if id(variable) in trained}
    assert above == {name for name in names if "cell_1/gru_cell" in name}


def test_an_argument_that_no_cell_has_is_refused():
    with pytest.raises(TypeError, match="must be one that the cell has"):
        tf1.GRUCell(3, forget_bias=1.0)


def test_a_block_cell_has_one_width():
    with pytest.raises(ValueError, match="`num_units` must be given, or `cell_size`"):
        tf1.GRUBlockCell()

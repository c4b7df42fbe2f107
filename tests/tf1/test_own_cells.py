"""Cells of one's own, as code of TensorFlow 1 has them: alone, in stacks, wrapped, in loops."""

import numpy as np
import pytest
import tensorflow as tf

from tfseq import tf1

BATCH, TIME, DEPTH, UNITS = 3, 4, 2, 5
RANDOM = np.random.default_rng(0)
INPUTS = RANDOM.normal(size=(BATCH, TIME, DEPTH)).astype("float32")
LENGTHS = [4, 0, 2]


class LeakyCell(tf1.RNNCell):
    """Written as in 2018: sizes as properties, weights in `build`, a step in `call`."""

    def __init__(self, num_units, leak=0.5, reuse=None, name=None):
        super().__init__(_reuse=reuse, name=name)
        self._num_units = num_units
        self._leak = leak

    @property
    def state_size(self):
        return self._num_units

    @property
    def output_size(self):
        return self._num_units

    def build(self, inputs_shape):
        self._kernel = self.add_variable("kernel", [inputs_shape[-1], self._num_units])
        self._bias = self.add_variable(
            "bias", [self._num_units], initializer=tf.zeros_initializer()
        )
        self.built = True

    def call(self, inputs, state):
        state = self._leak * state + tf.tanh(tf.matmul(inputs, self._kernel) + self._bias)
        return state, state


class OldCell(tf1.RNNCell):
    """Written as in 2016: a `__call__` of its own, and no call of the parent's constructor."""

    def __init__(self, num_units):
        self._num_units = num_units

    @property
    def state_size(self):
        return tf1.LSTMStateTuple(self._num_units, self._num_units)

    @property
    def output_size(self):
        return self._num_units

    def __call__(self, inputs, state, scope=None):
        c, h = state
        c = c + tf.reduce_sum(inputs, axis=-1, keepdims=True)
        return h + c, tf1.LSTMStateTuple(c, h + 1)


def leaky(kernel, inputs, lengths):
    """The outputs and the last state of `LeakyCell`, in NumPy."""
    outputs = np.zeros((BATCH, TIME, UNITS), "float32")
    state = np.zeros((BATCH, UNITS), "float32")
    for step in range(TIME):
        real = (step < np.array(lengths))[:, None]
        new = 0.5 * state + np.tanh(inputs[:, step] @ kernel)
        outputs[:, step], state = np.where(real, new, 0), np.where(real, new, state)
    return outputs, state


@pytest.mark.parametrize("compiled", [False, True], ids=["eager", "graph"])
def test_a_cell_of_ones_own_runs_in_the_loop(compiled):
    cell = LeakyCell(UNITS)

    def run(inputs, lengths):
        return tf1.dynamic_rnn(cell, inputs, lengths, dtype=tf.float32)

    outputs, state = (tf.function(run) if compiled else run)(tf.constant(INPUTS), LENGTHS)
    names = tf1.variables_by_name(cell)
    assert set(names) == {"leaky_cell/kernel", "leaky_cell/bias"}
    wanted = leaky(names["leaky_cell/kernel"].numpy(), INPUTS, LENGTHS)
    np.testing.assert_allclose(outputs, wanted[0], atol=1e-6)
    np.testing.assert_allclose(state, wanted[1], atol=1e-6)
    assert len(cell.trainable_variables) == 2


def test_it_stands_in_stacks_and_wrappers_with_its_own_names():
    cell = tf1.MultiRNNCell(
        [
            tf1.DropoutWrapper(LeakyCell(UNITS), output_keep_prob=0.9),
            tf1.ResidualWrapper(tf1.BasicLSTMCell(UNITS)),
        ]
    )
    state = cell.zero_state(BATCH, tf.float32)
    assert isinstance(state[1], tf1.LSTMStateTuple)
    output, (own, lstm) = cell(INPUTS[:, 0], state)
    assert output.shape == own.shape == lstm.c.shape == (BATCH, UNITS)
    assert set(tf1.variables_by_name(cell)) == {
        "multi_rnn_cell/cell_0/leaky_cell/kernel",
        "multi_rnn_cell/cell_0/leaky_cell/bias",
        "multi_rnn_cell/cell_1/basic_lstm_cell/kernel",
        "multi_rnn_cell/cell_1/basic_lstm_cell/bias",
    }


def test_a_step_that_is_written_as_a_call_runs_too():
    cell = OldCell(UNITS)
    outputs, state = tf1.dynamic_rnn(cell, INPUTS, LENGTHS, dtype=tf.float32)
    assert isinstance(state, tf1.LSTMStateTuple)
    sums = np.cumsum(INPUTS.sum(axis=-1), axis=1)
    np.testing.assert_allclose(state.c[0], np.full(UNITS, sums[0, 3]), rtol=1e-5)
    np.testing.assert_array_equal(state.h[:, 0], LENGTHS)
    np.testing.assert_allclose(outputs[0, :, 0], sums[0] + np.arange(TIME), rtol=1e-5)
    assert not np.any(outputs[1])


def test_state_dropout_leaves_the_c_of_ones_own_cell_alone():
    cell = tf1.DropoutWrapper(OldCell(100), state_keep_prob=0.5, seed=1)
    _, state = cell(INPUTS[:, 0], cell.zero_state(BATCH, tf.float32))
    assert np.all(np.asarray(state.c) != 0)
    assert 0.2 < np.mean(np.asarray(state.h) == 0) < 0.8


def test_dropout_always_drops():
    cell = tf1.DropoutWrapper(tf1.GRUCell(100), output_keep_prob=0.5, seed=1)
    output, state = cell(INPUTS[:, 0], cell.zero_state(BATCH, tf.float32))
    assert 0.3 < np.mean(np.asarray(output) == 0) < 0.7
    assert np.all(np.asarray(state) != 0)


def test_a_variational_mask_is_the_same_for_all_steps_and_rows():
    cell = tf1.DropoutWrapper(
        tf1.BasicRNNCell(50), output_keep_prob=0.5, variational_recurrent=True, seed=1
    )
    outputs, _ = tf1.dynamic_rnn(cell, INPUTS, dtype=tf.float32)
    is_zero = np.asarray(outputs) == 0
    assert np.all(is_zero == is_zero[0, 0])
    again, _ = tf1.dynamic_rnn(cell, INPUTS, dtype=tf.float32)
    assert np.any((np.asarray(again) == 0) != is_zero)


def test_a_whole_class_is_double_where_its_inputs_are():
    cell = tf1.MultiRNNCell([tf1.GRUCell(UNITS), tf1.LSTMCell(UNITS, num_proj=2)])
    outputs, state = tf1.dynamic_rnn(cell, INPUTS.astype("float64"), dtype=tf.float64)
    assert outputs.dtype == state[1].c.dtype == tf.float64
    assert {v.dtype for v in tf1.variables_by_name(cell).values()} == {tf.float64}

"""What TensorFlow 1's `DropoutWrapper` took beside numbers: fed probabilities, and filters."""

import numpy as np
import pytest
import tensorflow as tf

from tfseq import tf1

BATCH, TIME, DEPTH, UNITS = 3, 4, 2, 80
INPUTS = np.random.default_rng(0).normal(size=(BATCH, TIME, DEPTH)).astype("float32")


def share_of_zeros(values):
    return np.mean(np.asarray(values) == 0)


def test_a_probability_in_a_variable_is_read_at_each_run():
    keep_prob = tf.Variable(1.0, trainable=False)
    inner = tf1.GRUCell(UNITS)
    cell = tf1.DropoutWrapper(inner, output_keep_prob=keep_prob, seed=1)
    run = tf.function(lambda: tf1.dynamic_rnn(cell, INPUTS, dtype=tf.float32)[0])
    plain, _ = tf1.dynamic_rnn(inner, INPUTS, dtype=tf.float32)
    np.testing.assert_allclose(run(), plain, atol=1e-6)
    keep_prob.assign(0.25)
    dropped = np.asarray(run())
    assert 0.7 < share_of_zeros(dropped) < 0.8
    is_kept = dropped != 0
    np.testing.assert_allclose(dropped[is_kept], 4 * np.asarray(plain)[is_kept], atol=1e-6)
    assert set(tf1.variables_by_name(cell)) == set(tf1.variables_by_name(inner))


def test_a_probability_may_be_a_tensor_of_another_type_than_the_values():
    keep_prob = tf.constant(0.5)
    cell = tf1.DropoutWrapper(
        tf1.BasicRNNCell(UNITS), input_keep_prob=keep_prob, state_keep_prob=keep_prob
    )
    _, state = tf1.dynamic_rnn(cell, INPUTS.astype("float64"), dtype=tf.float64)
    assert state.dtype == tf.float64
    assert 0.3 < share_of_zeros(state) < 0.7


FILTERS = {
    "both": (lambda state: True, {"c": True, "h": True}),
    "neither": (lambda state: False, {"c": False, "h": False}),
    "only the c": (
        lambda state: [True, False] if isinstance(state, tf1.LSTMStateTuple) else True,
        {"c": True, "h": False},
    ),
}


@pytest.mark.parametrize(("visitor", "wanted"), FILTERS.values(), ids=FILTERS)
def test_a_filter_says_which_states_are_dropped(visitor, wanted):
    stack = tf1.MultiRNNCell([tf1.BasicLSTMCell(UNITS), tf1.GRUCell(UNITS)])
    cell = tf1.DropoutWrapper(
        stack, state_keep_prob=0.5, seed=1, dropout_state_filter_visitor=visitor
    )
    _, (lstm, _) = cell(INPUTS[:, 0], cell.zero_state(BATCH, tf.float32))
    assert {name: bool(share_of_zeros(getattr(lstm, name)) > 0.3) for name in "ch"} == wanted


def test_a_filter_must_be_a_function():
    with pytest.raises(TypeError, match="`dropout_state_filter_visitor` must be callable"):
        tf1.DropoutWrapper(tf1.GRUCell(3), dropout_state_filter_visitor=True)

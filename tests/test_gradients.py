"""How gradients come back, against the NumPy derivation and against what can be counted by hand."""

import keras
import numpy as np
import pytest
import tensorflow as tf

import tfseq
from tests.oracles import bptt
from tests.oracles.equations import sigmoid
from tfseq import gradients
from tfseq.cells import CELLS

BATCH, TIME, DEPTH, UNITS = 2, 6, 3, 4


def built(name, units=UNITS, **options):
    """A cell with weights that are drawn, in float64."""
    cell = CELLS[name](units, dtype="float64", **options)
    cell.build((None, DEPTH))
    random = np.random.default_rng(5)
    for variable in cell.variables:
        variable.assign(random.normal(size=variable.shape) * 0.6)
    return cell


@pytest.mark.parametrize("kind", bptt.KINDS)
def test_state_gradients_are_those_of_back_propagation_through_time(kind):
    cells = [built(kind, 5), CELLS[kind](UNITS, dtype="float64")]
    stack = tfseq.MultiRNNCell(cells, dtype="float64")
    stack.build((None, DEPTH))
    random = np.random.default_rng(2)
    inputs = random.normal(size=[BATCH, TIME, DEPTH])
    states = stack.get_initial_state(BATCH)
    found = gradients.state_gradients(
        stack, tf.constant(inputs), states, lambda outputs: tf.reduce_sum(outputs**2, axis=-1) / 2
    )
    weights = [{v.name: v.numpy() for v in cell.variables} for cell in cells]
    first, real = tf.nest.map_structure(np.asarray, states), np.ones([BATCH, TIME])
    outputs, last, traces = bptt.forward(kind, weights, inputs, first, real)
    of_outputs = np.zeros_like(outputs)
    of_outputs[:, -1] = outputs[:, -1]
    nothing = tf.nest.map_structure(np.zeros_like, last)
    expected = bptt.backward(kind, weights, traces, of_outputs, nothing, real)["states"]
    for t in range(TIME):
        ours = tf.nest.flatten(tf.nest.map_structure(lambda x, t=t: x[t], found))
        for a, b in zip(ours, tf.nest.flatten(expected[t]), strict=True):
            np.testing.assert_allclose(a, b, rtol=1e-9, atol=1e-12)


def test_a_turning_state_shrinks_by_the_spectral_radius_in_each_step():
    cell = tfseq.BasicRNNCell(2, activation="linear", dtype="float64")
    cell.build((None, DEPTH))
    turn = 0.8 * np.array([[np.cos(1), np.sin(1)], [-np.sin(1), np.cos(1)]])
    cell.kernel.assign(np.vstack([np.ones([DEPTH, 2]), turn]))
    found = gradients.state_gradients(
        cell,
        tf.zeros([BATCH, TIME, DEPTH], tf.float64),
        [tf.ones([BATCH, 2], tf.float64)],
        lambda outputs: outputs[:, 0],
    )
    expected = np.tile(0.8 ** np.arange(TIME, 0, -1)[:, None], BATCH)
    np.testing.assert_allclose(gradients.lengths(found), expected)
    ((name, matrix),) = gradients.recurrent_matrices(cell).items()
    assert name == "kernel"
    np.testing.assert_array_equal(matrix, turn)
    np.testing.assert_allclose(gradients.spectral_radius(matrix), 0.8)


def test_lengths_are_taken_over_all_states_of_a_row():
    #                      row 1        row 2
    hidden = np.array([[[3.0, 0.0], [0.0, 0.0]], [[0.0, 0.0], [0.0, 2.0]]])
    carry = np.array([[[4.0], [1.0]], [[0.0], [0.0]]])
    np.testing.assert_array_equal(gradients.lengths([hidden, [carry]]), [[5, 1], [0, 2]])


def test_what_has_vanished_in_float32_still_has_a_length():
    found = gradients.lengths(np.full([1, 1, 4], 1e-30, np.float32))
    np.testing.assert_allclose(found, [[2e-30]], rtol=1e-6)


def test_a_state_that_is_not_looked_at_has_no_gradient():
    found = gradients.state_gradients(
        lambda x, states: (x, [states[0] + x, states[1]]),
        tf.ones([BATCH, TIME, 1]),
        [tf.zeros([BATCH, 1]), tf.zeros([BATCH, 1])],
        lambda outputs: outputs[:, 0],
    )
    np.testing.assert_array_equal(gradients.lengths(found), np.zeros([TIME, BATCH]))


def test_recurrent_matrices_are_the_parts_of_the_kernels_that_read_the_state():
    lstm = built("basic_lstm")
    found = gradients.recurrent_matrices(lstm)
    assert list(found) == ["kernel 1", "kernel 2", "kernel 3", "kernel 4"]
    np.testing.assert_array_equal(np.hstack(list(found.values())), lstm.kernel[DEPTH:])
    gru = built("gru")
    found = gradients.recurrent_matrices(gru)
    assert list(found) == ["gates_kernel 1", "gates_kernel 2", "candidate_kernel"]
    np.testing.assert_array_equal(found["candidate_kernel"], gru.candidate_kernel[DEPTH:])
    independent = built("ind_rnn")
    ((_, matrix),) = gradients.recurrent_matrices(independent).items()
    np.testing.assert_array_equal(matrix, np.diag(independent.kernel_u[0]))
    stock = keras.layers.GRUCell(UNITS)
    stock.build((None, DEPTH))
    assert len(gradients.recurrent_matrices(stock)) == 3
    assert gradients.recurrent_matrices(built("sru")) == {}


def test_the_spectral_radius_is_not_the_greatest_entry():
    np.testing.assert_allclose(gradients.spectral_radius([[0.5, 99.0], [0.0, -0.7]]), 0.7)


def test_a_step_is_clipped_where_its_gradient_is_longer_than_the_bound():
    assert gradients.clipped_share([1.0, 2.0, 3.0, 0.5], 2.0) == 0.25
    assert gradients.clipped_share([1.0, 2.0], 0) == 0.0
    assert gradients.global_length([tf.constant([3.0, 0.0]), tf.constant([[4.0]])]) == 5.0


@pytest.mark.parametrize("use_peepholes", [False, True])
def test_gates_are_those_of_the_equations(use_peepholes):
    cell = built("lstm", use_peepholes=use_peepholes, forget_bias=0.5)
    w = {v.name: v.numpy() for v in cell.variables}
    random = np.random.default_rng(3)
    x, h, c = (random.normal(size=[BATCH, n]) for n in (DEPTH, UNITS, UNITS))
    _, new = cell(x, [tf.constant(h), tf.constant(c)])
    found = gradients.lstm_gates(cell, x, [h, c], new)
    i, _, f, o = np.split(np.hstack([x, h]) @ w["kernel"] + w["bias"], 4, axis=1)
    see_i, see_f, see_o = (w[f"w_{g}_diag"] if use_peepholes else 0.0 for g in "ifo")
    expected = {
        "input": sigmoid(i + see_i * c),
        "forget": sigmoid(f + see_f * c + 0.5),
        "output": sigmoid(o + see_o * new[1].numpy()),
    }
    assert found.keys() == expected.keys()
    for name, values in expected.items():
        np.testing.assert_allclose(found[name], values, rtol=1e-12)


def test_gate_statistics_can_be_counted():
    found = gradients.gate_statistics([[0.05, 0.5], [0.95, 0.99], [0.5, 0.01]])
    np.testing.assert_allclose(found, [0.5, 2 / 6, 2 / 6])

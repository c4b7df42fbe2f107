"""Each cell against its published equations, written in NumPy."""

import numpy as np
import pytest
import tensorflow as tf

from tests.oracles.equations import EQUATIONS
from tfseq.cells import CELLS
from tfseq.rnn import RNN

BATCH, TIME, DEPTH, UNITS = 2, 5, 6, 4
OPTIONS = {
    "basic_rnn": [{}],
    "basic_lstm": [{}, {"forget_bias": 0.25}],
    "lstm": [
        {},
        {"use_peepholes": True},
        {"cell_clip": 0.1},
        {"projection_units": 6},
        {"use_peepholes": True, "cell_clip": 0.2, "projection_units": 6, "projection_clip": 0.05},
    ],
    "gru": [{}],
    "layer_norm_basic_lstm": [{}, {"forget_bias": 0.5}, {"layer_norm": False}],
    "layer_norm_product_lstm": [{}, {"forget_bias": 0.0, "epsilon": 0.1}],
    "layer_norm_basic_rnn": [{}, {"epsilon": 0.1}],
    "esn": [{}, {"leak": 0.3, "connectivity": 1.0}],
    "coupled_input_forget_gate_lstm": [{}, {"use_peepholes": True, "projection_units": 6}],
    "layer_norm_coupled_input_forget_gate_lstm": [
        {},
        {"use_peepholes": True, "projection_units": 6},
    ],
    "weight_norm_lstm": [{}, {"use_peepholes": True, "projection_units": 6}],
    "glstm": [{}, {"groups": 2}, {"groups": 2, "projection_units": 6}],
    "nas": [{}, {"projection_units": 6, "use_bias": True}],
    "qrnn": [{}, {"window": 1}, {"window": 3}],
    "clockwork_rnn": [{}, {"periods": (1, 3)}],
}
COUNTERS = {"clockwork_rnn": 1}  # the place of a state that is no activation


def test_each_plain_cell_has_its_equation():
    assert set(EQUATIONS) == set(CELLS)


@pytest.mark.parametrize(
    ("name", "options"), [(name, options) for name in CELLS for options in OPTIONS.get(name, [{}])]
)
def test_a_cell_follows_its_equation_over_several_steps(name, options):
    random = np.random.default_rng(1)
    cell = CELLS[name](UNITS, dtype="float64", **options)
    cell.build((BATCH, DEPTH))
    for variable in cell.weights:
        variable.assign(random.normal(size=variable.shape))
    weights = {variable.name: np.asarray(variable) for variable in cell.weights}
    states = [random.normal(size=(BATCH, size)) for size in cell.state_size]
    if name in COUNTERS:
        states[COUNTERS[name]] = np.zeros((BATCH, 1))
    own = states
    for _ in range(TIME):
        inputs = random.normal(size=(BATCH, DEPTH))
        output, own = cell(inputs, own)
        wanted, states = EQUATIONS[name](weights, inputs, states, UNITS, **options)
        np.testing.assert_allclose(output, wanted, atol=1e-9)
        for found, state in zip(own, states, strict=True):
            np.testing.assert_allclose(found, state, atol=1e-9)


def test_a_quasi_recurrent_cell_is_a_convolution_and_a_pooling():
    """The layer of the paper, all steps at once: masked convolution, then fo-pooling."""
    window, random = 3, np.random.default_rng(2)
    layer = RNN(CELLS["qrnn"](UNITS, window=window), return_sequences=True)
    inputs = random.normal(size=(BATCH, TIME, DEPTH))
    outputs = layer(tf.constant(inputs))
    kernel, bias = (np.asarray(weight) for weight in layer.cell.trainable_variables)
    padded = np.pad(inputs, [[0, 0], [window - 1, 0], [0, 0]])
    filters = np.split(kernel, window, axis=1)
    c = np.zeros((BATCH, UNITS))
    for t in range(TIME):
        last = t + window - 1
        inner = bias + sum(padded[:, last - k] @ filters[k] for k in range(window))
        z, f, o = np.split(inner, 3, axis=1)
        f = 1 / (1 + np.exp(-f))
        c = f * c + (1 - f) * np.tanh(z)
        np.testing.assert_allclose(outputs[:, t], c / (1 + np.exp(-o)), atol=1e-6)


def test_a_reservoir_is_sparse_of_its_spectral_radius_and_never_trained():
    cell = CELLS["esn"](40, connectivity=0.25, spectral_radius=0.7, seed=3)
    cell.build((BATCH, DEPTH))
    matrix = np.asarray(cell.recurrent_kernel)
    assert np.abs(np.linalg.eigvals(matrix)).max() == pytest.approx(0.7, abs=1e-4)
    assert 0.15 < np.mean(matrix != 0) < 0.35
    assert not cell.trainable_variables


def test_a_reservoir_without_a_way_around_is_not_blown_up():
    cell = CELLS["esn"](2, connectivity=1e-6, seed=3)
    cell.build((BATCH, DEPTH))
    np.testing.assert_array_equal(cell.recurrent_kernel, np.zeros((2, 2)))


@pytest.mark.parametrize("connectivity", [0.0, 1.5])
def test_a_reservoir_must_be_connected(connectivity):
    with pytest.raises(ValueError, match="`connectivity` must be above 0 and at most 1"):
        CELLS["esn"](2, connectivity=connectivity)

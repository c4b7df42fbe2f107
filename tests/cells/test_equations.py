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
    "coupled_input_forget_gate_lstm": [{}, {"use_peepholes": True, "projection_units": 6}],
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
    for variable in cell.trainable_variables:
        variable.assign(random.normal(size=variable.shape))
    weights = {variable.name: np.asarray(variable) for variable in cell.trainable_variables}
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

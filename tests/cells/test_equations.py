"""Each cell against its published equations, written in NumPy."""

import numpy as np
import pytest

from tests.oracles.equations import EQUATIONS
from tfseq.cells import CELLS

BATCH, TIME, DEPTH, UNITS = 2, 5, 4, 3
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
}


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
    own = states
    for _ in range(TIME):
        inputs = random.normal(size=(BATCH, DEPTH))
        output, own = cell(inputs, own)
        wanted, states = EQUATIONS[name](weights, inputs, states, UNITS, **options)
        np.testing.assert_allclose(output, wanted, atol=1e-9)
        for found, state in zip(own, states, strict=True):
            np.testing.assert_allclose(found, state, atol=1e-9)

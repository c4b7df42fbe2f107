"""Steps of a loop with what can be done ahead done ahead, against the cells' own steps."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from tfseq.cells import (
    CELLS,
    BasicLSTMCell,
    BasicRNNCell,
    DropoutWrapper,
    GRUCell,
    LSTMCell,
    MultiRNNCell,
    ResidualWrapper,
)
from tfseq.cells.ahead import ahead_obstacle

BATCH, DEPTH, UNITS = 2, 5, 3
CASES = {
    "basic_rnn": lambda: BasicRNNCell(UNITS, activation="relu"),
    "basic_lstm": lambda: BasicLSTMCell(UNITS, forget_bias=0.5),
    "lstm": lambda: LSTMCell(4, use_peepholes=True, cell_clip=0.3, projection_units=UNITS),
    "gru": lambda: GRUCell(UNITS),
    "spaced": lambda: BasicLSTMCell(128),
    "stack": lambda: MultiRNNCell([GRUCell(4), BasicLSTMCell(UNITS), BasicRNNCell(2)]),
    "dropout": lambda: DropoutWrapper(GRUCell(UNITS), 0.5, 0.5, 0.5),
    "residual": lambda: MultiRNNCell(
        [ResidualWrapper(GRUCell(DEPTH)), ResidualWrapper(BasicLSTMCell(DEPTH))]
    ),
}


def made(cell):
    """Built, with weights that are not zero."""
    cell.build((None, DEPTH))
    random = np.random.default_rng(1)
    cell.set_weights([random.normal(size=w.shape).astype("float32") for w in cell.get_weights()])
    return cell


def normal(*shape):
    return tf.constant(np.random.default_rng(2).normal(size=shape), tf.float32)


def start(cell):
    return keras.tree.map_structure(
        lambda state: normal(*state.shape), cell.get_initial_state(BATCH)
    )


@pytest.mark.parametrize("case", CASES)
def test_steps_from_what_the_inputs_add_are_the_cells_own(case):
    cell = made(CASES[case]())
    assert ahead_obstacle(cell) == ""
    weights, ahead = cell.loop_weights(), start(cell)
    own = ahead
    for inputs in normal(4, BATCH, DEPTH):
        expected, own = cell(inputs, own)
        output, ahead = cell.loop_step(weights, cell.loop_inputs(weights, inputs), ahead)
        np.testing.assert_allclose(output, expected, atol=2e-6, rtol=1e-5)
        keras.tree.map_structure(
            lambda a, b: np.testing.assert_allclose(a, b, atol=2e-6, rtol=1e-5), ahead, own
        )


@pytest.mark.parametrize("name", CELLS)
def test_no_cell_by_name_has_other_steps_ahead(name):
    cell = made(CELLS[name](8))
    if not ahead_obstacle(cell):
        weights, states = cell.loop_weights(), start(cell)
        inputs = normal(BATCH, DEPTH)
        output, _ = cell.loop_step(weights, cell.loop_inputs(weights, inputs), states)
        np.testing.assert_allclose(output, cell(inputs, states)[0], atol=2e-6, rtol=1e-5)


def test_parts_of_the_inputs_add_up():
    cell = made(GRUCell(UNITS))
    weights, inputs = cell.loop_weights(), normal(BATCH, DEPTH)
    first = cell.loop_inputs(weights, inputs[:, :2])
    added = first + cell.loop_inputs(weights, inputs[:, 2:], last=True)
    np.testing.assert_allclose(added, cell.loop_inputs(weights, inputs), atol=1e-6)


def test_what_is_in_the_way_is_said():
    class OwnStep(GRUCell):
        def call(self, inputs, states, training=False):
            return inputs, states

    class OwnGates(BasicLSTMCell):
        def gates(self, inputs, hidden):
            return 2.0 * super().gates(inputs, hidden)

    stack = MultiRNNCell([GRUCell(3), GRUCell(3, dtype="mixed_bfloat16")])
    residual = ResidualWrapper(GRUCell(3), residual_function=lambda x, y: y)
    assert ahead_obstacle(OwnStep(3)) == "OwnStep has steps of its own"
    assert ahead_obstacle(OwnGates(3)) == "OwnGates has steps of its own"
    assert ahead_obstacle(stack) == "layer 1: GRUCell computes in bfloat16"
    assert ahead_obstacle(residual) == "`residual_function` is given"
    assert ahead_obstacle(keras.layers.GRUCell(3)) == "GRUCell has steps of its own"

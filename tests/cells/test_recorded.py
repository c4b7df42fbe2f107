"""Cells, stacks and wrappers against what TensorFlow 1.15 recorded: values, states, gradients."""

import numpy as np
import pytest
import tensorflow as tf

from tests.oracles.recorded import (
    Recorded,
    assert_near,
    assert_weight_gradients,
    assign,
    cases,
    make_cell,
    variables,
    weighted_sum,
)
from tfseq.cells import DropoutWrapper, ResidualWrapper

CORE = [
    "BasicLSTMCell",
    "BasicLSTMCell.float64",
    "BasicLSTMCell.forget_bias",
    "BasicLSTMCell.relu",
    "BasicLSTMCell.state_not_tuple",
    "BasicRNNCell",
    "BasicRNNCell.relu",
    "GRUCell",
    "GRUCell.float64",
    "GRUCell.relu",
    "LSTMCell",
    "LSTMCell.all",
    "LSTMCell.clip",
    "LSTMCell.peephole",
    "LSTMCell.proj",
    "LSTMCell.proj_clip",
    "LSTMCell.proj_state_not_tuple",
    "LayerNormBasicLSTMCell",
    "LayerNormBasicLSTMCell.no_norm",
]
# The other wrappers of the archive (highway, projections, embedding, attention) are not cells of
# ours; a device is set with `tf.device`.
STACKS = [
    "MultiRNNCell.lstm2",
    "MultiRNNCell.mixed",
    "MultiRNNCell.nested",
    "MultiRNNCell.residual_stack",
    "MultiRNNCell.state_not_tuple",
]
WRAPPERS = ("DropoutWrapper.keep1", "ResidualWrapper", "ResidualWrapper.residual_fn")


def replay(cell, recorded):
    """Seven steps from the recorded state, compared number by number."""
    x = tf.constant(recorded["in/x"])
    assign(cell, recorded, x.shape[-1])
    initial = tf.nest.map_structure(
        tf.constant, recorded.states("in/initial_state", cell.state_size)
    )
    outputs, history = [], []
    own = variables(cell)
    with tf.GradientTape() as tape:
        tape.watch([x, initial])
        states = initial
        for inputs in tf.unstack(x, axis=1):
            output, states = cell(inputs, states)
            outputs.append(output)
            history.append(states)
        outputs = tf.stack(outputs, axis=1)
        cotangent = recorded.states("in/cotangent/final_state", cell.state_size)
        loss = weighted_sum([outputs, states], [recorded["in/cotangent/outputs"], cotangent])
    weights = [weight.value for weight in own.values()]
    for_inputs, for_initial, for_weights = tape.gradient(loss, [x, initial, weights])
    history = tf.nest.map_structure(lambda *steps: tf.stack(steps, axis=1), *history)
    assert_near(outputs, recorded["out/outputs"])
    assert_near(history, recorded.states("out/states", cell.state_size))
    assert_weight_gradients(recorded, own, for_weights)
    if "grad/in" in recorded:  # for wrappers and stacks only those of the weights were recorded
        assert_near(for_inputs, recorded["grad/in/x"], 1e-4)
        wanted = recorded.states("grad/in/initial_state", cell.state_size)
        assert_near(for_initial, wanted, 1e-4)


def test_every_recorded_core_cell_is_replayed(oracle):
    assert set(CORE) == set(cases(oracle("cells_core")))


@pytest.mark.parametrize("case", CORE)
def test_a_core_cell_gives_the_recorded_numbers(oracle, case):
    recorded = Recorded(oracle("cells_core"), case)
    config = recorded.config
    options = dict(config["kwargs"])
    name = config["cell"].split(".")[-1]
    spec = [name, options.pop("num_units"), options]
    replay(make_cell(spec, dtype=config.get("dtype", "float32")), recorded)


@pytest.mark.parametrize("case", STACKS)
def test_a_stack_gives_the_recorded_numbers(oracle, case):
    recorded = Recorded(oracle("wrappers"), case)
    replay(make_cell(["MultiRNNCell", recorded.config["layers"]]), recorded)


@pytest.mark.parametrize("case", WRAPPERS)
def test_a_wrapped_cell_gives_the_recorded_numbers(oracle, case):
    recorded = Recorded(oracle("wrappers"), case)
    cell = make_cell([recorded.config["cell"], recorded.config["inner"]])
    if case == "ResidualWrapper.residual_fn":
        cell = ResidualWrapper(cell.cell, lambda x, y: y + tf.reduce_mean(x, -1, keepdims=True))
    replay(cell, recorded)


class RecordedNoise(DropoutWrapper):
    """Takes its noise from the record. The recorded noise has one row: it is shared."""

    noise: dict

    def draw_noise(self, name, shape):
        assert tuple(shape) == self.noise[name].shape
        return self.noise[name]


def run_training(cell, recorded):
    """The recorded steps in training: outputs and states after each."""
    x = recorded["in/x"]
    assign(cell, recorded, x.shape[-1])
    states = recorded.states("in/initial_state", cell.state_size)
    cell.start_sequence()
    outputs, history = [], []
    for inputs in np.moveaxis(x, 1, 0):
        output, states = cell(inputs, states, training=True)
        outputs.append(output)
        history.append(states)
    history = tf.nest.map_structure(lambda *steps: np.stack(steps, axis=1), *history)
    return np.stack(outputs, axis=1), history


def test_variational_dropout_with_the_recorded_noise_gives_the_recorded_numbers(oracle):
    recorded = Recorded(oracle("wrappers"), "DropoutWrapper.variational")
    config = recorded.config
    cell = RecordedNoise(
        make_cell(config["inner"]),
        input_rate=1 - config["input_keep_prob"],
        state_rate=1 - config["state_keep_prob"],
        output_rate=1 - config["output_keep_prob"],
        variational=True,
        shared_mask=True,
    )
    cell.noise = {
        "input": recorded["out/noise/input"],
        "state_0": recorded["out/noise/state/h"],
        "output": recorded["out/noise/output"],
    }
    outputs, history = run_training(cell, recorded)
    assert_near(outputs, recorded["out/outputs"])
    assert_near(history, recorded.states("out/states", cell.state_size))


def test_output_dropout_touches_the_output_and_never_the_state(oracle):
    recorded = Recorded(oracle("wrappers"), "DropoutWrapper.output_only")
    keep = recorded.config["output_keep_prob"]
    raw, dropped = recorded["out/raw_outputs"], recorded["out/outputs"]
    kept = dropped != 0
    steps = iter(np.moveaxis(np.where(kept, 0.99, 0.0), 1, 0))

    class ReadOff(DropoutWrapper):
        """Noise that gives the recorded mask, step by step."""

        def draw_noise(self, name, shape):
            assert name == "output"
            return next(steps)

    cell = ReadOff(make_cell(recorded.config["inner"]), output_rate=1 - keep)
    outputs, history = run_training(cell, recorded)
    assert_near(outputs, dropped)
    assert_near(outputs[kept], raw[kept] / keep)
    final = tf.nest.map_structure(lambda states: states[:, -1], history)
    assert_near(final, recorded.states("out/final_state", cell.state_size))

"""Every recorded cell and wrapper of TensorFlow 1.15, built from its own `config`, and compared.

Each case is run twice: step by step, and by `tf1.dynamic_rnn` in a `tf.function` that knows neither
the batch nor the time. Weights are loaded by TensorFlow 1's names, and each must fit.
"""

import numpy as np
import pytest
import tensorflow as tf

from tests.oracles.recorded import Recorded, assert_near, cases, weighted_sum
from tests.tf1.building import cases_of, load_weights, make, state_like, states_at
from tfseq import tf1

ARCHIVES = ("cells_core", "cells_compat", "cells_extra", "wrappers")
# These record draws of TensorFlow 1's own; they have tests of their own below.
WITH_NOISE = {"DropoutWrapper.output_only", "DropoutWrapper.variational"}


CASES = [(archive, case) for archive, case in cases_of(*ARCHIVES) if case not in WITH_NOISE]
WALKED = {*CASES, *(("wrappers", case) for case in WITH_NOISE)}
each_case = pytest.mark.parametrize(("archive", "case"), CASES)


def test_the_archives_hold_as_many_cases_as_they_should(oracle):
    assert sum(len(cases(oracle(name))) for name in ARCHIVES) == 60
    assert len(CASES) == 58


def inputs_of(recorded):
    """`in/x`, a tuple where it is one."""
    x = recorded["in/x"]
    if isinstance(x, dict):
        return tuple(tf.constant(x[name]) for name in sorted(x))
    return tf.constant(x)


@each_case
def test_steps_give_the_recorded_numbers(oracle, archive, case):
    recorded = Recorded(oracle(archive), case)
    cell, x = make(recorded.config), inputs_of(recorded)
    state = tf.nest.map_structure(
        tf.constant, state_like(cell.state_size, recorded["in/initial_state"])
    )
    own = load_weights(cell, recorded, lambda: cell(first(x), state))
    outputs, history = [], []
    with tf.GradientTape() as tape:
        tape.watch([x, state])
        initial = state
        for step in range(tf.nest.flatten(x)[0].shape[1]):
            output, state = cell(tf.nest.map_structure(lambda v, t=step: v[:, t], x), state)
            outputs.append(output)
            history.append(state)
        outputs = tf.stack(outputs, axis=1)
        loss = loss_of(recorded, cell, outputs, state)
    assert_near(outputs, recorded["out/outputs"])
    for step, state in enumerate(history):
        wanted = states_at(recorded["out/states"], step)
        assert_near(state, state_like(cell.state_size, wanted))
    if loss is not None:
        gradients = tape.gradient(loss, {"weights": own, "x": x, "initial": initial})
        assert_gradients(recorded, cell, gradients)


@each_case
def test_a_loop_in_a_graph_of_unknown_sizes_gives_the_recorded_numbers(oracle, archive, case):
    recorded = Recorded(oracle(archive), case)
    cell, x = make(recorded.config), inputs_of(recorded)
    state = tf.nest.map_structure(
        tf.constant, state_like(cell.state_size, recorded["in/initial_state"])
    )
    own = load_weights(cell, recorded, lambda: cell(first(x), state))

    def unknown(value, free):
        return tf.TensorSpec([*[None] * free, *value.shape[free:]], value.dtype)

    @tf.function(
        input_signature=[
            tf.nest.map_structure(lambda v: unknown(v, 2), x),
            tf.nest.map_structure(lambda v: unknown(v, 1), state),
        ]
    )
    def run(x, state):
        with tf.GradientTape() as tape:
            tape.watch([x, state])
            outputs, final = tf1.dynamic_rnn(cell, x, initial_state=state)
            loss = loss_of(recorded, cell, outputs, final)
        watched = {"weights": own, "x": x, "initial": state}
        gradients = () if loss is None else tape.gradient(loss, watched)
        return outputs, final, gradients

    outputs, final, gradients = run(x, state)
    assert_near(outputs, recorded["out/outputs"])
    assert_near(final, state_like(cell.state_size, states_at(recorded["out/states"], -1)))
    if gradients:
        assert_gradients(recorded, cell, gradients)


def first(x):
    """The inputs of the first step."""
    return tf.nest.map_structure(lambda v: v[:, 0], x)


def loss_of(recorded, cell, outputs, final):
    """The recorded loss; `None` where no gradients were recorded."""
    if "grad" not in recorded:
        return None
    cotangent = state_like(cell.state_size, recorded["in/cotangent/final_state"])
    return weighted_sum([outputs, final], [recorded["in/cotangent/outputs"], cotangent])


def assert_gradients(recorded, cell, gradients):
    wanted = recorded.group("grad/weights")
    assert set(wanted) == set(gradients["weights"])
    for name, gradient in gradients["weights"].items():
        assert_near(tf.convert_to_tensor(gradient), wanted[name], 1e-4)
    if "grad/in/x" in recorded:
        assert_near(gradients["x"], recorded["grad/in/x"], 1e-4)
    if "grad/in/initial_state" in recorded:
        initial = state_like(cell.state_size, recorded["grad/in/initial_state"])
        assert_near(gradients["initial"], initial, 1e-4)


def run_steps(cell, recorded):
    """The recorded steps: outputs, and the state after each."""
    state = state_like(cell.state_size, recorded["in/initial_state"])
    outputs, history = [], []
    for inputs in np.moveaxis(recorded["in/x"], 1, 0):
        output, state = cell(inputs, state)
        outputs.append(output)
        history.append(state)
    return np.stack(outputs, axis=1), history


def dropped(recorded):
    """The recorded `DropoutWrapper`, its weights loaded."""
    config = recorded.config
    keep = {k: v for k, v in config.items() if k.endswith("keep_prob")}
    inner = make(config["inner"])
    cell = tf1.DropoutWrapper(
        inner, **keep, variational_recurrent=config.get("variational_recurrent", False)
    )
    state = state_like(cell.state_size, recorded["in/initial_state"])
    load_weights(cell, recorded, lambda: inner(recorded["in/x"][:, 0], state))
    return cell


def test_variational_dropout_with_the_recorded_noise(oracle, monkeypatch):
    recorded = Recorded(oracle("wrappers"), "DropoutWrapper.variational")
    cell = dropped(recorded)
    noise = {
        "input": recorded["out/noise/input"],
        "state_0": recorded["out/noise/state/h"],
        "output": recorded["out/noise/output"],
    }
    monkeypatch.setattr(cell.cell, "draw_noise", lambda name, shape: noise[name])
    cell.zero_state(3, tf.float32)
    outputs, history = run_steps(cell, recorded)
    assert_near(outputs, recorded["out/outputs"])
    for step, state in enumerate(history):
        assert_near(state, state_like(cell.state_size, states_at(recorded["out/states"], step)))


def test_output_dropout_never_touches_the_state(oracle, monkeypatch):
    recorded = Recorded(oracle("wrappers"), "DropoutWrapper.output_only")
    cell = dropped(recorded)
    kept = recorded["out/outputs"] != 0
    masks = iter(np.moveaxis(np.where(kept, 0.99, 0.0), 1, 0))
    monkeypatch.setattr(cell.cell, "draw_noise", lambda name, shape: next(masks))
    outputs, history = run_steps(cell, recorded)
    assert_near(outputs, recorded["out/outputs"])
    assert_near(history[-1], state_like(cell.state_size, recorded["out/final_state"]))

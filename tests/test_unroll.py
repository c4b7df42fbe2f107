"""`dynamic_rnn` and its family: recorded numbers, nested structures, masks, what is refused."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from tests.oracles.recorded import (
    Recorded,
    as_states,
    assert_near,
    assert_weight_gradients,
    assign,
    cases,
    make_cell,
    variables,
    weighted_sum,
)
from tfseq.cells import BasicLSTMCell, BasicRNNCell, GRUCell, MultiRNNCell, RNNCell
from tfseq.unroll import (
    bidirectional_dynamic_rnn,
    dynamic_rnn,
    run_steps,
    stack_bidirectional_dynamic_rnn,
)

DYNAMIC = [
    "dynamic_rnn.gru.len_init",
    "dynamic_rnn.layernorm.len",
    "dynamic_rnn.lstm",
    "dynamic_rnn.lstm.len",
    "dynamic_rnn.lstm.len_init",
    "dynamic_rnn.lstm.time_major",
    "dynamic_rnn.multi.len_init",
    "dynamic_rnn.proj.len",
    "dynamic_rnn.rnn.len",
    "dynamic_rnn.zero_length",
]
NESTED = "dynamic_rnn.nested_io.len"
BIDIRECTIONAL = [
    "bidirectional_dynamic_rnn",
    "bidirectional_dynamic_rnn.len",
    "bidirectional_dynamic_rnn.len_init_time_major",
    "bidirectional_dynamic_rnn.multi.len",
]
STACKED = "stack_bidirectional_dynamic_rnn.len"
eagerly_and_in_a_graph = pytest.mark.parametrize(
    "wrap", [lambda f: f, tf.function], ids=["eagerly", "in a graph"]
)


def tensors(nest):
    return tf.nest.map_structure(tf.constant, nest)


def optional_states(recorded, path):
    """States that a case may or may not give."""
    return tensors(as_states(recorded[path])) if path in recorded else None


def test_every_recorded_case_is_replayed(oracle):
    assert {*DYNAMIC, NESTED} == set(cases(oracle("dynamic_rnn")))
    assert {*BIDIRECTIONAL, STACKED} == set(cases(oracle("bidirectional")))


def run_with_gradients(run, sources, own, cotangents, wrap=lambda f: f):
    """What `run(*sources)` returns, and gradients for its sources and for variables by name."""

    @wrap
    def all_of_it(sources):
        with tf.GradientTape() as tape:
            tape.watch(sources)
            found = run(*sources)
            loss = weighted_sum(found, cotangents)
        return found, tape.gradient(loss, [*sources, [v.value for v in own.values()]])

    return all_of_it(sources)


@pytest.mark.parametrize(
    ("case", "wrap"),
    [(case, lambda f: f) for case in DYNAMIC]
    + [(f"dynamic_rnn.{name}", tf.function) for name in ("multi.len_init", "lstm.time_major")],
)
def test_dynamic_rnn_gives_the_recorded_numbers(oracle, case, wrap):
    recorded = Recorded(oracle("dynamic_rnn"), case)
    cell = make_cell(recorded.config["cell"])
    x = tf.constant(recorded["in/x"])
    assign(cell, recorded, x.shape[-1], "rnn/")
    initial = optional_states(recorded, "in/initial_state")

    def run(x, initial=None):
        return dynamic_rnn(
            cell,
            x,
            sequence_length=recorded.get("in/sequence_length"),
            initial_state=initial,
            time_major=recorded.config["time_major"],
        )

    def both(group):
        return recorded[f"{group}/outputs"], as_states(recorded[f"{group}/final_state"])

    sources = [x] if initial is None else [x, initial]
    own = variables(cell)
    found, gradients = run_with_gradients(run, sources, own, both("in/cotangent"), wrap)
    assert_near(found, both("out"))
    assert_near(gradients[0], recorded["grad/in/x"], 1e-4)
    if initial is not None:
        assert_near(gradients[1], as_states(recorded["grad/in/initial_state"]), 1e-4)
    assert_weight_gradients(recorded, own, gradients[-1], "rnn/")


class PairCell(RNNCell):
    """The recorded cell with two inputs and two outputs.

    a' = tanh(x0 w + a);  b' = relu(x1 v + b);  outputs (a', b'), states (a', b' / 2)
    """

    state_size = (4, 5)
    output_size = (4, 5)

    def build(self, inputs_shape):
        first, second = inputs_shape
        self.w = self.add_weight(shape=(first[-1], 4), name="w")
        self.v = self.add_weight(shape=(second[-1], 5), name="v")

    def call(self, inputs, states, training=False):
        a = tf.tanh(tf.matmul(inputs[0], self.w) + states[0])
        b = tf.nn.relu(tf.matmul(inputs[1], self.v) + states[1])
        return (a, b), (a, b / 2)


@eagerly_and_in_a_graph
def test_nested_inputs_and_outputs_give_the_recorded_numbers(oracle, wrap):
    recorded = Recorded(oracle("dynamic_rnn"), NESTED)
    x = tensors((recorded["in/x/0"], recorded["in/x/1"]))
    cell = PairCell()
    cell.build(tuple(part.shape for part in x))
    cell.w.assign(recorded["weights/rnn/pair_cell/w"])
    cell.v.assign(recorded["weights/rnn/pair_cell/v"])

    def run(x):
        return dynamic_rnn(cell, x, sequence_length=recorded.get("in/sequence_length"))

    def pair(path):
        return recorded[f"{path}/0"], recorded[f"{path}/1"]

    cotangents = [pair("in/cotangent/outputs"), pair("in/cotangent/final_state")]
    own = {"pair_cell_w": cell.w, "pair_cell_v": cell.v}
    found, (for_x, for_weights) = run_with_gradients(run, [x], own, cotangents, wrap)
    assert_near(found, (pair("out/outputs"), pair("out/final_state")))
    assert_near(for_x, pair("grad/in/x"), 1e-4)
    assert_weight_gradients(recorded, own, for_weights, "rnn/")


@pytest.mark.parametrize(
    ("case", "wrap"),
    [(case, lambda f: f) for case in BIDIRECTIONAL] + [(BIDIRECTIONAL[-1], tf.function)],
)
def test_bidirectional_dynamic_rnn_gives_the_recorded_numbers(oracle, case, wrap):
    recorded = Recorded(oracle("bidirectional"), case)
    config = recorded.config
    forward, backward = make_cell(config["cell_fw"]), make_cell(config["cell_bw"])
    x = tf.constant(recorded["in/x"])
    own = {}
    for cell, scope in ((forward, "fw"), (backward, "bw")):
        cell.build((None, x.shape[-1]))
        own |= variables(cell, f"{scope}_")
    for name, value in recorded.group("weights").items():
        own[name.removeprefix("bidirectional_rnn/").replace("/", "_")].assign(value)

    def run(x):
        return bidirectional_dynamic_rnn(
            forward,
            backward,
            x,
            sequence_length=recorded.get("in/sequence_length"),
            initial_state_forward=optional_states(recorded, "in/initial_state_fw"),
            initial_state_backward=optional_states(recorded, "in/initial_state_bw"),
            time_major=config["time_major"],
        )

    def both(group):
        outputs = (recorded[f"{group}/outputs_fw"], recorded[f"{group}/outputs_bw"])
        states = (recorded[f"{group}/state_fw"], recorded[f"{group}/state_bw"])
        return outputs, tuple(as_states(found) for found in states)

    found, (for_x, for_weights) = run_with_gradients(run, [x], own, both("in/cotangent"), wrap)
    assert_near(found, both("out"))
    assert_near(for_x, recorded["grad/in/x"], 1e-4)
    assert_weight_gradients(recorded, own, for_weights, "bidirectional_rnn/")


def test_stacked_bidirectional_layers_give_the_recorded_numbers(oracle):
    recorded = Recorded(oracle("bidirectional"), STACKED)
    x, depth = recorded["in/x"], recorded["in/x"].shape[-1]
    cells = {"fw": [], "bw": []}
    for layer in range(2):
        for direction, specs in (("fw", "cells_fw"), ("bw", "cells_bw")):
            cell = make_cell(recorded.config[specs][layer])
            scope = f"stack_bidirectional_rnn/cell_{layer}/bidirectional_rnn/{direction}/"
            weights = recorded.group(f"weights/{scope}basic_lstm_cell")
            cell.build((None, depth))
            cell.kernel.assign(weights["kernel"])
            cell.bias.assign(weights["bias"])
            cells[direction].append(cell)
        depth = cells["fw"][-1].units + cells["bw"][-1].units
    found = stack_bidirectional_dynamic_rnn(
        cells["fw"], cells["bw"], x, sequence_length=recorded.get("in/sequence_length")
    )
    wanted = [as_states(recorded[f"out/states_{direction}"]) for direction in ("fw", "bw")]
    assert_near(found, (recorded["out/outputs"], *wanted))


class Counter(RNNCell):
    """Counts its steps in an integer and in a scalar, and adds up its inputs."""

    state_size = {"count": 1, "sum": 3, "time": ()}
    output_size = 3

    def get_initial_state(self, batch_size=None):
        return {
            "count": tf.zeros((batch_size, 1), "int32"),
            "sum": tf.zeros((batch_size, 3)),
            "time": tf.constant(0, "int32"),
        }

    def call(self, inputs, states, training=False):
        total = states["sum"] + inputs
        return total, {"count": states["count"] + 1, "sum": total, "time": states["time"] + 1}


@eagerly_and_in_a_graph
def test_integer_and_scalar_states_keep_their_kind(wrap):
    x = np.arange(30, dtype="float32").reshape(2, 5, 3)
    outputs, states = wrap(lambda x: dynamic_rnn(Counter(), x, sequence_length=[2, 5]))(x)
    np.testing.assert_array_equal(states["count"], [[2], [5]])
    assert states["count"].dtype == tf.int32
    assert states["time"] == 5  # a scalar belongs to no row
    np.testing.assert_array_equal(outputs[:, :2], np.cumsum(x, axis=1)[:, :2])
    assert not np.any(outputs[0, 2:])
    np.testing.assert_array_equal(states["sum"], [x[0, :2].sum(0), x[1].sum(0)])


def test_a_mask_with_gaps_holds_the_state_and_gives_zeros():
    x = np.ones((2, 5, 3), "float32")
    mask = np.array([[1, 0, 1, 0, 0], [0, 1, 1, 1, 1]], bool)
    outputs, states = dynamic_rnn(Counter(), x, mask=mask)
    np.testing.assert_array_equal(outputs[..., 0], [[1, 0, 2, 0, 0], [0, 1, 2, 3, 4]])
    np.testing.assert_array_equal(states["count"], [[2], [4]])


def test_time_major_takes_its_mask_time_major():
    x = np.ones((5, 2, 3), "float32")
    mask = tf.transpose(tf.sequence_mask([2, 5], 5))
    for given in ({"mask": mask}, {"sequence_length": [2, 5]}):
        outputs, _ = dynamic_rnn(Counter(), x, time_major=True, **given)
        np.testing.assert_array_equal(outputs[..., 0], [[1, 1], [2, 2], [0, 3], [0, 4], [0, 5]])


def test_batch_and_time_may_be_unknown_to_the_graph():
    cell = MultiRNNCell([BasicLSTMCell(4), GRUCell(6)])

    @tf.function(input_signature=[tf.TensorSpec((None, None, 3)), tf.TensorSpec([None], tf.int32)])
    def run(x, sequence_length):
        return dynamic_rnn(cell, x, sequence_length=sequence_length)

    x = np.random.default_rng(0).normal(size=(2, 5, 3)).astype("float32")
    assert_near(run(x, [2, 5]), dynamic_rnn(cell, x, sequence_length=[2, 5]), 1e-6)
    assert run(x[:1, :4], [0])[0].shape == (1, 4, 6)


def test_a_keras_cell_agrees_with_kerass_own_loop():
    x = np.random.default_rng(0).normal(size=(2, 5, 3)).astype("float32")
    cell = keras.layers.GRUCell(4)
    layer = keras.layers.RNN(cell, return_sequences=True, return_state=True)
    mask = tf.sequence_mask([3, 5], 5)
    _, wanted = layer(x, mask=mask)
    assert_near(dynamic_rnn(cell, x, mask=mask)[1], [wanted], 1e-6)


def test_gradients_of_the_loop_agree_with_those_of_the_steps_laid_out():
    x = tf.random.stateless_normal((2, 5, 3), [1, 2])
    cell = BasicLSTMCell(4)
    cell.build((None, 3))
    zeros, states = tf.zeros((2, 4)), cell.get_initial_state(batch_size=2)
    found = []
    for unroll in (False, True):

        def run(unroll=unroll):
            return run_steps(cell, tf.transpose(x, [1, 0, 2]), states, zeros, unroll=unroll)

        with tf.GradientTape() as tape:
            outputs, last = tf.function(run)()
            loss = tf.reduce_sum(outputs**2) + tf.reduce_sum(last[1])
        found.append(tape.gradient(loss, [cell.kernel.value, cell.bias.value]))
    assert_near(found[0], found[1], 1e-5)


def test_an_empty_sequence_ends_with_its_initial_state():
    initial = [tf.ones((2, 4))]
    outputs, states = dynamic_rnn(BasicRNNCell(4), tf.zeros((2, 0, 3)), initial_state=initial)
    assert outputs.shape == (2, 0, 4)
    assert_near(states, initial)


def test_the_states_go_on_from_one_call_to_the_next():
    x = tf.random.stateless_normal((2, 6, 3), [1, 2])
    cell = MultiRNNCell([BasicLSTMCell(4), GRUCell(5)])
    whole = dynamic_rnn(cell, x)
    first, states = dynamic_rnn(cell, x[:, :2])
    second, states = dynamic_rnn(cell, x[:, 2:], initial_state=states)
    assert_near((tf.concat([first, second], axis=1), states), whole, 1e-6)


def test_a_mask_and_lengths_together_are_refused():
    with pytest.raises(ValueError, match="`mask` and `sequence_length` say the same thing"):
        dynamic_rnn(BasicRNNCell(4), tf.zeros((2, 5, 3)), tf.ones((2, 5), bool), [5, 5])


def test_an_initial_state_that_does_not_fit_is_refused():
    with pytest.raises(ValueError, match=r"Received: 1 tensors for `state_size`=\[4, 4\]"):
        dynamic_rnn(BasicLSTMCell(4), tf.zeros((2, 5, 3)), initial_state=tf.zeros((2, 4)))


def test_a_cell_that_returns_other_states_is_refused():
    class Broken(BasicLSTMCell):
        def call(self, inputs, states, training=False):
            return states[0], [states[0]]

    with pytest.raises(ValueError, match="Received: 1 from a cell with 2"):
        dynamic_rnn(Broken(4), tf.zeros((2, 5, 3)))


def test_a_memory_for_a_cell_without_one_is_refused():
    with pytest.raises(ValueError, match=r"`memory` needs a cell.*Received: cell=GRUCell"):
        dynamic_rnn(GRUCell(4), tf.zeros((2, 5, 3)), memory=tf.zeros((2, 7, 3)))


def test_stacks_of_different_heights_are_refused():
    cells = [GRUCell(4), GRUCell(4)]
    with pytest.raises(ValueError, match="Received: 2 forward, 1 backward"):
        stack_bidirectional_dynamic_rnn(cells, [GRUCell(4)], tf.zeros((2, 5, 3)))

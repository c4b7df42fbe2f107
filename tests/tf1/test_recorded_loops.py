"""Every recorded loop of TensorFlow 1.15, eagerly and in a graph that knows no sizes."""

import functools

import pytest
import tensorflow as tf

from tests.oracles.recorded import Recorded, assert_near, cases, weighted_sum
from tests.tf1.building import cases_of, make, state_like
from tfseq import tf1


class PairCell(tf1.RNNCell):
    """The record's own cell: two inputs, two states, two outputs."""

    state_size = (4, 5)
    output_size = (4, 5)

    def build(self, inputs_shape):
        self.w = self.add_variable("w", [inputs_shape[0][-1], 4])
        self.v = self.add_variable("v", [inputs_shape[1][-1], 5])

    def call(self, inputs, state):
        a = tf.tanh(inputs[0] @ self.w + state[0])
        b = tf.nn.relu(inputs[1] @ self.v + state[1])
        return (a, b), (a, b / 2)


WALKED = cases_of("dynamic_rnn", "bidirectional", "static_rnn")


def test_the_archives_hold_as_many_cases_as_they_should(oracle):
    assert len(cases(oracle("static_rnn"))) == 8
    assert len(WALKED) == 24


class Played:
    """A recorded case as a function of its tensors, with the scopes of its cells.

    Attributes:
        tensors: What is fed, by name.
        scopes: `{scope: cell}`.
        run: `run(tensors) -> {name of an output: nest}`.
    """

    def __init__(self, recorded):
        self.recorded, self.config = recorded, recorded.config
        self.tensors = {"x": recorded["in/x"]} if "in/x" in recorded else {}
        for name in ("sequence_length", "limit", "x0"):
            if f"in/{name}" in recorded:
                self.tensors[name] = recorded[f"in/{name}"]
        if isinstance(self.tensors.get("x"), dict):
            self.tensors["x"] = tuple(v for _, v in sorted(self.tensors["x"].items()))
        api = self.config["api"].split("(")[0].split(".")[-1]
        if api == "LSTMBlockFusedCell" or api == "TimeReversedFusedRNN":
            self._fused(api)
        elif api == "raw_rnn":
            self._raw()
        elif "stack" in api:
            self._stack(getattr(tf1, api))
        elif "bidirectional" in api:
            self._both_ways(getattr(tf1, api))
        else:
            self._one_way(getattr(tf1, api))
        self.tensors = tf.nest.map_structure(tf.constant, self.tensors)

    def state(self, cell, name):
        """Put a recorded state among the tensors, and say whether there is one."""
        if f"in/{name}" in self.recorded:
            self.tensors[name] = state_like(cell.state_size, self.recorded[f"in/{name}"])

    def _cell(self, spec):
        return PairCell() if spec[0] == "PairCell" else make(spec)

    def _one_way(self, loop):
        cell = self._cell(self.config["cell"])
        self.scopes = {"rnn/": cell}
        self.state(cell, "initial_state")
        major = {"time_major": self.config["time_major"]} if "time_major" in self.config else {}

        def run(tensors):
            x = tensors["x"] if major else tf.unstack(tensors["x"], axis=1)
            outputs, state = loop(
                cell,
                x,
                sequence_length=tensors.get("sequence_length"),
                initial_state=tensors.get("initial_state"),
                dtype=tf.float32,
                **major,
            )
            return {"outputs": outputs if major else tf.stack(outputs, 1), "final_state": state}

        self.run = run

    def _both_ways(self, loop):
        cells = [make(self.config[f"cell_{way}"]) for way in ("fw", "bw")]
        names = [f"initial_state_{way}" for way in ("fw", "bw")]
        self.scopes = {
            f"bidirectional_rnn/{way}/": cell for way, cell in zip(("fw", "bw"), cells, strict=True)
        }
        for cell, name in zip(cells, names, strict=True):
            self.state(cell, name)
        is_list = "static" in self.config["api"]
        major = {} if is_list else {"time_major": self.config["time_major"]}

        def run(tensors):
            x = tf.unstack(tensors["x"], axis=1) if is_list else tensors["x"]
            found = loop(
                *cells,
                x,
                sequence_length=tensors.get("sequence_length"),
                dtype=tf.float32,
                **{name: tensors.get(name) for name in names},
                **major,
            )
            if is_list:
                outputs, *states = found
                named = {"outputs": tf.stack(outputs, axis=1)}
            else:
                (forward, backward), states = found
                named = {"outputs_fw": forward, "outputs_bw": backward}
            return {**named, "state_fw": states[0], "state_bw": states[1]}

        self.run = run

    def _stack(self, loop):
        cells = {way: [make(c) for c in self.config[f"cells_{way}"]] for way in ("fw", "bw")}
        is_list = "dynamic" not in self.config["api"]
        inner = "" if is_list else "bidirectional_rnn/"
        self.scopes = {
            f"stack_bidirectional_rnn/cell_{layer}/{inner}{way}/": cell
            for way, layers in cells.items()
            for layer, cell in enumerate(layers)
        }

        def run(tensors):
            x = tf.unstack(tensors["x"], axis=1) if is_list else tensors["x"]
            outputs, forward, backward = loop(
                cells["fw"],
                cells["bw"],
                x,
                sequence_length=tensors["sequence_length"],
                dtype=tf.float32,
            )
            outputs = tf.stack(outputs, axis=1) if is_list else outputs
            return {"outputs": outputs, "states_fw": forward, "states_bw": backward}

        self.run = run

    def _fused(self, api):
        cell = tf1.LSTMBlockFusedCell(self.config["num_units"], **self.config.get("kwargs", {}))
        self.scopes = {"": cell}
        self.state(cell, "initial_state")
        loop = tf1.TimeReversedFusedRNN(cell) if api == "TimeReversedFusedRNN" else cell

        def run(tensors):
            outputs, state = loop(
                tensors["x"],
                initial_state=tensors.get("initial_state"),
                dtype=tf.float32,
                sequence_length=tensors.get("sequence_length"),
            )
            return {"outputs": outputs, "final_state": state}

        self.run = run

    def _raw(self):
        cell = make(self.config["cell"])
        self.scopes = {"rnn/": cell}
        self.state(cell, "initial_state")
        copies = "x" in self.tensors

        def run(tensors):
            loop_fn = functools.partial(copy_inputs if copies else feed_back, cell, tensors)
            emitted, state, loop_state = tf1.raw_rnn(cell, loop_fn)
            found = {"emit_ta": emitted.stack(), "final_state": state}
            return found if loop_state is None else {**found, "loop_state": loop_state}

        self.run = run


def copy_inputs(cell, tensors, time, output, state, loop_state):
    """The inputs one after the other, time first."""
    x, lengths = tensors["x"], tensors["sequence_length"]
    state = cell.zero_state(tf.shape(x)[1], tf.float32) if output is None else state
    finished = time >= lengths
    last = tf.shape(x)[0] - 1
    now = tf.where(tf.reduce_all(finished), tf.zeros_like(x[0]), x[tf.minimum(time, last)])
    return finished, now, state, output, None


def feed_back(cell, tensors, time, output, state, loop_state):
    """The output is the next input."""
    finished = time >= tensors["limit"]
    if output is None:
        return finished, tensors["x0"], tensors["initial_state"], tf.zeros([8]), tf.constant(0)
    emit = tf.concat([output, 2 * output], axis=-1)
    return finished, tf.tanh(output) / 2, state, emit, loop_state + time


def unknown(played):
    """A signature without batch and time, where a loop over tensors allows it."""
    fixed = "static" in played.config["api"] or "stack_bidirectional_rnn" in played.config["api"]

    def spec(name, value):
        time = value.shape[1] if fixed and name == "x" else None
        free = {"x": [None, time]}.get(name, [None])
        shape = [*free, *value.shape[len(free) :]] if value.shape.rank else []
        return tf.TensorSpec(shape, value.dtype)

    return {
        name: tf.nest.map_structure(functools.partial(spec, name), value)
        for name, value in played.tensors.items()
    }


@pytest.mark.parametrize("compiled", [False, True], ids=["eager", "graph"])
@pytest.mark.parametrize(("archive", "case"), WALKED)
def test_a_loop_gives_the_recorded_numbers(oracle, archive, case, compiled):
    recorded = Recorded(oracle(archive), case)
    played = Played(recorded)
    played.run(played.tensors)
    own = {}
    for scope, cell in played.scopes.items():
        own |= {f"{scope}{n}": v for n, v in tf1.variables_by_name(cell).items()}
    weights = recorded.group("weights")
    assert set(own) == set(weights)
    for name, value in weights.items():
        own[name].assign(value)
    has_gradients = "grad" in recorded

    def run(tensors):
        with tf.GradientTape() as tape:
            floats = [x for x in tf.nest.flatten(tensors) if x.dtype.is_floating]
            tape.watch(floats)
            found = played.run(tensors)
            loss = loss_of(recorded, found) if has_gradients else None
        return found, tape.gradient(loss, [own, floats]) if has_gradients else ()

    if compiled:
        run = tf.function(run, input_signature=[unknown(played)])
    found, gradients = run(played.tensors)
    for name, value in found.items():
        assert_near(value, state_like(value, recorded[f"out/{name}"]))
    if has_gradients:
        for name, wanted in recorded.group("grad/weights").items():
            assert_near(tf.convert_to_tensor(gradients[0][name]), wanted, 1e-4)


def loss_of(recorded, found):
    """The recorded loss over all outputs."""
    names = [name for name in found if f"in/cotangent/{name}" in recorded]
    assert names
    wanted = [state_like(found[name], recorded[f"in/cotangent/{name}"]) for name in names]
    return weighted_sum([found[name] for name in names], wanted)

"""Back-propagation through time: `docs/bptt.md` against automatic differentiation.

In float64, through our cells in `dynamic_rnn`: step by step, where TensorFlow finds the way back,
and at once, where the way back is by equations of its own.
"""

import numpy as np
import pytest
import tensorflow as tf

import tfseq
from tests.oracles import bptt
from tfseq.cells import CELLS

BATCH, TIME, DEPTH, UNITS = 2, 7, 3, (5, 4)
REAL = np.array([[1, 1, 1, 1, 1, 1, 1], [1, 1, 1, 1, 0, 0, 0]], np.float64)
GAPS = np.array([[1, 0, 1, 1, 0, 1, 1], [0, 1, 1, 0, 0, 1, 0]], np.float64)
MASKS = {"unmasked": np.ones_like(REAL), "padded": REAL, "with gaps": GAPS}


class Case:
    """Layers of one kind with their weights, and a loss that looks at all outputs and states."""

    def __init__(self, kind, layers):
        random = np.random.default_rng(layers)
        self.kind = kind
        cells = [CELLS[kind](units, dtype="float64") for units in UNITS[:layers]]
        self.cell = tfseq.MultiRNNCell(cells, dtype="float64")
        self.cell.build((BATCH, DEPTH))
        for variable in self.cell.variables:
            variable.assign(random.normal(size=variable.shape) * 0.7)
        self.weights = [{v.name: v.numpy() for v in cell.variables} for cell in cells]
        self.inputs = random.normal(size=[BATCH, TIME, DEPTH])
        self.targets = random.normal(size=[BATCH, TIME, UNITS[layers - 1]])
        self.states = tf.nest.map_structure(
            lambda state: random.normal(size=state.shape) / 2, self.cell.get_initial_state(BATCH)
        )

    def by_hand(self, mask):
        """`loss = (|outputs - targets|^2 + |last states|^2) / 2` and all its gradients."""
        outputs, last, traces = bptt.forward(
            self.kind, self.weights, self.inputs, self.states, mask
        )
        error = outputs - self.targets
        loss = (np.sum(error**2) + sum(np.sum(state**2) for state in tf.nest.flatten(last))) / 2
        return loss, bptt.backward(self.kind, self.weights, traces, error, last, mask)

    def automatic(self, run, mask):
        """The same by TensorFlow: loss, and its gradients by weights, inputs and first states."""
        inputs = tf.constant(self.inputs)
        states = tf.nest.map_structure(tf.constant, self.states)
        with tf.GradientTape() as tape:
            tape.watch([inputs, states])
            outputs, last = run(self.cell, inputs, tf.constant(mask > 0), states)
            squares = [tf.reduce_sum(state**2) for state in tf.nest.flatten(last)]
            loss = (tf.reduce_sum((outputs - self.targets) ** 2) + tf.add_n(squares)) / 2
        variables = [cell.trainable_variables for cell in self.cell.cells]
        return loss, tape.gradient(loss, [variables, inputs, states])


def by_steps(cell, inputs, mask, states):
    return tfseq.dynamic_rnn(cell, inputs, mask, initial_state=states, stepwise=True)


def at_once(cell, inputs, mask, states):
    return tfseq.dynamic_rnn(cell, inputs, mask, initial_state=states)


@pytest.mark.parametrize("mask", MASKS)
@pytest.mark.parametrize("layers", [1, 2])
@pytest.mark.parametrize("kind", bptt.KINDS)
def test_the_derived_gradients_are_those_of_automatic_differentiation(kind, layers, mask):
    case, mask = Case(kind, layers), MASKS[mask]
    loss, found = case.by_hand(mask)
    for run in (by_steps, at_once):
        expected, (variables, inputs, states) = case.automatic(run, mask)
        np.testing.assert_allclose(loss, expected, rtol=1e-12)
        for own, of_layer in zip(found["weights"], variables, strict=True):
            for ours, theirs in zip((own["kernel"], own["bias"]), of_layer, strict=True):
                np.testing.assert_allclose(ours, theirs, rtol=1e-6, atol=1e-9)
        np.testing.assert_allclose(found["inputs"], inputs, rtol=1e-6, atol=1e-9)
        for ours, theirs in zip(
            tf.nest.flatten(found["states"][0]), tf.nest.flatten(states), strict=True
        ):
            np.testing.assert_allclose(ours, theirs, rtol=1e-6, atol=1e-9)


@pytest.mark.parametrize("kind", bptt.KINDS)
def test_an_error_term_is_the_loss_by_what_the_activations_are_taken_of(kind):
    """By differences: the bias of one layer is moved in one step alone."""
    case, mask, tiny = Case(kind, 2), REAL, 1e-6
    deltas = case.by_hand(mask)[1]["deltas"]
    step = bptt.KINDS[kind][0]

    def loss(layer, time, moved):
        calls = []

        def moved_step(w, x, states):
            calls.append(None)
            if len(calls) - 1 == 2 * time + layer:
                w = {**w, "bias": w["bias"] + moved}
            return step(w, x, states)

        with pytest.MonkeyPatch.context() as patch:
            patch.setitem(bptt.KINDS, kind, (moved_step, bptt.KINDS[kind][1]))
            return case.by_hand(mask)[0]

    for layer, time in ((0, 2), (1, 5)):
        width = deltas[time][layer].shape[1]
        for unit in (0, width - 1):
            moved = tiny * np.eye(width)[unit]
            slope = (loss(layer, time, moved) - loss(layer, time, -moved)) / (2 * tiny)
            np.testing.assert_allclose(
                deltas[time][layer][:, unit].sum(), slope, rtol=1e-6, atol=1e-8
            )

"""The conditional GRU over a whole sequence beside its twin, the loop of steps."""

import functools

import keras
import numpy as np
import pytest
import tensorflow as tf

from tfseq.attention import (
    ATTENTIONS,
    AttentionMechanism,
    BahdanauAttention,
    ConditionalCell,
    DotAttention,
    Memory,
    make_attention,
)
from tfseq.cells import BasicLSTMCell, DropoutWrapper, GRUCell, MultiRNNCell, stack_cells
from tfseq.cells.base import obstacle
from tfseq.rnn import RNN

BATCH, TIME, DEPTH, SOURCE, UNITS = 3, 5, 4, 6, 2
GAPS = np.array([[1, 1, 0, 1, 0], [0, 1, 1, 1, 1], [0, 0, 0, 0, 0]], bool)
SOURCE_MASK = np.array([[1, 1, 1, 0, 0, 0], [0, 0, 0, 0, 0, 0], [1, 0, 1, 1, 1, 1]], bool)
RANDOM = np.random.default_rng(0)
STEADY = [name for name in ATTENTIONS if not name.endswith("monotonic")]


def draw(*shape, dtype="float64"):
    return tf.constant(RANDOM.normal(size=shape), dtype)


def make_cell(mechanism, first=None, second=None, dtype="float64"):
    """A built cell with random weights, on a memory of depth `UNITS`."""
    mechanism.build_memory(UNITS)
    cell = ConditionalCell(
        first or GRUCell(UNITS, dtype=dtype),
        mechanism,
        second or GRUCell(UNITS, dtype=dtype),
        dtype=dtype,
    )
    cell.build((BATCH, DEPTH))
    for weight in cell.trainable_variables:
        weight.assign(draw(*weight.shape, dtype=weight.dtype))
    return cell


def make_run(cell, mask=None, **options):
    """`run(inputs, cotangents)`: all that comes out, and the gradients of all that goes in.

    `inputs` are `x`, the values, and the three first states.
    """
    layer = RNN(cell, return_state=True, dtype=cell.dtype, **options)

    def run(inputs, cotangents):
        with tf.GradientTape() as tape:
            tape.watch(inputs)
            x, values, hidden, context, weights = inputs
            memory = cell.mechanism.memorize(values, SOURCE_MASK)
            states = tf.nest.pack_sequence_as(
                cell.get_initial_state(BATCH, memory), [hidden, context, weights]
            )
            results = layer(x, initial_state=states, mask=mask, memory=memory, training=True)
            pairs = zip(tf.nest.flatten(results), cotangents, strict=True)
            loss = tf.add_n([tf.reduce_sum(value * by) for value, by in pairs])
        weights = [weight.value for weight in cell.trainable_variables]
        gradients = tape.gradient(loss, [*inputs, *weights], unconnected_gradients="zero")
        return results, gradients

    return run


def some_arguments(sequences=True, rows=BATCH, time=TIME, dtype="float64"):
    shapes = [(rows, UNITS), (rows, UNITS), (rows, SOURCE)]
    inputs = [(rows, time, DEPTH), (BATCH, SOURCE, UNITS), *shapes]
    outputs = (rows, time, 2 * UNITS) if sequences else (rows, 2 * UNITS)
    return [
        [draw(*shape, dtype=dtype) for shape in group] for group in (inputs, [outputs, *shapes])
    ]


def assert_near(found, wanted, tolerance=1e-10):
    for a, b in zip(tf.nest.flatten(found), tf.nest.flatten(wanted), strict=True):
        assert a.shape == b.shape
        np.testing.assert_allclose(a, b, atol=tolerance, rtol=tolerance)


def assert_equal_twins(cell, arguments, tolerance=1e-10, wrap=lambda run: run, **options):
    assert not obstacle(cell, training=True)
    wanted = make_run(cell, stepwise=True, **options)(*arguments)
    assert_near(wrap(make_run(cell, **options))(*arguments), wanted, tolerance)


@pytest.mark.parametrize("name", STEADY)
@pytest.mark.parametrize("mask", [None, GAPS], ids=["no mask", "gaps and an empty row"])
def test_values_and_all_gradients_are_those_of_the_steps(name, mask):
    cell = make_cell(make_attention(name, UNITS, dtype="float64"))
    assert_equal_twins(cell, some_arguments(), mask=mask, return_sequences=True)


def test_the_last_outputs_and_a_hard_choice_too():
    mechanism = BahdanauAttention(3, probability="hardmax", dtype="float64")
    assert_equal_twins(make_cell(mechanism), some_arguments(sequences=False), mask=GAPS)


def test_stacks_of_one_cell_are_that_cell():
    stacks = [MultiRNNCell([GRUCell(UNITS, dtype="float64")], dtype="float64") for _ in "12"]
    cell = make_cell(BahdanauAttention(3, dtype="float64"), *stacks)
    assert_equal_twins(cell, some_arguments(), return_sequences=True)


def test_a_mechanism_that_is_not_trained_leaves_the_other_gradients():
    cell = make_cell(BahdanauAttention(3, dtype="float64"))
    cell.mechanism.trainable = False
    assert len(cell.trainable_variables) == 8
    assert_equal_twins(cell, some_arguments(), return_sequences=True)


@pytest.mark.parametrize("compiled", [False, True], ids=["graph", "XLA"])
def test_it_is_the_same_in_a_graph_also_compiled(compiled):
    cell = make_cell(BahdanauAttention(3), dtype="float32")
    wrap = functools.partial(tf.function, jit_compile=compiled)
    arguments = some_arguments(dtype="float32")
    assert_equal_twins(cell, arguments, 1e-5, wrap, mask=GAPS, return_sequences=True)


@pytest.mark.parametrize("time", [0, TIME])
def test_sizes_may_be_unknown_time_zero_and_rows_share_a_memory(time):
    cell = make_cell(BahdanauAttention(3, dtype="float64"))
    layers = [RNN(cell, return_sequences=True, dtype="float64", stepwise=s) for s in (False, True)]

    def run(layer, x, keys, values):
        with tf.GradientTape() as tape:
            tape.watch([x, keys, values])
            memory = Memory(keys, values, tf.constant(SOURCE_MASK))
            start = cell.get_initial_state(tf.shape(x)[0], memory)
            outputs = layer(x, initial_state=start, memory=memory)
            loss = tf.reduce_sum(outputs**2)
        return outputs, tape.gradient(loss, [x, keys, values])

    shapes = [(None, None, DEPTH), (None, None, 3), (None, None, UNITS)]
    free = [tf.TensorSpec(shape, "float64") for shape in shapes]
    tensors = draw(2 * BATCH, time, DEPTH), draw(BATCH, SOURCE, 3), draw(BATCH, SOURCE, UNITS)
    fast = tf.function(functools.partial(run, layers[0]), input_signature=free)
    outputs, gradients = fast(*tensors)
    if time:
        assert_near((outputs, gradients), run(layers[1], *tensors))
    else:
        assert outputs.shape == (2 * BATCH, 0, 2 * UNITS)
        assert not any(np.any(gradient) for gradient in gradients[1:])


def test_mixed_precision_is_near_the_steps():
    policy = keras.DTypePolicy("mixed_bfloat16")
    cell = make_cell(BahdanauAttention(3, dtype=policy), dtype=policy)
    memory = cell.mechanism.memorize(draw(BATCH, SOURCE, UNITS, dtype="float32"))
    x = draw(BATCH, TIME, DEPTH, dtype="float32")
    found, wanted = (
        RNN(cell, stepwise=stepwise, dtype=policy)(x, memory=memory) for stepwise in (False, True)
    )
    assert not obstacle(cell)
    assert found.dtype == "bfloat16"
    np.testing.assert_allclose(tf.cast(found, "float32"), tf.cast(wanted, "float32"), atol=5e-2)


class Noisy(DotAttention):
    """Its scores are never the same."""

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.seed_generator = keras.random.SeedGenerator(1)

    def score(self, query, keys):
        scores = super().score(query, keys)
        return scores + keras.random.normal(scores.shape, seed=self.seed_generator)


class Doubled(AttentionMechanism):
    """A mechanism whose context is no sum of its weights' values."""

    def call(self, query, memory, previous_weights=None, training=False):
        context, weights = super().call(query, memory, previous_weights, training=training)
        return 2 * context, weights

    def score(self, query, keys):
        return keras.ops.einsum("bku,btu->bkt", query, keys)


OTHERS = {
    "monotonic": lambda: (make_attention("bahdanau_monotonic", 3),),
    "noise": lambda: (Noisy(),),
    "a look of its own": lambda: (Doubled(),),
    "LSTM": lambda: (DotAttention(), BasicLSTMCell(UNITS), BasicLSTMCell(UNITS)),
    "Keras's GRU": lambda: (DotAttention(), keras.layers.GRUCell(UNITS), GRUCell(UNITS)),
    "dropout": lambda: (DotAttention(), DropoutWrapper(GRUCell(UNITS), 0.1), GRUCell(UNITS)),
    "two layers": lambda: (
        DotAttention(),
        stack_cells("gru", UNITS, 2),
        stack_cells("gru", UNITS, 2),
    ),
    "another activation": lambda: (DotAttention(), GRUCell(UNITS), GRUCell(UNITS, "relu")),
    "another precision": lambda: (DotAttention(), GRUCell(UNITS), GRUCell(UNITS, dtype="float64")),
}


@pytest.mark.parametrize("make", OTHERS.values(), ids=OTHERS)
def test_what_differs_goes_step_by_step(make):
    cell = make_cell(*make(), dtype="float32")
    assert obstacle(cell, training=True)
    memory = cell.mechanism.memorize(draw(BATCH, SOURCE, UNITS, dtype="float32"))
    x = draw(BATCH, TIME, DEPTH, dtype="float32")
    assert np.all(np.isfinite(RNN(cell)(x, memory=memory)))


def test_a_memory_is_needed():
    cell = make_cell(DotAttention(dtype="float64"))
    with pytest.raises(ValueError, match="`memory` must be given"):
        RNN(cell, dtype="float64")(draw(BATCH, TIME, DEPTH))

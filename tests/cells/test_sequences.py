"""The fast way through a whole sequence beside its twin, the loop of steps."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from tfseq.cells import (
    BasicLSTMCell,
    BasicRNNCell,
    DropoutWrapper,
    GRUCell,
    LayerNormBasicLSTMCell,
    LayerNormLSTMCell,
    LSTMCell,
    MultiRNNCell,
    NASCell,
    ResidualWrapper,
    RNNCell,
    TwoGateRNNCell,
    UGRNNCell,
    stack_cells,
)
from tfseq.cells.base import obstacle
from tfseq.rnn import RNN

BATCH, TIME, DEPTH, UNITS = 3, 5, 4, 2
GAPS = np.array([[1, 1, 0, 1, 0], [0, 1, 1, 1, 1], [0, 0, 0, 0, 0]], bool)
RANDOM = np.random.default_rng(0)

CELLS = {
    "basic lstm": lambda dtype: BasicLSTMCell(UNITS, forget_bias=0.5, dtype=dtype),
    "lstm": lambda dtype: LSTMCell(UNITS, dtype=dtype),
    "lstm with peepholes": lambda dtype: LSTMCell(UNITS, use_peepholes=True, dtype=dtype),
    "lstm with a projection": lambda dtype: LSTMCell(UNITS, projection_units=3, dtype=dtype),
    "lstm with both": lambda dtype: LSTMCell(
        UNITS, use_peepholes=True, projection_units=3, dtype=dtype
    ),
    "normalised": lambda dtype: LayerNormBasicLSTMCell(UNITS, forget_bias=0.5, dtype=dtype),
    "lstm of the same class": lambda dtype: LayerNormBasicLSTMCell(
        UNITS, layer_norm=False, dtype=dtype
    ),
    "simple": lambda dtype: BasicRNNCell(UNITS, dtype=dtype),
    "gru": lambda dtype: GRUCell(UNITS, dtype=dtype),
    "stack": lambda dtype: MultiRNNCell(
        [GRUCell(6, dtype=dtype), MultiRNNCell([BasicLSTMCell(UNITS, dtype=dtype)], dtype=dtype)],
        dtype=dtype,
    ),
}
each_cell = pytest.mark.parametrize("make", CELLS.values(), ids=CELLS)


def draw(*shape, dtype="float64"):
    return tf.constant(RANDOM.normal(size=shape), dtype)


def make_cell(make, dtype="float64"):
    """A built cell with random weights, biases too."""
    cell = make(dtype)
    cell.build((BATCH, DEPTH))
    for weight in cell.trainable_variables:
        weight.assign(draw(*weight.shape, dtype=dtype))
    return cell


def make_run(cell, mask=None, training=True, **options):
    """`run(x, states, cotangents)`: outputs, states, and the gradients of all that goes in."""
    layer = RNN(cell, return_state=True, dtype=cell.dtype, **options)

    def run(x, states, cotangents):
        weights = [weight.value for weight in cell.trainable_variables]
        with tf.GradientTape() as tape:
            tape.watch([x, *tf.nest.flatten(states)])
            results = layer(x, initial_state=states, mask=mask, training=training)
            pairs = zip(tf.nest.flatten(results), cotangents, strict=True)
            loss = tf.add_n([tf.reduce_sum(value * by) for value, by in pairs])
        return results, tape.gradient(loss, [x, *tf.nest.flatten(states), *weights])

    return run


def some_arguments(cell, sequences=True, batch=BATCH, time=TIME, dtype="float64"):
    """Inputs, first states, and a cotangent for each result."""
    sizes = tf.nest.flatten(cell.state_size)
    states = [draw(batch, size, dtype=dtype) for size in sizes]
    leading = (batch, time) if sequences else (batch,)
    cotangents = [draw(*leading, cell.output_size, dtype=dtype)]
    cotangents += [draw(batch, size, dtype=dtype) for size in sizes]
    return draw(batch, time, DEPTH, dtype=dtype), states, cotangents


def assert_near(found, wanted, tolerance=1e-10):
    for a, b in zip(tf.nest.flatten(found), tf.nest.flatten(wanted), strict=True):
        assert a.shape == b.shape
        np.testing.assert_allclose(a, b, atol=tolerance, rtol=tolerance)


@each_cell
@pytest.mark.parametrize("sequences", [True, False], ids=["all outputs", "the last one"])
@pytest.mark.parametrize("mask", [None, GAPS], ids=["no mask", "gaps and an empty row"])
@pytest.mark.parametrize("backwards", [False, True], ids=["forward", "backward"])
def test_values_and_all_gradients_are_those_of_the_steps(make, sequences, mask, backwards):
    cell = make_cell(make)
    arguments = some_arguments(cell, sequences)
    options = {"mask": mask, "return_sequences": sequences, "go_backwards": backwards}
    assert not obstacle(cell, training=True)
    wanted = make_run(cell, stepwise=True, **options)(*arguments)
    assert_near(make_run(cell, **options)(*arguments), wanted)


@pytest.mark.parametrize("compiled", [False, True], ids=["graph", "XLA"])
def test_it_is_the_same_in_a_graph_also_compiled(compiled):
    cell = make_cell(CELLS["stack"], "float32")
    arguments = some_arguments(cell, dtype="float32")
    options = {"mask": GAPS, "return_sequences": True}
    wanted = make_run(cell, stepwise=True, **options)(*arguments)
    run = tf.function(make_run(cell, **options), jit_compile=compiled)
    assert_near(run(*arguments), wanted, 1e-5)


@each_cell
@pytest.mark.parametrize("time", [0, 1, TIME])
def test_batch_and_time_may_be_unknown_and_time_zero(make, time):
    cell = make_cell(make)
    x, states, cotangents = some_arguments(cell, time=time)
    run = make_run(cell, return_sequences=True)
    arguments = [x, states, cotangents]
    free = tf.nest.map_structure(
        lambda t: tf.TensorSpec([None] * (t.shape.rank - 1) + [t.shape[-1]], t.dtype), arguments
    )
    found, gradients = tf.function(run, input_signature=free)(*arguments)
    if time:
        wanted = make_run(cell, return_sequences=True, stepwise=True)(x, states, cotangents)
        assert_near([found, gradients], wanted)
    else:
        assert found[0].shape == (BATCH, 0, cell.output_size)
        assert_near(found[1], states)
        assert_near(gradients[1 : 1 + len(states)], cotangents[1:])
        assert not any(np.any(gradient) for gradient in gradients[1 + len(states) :])
        assert_near(RNN(cell, dtype="float64")(x), np.zeros((BATCH, cell.output_size)))


@each_cell
def test_states_stay_to_the_last_bit_where_masked(make):
    cell = make_cell(make, "float32")
    x, states, _ = some_arguments(cell, dtype="float32")
    layer = RNN(cell, return_sequences=True, return_state=True)
    outputs, after = layer(x, initial_state=states, mask=GAPS)
    for new, old in zip(tf.nest.flatten(after), states, strict=True):
        np.testing.assert_array_equal(new[2], old[2])
    np.testing.assert_array_equal(outputs[~GAPS], 0)


@each_cell
@pytest.mark.parametrize("policy", ["mixed_float16", "mixed_bfloat16"])
def test_mixed_precision_is_near_the_steps_and_holds_masked_states(make, policy):
    cell = make(keras.DTypePolicy(policy))
    x = draw(BATCH, TIME, DEPTH, dtype="float32")
    options = {"return_sequences": True, "return_state": True, "dtype": policy}
    outputs, states = RNN(cell, **options)(x, mask=GAPS)
    wanted, _ = RNN(cell, stepwise=True, **options)(x, mask=GAPS)
    assert outputs.dtype == policy.removeprefix("mixed_")
    np.testing.assert_allclose(tf.cast(outputs, "float32"), tf.cast(wanted, "float32"), atol=2e-2)
    assert not any(np.any(state[2]) for state in tf.nest.flatten(states))


@pytest.mark.parametrize("make", [BasicLSTMCell, GRUCell])
def test_a_width_whose_rows_would_share_lines_of_the_cache_changes_nothing(make):
    cell = make_cell(lambda dtype: make(512, dtype=dtype))
    arguments = some_arguments(cell)
    wanted = make_run(cell, return_sequences=True, stepwise=True)(*arguments)
    assert_near(make_run(cell, return_sequences=True)(*arguments), wanted, 1e-8)


def test_first_states_of_another_batch_are_refused():
    cell = make_cell(CELLS["gru"])
    x, states, _ = some_arguments(cell)
    with pytest.raises((ValueError, tf.errors.InvalidArgumentError)):
        RNN(cell, dtype="float64")(x, initial_state=[states[0][:1]])


def test_second_derivatives_are_refused_and_known_step_by_step():
    cell = make_cell(CELLS["gru"])
    x, _, _ = some_arguments(cell)

    def second(stepwise):
        layer = RNN(cell, stepwise=stepwise, dtype="float64")
        with tf.GradientTape() as outer:
            outer.watch(x)
            with tf.GradientTape() as inner:
                inner.watch(x)
                loss = tf.reduce_sum(layer(x) ** 2)
            gradient = inner.gradient(loss, x)
        return outer.gradient(gradient, x)

    assert np.any(second(stepwise=True))
    with pytest.raises(LookupError, match=r"first derivatives only"):
        second(stepwise=False)


class Louder(GRUCell):
    """A subclass whose step is another, which knows nothing of sequences."""

    def call(self, inputs, states, training=False):
        output, states = super().call(inputs, states)
        return 2 * output, states


def joined(inputs, outputs):
    return tf.concat([inputs, outputs], axis=1)[:, :UNITS]


OTHERS = {  # cells, and what is said of them
    "Louder knows single steps only": lambda: Louder(UNITS),
    "UGRNNCell knows single steps only": lambda: UGRNNCell(UNITS),
    "GRUCell knows single steps only": lambda: keras.layers.GRUCell(UNITS),
    "LayerNormLSTMCell has gates of its own": lambda: LayerNormLSTMCell(UNITS),
    "`activation` is 'relu'": lambda: GRUCell(UNITS, activation="relu"),
    "`activation` is 'elu'": lambda: BasicLSTMCell(UNITS, activation="elu"),
    "`activation` is 'linear'": lambda: BasicRNNCell(UNITS, activation="linear"),
    "`cell_clip` is 0.1": lambda: LSTMCell(UNITS, cell_clip=0.1),
    "`cell_clip` is 0.0": lambda: LSTMCell(UNITS, cell_clip=0.0),
    "`projection_clip` is 0.2": lambda: LSTMCell(UNITS, projection_units=3, projection_clip=0.2),
    "`rate` is 0.3": lambda: LayerNormBasicLSTMCell(UNITS, rate=0.3, seed=1),
    "`state_rate` is 0.5": lambda: DropoutWrapper(GRUCell(UNITS), state_rate=0.5),
    "TwoGateRNNCell knows single steps only": lambda: DropoutWrapper(TwoGateRNNCell(UNITS), 0.5),
    "`residual_function` is given": lambda: ResidualWrapper(
        GRUCell(UNITS), residual_function=joined
    ),
    "layer 1: NASCell knows single steps only": lambda: MultiRNNCell(
        [GRUCell(UNITS), NASCell(UNITS)]
    ),
}


@pytest.mark.parametrize(("reason", "make"), OTHERS.items(), ids=OTHERS)
def test_what_differs_goes_step_by_step_and_says_why(reason, make):
    cell = make()
    x = draw(BATCH, TIME, DEPTH, dtype="float32")
    layer = RNN(cell, return_sequences=True)
    assert layer.explain(training=True) == f"step by step: {reason}"
    wanted = RNN(cell, return_sequences=True, stepwise=True)(x)
    np.testing.assert_allclose(layer(x), wanted, atol=1e-5)


def test_what_is_asked_for_is_said_to_be_the_reason():
    cell = DropoutWrapper(GRUCell(UNITS), state_rate=0.5)
    assert RNN(cell, stepwise=True).explain() == "step by step: `stepwise` is True"
    assert RNN(cell, unroll=True).explain() == "step by step: `unroll` is True"
    assert RNN(cell).explain().startswith("the whole sequence at once")


DROPPED = {
    "input": lambda: DropoutWrapper(GRUCell(UNITS), 0.4, variational=True, seed=1),
    "output": lambda: DropoutWrapper(GRUCell(UNITS), 0.0, 0.0, 0.4, variational=True, seed=1),
    "both, one mask for all rows": lambda: DropoutWrapper(
        LSTMCell(UNITS), 0.4, 0.0, 0.4, variational=True, shared_mask=True, seed=1
    ),
    "residual stack": lambda: stack_cells(
        "gru", DEPTH, 3, input_rate=0.4, variational=True, residual_from=1, seed=1
    ),
}


@pytest.mark.parametrize("make", DROPPED.values(), ids=DROPPED)
def test_variational_dropout_and_residual_layers_are_those_of_the_steps(make):
    cell = make_cell(lambda dtype: make(), "float32")
    arguments = some_arguments(cell, dtype="float32")
    before = [variable.numpy() for variable in cell.variables]

    def run(**options):
        for variable, value in zip(cell.variables, before, strict=True):
            variable.assign(value)  # the seeds, too
        return make_run(cell, return_sequences=True, mask=GAPS, **options)(*arguments)

    assert not obstacle(cell, training=True)
    wanted = run(stepwise=True)
    assert_near(run(), wanted, 1e-5)
    assert not np.allclose(run(training=False)[0][0], wanted[0][0])


class EchoCell(RNNCell):
    """Gives its inputs as its output, so that masks can be read off."""

    state_size, output_size = 1, DEPTH

    def call(self, inputs, states, training=False):
        return inputs, states

    def obstacle(self, training=False):
        return ""

    def unroll(self, inputs, states, mask=None, memory=None, training=False):
        return inputs, states


@pytest.mark.parametrize("rates", [(0.3, 0.0, 0.0), (0.0, 0.0, 0.3)], ids=["input", "output"])
def test_plain_dropout_draws_for_each_step_and_row_at_its_rate_and_keeps_the_mean(rates):
    cell = DropoutWrapper(EchoCell(), *rates, seed=1)
    ones = np.ones((20, 30, DEPTH), "float32")
    assert not obstacle(cell, training=True)
    layer = RNN(cell, return_sequences=True)
    outputs = layer(ones, training=True).numpy()
    np.testing.assert_allclose(outputs[outputs != 0], 1 / 0.7, rtol=1e-6)
    assert abs(np.mean(outputs == 0) - 0.3) < 0.05
    assert np.std(np.mean(outputs, axis=(1, 2))) > 0
    assert np.std(np.mean(outputs, axis=(0, 2))) > 0
    assert not np.array_equal(layer(ones, training=True), outputs)
    np.testing.assert_array_equal(layer(ones), ones)


def test_a_saved_model_has_the_gradients_too(tmp_path):
    cell = make_cell(CELLS["stack"], "float32")
    x, _, _ = some_arguments(cell, dtype="float32")
    layer = RNN(cell, return_sequences=True)
    module = tf.Module()
    module.kept = [weight.value for weight in cell.variables]
    specification = tf.TensorSpec((None, None, DEPTH), "float32")
    module.run = tf.function(lambda x: layer(x), input_signature=[specification])

    def gradient(run):
        with tf.GradientTape() as tape:
            tape.watch(x)
            loss = tf.reduce_sum(run(x) ** 2)
        return tape.gradient(loss, x)

    tf.saved_model.save(module, tmp_path)
    loaded = tf.saved_model.load(tmp_path)
    assert_near(loaded.run(x), layer(x), 1e-6)
    assert_near(gradient(loaded.run), gradient(layer), 1e-5)


def test_each_replica_of_a_strategy_takes_it():
    strategy = tf.distribute.MirroredStrategy(["/cpu:0"])
    x = draw(BATCH, TIME, DEPTH, dtype="float32")
    with strategy.scope():
        cell = make_cell(CELLS["stack"], "float32")
    layer = RNN(cell, return_sequences=True)

    @tf.function
    def step(x):
        with tf.GradientTape() as tape:
            loss = tf.reduce_sum(layer(x, training=True) ** 2)
        return tape.gradient(loss, [weight.value for weight in cell.trainable_variables])

    found = strategy.run(step, [x])
    layer.stepwise = True
    assert_near(found, tf.function(step.python_function)(x), 1e-5)

"""What every cell promises: each entry of `CELLS`, each wrapper, and stacks of them."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from tfseq.cells import (
    CELLS,
    AttentionCellWrapper,
    DropoutWrapper,
    HighwayWrapper,
    InputProjectionWrapper,
    MultiRNNCell,
    OutputProjectionWrapper,
    ResidualWrapper,
    ZoneoutWrapper,
    stack_cells,
)
from tfseq.rnn import RNN

BATCH, TIME, DEPTH, UNITS = 2, 5, 3, 4
MASK = np.array([[1, 1, 0, 1, 0], [0, 1, 1, 1, 1]], bool)

PLAIN = {name: lambda cell=cell: cell(UNITS) for name, cell in CELLS.items()}
COMPOSITES = {
    "lstm with all options": lambda: CELLS["lstm"](
        UNITS, use_peepholes=True, cell_clip=0.5, projection_units=6, projection_clip=0.5
    ),
    "a stack of one": lambda: stack_cells("basic_lstm", UNITS, 1),
    "a stack of two": lambda: MultiRNNCell([CELLS["gru"](6), CELLS["basic_lstm"](UNITS)]),
    "a stack in a stack": lambda: MultiRNNCell(
        [stack_cells("basic_lstm", [6, UNITS], 2), CELLS["basic_rnn"](7)]
    ),
    "Keras's cells in a stack": lambda: MultiRNNCell(
        [keras.layers.GRUCell(6), keras.layers.LSTMCell(UNITS), keras.layers.SimpleRNNCell(7)]
    ),
    "dropout": lambda: DropoutWrapper(CELLS["gru"](UNITS), 0.2, 0.3, 0.4),
    "residual": lambda: ResidualWrapper(CELLS["basic_lstm"](DEPTH)),
    "highway": lambda: HighwayWrapper(CELLS["gru"](DEPTH), coupled=False),
    "projections": lambda: OutputProjectionWrapper(
        InputProjectionWrapper(CELLS["basic_lstm"](UNITS), 5, "relu"), 2
    ),
    "attention to its own past": lambda: AttentionCellWrapper(CELLS["basic_lstm"](UNITS), 2),
    "zoneout": lambda: ZoneoutWrapper(CELLS["lstm"](UNITS), 0.2, 0.3, seed=1),
    "a stack of everything": lambda: stack_cells(
        "lstm",
        UNITS,
        2,
        input_rate=0.2,
        state_rate=0.3,
        output_rate=0.1,
        variational=True,
        residual_from=1,
        seed=1,
        use_peepholes=True,
    ),
}
ALL = PLAIN | COMPOSITES
each_cell = pytest.mark.parametrize("make", ALL.values(), ids=ALL)


def some_inputs():
    return np.random.default_rng(0).normal(size=(BATCH, TIME, DEPTH)).astype("float32")


def shapes(nest):
    return [tuple(x.shape) for x in keras.tree.flatten(nest)]


def assert_all_near(found, wanted, tolerance=1e-6):
    for a, b in zip(keras.tree.flatten(found), keras.tree.flatten(wanted), strict=True):
        np.testing.assert_allclose(a, b, atol=tolerance)


@each_cell
def test_a_step_returns_what_the_sizes_say_in_the_structure_of_the_states(make):
    cell = make()
    states = cell.get_initial_state(batch_size=BATCH)
    assert shapes(states) == [(BATCH, size) for size in keras.tree.flatten(cell.state_size)]
    assert all(not np.any(state) for state in keras.tree.flatten(states))
    output, new_states = cell(some_inputs()[:, 0], states)
    assert output.shape == (BATCH, cell.output_size)
    assert shapes(new_states) == shapes(states)
    tf.nest.assert_same_structure(new_states, states)


@each_cell
def test_our_loop_and_the_one_of_keras_agree_eagerly_and_in_a_graph(make):
    cell, inputs = make(), some_inputs()
    options = {"return_sequences": True, "return_state": True}
    stock = keras.layers.RNN(cell, zero_output_for_mask=True, **options)
    ours = RNN(cell, **options)
    assert_all_near(ours(inputs), stock(inputs))
    wanted = stock(inputs, mask=MASK)
    assert_all_near(ours(inputs, mask=MASK), wanted)
    for layer in (ours, stock):
        assert_all_near(tf.function(layer)(inputs, mask=MASK), wanted)


@each_cell
def test_a_functional_model_of_it_is_saved_and_loaded_with_equal_outputs(make, tmp_path):
    inputs = keras.Input((None, DEPTH))
    model = keras.Model(inputs, RNN(make(), return_sequences=True, return_state=True)(inputs))
    model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    assert_all_near(loaded(some_inputs()), model(some_inputs()), 0)


@each_cell
def test_it_runs_in_a_functional_model_of_keras_alone(make):
    inputs = keras.Input((None, DEPTH))
    model = keras.Model(inputs, keras.layers.RNN(make())(inputs))
    assert np.all(np.isfinite(model(some_inputs())))


@each_cell
def test_its_config_makes_the_same_cell(make):
    cell = make()
    config = cell.get_config()
    again = type(cell).from_config(config)
    assert again.get_config() == config
    assert again.name == cell.name


@each_cell
def test_gradients_reach_each_weight(make):
    layer = RNN(make(), return_sequences=True)
    with tf.GradientTape() as tape:
        loss = tf.reduce_sum(layer(some_inputs(), training=True) ** 2)
    gradients = tape.gradient(loss, [weight.value for weight in layer.trainable_weights])
    assert gradients or isinstance(layer.cell, CELLS["esn"])  # whose weights are never trained
    assert all(np.any(gradient) for gradient in gradients)


@each_cell
@pytest.mark.parametrize("policy", ["mixed_float16", "mixed_bfloat16"])
def test_mixed_precision_computes_small_and_keeps_weights_in_float32(make, policy):
    keras.mixed_precision.set_global_policy(policy)
    try:
        layer = RNN(make(), return_sequences=True, return_state=True)
        outputs, states = layer(some_inputs(), mask=MASK, training=True)
    finally:
        keras.mixed_precision.set_global_policy("float32")
    small = policy.removeprefix("mixed_")
    assert {x.dtype.name for x in keras.tree.flatten((outputs, states))} == {small}
    kinds = {weight.dtype for weight in layer.weights} - {"uint32"}  # the state of a seed
    assert kinds == {"float32"}
    assert all(np.all(np.isfinite(tf.cast(x, "float32"))) for x in keras.tree.flatten(states))


@each_cell
def test_a_step_in_training_compiles(make):
    cell = make()
    cell.build((BATCH, DEPTH))

    @tf.function(jit_compile=True)
    def step(inputs):
        cell.start_sequence()
        return cell(inputs, cell.get_initial_state(batch_size=BATCH), training=True)

    assert all(np.all(np.isfinite(x)) for x in keras.tree.flatten(step(some_inputs()[:, 0])))

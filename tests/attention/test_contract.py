"""What every cell that attends promises, in each loop, alone, in stacks and in wrappers."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from tfseq.attention import AttentionState, AttentionWrapper, ConditionalCell, make_attention
from tfseq.cells import (
    BasicLSTMCell,
    DropoutWrapper,
    GRUCell,
    MultiRNNCell,
    ResidualWrapper,
    stack_cells,
)
from tfseq.rnn import RNN
from tfseq.unroll import dynamic_rnn

BATCH, TIME, DEPTH, SOURCE, MEMORY, UNITS = 3, 4, 5, 6, 7, 8
MASK = np.array([[1, 1, 0, 1], [1, 0, 0, 0], [1, 1, 1, 1]], bool)
SOURCE_MASK = np.array([[1, 1, 1, 0, 0, 0], [0, 0, 0, 0, 0, 0], [1, 0, 1, 1, 1, 1]], bool)


MAKE = {
    "input feeding": lambda: AttentionWrapper(
        BasicLSTMCell(UNITS), make_attention("scaled_luong", UNITS), 9, output_attention=False
    ),
    "two mechanisms": lambda: AttentionWrapper(
        keras.layers.LSTMCell(UNITS, dropout=0.2),
        [make_attention("luong_monotonic", UNITS), make_attention("bilinear", None)],
        [2, 3],
    ),
    "a stack with dropout inside": lambda: AttentionWrapper(
        stack_cells("lstm", [4, UNITS], 2, input_rate=0.1, state_rate=0.1, variational=True),
        make_attention("bahdanau_monotonic", UNITS, mode="recursive"),
    ),
    "conditional": lambda: ConditionalCell(
        DropoutWrapper(GRUCell(UNITS), state_rate=0.1),
        make_attention("concat", 4),
        keras.layers.GRUCell(UNITS, recurrent_dropout=0.2),
    ),
    "at the bottom of a stack": lambda: MultiRNNCell(
        [
            ConditionalCell(GRUCell(UNITS), make_attention("bahdanau", 4), GRUCell(UNITS)),
            ResidualWrapper(GRUCell(UNITS + MEMORY)),
        ]
    ),
    "in dropout": lambda: DropoutWrapper(
        AttentionWrapper(GRUCell(UNITS), make_attention("normalized_bahdanau", UNITS), 9),
        state_rate=0.2,
        variational=True,
        seed=1,
    ),
}
each_cell = pytest.mark.parametrize("make", MAKE.values(), ids=MAKE)


def attending(cell):
    """The cell that attends inside a stack or a wrapper."""
    while not hasattr(cell, "mechanism"):
        cell = cell.cells[0] if isinstance(cell, MultiRNNCell) else cell.cell
    return cell


def memorize(cell, values, mask):
    cell = attending(cell)
    return cell.pack([mechanism.memorize(values, mask) for mechanism in cell.mechanisms])


def some_inputs():
    random = np.random.default_rng(0)
    inputs = random.normal(size=(BATCH, TIME, DEPTH)).astype("float32")
    return inputs, random.normal(size=(BATCH, SOURCE, MEMORY)).astype("float32"), SOURCE_MASK


def assert_all_near(found, wanted, tolerance=1e-6):
    for a, b in zip(keras.tree.flatten(found), keras.tree.flatten(wanted), strict=True):
        np.testing.assert_allclose(a, b, atol=tolerance)


@keras.saving.register_keras_serializable("test")
class Reader(keras.Model):
    """What a decoder does in training."""

    def __init__(self, cell, **kwargs):
        super().__init__(**kwargs)
        self.rnn = RNN(cell, return_sequences=True, return_state=True)

    def call(self, inputs, training=False):
        inputs, values, mask = inputs
        memory = memorize(self.rnn.cell, values, mask)
        return self.rnn(inputs, memory=memory, mask=MASK, training=training)

    def get_config(self):
        return super().get_config() | {"cell": keras.saving.serialize_keras_object(self.rnn.cell)}

    @classmethod
    def from_config(cls, config):
        return cls(keras.saving.deserialize_keras_object(config.pop("cell")), **config)


@each_cell
def test_both_loops_agree_step_by_step_eagerly_and_in_a_graph_of_unknown_sizes(make):
    cell, (inputs, values, source_mask) = make(), some_inputs()
    model = Reader(cell)
    outputs, states = model((inputs, values, source_mask))
    memory = memorize(cell, values, source_mask)
    assert outputs.shape == (BATCH, TIME, cell.output_size)
    tf.nest.assert_same_structure(states, cell.get_initial_state(BATCH, memory))
    assert_all_near(dynamic_rnn(cell, inputs, mask=MASK, memory=memory), (outputs, states))

    step_states, last = cell.get_initial_state(batch_size=BATCH, memory=memory), None
    for time in range(TIME):
        last, step_states = cell(inputs[:, time], step_states, memory=memory)
    np.testing.assert_allclose(outputs[2, -1], last[2], atol=1e-6)

    graph = tf.function(model).get_concrete_function(
        (
            tf.TensorSpec((None, None, DEPTH)),
            tf.TensorSpec((None, None, MEMORY)),
            tf.TensorSpec((None, None), tf.bool),
        )
    )
    found = graph(*(tf.constant(x) for x in (inputs, values, source_mask)))
    assert_all_near(found, (outputs, states))


@each_cell
def test_the_sizes_are_those_of_the_states_and_none_for_the_length_of_the_source(make):
    cell, (_, values, source_mask) = make(), some_inputs()
    memory = memorize(cell, values, source_mask)
    sizes = keras.tree.flatten(cell.state_size)
    states = keras.tree.flatten(cell.get_initial_state(BATCH, memory))
    assert None in sizes
    wanted = [(BATCH, SOURCE if size is None else size) for size in sizes]
    assert [tuple(state.shape) for state in states] == wanted
    assert len(keras.tree.flatten(cell.state_is_carry)) == len(sizes)


@each_cell
def test_beams_run_on_the_memory_of_their_source(make):
    cell, (inputs, values, source_mask) = make(), some_inputs()
    memory = memorize(cell, values, source_mask)
    copies = memorize(cell, np.repeat(values, 2, axis=0), np.repeat(source_mask, 2, axis=0))
    inputs = np.concatenate([inputs, inputs[:, ::-1]], axis=-1).reshape(2 * BATCH, TIME, DEPTH)
    assert_all_near(
        dynamic_rnn(cell, inputs, memory=memory), dynamic_rnn(cell, inputs, memory=copies)
    )


@each_cell
def test_gradients_reach_each_weight_and_the_memory(make):
    model, (inputs, values, source_mask) = Reader(make()), some_inputs()
    values = tf.constant(values)
    with tf.GradientTape() as tape:
        tape.watch(values)
        outputs, _ = model((inputs, values, source_mask), training=True)
        loss = tf.reduce_sum(outputs**2)
    names = [weight.path for weight in model.trainable_weights]
    watched = [values, *(weight.value for weight in model.trainable_weights)]
    for name, gradient in zip(["values", *names], tape.gradient(loss, watched), strict=True):
        assert np.any(gradient), name
        assert np.all(np.isfinite(gradient)), name


@each_cell
def test_a_model_of_it_is_saved_and_loaded_with_equal_outputs(make, tmp_path):
    model = Reader(make())
    wanted = model(some_inputs())
    model.save(tmp_path / "model.keras")
    assert_all_near(keras.models.load_model(tmp_path / "model.keras")(some_inputs()), wanted, 0)


@each_cell
def test_its_config_makes_the_same_cell(make):
    cell = make()
    again = type(cell).from_config(cell.get_config())
    assert again.get_config() == cell.get_config()


@pytest.mark.parametrize("name", sorted(set(MAKE) - {"two mechanisms"}))
def test_it_stands_in_a_functional_model(name):
    cell, inputs = MAKE[name](), some_inputs()
    layers = [keras.Input((None, DEPTH)), keras.Input((None, MEMORY)), keras.Input((None,))]
    memory = memorize(cell, layers[1], layers[2])
    outputs, states = RNN(cell, return_sequences=True, return_state=True)(layers[0], memory=memory)
    assert outputs.shape == (None, None, cell.output_size)
    tf.nest.assert_same_structure(states, cell.state_size)
    model = keras.Model(layers, outputs)
    found = model([tf.constant(x, tf.float32) for x in inputs])
    wanted = dynamic_rnn(cell, inputs[0], memory=memorize(cell, *inputs[1:]))[0]
    np.testing.assert_allclose(found, wanted, atol=1e-6)


@each_cell
def test_mixed_precision_computes_small_and_keeps_weights_in_float32(make):
    keras.mixed_precision.set_global_policy("mixed_float16")
    try:
        model = Reader(make())
        outputs, states = model(some_inputs(), training=True)
    finally:
        keras.mixed_precision.set_global_policy("float32")
    assert {x.dtype for x in keras.tree.flatten((outputs, states))} == {tf.float16}
    assert {weight.dtype for weight in model.trainable_weights} == {"float32"}
    assert all(np.all(np.isfinite(x)) for x in keras.tree.flatten((outputs, states)))


def test_the_loop_compiles():
    model = Reader(MAKE["conditional"]())
    wanted = model(some_inputs())
    assert_all_near(tf.function(model, jit_compile=True)(some_inputs()), wanted, 1e-5)


NOISY = ["two mechanisms", "a stack with dropout inside", "conditional", "in dropout"]


@pytest.mark.parametrize("name", NOISY)
def test_the_noise_of_cells_inside_is_drawn_for_each_call(name):
    model = Reader(MAKE[name]())
    run = lambda training: model(some_inputs(), training=training)[0]  # noqa: E731
    np.testing.assert_array_equal(run(False), run(False))
    assert np.any(run(True) != run(True))


def test_the_states_are_named():
    _, states = Reader(MAKE["conditional"]())(some_inputs())
    assert isinstance(states, AttentionState)
    assert isinstance(states.cell, list)
    assert states.attention.shape == (BATCH, MEMORY)
    assert states.weights.shape == (BATCH, SOURCE)

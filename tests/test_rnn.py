"""`tfseq.RNN`: what it does where `keras.layers.RNN` does less."""

import collections

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import ops

from tfseq.cells import (
    BasicLSTMCell,
    CellWrapper,
    DropoutWrapper,
    GRUCell,
    MultiRNNCell,
    ResidualWrapper,
    RNNCell,
    stack_cells,
)
from tfseq.rnn import RNN
from tfseq.unroll import bidirectional_dynamic_rnn, dynamic_rnn

X = np.random.default_rng(0).normal(size=(2, 5, 3)).astype("float32")
GAPS = np.array([[1, 1, 0, 1, 0], [0, 1, 1, 1, 1]], bool)
Pair = collections.namedtuple("Pair", "first second")


def deep_cell():
    """Three levels of stacks."""
    inner = MultiRNNCell([BasicLSTMCell(4), GRUCell(5)])
    return MultiRNNCell([MultiRNNCell([inner, GRUCell(6)]), BasicLSTMCell(7)])


def assert_equal_nests(found, wanted, tolerance=1e-6):
    for a, b in zip(keras.tree.flatten(found), keras.tree.flatten(wanted), strict=True):
        np.testing.assert_allclose(a, b, atol=tolerance)


@keras.saving.register_keras_serializable("test")
class PairCell(RNNCell):
    """A cell whose states are a named tuple."""

    state_size = Pair(3, 3)
    output_size = 3

    def call(self, inputs, states, training=False):
        return inputs + states.first, Pair(states.second, inputs)


@keras.saving.register_keras_serializable("test")
class LookCell(RNNCell):
    """A tiny attention cell: looks at a memory with what it reads and remembers."""

    def __init__(self, units, **kwargs):
        super().__init__(**kwargs)
        self.units = self.state_size = self.output_size = units

    def build(self, inputs_shape):
        depth = inputs_shape[-1] + self.units
        self.kernel = self.add_weight(shape=(depth, self.units), name="kernel")

    def call(self, inputs, states, memory, training=False):
        query = ops.matmul(ops.concatenate([inputs, states[0]], axis=-1), self.kernel)
        weights = ops.softmax(ops.einsum("bd,bsd->bs", query, memory["values"]))
        hidden = ops.tanh(query + ops.einsum("bs,bsd->bd", weights, memory["values"]))
        return hidden, [hidden]


def test_nested_states_come_back_in_the_cells_structure_at_any_depth():
    inputs = keras.Input((None, 3))
    layer = RNN(deep_cell(), return_sequences=True, return_state=True)
    model = keras.Model(inputs, layer(inputs))
    for run in (layer, tf.function(layer), model):
        outputs, states = run(X)
        assert outputs.shape == (2, 5, 7)
        shapes = keras.tree.map_structure(lambda x: tuple(x.shape), states)
        assert shapes == [[[[(2, 4), (2, 4)], [(2, 5)]], [(2, 6)]], [(2, 7), (2, 7)]]
    assert model.output_shape[0] == (None, None, 7)


def test_a_named_tuple_stays_one():
    _, states = RNN(PairCell(), return_state=True)(X)
    assert isinstance(states, Pair)
    np.testing.assert_array_equal(states.first, X[:, -2])
    np.testing.assert_array_equal(states.second, X[:, -1])


@pytest.mark.parametrize("mask", [None, GAPS], ids=["no mask", "mask"])
def test_the_three_loops_agree_on_values_and_gradients(mask):
    cell = BasicLSTMCell(4)
    ours = RNN(cell, return_sequences=True)
    stock = keras.layers.RNN(cell, return_sequences=True, zero_output_for_mask=True)
    results = []
    for run in (ours, stock, lambda x, mask: dynamic_rnn(cell, x, mask)[0]):
        x = tf.constant(X)
        with tf.GradientTape() as tape:
            tape.watch(x)
            outputs = tf.function(run)(x, mask=mask)
            loss = tf.reduce_sum(outputs**2)
        weights = [weight.value for weight in cell.trainable_weights]
        results.append([outputs, *tape.gradient(loss, [x, *weights])])
    assert_equal_nests(results[1], results[0])
    assert_equal_nests(results[2], results[0])


@pytest.mark.parametrize("unroll", [False, True])
def test_outputs_are_zero_and_states_held_where_masked(unroll):
    layer = RNN(GRUCell(4), return_sequences=True, return_state=True, unroll=unroll)
    outputs, (state,) = layer(X, mask=GAPS)
    assert not np.any(np.asarray(outputs)[~GAPS])
    assert np.all(np.any(np.asarray(outputs)[GAPS], axis=-1))
    short, (short_state,) = layer(X[:1, [0, 1, 3]])
    np.testing.assert_allclose(np.asarray(outputs)[0][GAPS[0]], short[0], atol=1e-6)
    np.testing.assert_allclose(state[:1], short_state, atol=1e-6)


def test_the_last_output_is_the_last_real_one():
    cell = GRUCell(4)
    mask = np.array([[1, 1, 1, 0, 0], [0, 0, 0, 0, 0]], bool)
    last = RNN(cell)(X, mask=mask)
    np.testing.assert_allclose(last[0], RNN(cell)(X[:1, :3])[0], atol=1e-6)
    assert not np.any(last[1])


def test_a_mask_of_an_embedding_is_used_also_beside_an_initial_state():
    ids = np.array([[1, 2, 0, 0, 0], [3, 1, 2, 2, 1]])
    embedding, layer = keras.layers.Embedding(4, 3, mask_zero=True), RNN(GRUCell(4))
    state = np.ones((2, 4), "float32")
    wanted = layer(embedding(ids), initial_state=[state], mask=ids != 0)
    given = [keras.Input((None,)), keras.Input((4,))]
    model = keras.Model(given, layer(embedding(given[0]), initial_state=[given[1]]))
    for found in (layer(embedding(ids), initial_state=[state]), model([ids, state])):
        np.testing.assert_allclose(found, wanted, atol=1e-6)


def test_the_mask_goes_on_to_the_next_layer():
    embedding = keras.layers.Embedding(4, 3, mask_zero=True)
    layers = [embedding, RNN(GRUCell(4), return_sequences=True), RNN(GRUCell(5))]
    model = keras.Sequential(layers)
    ids = np.array([[1, 2, 0, 0, 0], [3, 1, 2, 2, 1]])
    np.testing.assert_allclose(model(ids)[:1], model(ids[:1, :2]), atol=1e-6)


def test_an_initial_state_is_taken_nested_or_flat_and_must_fit():
    layer = RNN(stack_cells("basic_lstm", 4, 2), return_state=True)
    states = [[np.full((2, 4), i + j, "float32") for j in range(2)] for i in range(2)]
    nested = layer(X, initial_state=states)
    assert_equal_nests(nested, layer(X, initial_state=[*states[0], *states[1]]), 0)
    with pytest.raises(ValueError, match="Received: 1 tensors for `state_size`"):
        layer(X, initial_state=[states[0][0]])


def test_it_reads_backwards():
    cell = GRUCell(4)
    options = {"return_sequences": True}
    outputs = RNN(cell, go_backwards=True, **options)(X, mask=GAPS)
    wanted = RNN(cell, **options)(X[:, ::-1], mask=GAPS[:, ::-1])
    np.testing.assert_allclose(outputs, wanted, atol=1e-6)


@pytest.mark.parametrize("merge_mode", ["concat", None])
def test_it_runs_in_bidirectional_with_nested_states(merge_mode):
    layer = RNN(stack_cells("basic_lstm", 4, 2), return_sequences=True, return_state=True)
    both = keras.layers.Bidirectional(layer, merge_mode=merge_mode)
    inputs = keras.Input((None, 3))
    model = keras.Model(inputs, both(inputs, mask=None))
    mask = tf.sequence_mask([3, 5], 5)
    *outputs, forward, backward = both(X, mask=mask)
    cells = both.forward_layer.cell, both.backward_layer.cell
    (wanted, states) = bidirectional_dynamic_rnn(*cells, X, mask)
    if merge_mode == "concat":
        wanted = tf.concat(wanted, axis=-1)
    assert_equal_nests([outputs, [forward, backward]], [wanted, states])
    assert len(keras.tree.flatten(model(X))) == len(outputs) + 8
    again = both(X, initial_state=[forward, backward])
    assert not np.allclose(again[0], outputs[0])


def test_stateful_goes_on_with_nested_states_until_it_is_reset():
    layer = RNN(deep_cell(), return_sequences=True, stateful=True)
    first, second = layer(X), layer(X)
    whole = RNN(layer.cell, return_sequences=True)(np.concatenate([X, X], axis=1))
    assert_equal_nests([first, second], [whole[:, :5], whole[:, 5:]])
    layer.reset_state()
    assert_equal_nests(layer(X), first)


def test_a_memory_is_handed_to_the_cell_and_kept_nowhere(tmp_path):
    inputs, values = keras.Input((None, 3)), keras.Input((None, 4))
    layer = RNN(LookCell(4), return_sequences=True)
    model = keras.Model([inputs, values], layer(inputs, memory={"values": values}))
    memory = np.random.default_rng(1).normal(size=(2, 7, 4)).astype("float32")
    wanted = layer(X, memory={"values": memory})
    np.testing.assert_allclose(model([X, memory]), wanted, atol=1e-6)
    found, _ = dynamic_rnn(layer.cell, X, memory={"values": memory})
    np.testing.assert_allclose(found, wanted, atol=1e-6)
    assert not np.allclose(model([X, memory[:, :6]]), wanted)

    model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    np.testing.assert_allclose(loaded([X, memory]), wanted, atol=1e-6)

    @tf.function(jit_compile=True)
    def gradient(values):
        with tf.GradientTape() as tape:
            tape.watch(values)
            loss = tf.reduce_sum(layer(X, memory={"values": values}) ** 2)
        return tape.gradient(loss, values)

    assert np.all(np.any(gradient(tf.constant(memory)), axis=-1))


def test_a_memory_reaches_a_cell_inside_stacks_and_wrappers():
    look = LookCell(4)
    cell = MultiRNNCell([GRUCell(3), ResidualWrapper(DropoutWrapper(GRUCell(3))), look])
    memory = {"values": np.ones((2, 7, 4), "float32")}
    assert RNN(cell)(X, memory=memory).shape == (2, 4)
    assert RNN(CellWrapperThatDoesNothing(look))(X, memory=memory).shape == (2, 4)


class CellWrapperThatDoesNothing(CellWrapper):
    """The smallest wrapper."""

    def call(self, inputs, states, memory=None, training=False):
        return self.cell(inputs, states, memory=memory, training=training)


def test_a_memory_for_a_cell_without_one_is_refused():
    with pytest.raises(ValueError, match=r"`memory` needs a cell.*Received: cell=GRUCell"):
        RNN(GRUCell(4))(X, memory=X)


@pytest.mark.parametrize(
    "wrap",
    [
        lambda cell: cell,
        lambda cell: MultiRNNCell([GRUCell(4), cell]),
        lambda cell: ResidualWrapper(DropoutWrapper(MultiRNNCell([cell]))),
        lambda cell: keras.layers.StackedRNNCells([cell, keras.layers.GRUCell(3)]),
    ],
    ids=["bare", "in a stack", "in wrappers", "in Keras's stack"],
)
def test_dropout_of_keras_cells_is_drawn_once_for_each_call(wrap):
    cell = wrap(keras.layers.LSTMCell(3, dropout=0.5, recurrent_dropout=0.5, seed=1))
    layer = RNN(cell, return_sequences=True)
    x = np.random.default_rng(0).normal(size=(16, 5, 3)).astype("float32")
    for run in (layer, tf.function(layer), tf.function(layer), layer):
        first, second = run(x, training=True), run(x, training=True)
        assert not np.allclose(first, second)
    assert np.all(layer(x) == layer(x))


def test_dropout_of_a_keras_cell_holds_one_mask_for_the_whole_sequence():
    cell = keras.layers.SimpleRNNCell(
        50, activation="linear", kernel_initializer="identity", dropout=0.5, seed=1
    )
    cell.build((2, 50))
    cell.recurrent_kernel.assign(tf.zeros((50, 50)))
    layer = RNN(MultiRNNCell([cell]), return_sequences=True)
    for run in (tf.function(layer), tf.function(layer, jit_compile=True)):
        outputs = run(np.ones((2, 5, 50), "float32"), training=True)
        assert np.all(outputs == outputs[:, :1])
        assert 0.2 < np.mean(outputs == 0) < 0.8


def test_an_exported_model_serves_any_batch_and_length(tmp_path):
    inputs, mask = keras.Input((None, 3)), keras.Input((None,), dtype="bool")
    layer = RNN(stack_cells("gru", 4, 2, state_rate=0.5, variational=True), return_sequences=True)
    model = keras.Model([inputs, mask], layer(inputs, mask=mask))
    model.export(tmp_path / "saved", verbose=False)
    loaded = tf.saved_model.load(tmp_path / "saved")
    np.testing.assert_allclose(loaded.serve([X, GAPS]), model([X, GAPS]), atol=1e-6)
    assert loaded.serve([X[:1, :2], GAPS[:1, :2]]).shape == (1, 2, 4)


def test_it_trains_in_a_compiled_model_with_a_mask():
    model = keras.Sequential(
        [keras.layers.Masking(), RNN(stack_cells("basic_rnn", 4, 1, input_rate=0.2))]
    )
    model.compile("sgd", "mse", jit_compile=True)
    x = np.where(GAPS[..., None], X, 0)
    losses = model.fit(x, np.zeros((2, 4)), epochs=2, verbose=0).history["loss"]
    assert np.all(np.isfinite(losses))


def test_its_config_makes_the_same_layer():
    layer = RNN(stack_cells("gru", 4, 2), return_sequences=True, go_backwards=True, name="reader")
    again = RNN.from_config(layer.get_config())
    assert again.get_config() == layer.get_config()
    assert (again.name, again.go_backwards, again.cell.state_size) == ("reader", True, [[4], [4]])

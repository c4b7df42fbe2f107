"""The two cells that attend: their equations, their first states, and what they refuse."""

import keras
import numpy as np
import pytest
from keras import ops

from tests.oracles import equations
from tfseq.attention import AttentionWrapper, ConditionalCell, Memory, make_attention
from tfseq.cells import BasicLSTMCell, GRUCell, MultiRNNCell
from tfseq.rnn import RNN

BATCH, DEPTH, SOURCE, MEMORY, UNITS = 2, 3, 4, 5, 6
MASK = np.array([[1, 1, 0, 1], [0, 1, 1, 1]], bool)
RANDOM = np.random.default_rng(0)
INPUTS = RANDOM.normal(size=(BATCH, DEPTH)).astype("float32")
VALUES = RANDOM.normal(size=(BATCH, SOURCE, MEMORY)).astype("float32")
HIDDEN = RANDOM.normal(size=(BATCH, UNITS)).astype("float32")


def weights_of(cell):
    return {weight.name: weight.numpy() for weight in cell.weights}


def look(query, keys):
    """Weights and context of the product of query and keys, in NumPy."""
    grown = np.exp(np.einsum("bu,btu->bt", query, keys)) * MASK
    weights = grown / grown.sum(axis=-1, keepdims=True)
    return weights, np.einsum("bt,btd->bd", weights, VALUES)


def test_the_conditional_gru_is_two_steps_around_a_look():
    mechanism = make_attention("luong", UNITS)
    cell = ConditionalCell(GRUCell(UNITS), mechanism, GRUCell(UNITS))
    memory = mechanism.memorize(VALUES, MASK)
    output, states = cell(INPUTS, cell.start([HIDDEN], memory), memory=memory)
    query, between = equations.gru(weights_of(cell.first), INPUTS, [HIDDEN], UNITS)
    weights, context = look(query, VALUES @ mechanism.memory_layer.kernel.numpy())
    hidden, _ = equations.gru(weights_of(cell.second), context, between, UNITS)
    np.testing.assert_allclose(output, np.hstack([hidden, context]), atol=1e-5)
    np.testing.assert_allclose(states.cell[0], hidden, atol=1e-5)
    np.testing.assert_allclose(states.attention, context, atol=1e-5)
    np.testing.assert_allclose(states.weights, weights, atol=1e-5)


def test_the_wrapper_feeds_what_it_attended_to_with_the_next_inputs():
    mechanism = make_attention("luong", UNITS)
    cell = AttentionWrapper(GRUCell(UNITS), mechanism, attention_units=7)
    memory = mechanism.memorize(VALUES, MASK)
    states = cell.start([HIDDEN], memory)
    hidden, attention = [HIDDEN], np.zeros((BATCH, 7))
    for _ in range(2):
        output, states = cell(INPUTS, states, memory=memory)
        joined = np.hstack([INPUTS, attention])
        query, hidden = equations.gru(weights_of(cell.cell), joined, hidden, UNITS)
        weights, context = look(query, VALUES @ mechanism.memory_layer.kernel.numpy())
        attention = np.hstack([query, context]) @ cell.attention_layers[0].kernel.numpy()
    np.testing.assert_allclose(output, attention, atol=1e-5)
    np.testing.assert_allclose(states.weights, weights, atol=1e-5)


def test_it_starts_with_no_attention_from_the_states_it_is_given():
    mechanisms = [make_attention("luong_monotonic", UNITS), make_attention("bahdanau", 2)]
    cell = AttentionWrapper(BasicLSTMCell(UNITS), mechanisms)
    memory = tuple(mechanism.memorize(VALUES, MASK) for mechanism in mechanisms)
    states = cell.start([HIDDEN, HIDDEN + 1], memory)
    np.testing.assert_array_equal(states.cell, [HIDDEN, HIDDEN + 1])
    np.testing.assert_array_equal(states.attention, np.zeros((BATCH, 2 * MEMORY)))
    np.testing.assert_array_equal(states.weights[0], [[1, 0, 0, 0]] * BATCH)
    np.testing.assert_array_equal(states.weights[1], np.zeros((BATCH, SOURCE)))
    by_default = cell.get_initial_state(memory=memory)
    assert not np.any(by_default.cell)
    assert by_default.attention.shape == (BATCH, 2 * MEMORY)
    assert cell.get_initial_state(3 * BATCH, memory).weights[0].shape == (3 * BATCH, SOURCE)


def test_a_run_goes_on_from_given_states():
    mechanism = make_attention("bahdanau", UNITS)
    cell = AttentionWrapper(BasicLSTMCell(UNITS), mechanism, 7)
    layer = RNN(cell, return_sequences=True, return_state=True)
    memory = mechanism.memorize(VALUES, MASK)
    inputs = RANDOM.normal(size=(BATCH, 5, DEPTH)).astype("float32")
    whole, _ = layer(inputs, memory=memory)
    first, states = layer(inputs[:, :2], memory=memory)
    rest, _ = layer(inputs[:, 2:], initial_state=states, memory=memory)
    np.testing.assert_allclose(np.concatenate([first, rest], axis=1), whole, atol=1e-6)


def test_a_sequence_start_reaches_the_cells_inside():
    class Counting(GRUCell):
        started = 0

        def start_sequence(self):
            self.started += 1

    cells = [Counting(UNITS), Counting(UNITS), Counting(UNITS)]
    mechanism = make_attention("bahdanau", UNITS)
    stack = MultiRNNCell(
        [ConditionalCell(*cells[:1], mechanism, cells[1]), AttentionWrapper(cells[2], mechanism)]
    )
    stack.start_sequence()
    assert [cell.started for cell in cells] == [1, 1, 1]


@keras.saving.register_keras_serializable("test")
def add_in(inputs, attention):
    return inputs + ops.sum(attention, axis=-1, keepdims=True)


def test_options_that_are_layers_or_functions_are_saved_with_the_cell():
    cell = AttentionWrapper(
        GRUCell(UNITS),
        make_attention("bahdanau", 2),
        cell_input=add_in,
        attention_layer=keras.layers.Dense(4, "tanh"),
    )
    again = AttentionWrapper.from_config(cell.get_config())
    assert again.cell_input is add_in
    memory = again.mechanism.memorize(VALUES)
    output, states = again(INPUTS, again.get_initial_state(BATCH, memory), memory=memory)
    assert output.shape == states.attention.shape == (BATCH, 4)
    assert again.cell.gates_kernel.shape == (DEPTH + UNITS, 2 * UNITS)
    assert np.abs(output).max() < 1


def test_variables_carry_the_names_of_tensorflow_1():
    mechanism = make_attention("normalized_bahdanau", UNITS, name="attention")
    cell = AttentionWrapper(GRUCell(UNITS), mechanism, 7, name="wrapper")
    memory = mechanism.memorize(VALUES)
    cell(INPUTS, cell.get_initial_state(BATCH, memory), memory=memory)
    assert {weight.path for weight in cell.weights} >= {
        "attention/memory_layer/kernel",
        "wrapper/attention_layer/kernel",
        "wrapper/attention/query_layer/kernel",
        "wrapper/attention/attention_v",
        "wrapper/attention/attention_g",
        "wrapper/attention/attention_b",
    }


def test_a_memory_must_be_given():
    mechanism = make_attention("bahdanau", UNITS)
    cell = AttentionWrapper(GRUCell(UNITS), mechanism)
    memory = mechanism.memorize(VALUES)
    with pytest.raises(ValueError, match="`memory` must be given"):
        cell.get_initial_state(BATCH)
    with pytest.raises(ValueError, match="`memory` must be given"):
        cell(INPUTS, cell.get_initial_state(BATCH, memory))
    with pytest.raises(ValueError, match="`memory` must be given"):
        RNN(cell)(INPUTS[:, None])


def test_several_mechanisms_take_a_memory_each():
    mechanisms = [make_attention("bahdanau", UNITS) for _ in range(3)]
    memory = mechanisms[0].memorize(VALUES)
    assert isinstance(memory, Memory)
    with pytest.raises(ValueError, match="one for each of the 3 mechanisms"):
        AttentionWrapper(GRUCell(UNITS), mechanisms).get_initial_state(BATCH, memory)


def test_it_cannot_be_built_before_the_depth_of_the_memory_is_known():
    cell = AttentionWrapper(GRUCell(UNITS), make_attention("bahdanau", UNITS))
    assert cell.output_size is None
    with pytest.raises(ValueError, match="has made a memory"):
        cell.build((None, DEPTH))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"attention_units": 0}, "`attention_units` must be a positive integer"),
        ({"attention_units": 3, "attention_layer": keras.layers.Dense(3)}, "give one of them"),
    ],
)
def test_bad_options_of_the_wrapper_are_refused(options, message):
    with pytest.raises(ValueError, match=message):
        AttentionWrapper(GRUCell(UNITS), make_attention("bahdanau", UNITS), **options)


def test_attention_units_must_be_as_many_as_the_mechanisms():
    mechanisms = [make_attention("bahdanau", UNITS) for _ in range(2)]
    with pytest.raises(ValueError, match=r"`attention_units` must be a tuple.*the 2 mechanisms"):
        AttentionWrapper(GRUCell(UNITS), mechanisms, attention_units=[1, 2, 3])


def test_the_second_cell_must_fit_the_states_of_the_first():
    mechanism, cell = make_attention("bahdanau", UNITS), GRUCell(UNITS)
    with pytest.raises(ValueError, match=r"with \[6\].*with \[6, 6\]"):
        ConditionalCell(cell, mechanism, BasicLSTMCell(UNITS))
    with pytest.raises(ValueError, match="an object of its own"):
        ConditionalCell(cell, mechanism, cell)

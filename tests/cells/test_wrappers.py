"""Stacks, dropout and residual connections: what they do beyond the contract of a cell."""

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
    MultiRNNCell,
    ResidualWrapper,
    RNNCell,
    stack_cells,
)
from tfseq.rnn import RNN
from tfseq.unroll import dynamic_rnn

BATCH, TIME, WIDTH = 3, 4, 50
ONES = np.ones((BATCH, TIME, WIDTH), "float32")


class EchoCell(RNNCell):
    """Gives its inputs as its output, `h` and `c`, so that masks can be read off."""

    state_size = (WIDTH, WIDTH)
    output_size = WIDTH
    state_is_carry = (False, True)

    def call(self, inputs, states, training=False):
        return inputs, (inputs, inputs)


def masks(**options):
    """Outputs at each step of an echo in a `DropoutWrapper`, and the wrapped cell."""
    cell = DropoutWrapper(EchoCell(), **options)
    return np.asarray(RNN(cell, return_sequences=True)(ONES, training=True)), cell


@pytest.mark.parametrize("option", ["input_rate", "output_rate"])
def test_dropout_zeroes_at_its_rate_and_keeps_the_mean(option):
    outputs, _ = masks(**{option: 0.3}, seed=1)
    assert np.allclose(outputs[outputs != 0], 1 / 0.7)
    assert abs((outputs == 0).mean() - 0.3) < 0.05


def test_dropout_does_nothing_outside_of_training():
    cell = DropoutWrapper(EchoCell(), 0.5, 0.5, 0.5)
    assert np.all(RNN(cell, return_sequences=True)(ONES) == ONES)


def test_plain_dropout_draws_for_each_step_and_each_row():
    outputs, _ = masks(input_rate=0.5, seed=1)
    rows = outputs.reshape(BATCH * TIME, WIDTH)
    assert len(np.unique(rows, axis=0)) == BATCH * TIME


def test_variational_dropout_draws_for_each_row_once():
    outputs, _ = masks(input_rate=0.5, variational=True, seed=1)
    assert np.all(outputs == outputs[:, :1])
    assert len(np.unique(outputs[:, 0], axis=0)) == BATCH


def test_a_shared_mask_is_the_same_for_each_row():
    outputs, _ = masks(input_rate=0.5, variational=True, shared_mask=True, seed=1)
    assert np.all(outputs == outputs[:1, :1])
    assert 0 < (outputs == 0).mean() < 1


def test_inputs_states_and_outputs_have_masks_of_their_own():
    cell = DropoutWrapper(EchoCell(), 0.0, 0.5, 0.5, variational=True, seed=1)
    outputs, (hidden, carry) = RNN(cell, return_state=True)(ONES, training=True)
    assert not np.all((outputs == 0) == (hidden == 0))
    assert np.all(carry == 1)
    assert np.any(hidden == 0)


@pytest.mark.parametrize(
    "make",
    [
        lambda: BasicLSTMCell(WIDTH),
        lambda: keras.layers.LSTMCell(WIDTH),
        lambda: ResidualWrapper(LayerNormBasicLSTMCell(WIDTH)),
        lambda: MultiRNNCell([GRUCell(WIDTH), BasicLSTMCell(WIDTH)]),
        lambda: keras.layers.StackedRNNCells([keras.layers.LSTMCell(WIDTH)] * 1),
    ],
    ids=["ours", "Keras's", "wrapped", "in a stack", "in Keras's stack"],
)
def test_state_dropout_never_touches_the_c_of_an_lstm(make):
    cell = DropoutWrapper(make(), state_rate=0.5, seed=1)
    _, states = dynamic_rnn(cell, ONES, training=True)
    *hidden, carry = tf.nest.flatten(states)
    assert np.all(carry != 0)
    assert all(np.any(h == 0) for h in hidden)


def test_each_sequence_has_new_variational_masks_also_in_a_compiled_graph():
    layer = RNN(DropoutWrapper(EchoCell(), 0.5, variational=True, seed=1))
    for run in (layer, tf.function(layer), tf.function(layer, jit_compile=True)):
        first, second = run(ONES, training=True), run(ONES, training=True)
        assert not np.all(first == second)


def test_the_same_seed_gives_the_same_noise():
    for variational in (False, True):
        options = {"input_rate": 0.5, "variational": variational, "seed": 3}
        assert np.all(masks(**options)[0] == masks(**options)[0])


@pytest.mark.parametrize("variational", [False, True])
def test_noise_goes_on_exactly_from_the_restored_variables(variational):
    layer = RNN(stack_cells("gru", WIDTH, 2, state_rate=0.5, variational=variational))
    step = tf.function(layer)
    step(ONES, training=True)
    kept = [np.asarray(variable) for variable in layer.variables]
    wanted = [np.asarray(step(ONES, training=True)) for _ in range(2)]
    step(ONES)  # inference moves nothing
    for variable, value in zip(layer.variables, kept, strict=True):
        variable.assign(value)
    assert [np.array_equal(step(ONES, training=True), x) for x in wanted] == [True, True]


@pytest.mark.parametrize("graph", [False, True])
@pytest.mark.parametrize("stack", [False, True])
def test_the_loop_of_keras_keeps_a_variational_mask_for_a_sequence_and_draws_the_next(graph, stack):
    cell = DropoutWrapper(EchoCell(), 0.5, variational=True, seed=1)
    layer = keras.layers.RNN(MultiRNNCell([cell]) if stack else cell, return_sequences=True)
    run = tf.function(layer) if graph else layer
    first, second = (np.asarray(run(ONES, training=True)) for _ in range(2))
    for outputs in (first, second):
        np.testing.assert_array_equal(outputs, np.repeat(outputs[:, :1], TIME, axis=1))
        assert len(np.unique(outputs[:, 0], axis=0)) == BATCH
    assert not np.array_equal(first, second)
    np.testing.assert_array_equal(run(ONES), ONES)


def test_variational_masks_without_a_started_sequence_are_refused():
    cell = DropoutWrapper(EchoCell(), 0.5, variational=True)
    layer = keras.layers.RNN(cell)
    given = {"initial_state": [np.zeros((BATCH, WIDTH), "float32")] * 2, "training": True}
    with pytest.raises(ValueError, match=r"use `tfseq.RNN` or `dynamic_rnn`"):
        layer(ONES, **given)
    cell.start_sequence()
    first = layer(ONES, **given)
    assert np.all(layer(ONES, **given) == first)
    cell.start_sequence()
    assert not np.all(layer(ONES, **given) == first)


@pytest.mark.parametrize("run", [lambda cell, x: RNN(cell)(x, training=True), None])
def test_a_sequence_is_started_once_and_every_cell_hears_of_it(run):
    class Counting(BasicRNNCell):
        started = 0

        def start_sequence(self):
            self.started += 1

    inner = [Counting(WIDTH), Counting(WIDTH)]
    cell = MultiRNNCell([ResidualWrapper(DropoutWrapper(inner[0])), inner[1]])
    if run is None:
        dynamic_rnn(cell, ONES, training=True)
    else:
        run(cell, ONES)
    assert [c.started for c in inner] == [1, 1]
    RNN(cell)(ONES)
    assert [c.started for c in inner] == [1, 1]


def test_recurrent_dropout_of_the_layer_normalised_cell_is_drawn_at_each_step():
    cell = LayerNormBasicLSTMCell(WIDTH, rate=0.5, layer_norm=False, seed=1)
    cell.build((BATCH, WIDTH))
    states = cell.get_initial_state(batch_size=BATCH)
    # From zeros, an entry of `c` is zero exactly where the candidate is dropped.
    first, second = (cell(ONES[:, 0], states, training=True)[1][1] for _ in range(2))
    assert abs(np.mean(first == 0) - 0.5) < 0.15
    assert not np.all((first == 0) == (second == 0))
    assert np.all(cell(ONES[:, 0], states)[1][1] != 0)


@pytest.mark.parametrize("rate", [-0.1, 1.0, 1.5])
def test_a_rate_that_is_no_probability_to_drop_is_refused(rate):
    with pytest.raises(ValueError, match="`state_rate` is the probability to drop"):
        DropoutWrapper(EchoCell(), state_rate=rate)


def test_a_shared_mask_without_variational_is_refused():
    with pytest.raises(ValueError, match="`shared_mask` is an option of variational dropout"):
        DropoutWrapper(EchoCell(), 0.5, shared_mask=True)


def test_a_residual_cell_adds_its_inputs():
    inner = BasicRNNCell(WIDTH)
    cell, plain = RNN(ResidualWrapper(inner)), RNN(inner)
    np.testing.assert_allclose(cell(ONES), plain(ONES) + 1, atol=1e-6)


def test_a_residual_cell_of_another_width_is_refused():
    with pytest.raises(ValueError, match=r"equally wide. Received: inputs of shape \(3, 50\)"):
        RNN(ResidualWrapper(BasicRNNCell(7)))(ONES)


def test_the_same_cell_twice_is_refused_with_the_comprehension_to_write():
    cell = GRUCell(3)
    wanted = r"write \[GRUCell\(...\) for _ in range\(2\)\], not \[cell\] \* 2"
    with pytest.raises(ValueError, match=wanted):
        MultiRNNCell([cell] * 2)


def test_an_empty_stack_and_what_is_not_a_cell_are_refused():
    with pytest.raises(ValueError, match="`cells` must be a list of at least one cell"):
        MultiRNNCell([])
    with pytest.raises(ValueError, match="without state_size, output_size, get_initial_state"):
        MultiRNNCell([keras.layers.Dense(3)])


def test_stack_cells_builds_what_it_says():
    cell = stack_cells("gru", [5, 6, 6], 3, output_rate=0.1, residual_from=2, seed=7)
    assert cell.state_size == [[5], [6], [6]]
    assert [type(inner).__name__ for inner in cell.cells] == [
        "DropoutWrapper",
        "DropoutWrapper",
        "ResidualWrapper",
    ]
    seeds = [cell.cells[0].seed, cell.cells[1].seed, cell.cells[2].cell.seed]
    assert len(set(seeds)) == 3
    assert stack_cells("basic_lstm", 4, 1).state_size == [[4, 4]]


def test_stack_cells_lists_the_known_names():
    with pytest.raises(ValueError, match="`name` must be one of additive_rnn, basic_lstm"):
        stack_cells("lstn", 4, 1)


def test_stack_cells_refuses_a_list_of_widths_of_another_length():
    with pytest.raises(ValueError, match=r"one for each layer. Received: units=\[4, 5\], layers=3"):
        stack_cells("gru", [4, 5], 3)

"""The cell base class: how a cell of one's own is written and saved, and what is refused."""

import keras
import numpy as np
import pytest
from keras import ops

from tfseq.cells import BasicLSTMCell, BasicRNNCell, LSTMCell, RNNCell
from tfseq.rnn import RNN


@keras.saving.register_keras_serializable("test")
class LeakyCell(RNNCell):
    """A cell as a user writes it: nothing about saving but the arguments."""

    def __init__(self, units, leak=0.1, **kwargs):
        super().__init__(**kwargs)
        self.units = units
        self.leak = leak
        self.state_size = units
        self.output_size = units

    def build(self, inputs_shape):
        self.kernel = self.add_weight(shape=(inputs_shape[-1], self.units), name="kernel")

    def call(self, inputs, states, training=False):
        hidden = self.leak * states[0] + ops.matmul(inputs, self.kernel)
        return hidden, hidden


@keras.saving.register_keras_serializable("test")
class DeepLeakyCell(LeakyCell):
    """Hands its parent's arguments on."""

    def __init__(self, *args, power=1, **kwargs):
        super().__init__(*args, **kwargs)
        self.power = power


def test_a_users_cell_is_saved_by_its_arguments_alone(tmp_path):
    inputs = keras.Input((None, 3))
    model = keras.Model(inputs, RNN(LeakyCell(4, leak=0.5))(inputs))
    model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    x = np.ones((2, 5, 3), "float32")
    assert loaded.layers[1].cell.leak == 0.5
    np.testing.assert_array_equal(loaded(x), model(x))


def test_a_single_state_may_be_returned_bare_and_its_size_be_an_integer():
    cell = LeakyCell(4)
    outputs, states = RNN(cell, return_state=True)(np.ones((2, 5, 3), "float32"))
    assert isinstance(states, list)
    np.testing.assert_array_equal(states[0], outputs)


def test_a_subclass_of_our_cell_keeps_its_parents_arguments(tmp_path):
    @keras.saving.register_keras_serializable("test")
    class Named(BasicLSTMCell):
        def __init__(self, units, motto="", **kwargs):
            super().__init__(units, **kwargs)
            self.motto = motto

    config = Named(3, motto="on", forget_bias=0.5, kernel_initializer="ones").get_config()
    again = Named.from_config(config)
    assert (again.motto, again.forget_bias, again.kernel_initializer) == ("on", 0.5, "ones")


def test_initializer_objects_and_functions_survive_a_config():
    cell = BasicRNNCell(
        3, activation=ops.relu, kernel_initializer=keras.initializers.RandomUniform(-2, 2, seed=1)
    )
    again = BasicRNNCell.from_config(cell.get_config())
    assert again.kernel_initializer.get_config() == cell.kernel_initializer.get_config()
    assert again.activate(-1.0) == 0


def test_an_argument_that_is_not_kept_is_named_when_the_cell_is_saved():
    class Forgetful(BasicRNNCell):
        def __init__(self, units, colour, **kwargs):
            super().__init__(units, **kwargs)

    with pytest.raises(AttributeError, match="Forgetful must keep `colour`"):
        Forgetful(3, "red").get_config()


def test_fresh_weights_follow_tensorflow_1():
    cell = BasicLSTMCell(50)
    cell.build((2, 30))
    limit = np.sqrt(6 / (80 + 200))  # glorot_uniform over the whole kernel
    kernel = np.asarray(cell.kernel)
    assert kernel.shape == (80, 200)
    assert 0.95 * limit < np.abs(kernel).max() <= limit
    assert not np.any(cell.bias)


@pytest.mark.parametrize("units", [0, -1, 2.0, None, True])
def test_units_that_are_no_positive_integer_are_refused(units):
    with pytest.raises(ValueError, match="`units` must be a positive integer"):
        BasicRNNCell(units)


def test_a_projection_clip_without_a_projection_is_refused():
    with pytest.raises(ValueError, match="`projection_clip` needs `projection_units`"):
        LSTMCell(3, projection_clip=1.0)

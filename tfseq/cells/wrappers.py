"""Cells around a cell: dropout and residual connections."""

import zlib

import keras
import tensorflow as tf
from keras import ops

from tfseq.cells.ahead import ahead_obstacle
from tfseq.cells.base import (
    RNNCell,
    build_cell,
    carries,
    check_cell,
    check_rate,
    initial_states,
    obstacle,
    state_structure,
    step,
)


class CellWrapper(RNNCell):
    """A cell around another cell, with its sizes and states: a subclass has its own `call`.

    Args:
        cell: The inner cell: ours, Keras's or your own.
    """

    def __init__(self, cell, **kwargs):
        super().__init__(**kwargs)
        self.cell = check_cell(cell)

    @property
    def state_size(self):
        """What the inner cell has."""
        return state_structure(self.cell)

    @property
    def output_size(self):
        """What the inner cell has."""
        return self.cell.output_size

    @property
    def state_is_carry(self):
        """What the inner cell says."""
        return carries(self.cell)

    def get_initial_state(self, batch_size=None, memory=None):
        """The inner cell's."""
        return initial_states(self.cell, batch_size, memory)

    def start_sequence(self):
        """Handed on to the inner cell."""
        if hasattr(self.cell, "start_sequence"):
            self.cell.start_sequence()

    def build(self, inputs_shape):
        """Build the inner cell."""
        build_cell(self.cell, inputs_shape)

    def loop_obstacle(self):
        """What is in the inner cell's way."""
        return ahead_obstacle(self.cell)

    def loop_weights(self):
        """The inner cell's."""
        return self.cell.loop_weights()

    def loop_inputs(self, weights, inputs, last=False):
        """What they add in the inner cell."""
        return self.cell.loop_inputs(weights, inputs, last)


@keras.saving.register_keras_serializable("tfseq")
class DropoutWrapper(CellWrapper):
    """Dropout on what goes into a cell, what it hands to its next step, and what comes out.

        x -> dropout(x, input_rate)
        output, states = cell(x, states)
        states -> dropout(states, state_rate)
        output -> dropout(output, output_rate)

    Only in training. The `c` of an LSTM, and whatever else `state_is_carry` marks, is never
    dropped. What a state loses the output keeps: the two are dropped apart.

    Without `variational` each step and row has noise of its own. With it, each row has one mask for
    a whole sequence (one for the batch with `shared_mask`, as in TensorFlow 1). The mask is
    computed anew at each step from the state of the seed generator, which `start_sequence` moves
    on. `tfseq.RNN` and `dynamic_rnn` call that. Around another loop a sequence starts with the
    first step after `get_initial_state`, which `keras.layers.RNN` takes before its loop begins;
    where it is given an initial state, call `start_sequence` yourself. Nothing else holds noise, so
    a run that is restored with the seed generator's state goes on exactly.

    Args:
        cell: The inner cell.
        input_rate: Probability to drop an entry of the inputs, or a function that gives it, called
            at each step: for what changes while a model is trained.
        state_rate: The same for an entry of a state.
        output_rate: The same for an entry of the output.
        variational: Whether a mask holds for a whole sequence.
        shared_mask: Whether a variational mask is the same for each row.
        seed: Makes the noise repeatable.

    Raises:
        ValueError: A rate outside [0, 1), or `shared_mask` without `variational`.

    Reference: Zaremba et al., 2014, arXiv:1409.2329; Gal and Ghahramani, 2016, arXiv:1512.05287.
    """

    def __init__(
        self,
        cell,
        input_rate=0.0,
        state_rate=0.0,
        output_rate=0.0,
        variational=False,
        shared_mask=False,
        seed=None,
        **kwargs,
    ):
        super().__init__(cell, **kwargs)
        if shared_mask and not variational:
            raise ValueError(
                "`shared_mask` is an option of variational dropout. "
                f"Received: shared_mask={shared_mask!r}, variational={variational!r}"
            )
        self.input_rate = check_rate(input_rate, "input_rate")
        self.state_rate = check_rate(state_rate, "state_rate")
        self.output_rate = check_rate(output_rate, "output_rate")
        self.variational = variational
        self.shared_mask = shared_mask
        self.seed = seed
        self.seed_generator = keras.random.SeedGenerator(seed)
        self._is_started = self._starts_now = False

    def get_initial_state(self, batch_size=None, memory=None):
        """The inner cell's. A step of training that comes next starts a sequence."""
        self._starts_now = True
        return super().get_initial_state(batch_size, memory)

    def start_sequence(self):
        """Move on to the masks of the next sequence."""
        super().start_sequence()
        self._next_masks()

    def _next_masks(self):
        self._is_started, self._starts_now = True, False
        if self.variational:
            self.seed_generator.next()

    def call(self, inputs, states, memory=None, training=False):
        """One step."""
        if not training:
            return step(self.cell, inputs, states, memory=memory, training=training)
        self._check_started()
        inputs = self.drop(inputs, self.input_rate, "input")
        output, states = step(self.cell, inputs, states, memory=memory, training=training)
        return self.drop(output, self.output_rate, "output"), self._drop_states(states)

    def obstacle(self, training=False):
        """Dropout of states, or what is in the inner cell's way."""
        if training and self.state_rate:
            return f"`state_rate` is {self.state_rate}"
        return obstacle(self.cell, training)

    def unroll(self, inputs, states, mask=None, memory=None, training=False):
        """A whole sequence: dropout before and after that of the inner cell."""
        if training:
            self._check_started()
            inputs = self._drop_sequence(inputs, self.input_rate, "input")
        outputs, states = self.cell.unroll(inputs, states, mask, memory=memory, training=training)
        if training:
            outputs = self._drop_sequence(outputs, self.output_rate, "output")
        return outputs, states

    def loop_step(self, weights, added, states, memory=None):
        """The inner cell's: a loop like this is none of training."""
        return self.cell.loop_step(weights, added, states, memory)

    def _check_started(self):
        if self._starts_now:
            self._next_masks()
        if self.variational and not self._is_started:
            raise ValueError(
                "`variational` dropout needs to know when a sequence starts: use `tfseq.RNN` or "
                "`dynamic_rnn`, or call `cell.start_sequence()` before each batch."
            )

    def _drop_states(self, states):
        kept = [
            state if is_kept else self.drop(state, self.state_rate, f"state_{position}")
            for position, (state, is_kept) in enumerate(
                zip(keras.tree.flatten(states), self.kept_states(), strict=True)
            )
        ]
        return keras.tree.pack_sequence_as(states, kept)

    def kept_states(self):
        """For each state, in flat order, whether it is never dropped."""
        return carries(self.cell)

    def drop(self, values, rate, name):
        """Zero some of the values; the others grow so that the mean stays."""
        return self._drop(values, rate, name, ops.shape(values[:1] if self.shared_mask else values))

    def _drop_sequence(self, values, rate, name):
        """The same for `[time, batch, depth]`: a mask for each step, or the one for all."""
        time, rows, depth = ops.shape(values)
        rows = 1 if self.shared_mask else rows
        return self._drop(
            values, rate, name, (rows, depth) if self.variational else (time, rows, depth)
        )

    def _drop(self, values, rate, name, shape):
        if callable(rate):
            rate = ops.cast(rate(), values.dtype)
        elif not rate:
            return values
        is_kept = ops.greater_equal(self.draw_noise(name, shape), rate)
        return values / (1 - rate) * ops.cast(is_kept, values.dtype)

    def draw_noise(self, name, shape):
        """Uniform noise in [0, 1); entries below the rate drop.

        Args:
            name: What it is for: `"input"`, `"output"`, or `"state_0"` and so on, in flat order.
            shape: Shape of the noise.
        """
        if not self.variational:
            return keras.random.uniform(shape, seed=self.seed_generator)
        # Stateless, and `keras.random` cannot take a seed that is a tensor.
        seed = tf.add(self.seed_generator.state.value, [zlib.crc32(name.encode()), 0])
        return tf.random.stateless_uniform(shape, seed)


@keras.saving.register_keras_serializable("tfseq")
class ResidualWrapper(CellWrapper):
    """Adds the inputs to a cell's output.

        output, states = cell(x, states)
        output -> x + output

    Args:
        cell: The inner cell, with an output as wide as its inputs.
        residual_function: `residual_function(inputs, output)` in place of the sum. Register it
            (`keras.saving.register_keras_serializable`) to save the cell.

    Raises:
        ValueError: When built without a `residual_function` on inputs that are not as wide as the
            output.

    Reference: Wu et al., 2016, arXiv:1609.08144.
    """

    def __init__(self, cell, residual_function=None, **kwargs):
        super().__init__(cell, **kwargs)
        self.residual_function = residual_function

    def build(self, inputs_shape):
        """Build the inner cell."""
        if self.residual_function is None and inputs_shape[-1] != self.output_size:
            raise ValueError(
                "A residual cell adds its inputs to its output, which must be equally wide. "
                f"Received: inputs of shape {tuple(inputs_shape)}, `output_size`={self.output_size}"
            )
        super().build(inputs_shape)

    def call(self, inputs, states, memory=None, training=False):
        """One step."""
        output, states = step(self.cell, inputs, states, memory=memory, training=training)
        combine = self.residual_function or ops.add
        return combine(inputs, output), states

    def obstacle(self, training=False):
        """A `residual_function`, which may know single steps only, or the inner cell's."""
        return self._function_given() or obstacle(self.cell, training)

    def unroll(self, inputs, states, mask=None, memory=None, training=False):
        """A whole sequence of the inner cell, and its inputs."""
        outputs, states = self.cell.unroll(inputs, states, mask, memory=memory, training=training)
        return ops.add(ops.cast(inputs, outputs.dtype), outputs), states

    def loop_obstacle(self):
        """A `residual_function`, or what is in the inner cell's way."""
        return self._function_given() or super().loop_obstacle()

    def loop_inputs(self, weights, inputs, last=False):
        """The inputs themselves, and what they add in the inner cell."""
        return inputs, super().loop_inputs(weights, inputs, last)

    def loop_step(self, weights, added, states, memory=None):
        """One step of the inner cell, and its inputs."""
        inputs, added = added
        output, states = self.cell.loop_step(weights, added, states, memory)
        return inputs + output, states

    def _function_given(self):
        return "" if self.residual_function is None else "`residual_function` is given"

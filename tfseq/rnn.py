"""Time over a known sequence as a Keras layer, for any cell."""

import keras
import tensorflow as tf
from keras import ops

from tfseq.cells.base import obstacle, state_structure, takes_memory
from tfseq.recompute import recomputed, seeds_of
from tfseq.steps import (
    first_states,
    leading_sizes,
    run_steps,
    step_of,
    swap_batch_and_time,
    where_real,
    zero_outputs,
)


@keras.saving.register_keras_serializable("tfseq")
class RNN(keras.layers.RNN):
    """`keras.layers.RNN` for any cell, ours, Keras's or your own, with these differences:

    - States come back in the cell's own structure, however nested: `(outputs, states)` with
      `return_state`.
    - Where the mask is `False` the output is zero, and without `return_sequences` the output is
      that of the last real step of each row (zero for a row without one).
    - A `memory` given to the call is handed to the cell at each step.
    - Each training call starts a sequence (`cell.start_sequence()`), and dropout masks that Keras's
      cells keep on themselves are drawn anew, also inside stacks and wrappers.

    Args:
        cell: The cell that is run.
        return_sequences: Whether to return the output of each step or the last one.
        return_state: Whether to return `(outputs, states)`.
        go_backwards: Whether to read from the last step to the first; the outputs come in that
            order.
        stateful: Whether a batch goes on from the states that the one before ended with.
        unroll: Whether to lay out the steps one after the other, without a loop.
        stepwise: Whether to go step by step also where the cell knows a faster way through the
            whole sequence (`RNNCell`). Values and first derivatives are the same; second ones are
            known step by step only.
        recompute: In training, where it is not 0, keep for the gradient of a sequence only the
            states after each so many steps, and compute the steps between once more; inputs,
            outputs and these states remain. For sequences of a known length, without `memory`,
            read forward from cells that draw nothing for a whole sequence.

    Call arguments:
        sequences: `[batch, time, ...]`.
        initial_state: The states before the first step, in the cell's structure or flat.
        mask: Boolean `[batch, time]`, `True` for a real step; by default the one that Keras
            attached to `sequences`.
        training: Handed to the cell.
        memory: A tensor or a nest of tensors for a cell whose `call` takes `memory`.

    Raises:
        ValueError: `initial_state` does not fit the cell; or a `memory` for a cell that takes none.
    """

    def __init__(
        self,
        cell,
        return_sequences=False,
        return_state=False,
        go_backwards=False,
        stateful=False,
        unroll=False,
        stepwise=False,
        recompute=0,
        **kwargs,
    ):
        super().__init__(
            cell,
            return_sequences=return_sequences,
            return_state=return_state,
            go_backwards=go_backwards,
            stateful=stateful,
            unroll=unroll,
            **kwargs,
        )
        self.stepwise = stepwise
        self.recompute = recompute

    def call(self, sequences, initial_state=None, mask=None, training=False, memory=None):
        """Run the cell over the sequences."""
        if mask is None:
            # Keras hands on a mask by itself only to a call with a single tensor.
            mask = getattr(sequences, "_keras_mask", None)
        if initial_state is None and self.stateful:
            initial_state = self.states
        inputs = self._in_order(sequences)
        mask = None if mask is None else self._in_order(tf.cast(mask, "bool"))
        states = first_states(self.cell, leading_sizes(inputs)[1], initial_state, memory)
        step = step_of(self.cell, memory, training)
        if training:
            self._start_sequence(lambda: step(inputs[0], states))
        if self.recompute and training:
            outputs, states = self._recomputed(inputs, states, mask, memory)
        elif not self._obstacle(training):
            outputs, states = self._whole(inputs, states, mask, memory, training)
            outputs = self._select(outputs, mask)
        else:
            outputs, states = self._run(step, inputs, states, mask)
        _forget_masks(self.cell)
        outputs = ops.cast(outputs, self.compute_dtype)
        if self.stateful:
            self._keep(states)
        return (outputs, states) if self.return_state else outputs

    def explain(self, training=False):
        """Which way the layer goes through a sequence, and why, in a line.

        Args:
            training: Whether in training, where dropout may be in the way of the fast one.
        """
        reason = self._obstacle(training)
        if reason:
            return f"step by step: {reason}"
        return "the whole sequence at once: inputs and weights' gradients in one product each"

    def _obstacle(self, training):
        """Why it must go step by step; empty if it need not."""
        for name in ("stepwise", "unroll"):
            if getattr(self, name):
                return f"`{name}` is True"
        return obstacle(self.cell, training)

    def _keep(self, states):
        variables = keras.tree.flatten(self.states)
        for variable, state in zip(variables, keras.tree.flatten(states), strict=True):
            variable.assign(state)

    def _in_order(self, values):
        """To `[time, batch, ...]`, in the order in which it is read."""
        values = swap_batch_and_time(tf.convert_to_tensor(values))
        return tf.reverse(values, [0]) if self.go_backwards else values

    def _whole(self, inputs, states, mask, memory, training):
        return self.cell.unroll(inputs, states, mask, memory=memory, training=training)

    def _recomputed(self, inputs, states, mask, memory):
        """A piece of the sequence after the other, of which the gradient keeps the states."""
        steps = inputs.shape[0]
        if steps is None or memory is not None:
            raise ValueError(
                "`recompute` is for sequences of a known length, without `memory`. "
                f"Received: sequences of shape {swap_batch_and_time(inputs).shape}"
            )
        piece = tf.function(self._piece, autograph=False)  # compiled once for all of one length
        sizes = [min(self.recompute, steps - at) for at in range(0, steps, self.recompute)]
        # Not slices of the whole, each of whose gradients would be as large as the whole.
        read = [tf.split(x, sizes) for x in ((inputs,) if mask is None else (inputs, mask))]
        found = []
        for part in zip(*read, strict=True):
            outputs, states = recomputed(piece, (list(part), states), seeds_of(self.cell))
            found.append(outputs)
        return self._select(tf.concat(found, axis=0), mask), states

    def _piece(self, read, states):
        """Some steps of a training sequence: outputs `[time, batch, ...]` and the states after."""
        inputs, mask = (*read, None)[:2]
        if not self._obstacle(True):
            return self._whole(inputs, states, mask, None, True)
        zeros = zero_outputs(self.cell, leading_sizes(inputs)[1])
        return run_steps(step_of(self.cell, None, True), inputs, states, zeros, mask, self.unroll)

    def _run(self, step, inputs, states, mask):
        zeros = zero_outputs(self.cell, leading_sizes(inputs)[1])
        if self.return_sequences:
            outputs, states = run_steps(step, inputs, states, zeros, mask, self.unroll)
            return swap_batch_and_time(outputs), states

        def last(inputs, carried):
            # The last output travels with the states, and stays where they stay.
            return (), step(inputs, carried[1])

        _, carried = run_steps(last, inputs, (zeros, states), (), mask, self.unroll)
        return carried

    def _select(self, outputs, mask):
        """From the outputs of all steps, `[time, batch, ...]`, what `call` returns."""
        if self.return_sequences:
            if mask is not None:
                outputs = where_real(mask, outputs, 0)
            return swap_batch_and_time(outputs)
        time = tf.range(tf.shape(outputs)[0])[:, None]
        last = time if mask is None else tf.where(mask, time, -1)
        last = time == tf.reduce_max(last, axis=0)  # nowhere in a row without a real step
        return tf.reduce_sum(tf.where(last[:, :, None], outputs, 0), axis=0)

    def _start_sequence(self, first_step):
        if hasattr(self.cell, "start_sequence"):
            self.cell.start_sequence()
        _forget_masks(self.cell)
        if any(cell.dropout or cell.recurrent_dropout for cell in _stock_cells(self.cell)):
            # Such a cell draws its masks in its first step. Drawn inside the loop they could not
            # leave it.
            first_step()

    def compute_output_shape(self, sequences_shape, initial_state_shape=None):
        """The shape of what `call` returns, in the same structure."""
        batch, time = sequences_shape[:2]
        size = self.cell.output_size
        outputs = (batch, time, size) if self.return_sequences else (batch, size)
        if not self.return_state:
            return outputs
        if takes_memory(self.cell):
            # Its states may be as long as the memory, of which only the sizes know: `None`.
            sizes = state_structure(self.cell)
            return outputs, keras.tree.map_structure(lambda size: (batch, size), sizes)
        states = self.cell.get_initial_state(batch_size=1)
        return outputs, keras.tree.map_structure(lambda x: (batch, *x.shape[1:]), states)

    def reset_state(self):
        """Go on from zeros, with `stateful`."""
        for variable in keras.tree.flatten(self.states or []):
            variable.assign(ops.zeros_like(variable))

    def get_config(self):
        """Keras's and our own, without `zero_output_for_mask`, which is always so."""
        config = {**super().get_config(), "stepwise": self.stepwise, "recompute": self.recompute}
        del config["zero_output_for_mask"]
        return config


def _stock_cells(cell):
    """Keras's own cells in a cell: those that keep dropout masks on themselves."""
    if hasattr(cell, "reset_dropout_mask"):
        return [cell]
    inner = getattr(cell, "cells", None) or [getattr(cell, "cell", None)]
    return [stock for child in inner if child is not None for stock in _stock_cells(child)]


def _forget_masks(cell):
    for stock in _stock_cells(cell):
        stock.reset_dropout_mask()
        stock.reset_recurrent_dropout_mask()

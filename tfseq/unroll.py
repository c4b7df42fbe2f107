"""Time over a known sequence, as TensorFlow 1 promised it: `dynamic_rnn` and its family.

Unlike `keras.layers.RNN` they carry nested inputs and outputs, states of any structure and dtype,
and time-major tensors.
"""

import tensorflow as tf

from tfseq.cells.base import obstacle
from tfseq.steps import (
    first_states,
    leading_sizes,
    run_steps,
    step_of,
    swap_batch_and_time,
    where_real,
    zero_outputs,
)


def dynamic_rnn(
    cell,
    inputs,
    mask=None,
    sequence_length=None,
    initial_state=None,
    time_major=False,
    training=False,
    memory=None,
    stepwise=False,
):
    """Run a cell over time.

        output[t], state = cell(input[t], state)

    Where the mask is `False` the output is zero and the state stays as it is, so past the end of a
    row its outputs are zero and its final state is that of its last real step. A row of length 0
    ends with its initial state.

    Args:
        cell: A recurrent cell, ours, Keras's or your own: `state_size`, `output_size`,
            `get_initial_state` and `call(inputs, states, training)`. Its output may be a nest. A
            Keras cell with dropout of its own keeps one mask for ever here; `tfseq.RNN` draws new
            ones.
        inputs: Tensor `[batch, time, ...]`, or a nest of such.
        mask: Boolean `[batch, time]`, `True` for a real step.
        sequence_length: Integers `[batch]`, in place of a mask.
        initial_state: The cell's states before the first step; by default its `get_initial_state`.
        time_major: Whether inputs, mask and outputs are `[time, batch, ...]`.
        training: Handed to the cell.
        memory: A tensor or a nest of tensors for a cell whose `call` takes `memory`.
        stepwise: Whether to go step by step also where the cell knows a faster way through the
            whole sequence, as in `tfseq.RNN`.

    Returns:
        `(outputs, final_state)`: the outputs at all steps, `[batch, time, ...]`, and the cell's
        states after the last real step of each row, in the cell's own structure.

    Raises:
        ValueError: Both `mask` and `sequence_length`; an `initial_state` that does not fit the
            cell; a `memory` for a cell that takes none.

    Reference: `tf.nn.dynamic_rnn` of TensorFlow 1.15.
    """
    inputs = tf.nest.map_structure(tf.convert_to_tensor, inputs)
    mask = _as_mask(mask, sequence_length, inputs, time_major)
    if not time_major:
        inputs = tf.nest.map_structure(swap_batch_and_time, inputs)
        mask = None if mask is None else swap_batch_and_time(mask)
    batch_size = leading_sizes(tf.nest.flatten(inputs)[0])[1]
    states = first_states(cell, batch_size, initial_state, memory)
    _build(cell, inputs)
    if training and hasattr(cell, "start_sequence"):
        cell.start_sequence()
    step = step_of(cell, memory, training)
    if not stepwise and tf.is_tensor(inputs) and not obstacle(cell, training):
        outputs, states = cell.unroll(inputs, states, mask, memory=memory, training=training)
        outputs = outputs if mask is None else where_real(mask, outputs, 0)
    else:
        outputs, states = run_steps(step, inputs, states, zero_outputs(cell, batch_size), mask)
    if not time_major:
        outputs = tf.nest.map_structure(swap_batch_and_time, outputs)
    return outputs, states


def bidirectional_dynamic_rnn(
    cell_forward,
    cell_backward,
    inputs,
    mask=None,
    sequence_length=None,
    initial_state_forward=None,
    initial_state_backward=None,
    time_major=False,
    training=False,
):
    """Run one cell from the first step to the last, and one from the last real step to the first.

    Args:
        cell_forward: Cell that reads forward.
        cell_backward: Cell that reads backward: another object.
        inputs: As in `dynamic_rnn`.
        mask: As in `dynamic_rnn`.
        sequence_length: As in `dynamic_rnn`.
        initial_state_forward: States of `cell_forward` before the first step.
        initial_state_backward: States of `cell_backward` before the last real step.
        time_major: As in `dynamic_rnn`.
        training: Handed to the cells.

    Returns:
        `((outputs_forward, outputs_backward), (state_forward, state_backward))`, both outputs in
        the order of the inputs. The backward state is the one after the first input.

    Raises:
        ValueError: As `dynamic_rnn`.

    Reference: `tf.nn.bidirectional_dynamic_rnn` of TensorFlow 1.15.
    """
    inputs = tf.nest.map_structure(tf.convert_to_tensor, inputs)
    mask = _as_mask(mask, sequence_length, inputs, time_major)
    options = {"time_major": time_major, "training": training}
    forward, state_forward = dynamic_rnn(
        cell_forward, inputs, mask, initial_state=initial_state_forward, **options
    )

    def backward(values):
        # Padding comes first then, and leaves the state as it is: the lengths need no care.
        return tf.nest.map_structure(lambda x: tf.reverse(x, [0 if time_major else 1]), values)

    outputs, state_backward = dynamic_rnn(
        cell_backward,
        backward(inputs),
        None if mask is None else backward(mask),
        initial_state=initial_state_backward,
        **options,
    )
    return (forward, backward(outputs)), (state_forward, state_backward)


def stack_bidirectional_dynamic_rnn(
    cells_forward,
    cells_backward,
    inputs,
    mask=None,
    sequence_length=None,
    initial_states_forward=None,
    initial_states_backward=None,
    time_major=False,
    training=False,
):
    """Bidirectional layers on top of each other; both directions of one are the inputs of the next.

    Args:
        cells_forward: One cell for each layer, lowest first.
        cells_backward: As many.
        inputs: As in `dynamic_rnn`.
        mask: As in `dynamic_rnn`.
        sequence_length: As in `dynamic_rnn`.
        initial_states_forward: A list of states, one for each of `cells_forward`.
        initial_states_backward: A list of states, one for each of `cells_backward`.
        time_major: As in `dynamic_rnn`.
        training: Handed to the cells.

    Returns:
        `(outputs, states_forward, states_backward)`: both directions of the highest layer, one
        beside the other on the last axis, and a list with the states of each layer.

    Raises:
        ValueError: As `dynamic_rnn`, or as many cells forward as backward are not given.

    Reference: `tf.contrib.rnn.stack_bidirectional_dynamic_rnn` of TensorFlow 1.15.
    """
    layers = len(cells_forward)
    if not layers or layers != len(cells_backward):
        raise ValueError(
            "`cells_forward` and `cells_backward` must be as many, and at least one. "
            f"Received: {layers} forward, {len(cells_backward)} backward"
        )
    inputs = tf.nest.map_structure(tf.convert_to_tensor, inputs)
    mask = _as_mask(mask, sequence_length, inputs, time_major)
    states_forward, states_backward = [], []
    for layer, (forward, backward) in enumerate(zip(cells_forward, cells_backward, strict=True)):
        outputs, states = bidirectional_dynamic_rnn(
            forward,
            backward,
            inputs,
            mask,
            initial_state_forward=initial_states_forward and initial_states_forward[layer],
            initial_state_backward=initial_states_backward and initial_states_backward[layer],
            time_major=time_major,
            training=training,
        )
        inputs = tf.concat(outputs, axis=-1)
        states_forward.append(states[0])
        states_backward.append(states[1])
    return inputs, states_forward, states_backward


def _as_mask(mask, sequence_length, inputs, time_major):
    """Boolean mask laid out like the inputs, or `None`."""
    if mask is not None and sequence_length is not None:
        raise ValueError(
            "`mask` and `sequence_length` say the same thing: give one of them. Received: both"
        )
    if sequence_length is None:
        return None if mask is None else tf.cast(mask, tf.bool)
    time = leading_sizes(tf.nest.flatten(inputs)[0])[0 if time_major else 1]
    mask = tf.sequence_mask(sequence_length, time)
    return tf.transpose(mask) if time_major else mask


def _build(cell, inputs):
    """Make the cell's weights before the loop: inside it, it is too late."""
    if not cell.built:
        cell.build(tf.nest.map_structure(lambda x: (x.shape[1], *x.shape[2:]), inputs))

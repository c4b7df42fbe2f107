"""Time over a known sequence, as TensorFlow 1 promised it: `dynamic_rnn` and its family.

`run_steps` is the loop itself, a `tf.while_loop` over any step; the rest says what goes into it.
Unlike `keras.layers.RNN` it carries nested inputs and outputs, states of any structure and dtype,
and time-major tensors.
"""

import inspect

import tensorflow as tf


def dynamic_rnn(
    cell,
    inputs,
    mask=None,
    sequence_length=None,
    initial_state=None,
    time_major=False,
    training=False,
    memory=None,
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
    states = first_states(cell, batch_size, initial_state)
    _build(cell, inputs)
    if training and hasattr(cell, "start_sequence"):
        cell.start_sequence()
    step = step_of(cell, memory, training)
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


def run_steps(step, inputs, states, zeros, mask=None, unroll=False):
    """Run a step over time: the loop under `dynamic_rnn` and `tfseq.RNN`.

    Args:
        step: `step(inputs, states) -> (outputs, new_states)`, at one moment.
        inputs: Nest of `[time, batch, ...]`.
        states: Nest of `[batch, ...]`, or of scalars, which a mask leaves to the step.
        zeros: Nest of `[batch, ...]`: what comes out where the mask is `False`.
        mask: Boolean `[time, batch]`, or `None` where each step is real.
        unroll: Whether to lay the steps out one after the other. Time must be static.

    Returns:
        `(outputs, states)`: a nest like `zeros` of `[time, batch, ...]`, and the states after the
        last step.
    """
    flat_inputs, flat_zeros = tf.nest.flatten(inputs), tf.nest.flatten(zeros)
    steps = leading_sizes(flat_inputs[0])[0]
    # Reading from an array costs one row also in the gradient; indexing would cost the whole tensor
    # at each step.
    sources = [tf.TensorArray(x.dtype, steps).unstack(x) for x in flat_inputs]
    targets = [tf.TensorArray(z.dtype, steps, element_shape=z.shape) for z in flat_zeros]

    def body(time, targets, old):
        now = tf.nest.pack_sequence_as(inputs, [source.read(time) for source in sources])
        outputs, new_states = step(now, tf.nest.pack_sequence_as(states, old))
        outputs, new = tf.nest.flatten(outputs), _flat_states(new_states, old)
        if mask is not None:
            real = mask[time]
            outputs = [
                _where(real, output, zero) for output, zero in zip(outputs, flat_zeros, strict=True)
            ]
            new = [_where(real, after, before) for after, before in zip(new, old, strict=True)]
        targets = [target.write(time, x) for target, x in zip(targets, outputs, strict=True)]
        return time + 1, targets, new

    variables = (tf.constant(0), targets, tf.nest.flatten(states))
    if unroll:
        for _ in range(steps):
            variables = body(*variables)
    else:
        variables = tf.while_loop(
            lambda time, *_: time < steps,
            body,
            variables,
            parallel_iterations=32,
            swap_memory=True,
            maximum_iterations=steps,  # for the gradient under XLA
        )
    _, targets, flat_states = variables
    outputs = tf.nest.pack_sequence_as(zeros, [target.stack() for target in targets])
    return outputs, tf.nest.pack_sequence_as(states, flat_states)


def step_of(cell, memory=None, training=False):
    """The cell's `step(inputs, states)`, with what stays the same at each step."""
    if memory is None:
        return lambda inputs, states: cell(inputs, states, training=training)
    if "memory" not in inspect.signature(cell.call).parameters:
        raise ValueError(
            "`memory` needs a cell whose `call` has an argument `memory`. "
            f"Received: cell={type(cell).__name__}"
        )
    return lambda inputs, states: cell(inputs, states, memory=memory, training=training)


def first_states(cell, batch_size, initial_state=None):
    """The states before the first step, in the cell's own structure and dtypes."""
    states = cell.get_initial_state(batch_size=batch_size)
    if initial_state is None:
        return states
    own, given = tf.nest.flatten(states), tf.nest.flatten(initial_state)
    if len(own) != len(given):
        raise ValueError(
            "`initial_state` must have one tensor for each state of the cell. "
            f"Received: {len(given)} tensors for `state_size`={cell.state_size}"
        )
    # A Keras variable is converted first, since `tf.cast` does not know it.
    given = [tf.cast(tf.convert_to_tensor(x), o.dtype) for x, o in zip(given, own, strict=True)]
    return tf.nest.pack_sequence_as(states, given)


def zero_outputs(cell, batch_size):
    """Zeros like one output of the cell."""
    return tf.nest.map_structure(
        lambda size: tf.zeros((batch_size, size), cell.compute_dtype), cell.output_size
    )


def swap_batch_and_time(values):
    """`[batch, time, ...]` to `[time, batch, ...]` and back."""
    return tf.transpose(values, [1, 0, *range(2, values.shape.rank)])


def leading_sizes(values):
    """The first two sizes of a tensor, as integers where they are known."""
    dynamic = tf.shape(values)
    return [dynamic[i] if size is None else size for i, size in enumerate(values.shape[:2])]


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


def _flat_states(new_states, old):
    new = tf.nest.flatten(new_states)
    if len(new) != len(old):
        raise ValueError(
            "A cell must return as many state tensors as it is given. "
            f"Received: {len(new)} from a cell with {len(old)}"
        )
    return new


def _where(real, values, otherwise):
    """`values` in the rows that are real; a scalar has no rows, and is taken as it is."""
    if values.shape.rank == 0:
        return values
    real = tf.reshape(real, [-1] + [1] * (values.shape.rank - 1))
    return tf.where(real, values, otherwise)

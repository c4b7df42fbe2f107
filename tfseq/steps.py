"""The loop over known steps, which `tfseq.RNN` and `dynamic_rnn` share, and what goes into it."""

import tensorflow as tf

from tfseq.cells.base import initial_states, takes_memory


def run_steps(step, inputs, states, zeros, mask=None, unroll=False):
    """Run a step over time: the loop under `dynamic_rnn` and `tfseq.RNN`.

    Args:
        step: `step(inputs, states) -> (outputs, new_states)`, at one moment.
        inputs: Nest of `[time, batch, ...]`.
        states: Nest of `[batch, ...]`, or of scalars and `TensorArray`s, which a mask leaves to
            the step.
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
                where_real(real, output, zero)
                for output, zero in zip(outputs, flat_zeros, strict=True)
            ]
            new = [where_real(real, after, before) for after, before in zip(new, old, strict=True)]
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
    if not takes_memory(cell):
        raise ValueError(
            "`memory` needs a cell whose `call` has an argument `memory`. "
            f"Received: cell={type(cell).__name__}"
        )
    return lambda inputs, states: cell(inputs, states, memory=memory, training=training)


def first_states(cell, batch_size, initial_state=None, memory=None):
    """The states before the first step, in the cell's own structure and dtypes."""
    states = initial_states(cell, batch_size, memory)
    if initial_state is None:
        return states
    own, given = tf.nest.flatten(states), tf.nest.flatten(initial_state)
    if len(own) != len(given):
        raise ValueError(
            "`initial_state` must have one tensor for each state of the cell. "
            f"Received: {len(given)} tensors for `state_size`={cell.state_size}"
        )
    # A Keras variable is converted first, since `tf.cast` does not know it.
    given = [_of_type(x, o.dtype) for x, o in zip(given, own, strict=True)]
    return tf.nest.pack_sequence_as(states, given)


def _of_type(state, dtype):
    if isinstance(state, tf.TensorArray):
        return state
    return tf.cast(tf.convert_to_tensor(state), dtype)


def zero_outputs(cell, batch_size):
    """Zeros like one output of the cell."""
    return tf.nest.map_structure(
        lambda size: tf.zeros([batch_size, *tf.TensorShape(size)], cell.compute_dtype),
        cell.output_size,
    )


def swap_batch_and_time(values):
    """`[batch, time, ...]` to `[time, batch, ...]` and back."""
    return tf.transpose(values, [1, 0, *range(2, values.shape.rank)])


def leading_sizes(values):
    """The first two sizes of a tensor, as integers where they are known."""
    dynamic = tf.shape(values)
    return [dynamic[i] if size is None else size for i, size in enumerate(values.shape[:2])]


def _flat_states(new_states, old):
    new = tf.nest.flatten(new_states)
    if len(new) != len(old):
        raise ValueError(
            "A cell must return as many state tensors as it is given. "
            f"Received: {len(new)} from a cell with {len(old)}"
        )
    return new


def where_real(real, values, otherwise):
    """`values` in the rows that are real; what has no rows is taken as it is.

    Args:
        real: Booleans of the leading dimensions, such as `[batch]` or `[time, batch]`.
        values: A tensor with such rows, a scalar, or a `TensorArray`.
        otherwise: A tensor like `values`, or a number.
    """
    if isinstance(values, tf.TensorArray) or values.shape.rank == 0:
        return values
    for _ in range(values.shape.rank - real.shape.rank):
        real = tf.expand_dims(real, -1)
    return tf.where(real, values, otherwise)

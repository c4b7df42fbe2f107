"""TensorFlow 1's loops over time: `tf.nn.dynamic_rnn` and its family.

Their arithmetic is that of `tfseq.unroll` and `tfseq.steps`. `scope`, `parallel_iterations` and
`swap_memory` are taken and not used.
"""

import tensorflow as tf

from tfseq import unroll
from tfseq.steps import leading_sizes, swap_batch_and_time
from tfseq.tf1.checks import lengths_of, state_of
from tfseq.tf1.wrappers import as_library, states_to_library, states_to_tf1


def dynamic_rnn(
    cell,
    inputs,
    sequence_length=None,
    initial_state=None,
    dtype=None,
    parallel_iterations=None,
    swap_memory=False,
    time_major=False,
    scope=None,
):
    """`tf.nn.dynamic_rnn`: run a cell over time; see `tfseq.dynamic_rnn`.

    Args:
        cell: A cell of `tfseq.tf1`, or your own `RNNCell`.
        inputs: Tensor `[batch, time, ...]`, or a nest of such.
        sequence_length: Integers `[batch]`: past it outputs are zero, and the state stays.
        initial_state: State before the first step; by default zeros.
        dtype: Of those zeros. Must be given where there is no `initial_state`.
        parallel_iterations: Not used.
        swap_memory: Not used.
        time_major: Whether inputs and outputs are `[time, batch, ...]`.
        scope: Not used.

    Returns:
        `(outputs, state)`.

    Raises:
        TypeError: `cell` is not a cell; a state of other types.
        ValueError: Neither `initial_state` nor `dtype`; inputs without a third dimension; a
            `sequence_length` that is no vector of the batch's size; a state of another structure.
        InvalidArgumentError: A `sequence_length` that is longer than time.
    """
    inputs = tf.nest.map_structure(tf.convert_to_tensor, inputs)
    _check_ranks(inputs)
    library = as_library(cell)
    sizes = leading_sizes(tf.nest.flatten(inputs)[0])
    time, batch = sizes if time_major else sizes[::-1]
    lengths = None if sequence_length is None else lengths_of(sequence_length, batch, time)
    state = _first_state(cell, initial_state, dtype, batch)
    first = inputs if time_major else tf.nest.map_structure(swap_batch_and_time, inputs)
    prepare(cell, tf.nest.map_structure(lambda x: x[0], first))
    outputs, states = unroll.dynamic_rnn(
        library,
        inputs,
        sequence_length=lengths,
        initial_state=states_to_library(cell, state),
        time_major=time_major,
        training=True,
    )
    return outputs, states_to_tf1(cell, states)


def prepare(cell, inputs):
    """Make a cell's variables before a loop: inside it, it is too late."""
    if hasattr(cell, "ensure_built"):
        cell.ensure_built(inputs)


def _check_ranks(inputs):
    for part in tf.nest.flatten(inputs):
        if (part.shape.rank or 3) < 3:
            raise ValueError(
                "`inputs` must be [batch, time, ...], of rank 3 or more. "
                f"Received: inputs of shape {tuple(part.shape)}"
            )


def _first_state(cell, initial_state, dtype, batch):
    if initial_state is not None:
        return state_of(cell, initial_state)
    check_dtype(dtype)
    return cell.zero_state(batch, dtype)


def check_dtype(dtype, initial_state=None):
    """Refuse to have neither a state nor the type of its zeros."""
    if initial_state is None and dtype is None:
        raise ValueError("`dtype` must be given where there is no state. Received: dtype=None")


def bidirectional_dynamic_rnn(
    cell_fw,
    cell_bw,
    inputs,
    sequence_length=None,
    initial_state_fw=None,
    initial_state_bw=None,
    dtype=None,
    parallel_iterations=None,
    swap_memory=False,
    time_major=False,
    scope=None,
):
    """`tf.nn.bidirectional_dynamic_rnn`: one cell forward, one backward.

    Returns:
        `((outputs_fw, outputs_bw), (state_fw, state_bw))`, both outputs in the order of the inputs.
    """
    inputs = tf.nest.map_structure(tf.convert_to_tensor, inputs)
    options = {"sequence_length": sequence_length, "dtype": dtype, "time_major": time_major}
    forward, state_fw = dynamic_rnn(cell_fw, inputs, initial_state=initial_state_fw, **options)

    def backward(values):
        axis = 0 if time_major else 1
        if sequence_length is None:
            return tf.reverse(values, [axis])
        return tf.reverse_sequence(values, sequence_length, seq_axis=axis, batch_axis=1 - axis)

    outputs, state_bw = dynamic_rnn(
        cell_bw,
        tf.nest.map_structure(backward, inputs),
        initial_state=initial_state_bw,
        **options,
    )
    return (forward, tf.nest.map_structure(backward, outputs)), (state_fw, state_bw)


def stack_bidirectional_dynamic_rnn(
    cells_fw,
    cells_bw,
    inputs,
    initial_states_fw=None,
    initial_states_bw=None,
    dtype=None,
    sequence_length=None,
    parallel_iterations=None,
    time_major=False,
    scope=None,
    swap_memory=False,
):
    """`tf.contrib.rnn.stack_bidirectional_dynamic_rnn`: bidirectional layers on top of each other.

    Returns:
        `(outputs, states_fw, states_bw)`: both directions of the highest layer side by side, and a
        tuple with the states of each layer.
    """
    _check_stack(cells_fw, cells_bw, initial_states_fw, initial_states_bw)
    states_fw, states_bw = [], []
    for layer, (forward, backward) in enumerate(zip(cells_fw, cells_bw, strict=True)):
        outputs, (state_fw, state_bw) = bidirectional_dynamic_rnn(
            forward,
            backward,
            inputs,
            sequence_length,
            initial_states_fw and initial_states_fw[layer],
            initial_states_bw and initial_states_bw[layer],
            dtype,
            time_major=time_major,
        )
        inputs = tf.concat(outputs, axis=-1)
        states_fw.append(state_fw)
        states_bw.append(state_bw)
    return inputs, tuple(states_fw), tuple(states_bw)


def _check_stack(cells_fw, cells_bw, states_fw, states_bw):
    for name, cells in (("cells_fw", cells_fw), ("cells_bw", cells_bw)):
        if not isinstance(cells, list) or not cells:
            raise ValueError(f"{name} must be a list of at least one cell. Received: {cells!r}")
    if len(cells_fw) != len(cells_bw):
        raise ValueError(
            "Forward and backward cells must be as many. "
            f"Received: {len(cells_fw)} forward, {len(cells_bw)} backward"
        )
    for name, states in (("initial_states_fw", states_fw), ("initial_states_bw", states_bw)):
        if states is not None and len(states) != len(cells_fw):
            raise ValueError(
                f"{name} must have one state for each of the {len(cells_fw)} layers. "
                f"Received: {len(states)}"
            )


def static_rnn(cell, inputs, initial_state=None, dtype=None, sequence_length=None, scope=None):
    """`tf.nn.static_rnn`: a loop over a list, `[batch, depth]` for each step.

    Returns:
        `(outputs, state)`, the outputs a list.
    """
    if not isinstance(inputs, (list, tuple)):
        raise TypeError(f"inputs must be a sequence. Received: {type(inputs).__name__}")
    if not inputs:
        raise ValueError("inputs must not be empty. Received: inputs=[]")
    stacked = tf.nest.map_structure(lambda *steps: tf.stack(steps), *inputs)
    outputs, state = dynamic_rnn(
        cell, stacked, sequence_length, initial_state, dtype, time_major=True
    )
    steps = range(len(inputs))
    return [tf.nest.map_structure(lambda x, t=t: x[t], outputs) for t in steps], state


def static_bidirectional_rnn(
    cell_fw,
    cell_bw,
    inputs,
    initial_state_fw=None,
    initial_state_bw=None,
    dtype=None,
    sequence_length=None,
    scope=None,
):
    """`tf.nn.static_bidirectional_rnn`: both directions over a list.

    Returns:
        `(outputs, state_fw, state_bw)`, the outputs of both directions side by side, a list.
    """
    stacked = tf.stack(inputs)
    (forward, backward), (state_fw, state_bw) = bidirectional_dynamic_rnn(
        cell_fw,
        cell_bw,
        stacked,
        sequence_length,
        initial_state_fw,
        initial_state_bw,
        dtype,
        time_major=True,
    )
    outputs = tf.unstack(tf.concat([forward, backward], axis=-1))
    return outputs, state_fw, state_bw


def stack_bidirectional_rnn(
    cells_fw,
    cells_bw,
    inputs,
    initial_states_fw=None,
    initial_states_bw=None,
    dtype=None,
    sequence_length=None,
    scope=None,
):
    """`tf.contrib.rnn.stack_bidirectional_rnn`: `stack_bidirectional_dynamic_rnn` over a list."""
    stacked = tf.stack(inputs)
    outputs, states_fw, states_bw = stack_bidirectional_dynamic_rnn(
        cells_fw,
        cells_bw,
        stacked,
        initial_states_fw,
        initial_states_bw,
        dtype,
        sequence_length,
        time_major=True,
    )
    return tf.unstack(outputs), states_fw, states_bw

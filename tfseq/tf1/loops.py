"""TensorFlow 1's loops over time: `tf.nn.dynamic_rnn` and its family.

Their arithmetic is that of `tfseq.unroll` and `tfseq.steps`. `scope`, `parallel_iterations` and
`swap_memory` are taken and not used.
"""

import tensorflow as tf

from tfseq import unroll
from tfseq.steps import leading_sizes
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
    return over_time(cell, inputs, sequence_length, initial_state, dtype, time_major)


def over_time(cell, inputs, sequence_length, initial_state, dtype, time_major):
    """`dynamic_rnn` of tensors, which may have one number for each step, as ids do."""
    library, first = _ready(cell, inputs, initial_state, dtype, time_major)
    outputs, states = unroll.dynamic_rnn(
        library,
        inputs,
        sequence_length=_checked_lengths(sequence_length, inputs, time_major),
        initial_state=first,
        time_major=time_major,
        training=True,
    )
    return outputs, states_to_tf1(cell, states)


def _ready(cell, inputs, initial_state, dtype, time_major):
    """The cell as one of `tfseq.cells`, with its variables, and its first states."""
    library = as_library(cell)
    _, batch = _time_and_batch(inputs, time_major)
    state = _first_state(cell, initial_state, dtype, batch)
    prepare(cell, tf.nest.map_structure(lambda x: x[0] if time_major else x[:, 0], inputs))
    return library, states_to_library(cell, state)


def _time_and_batch(inputs, time_major):
    sizes = leading_sizes(tf.nest.flatten(inputs)[0])
    return sizes if time_major else sizes[::-1]


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


def _checked_lengths(lengths, inputs, time_major):
    """`sequence_length` as a vector of integers, checked as far as it is known."""
    if lengths is None:
        return None
    time, batch = _time_and_batch(inputs, time_major)
    return lengths_of(lengths, batch, time)


def _first_state(cell, initial_state, dtype, batch):
    if initial_state is not None:
        return state_of(cell, initial_state)
    if dtype is None:
        raise ValueError("`dtype` must be given where there is no state. Received: dtype=None")
    return cell.zero_state(batch, dtype)


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

    Args:
        cell_fw: Reads forward.
        cell_bw: Reads from each row's last real step to its first: another object.
        inputs: As for `dynamic_rnn`.
        sequence_length: As for `dynamic_rnn`.
        initial_state_fw: State of `cell_fw` before the first step; by default zeros.
        initial_state_bw: State of `cell_bw` before the last one; by default zeros.
        dtype: As for `dynamic_rnn`.
        parallel_iterations: Not used.
        swap_memory: Not used.
        time_major: As for `dynamic_rnn`.
        scope: Not used.

    Returns:
        `((outputs_fw, outputs_bw), (state_fw, state_bw))`, both outputs in the order of the inputs.

    Raises:
        TypeError: As for `dynamic_rnn`.
        ValueError: As for `dynamic_rnn`.
    """
    inputs = tf.nest.map_structure(tf.convert_to_tensor, inputs)
    forward, first_fw = _ready(cell_fw, inputs, initial_state_fw, dtype, time_major)
    backward, first_bw = _ready(cell_bw, inputs, initial_state_bw, dtype, time_major)
    outputs, (state_fw, state_bw) = unroll.bidirectional_dynamic_rnn(
        forward,
        backward,
        inputs,
        sequence_length=_checked_lengths(sequence_length, inputs, time_major),
        initial_state_forward=first_fw,
        initial_state_backward=first_bw,
        time_major=time_major,
        training=True,
    )
    return outputs, (states_to_tf1(cell_fw, state_fw), states_to_tf1(cell_bw, state_bw))


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

    Args:
        cells_fw: A list of a cell for each layer, lowest first, which reads forward.
        cells_bw: As many that read backward.
        inputs: As for `dynamic_rnn`.
        initial_states_fw: A state for each of `cells_fw`; by default zeros.
        initial_states_bw: A state for each of `cells_bw`; by default zeros.
        dtype: As for `dynamic_rnn`.
        sequence_length: As for `dynamic_rnn`.
        parallel_iterations: Not used.
        time_major: As for `dynamic_rnn`.
        scope: Not used.
        swap_memory: Not used.

    Returns:
        `(outputs, states_fw, states_bw)`: both directions of the highest layer side by side, and a
        tuple with the states of each layer.

    Raises:
        ValueError: No list, an empty one, or lists that are not equally long.
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

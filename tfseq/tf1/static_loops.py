"""TensorFlow 1's loops over lists: those of `tfseq.tf1.loops` on what is stacked."""

import tensorflow as tf

from tfseq.tf1.loops import (
    bidirectional_dynamic_rnn,
    over_time,
    stack_bidirectional_dynamic_rnn,
)


def static_rnn(cell, inputs, initial_state=None, dtype=None, sequence_length=None, scope=None):
    """`tf.nn.static_rnn`: a loop over a list, `[batch, depth]` for each step.

    Args:
        cell: As for `dynamic_rnn`.
        inputs: A list over time of `[batch, ...]`, or of nests of such.
        initial_state: State before the first step; by default zeros.
        dtype: Of those zeros; due where there is no state.
        sequence_length: As for `dynamic_rnn`.
        scope: Not used.

    Returns:
        `(outputs, state)`, the outputs a list.

    Raises:
        TypeError: `inputs` is no list.
        ValueError: An empty list, or as for `dynamic_rnn`.
    """
    if not isinstance(inputs, (list, tuple)):
        raise TypeError(f"inputs must be a sequence. Received: {type(inputs).__name__}")
    if not inputs:
        raise ValueError("inputs must not be empty. Received: inputs=[]")
    stacked = tf.nest.map_structure(lambda *steps: tf.stack(steps), *inputs)
    outputs, state = over_time(
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

    Args:
        cell_fw: As for `bidirectional_dynamic_rnn`.
        cell_bw: As for `bidirectional_dynamic_rnn`.
        inputs: A list over time of `[batch, depth]`.
        initial_state_fw: As for `bidirectional_dynamic_rnn`.
        initial_state_bw: As for `bidirectional_dynamic_rnn`.
        dtype: Of zeros for states; due where one is not given.
        sequence_length: As for `dynamic_rnn`.
        scope: Not used.

    Returns:
        `(outputs, state_fw, state_bw)`, the outputs of both directions side by side, a list.

    Raises:
        ValueError: As for `dynamic_rnn`.
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
    """`tf.contrib.rnn.stack_bidirectional_rnn`: `stack_bidirectional_dynamic_rnn` over a list.

    Args:
        cells_fw: As for `stack_bidirectional_dynamic_rnn`.
        cells_bw: As for `stack_bidirectional_dynamic_rnn`.
        inputs: A list over time of `[batch, depth]`.
        initial_states_fw: As for `stack_bidirectional_dynamic_rnn`.
        initial_states_bw: As for `stack_bidirectional_dynamic_rnn`.
        dtype: Of zeros for states; due where one is not given.
        sequence_length: As for `dynamic_rnn`.
        scope: Not used.

    Returns:
        `(outputs, states_fw, states_bw)`, the outputs a list.

    Raises:
        ValueError: As for `stack_bidirectional_dynamic_rnn`.
    """
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

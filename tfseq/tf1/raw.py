"""TensorFlow 1's loop that the caller steers, and its cells for a whole sequence at once."""

import tensorflow as tf

from tfseq.steps import where_real
from tfseq.tf1.cells import LSTMStateTuple
from tfseq.tf1.compatible_cells import LSTMBlockCell
from tfseq.tf1.loops import dynamic_rnn, prepare


def raw_rnn(cell, loop_fn, parallel_iterations=None, swap_memory=False, scope=None):
    """`tf.nn.raw_rnn`: a loop whose inputs, states and outputs a function decides.

        finished, input, state, emit, loop_state = loop_fn(time, output, new_state, loop_state)

    It is first called as `loop_fn(0, None, None, None)`, where `state` is the first state and
    `emit` the structure of one row's output (`None`: that of the cell). Then, from time 1 on, with
    what the cell has given. A row that has finished emits zeros and keeps its state.

    Args:
        cell: A cell of `tfseq.tf1`, or your own `RNNCell`.
        loop_fn: See above. A `loop_state` of `None` stays what it was.
        parallel_iterations: Not used.
        swap_memory: Not used.
        scope: Not used.

    Returns:
        `(emit_ta, final_state, final_loop_state)`, the first a nest of `TensorArray`s over time.

    Raises:
        TypeError: `loop_fn` is not callable.
    """
    if not callable(loop_fn):
        raise TypeError(f"loop_fn must be a callable. Received: loop_fn={loop_fn!r}")
    finished, inputs, state, emit, loop_state = loop_fn(tf.constant(0), None, None, None)
    inputs, state = tf.nest.map_structure(tf.convert_to_tensor, (inputs, state))
    prepare(cell, inputs)
    batch = tf.shape(tf.nest.flatten(inputs)[0])[0]
    zeros = _zero_emit(cell, emit, batch, tf.nest.flatten(state)[0].dtype)
    keeps_loop_state = loop_state is not None
    arrays = [
        tf.TensorArray(zero.dtype, size=0, dynamic_size=True) for zero in tf.nest.flatten(zeros)
    ]

    def body(time, finished, inputs, state, loop_state, arrays):
        output, new_state = cell(inputs, state)
        given = loop_state if keeps_loop_state else None
        now_finished, inputs, new_state, emit, new_loop_state = loop_fn(
            time + 1, output, new_state, given
        )

        def hold(new, old):
            held = where_real(~finished, tf.convert_to_tensor(new), old)
            return tf.ensure_shape(held, old.shape)

        emit = tf.nest.map_structure(hold, output if emit is None else emit, zeros)
        state = tf.nest.map_structure(hold, new_state, state)
        arrays = [a.write(time, x) for a, x in zip(arrays, tf.nest.flatten(emit), strict=True)]
        if new_loop_state is not None and keeps_loop_state:
            loop_state = new_loop_state
        return time + 1, finished | now_finished, inputs, state, loop_state, arrays

    loop_state = loop_state if keeps_loop_state else ()
    variables = tf.constant(0), tf.convert_to_tensor(finished), inputs, state, loop_state, arrays
    _, _, _, state, loop_state, arrays = tf.while_loop(
        lambda time, finished, *_: ~tf.reduce_all(finished), body, variables
    )
    emitted = tf.nest.pack_sequence_as(zeros, arrays)
    return emitted, state, loop_state if keeps_loop_state else None


def _zero_emit(cell, emit, batch, dtype):
    """What a row emits that has finished."""
    if emit is None:
        return tf.nest.map_structure(
            lambda size: tf.zeros([batch, *tf.TensorShape(size)], dtype), cell.output_size
        )
    return tf.nest.map_structure(
        lambda one: tf.zeros(tf.concat([[batch], tf.shape(one)], axis=0), one.dtype),
        tf.nest.map_structure(tf.convert_to_tensor, emit),
    )


class LSTMBlockFusedCell(LSTMBlockCell):
    """`tf.contrib.rnn.LSTMBlockFusedCell`: the numbers of `LSTMCell` over a whole sequence.

    Call arguments:
        inputs: `[time, batch, depth]`, or a list over time.
        initial_state: `(c, h)`; by default zeros.
        dtype: Of those zeros.
        sequence_length: Integers `[batch]`: past it outputs are zero, and the state stays.

    Returns:
        `(outputs, LSTMStateTuple(c, h))`, the outputs as the inputs were.
    """

    def __init__(
        self,
        num_units,
        forget_bias=1.0,
        cell_clip=None,
        use_peephole=False,
        reuse=None,
        dtype=None,
        name="lstm_fused_cell",
    ):
        super().__init__(num_units, forget_bias, cell_clip, use_peephole, dtype, reuse, name)

    def __call__(self, inputs, initial_state=None, dtype=None, sequence_length=None, scope=None):
        is_list = isinstance(inputs, (list, tuple))
        inputs = tf.stack(inputs) if is_list else tf.convert_to_tensor(inputs)
        if initial_state is not None:
            initial_state = LSTMStateTuple(*initial_state)
        outputs, state = dynamic_rnn(
            _OneStep(self),
            inputs,
            sequence_length,
            initial_state,
            dtype,
            time_major=True,
        )
        return (tf.unstack(outputs) if is_list else outputs), state


class _OneStep(LSTMBlockCell):
    """One step of a fused cell, whose own call is a whole sequence: the same cell inside."""

    def __init__(self, fused):
        self.__dict__.update(vars(fused))
        self.fused = fused

    def ensure_built(self, inputs):
        """Build the fused cell."""
        self.fused.ensure_built(inputs)


class TimeReversedFusedRNN:
    """`tf.contrib.rnn.TimeReversedFusedRNN`: a fused cell that reads from the end.

    Args:
        cell: Such as `LSTMBlockFusedCell`, whose call arguments it takes.
    """

    def __init__(self, cell):
        self._cell = cell

    def __call__(self, inputs, initial_state=None, dtype=None, sequence_length=None, scope=None):
        is_list = isinstance(inputs, (list, tuple))
        inputs = tf.stack(inputs) if is_list else tf.convert_to_tensor(inputs)

        def backward(values):
            if sequence_length is None:
                return tf.reverse(values, [0])
            return tf.reverse_sequence(values, sequence_length, seq_axis=0, batch_axis=1)

        outputs, state = self._cell(
            backward(inputs), initial_state, dtype, sequence_length=sequence_length
        )
        outputs = backward(outputs)
        return (tf.unstack(outputs) if is_list else outputs), state

    def named_variables(self):
        """The cell's."""
        return self._cell.named_variables()

"""TensorFlow 1's decoders, and the loop that runs them."""

import collections
import contextlib
import functools

import tensorflow as tf

from tfseq.steps import swap_batch_and_time, where_real
from tfseq.tf1.cells import variables_by_name
from tfseq.tf1.loops import prepare

BasicDecoderOutput = collections.namedtuple("BasicDecoderOutput", ["rnn_output", "sample_id"])


class Decoder:
    """What `dynamic_decode` runs; subclass it to have one of your own.

    A subclass has `batch_size`, `output_size`, `output_dtype` and

        initialize() -> (finished, first inputs, first state)
        step(time, inputs, state) -> (outputs, next_state, next_inputs, finished)
        finalize(outputs, final_state, sequence_lengths) -> (outputs, final_state)    if it likes
    """

    @property
    def batch_size(self):
        """A scalar tensor."""
        raise NotImplementedError("A decoder must have `batch_size`.")

    @property
    def output_size(self):
        """Nest of shapes of one output of a row."""
        raise NotImplementedError("A decoder must have `output_size`.")

    @property
    def output_dtype(self):
        """Nest of types like `output_size`."""
        raise NotImplementedError("A decoder must have `output_dtype`.")

    @property
    def tracks_own_finished(self):
        """Whether a row that has finished may go on, as beams do that change places."""
        return False

    def initialize(self, name=None):
        """`(finished, inputs, state)`."""
        raise NotImplementedError("A decoder must define `initialize()`.")

    def step(self, time, inputs, state, name=None):
        """`(outputs, next_state, next_inputs, finished)`."""
        raise NotImplementedError("A decoder must define `step(time, inputs, state)`.")

    def finalize(self, outputs, final_state, sequence_lengths):
        """`(outputs, final_state)` from those of all steps."""
        raise NotImplementedError


class CellDecoder(Decoder):
    """A decoder around a cell and a layer on its outputs.

    Args:
        cell: A cell of `tfseq.tf1`, or your own.
        initial_state: Its state before the first step.
        output_layer: A layer on the cell's outputs, or `None`.
    """

    def __init__(self, cell, initial_state, output_layer=None):
        if not (hasattr(cell, "state_size") and callable(cell)):
            raise TypeError(f"cell must be an RNNCell. Received: {cell!r}")
        if output_layer is not None and not callable(output_layer):
            raise TypeError(f"output_layer must be a Layer. Received: {output_layer!r}")
        self._cell = cell
        self._initial_state = initial_state
        self._output_layer = output_layer

    def run_cell(self, inputs, state):
        """One step: `(outputs, state)`, the output layer applied."""
        outputs, state = self._cell(inputs, state)
        return outputs if self._output_layer is None else self._output_layer(outputs), state

    def prepare(self, inputs):
        """Make all variables before the loop."""
        prepare(self._cell, inputs)
        layer = self._output_layer
        if layer is not None and not getattr(layer, "built", True):
            with tf.init_scope():
                layer.build((None, self._cell.output_size))

    def rnn_output_size(self):
        """What comes out of a step."""
        size = self._cell.output_size
        if self._output_layer is None:
            return size
        shape = self._output_layer.compute_output_shape((1, *tf.TensorShape(size)))
        return tf.TensorShape(shape[1:])

    def named_variables(self):
        """`{TF1 name: variable}`, below `decoder/`."""
        found = variables_by_name(self._cell)
        layer = self._output_layer
        for variable in getattr(layer, "variables", ()):
            found[f"{layer.name}/{variable.name}"] = getattr(variable, "value", variable)
        return {
            name if name.startswith("memory_layer") else f"decoder/{name}": variable
            for name, variable in found.items()
        }


class BasicDecoder(CellDecoder):
    """`tf.contrib.seq2seq.BasicDecoder`: a cell, a helper, a layer on the outputs.

    Args:
        cell: A cell of `tfseq.tf1`, or your own.
        helper: A `Helper`.
        initial_state: The cell's state before the first step.
        output_layer: A layer on the cell's outputs, or `None`.
    """

    def __init__(self, cell, helper, initial_state, output_layer=None):
        super().__init__(cell, initial_state, output_layer)
        if not hasattr(helper, "next_inputs"):
            raise TypeError(f"helper must be a Helper. Received: {helper!r}")
        self._helper = helper

    @property
    def batch_size(self):
        """The helper's."""
        return self._helper.batch_size

    @property
    def output_size(self):
        """Of the outputs, and of the samples."""
        return BasicDecoderOutput(self.rnn_output_size(), self._helper.sample_ids_shape)

    @property
    def output_dtype(self):
        """That of the state, and that of the samples."""
        dtype = tf.convert_to_tensor(tf.nest.flatten(self._initial_state)[0]).dtype
        size = self.rnn_output_size()
        return BasicDecoderOutput(
            tf.nest.map_structure(lambda _: dtype, size), self._helper.sample_ids_dtype
        )

    def initialize(self, name=None):
        """The helper's first inputs, and the initial state."""
        finished, inputs = self._helper.initialize()
        self.prepare(inputs)
        return finished, inputs, self._initial_state

    def step(self, time, inputs, state, name=None):
        """One step of the cell, a sample, and what is fed next."""
        outputs, state = self.run_cell(inputs, state)
        sample_ids = self._helper.sample(time=time, outputs=outputs, state=state)
        finished, inputs, state = self._helper.next_inputs(
            time=time, outputs=outputs, state=state, sample_ids=sample_ids
        )
        return BasicDecoderOutput(outputs, sample_ids), state, inputs, finished


def dynamic_decode(
    decoder,
    output_time_major=False,
    impute_finished=False,
    maximum_iterations=None,
    parallel_iterations=32,
    swap_memory=False,
    scope=None,
):
    """`tf.contrib.seq2seq.dynamic_decode`: run a decoder until all rows have finished.

    Args:
        decoder: A `Decoder`.
        output_time_major: Whether outputs are `[time, batch, ...]`.
        impute_finished: Whether a row that has finished gives zeros and keeps its state. Otherwise
            it goes on being computed.
        maximum_iterations: Most steps; `None`: until all rows have finished.
        parallel_iterations: Not used.
        swap_memory: Not used.
        scope: Not used.

    Returns:
        `(outputs, final_state, sequence_lengths)`: the outputs of as many steps as were run.

    Raises:
        TypeError: `decoder` is no decoder.
        ValueError: `maximum_iterations` is no scalar.
    """
    if not (hasattr(decoder, "initialize") and hasattr(decoder, "step")):
        raise TypeError(f"Expected decoder to be type Decoder. Received: {decoder!r}")
    limit = None if maximum_iterations is None else tf.cast(maximum_iterations, tf.int32)
    if limit is not None and limit.shape.rank != 0:
        raise ValueError(f"maximum_iterations must be a scalar. Received: shape {limit.shape}")
    finished, inputs, state = decoder.initialize()
    zeros = _zero_outputs(decoder)
    if limit is not None:
        finished = finished | (limit <= 0)
    arrays = [
        tf.TensorArray(z.dtype, size=0, dynamic_size=True, element_shape=z.shape)
        for z in tf.nest.flatten(zeros)
    ]
    variables = (
        tf.constant(0),
        arrays,
        tf.nest.map_structure(_as_tensor, state),
        inputs,
        finished,
        tf.zeros_like(finished, tf.int32),
    )
    _, arrays, state, _, _, lengths = tf.while_loop(
        lambda time, arrays, state, inputs, finished, lengths: ~tf.reduce_all(finished),
        functools.partial(_body, decoder, impute_finished, zeros),
        variables,
        _loose_shapes(variables),
        maximum_iterations=limit,
    )
    outputs = tf.nest.pack_sequence_as(zeros, [array.stack() for array in arrays])
    with contextlib.suppress(NotImplementedError):
        outputs, state = decoder.finalize(outputs, state, lengths)
    if not output_time_major:
        outputs = tf.nest.map_structure(swap_batch_and_time, outputs)
    return outputs, state, lengths


def _body(decoder, impute_finished, zeros, time, arrays, state, inputs, finished, lengths):
    outputs, new_state, next_inputs, now_finished = decoder.step(time, inputs, state)
    lengths = tf.where(finished, lengths, time + 1)
    if impute_finished:
        hold = functools.partial(where_real, ~finished)
        outputs = tf.nest.map_structure(hold, outputs, zeros, check_types=False)
        new_state = tf.nest.map_structure(hold, new_state, state)
    if not decoder.tracks_own_finished:
        now_finished |= finished
    flat = tf.nest.flatten(outputs)
    arrays = [array.write(time, value) for array, value in zip(arrays, flat, strict=True)]
    return time + 1, arrays, new_state, next_inputs, now_finished, lengths


def _zero_outputs(decoder):
    return tf.nest.map_structure(
        lambda size, dtype: tf.zeros([decoder.batch_size, *tf.TensorShape(size)], dtype),
        decoder.output_size,
        decoder.output_dtype,
    )


def _as_tensor(value):
    return value if isinstance(value, tf.TensorArray) else tf.convert_to_tensor(value)


def _loose_shapes(variables):
    """The shapes of the loop's variables, the numbers of rows and of times left open."""

    def loose(value):
        if isinstance(value, tf.TensorArray):
            return None
        fixed = value.shape[-1:] if (value.shape.rank or 0) > 1 else []
        return tf.TensorShape([*[None] * ((value.shape.rank or 0) - len(fixed)), *fixed])

    return tf.nest.map_structure(loose, variables)

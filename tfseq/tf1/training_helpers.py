"""TensorFlow 1's helpers that feed the truth, or by chance what was found in its place."""

from typing import Any

import tensorflow as tf

from tfseq.steps import leading_sizes, swap_batch_and_time
from tfseq.tf1.checks import lengths_of
from tfseq.tf1.helpers import Helper, draw, embedding_function, greatest


class TrainingHelper(Helper):
    """`tf.contrib.seq2seq.TrainingHelper`: the true inputs, whatever the outputs are.

    Args:
        inputs: Nest of `[batch, time, ...]`.
        sequence_length: Integers `[batch]`.
        time_major: Whether inputs are `[time, batch, ...]`.
        name: Not used.

    Raises:
        ValueError: `sequence_length` is no vector of the batch's size.
        InvalidArgumentError: It is longer than time.
    """

    def __init__(self, inputs, sequence_length, time_major=False, name=None):
        inputs = tf.nest.map_structure(tf.convert_to_tensor, inputs)
        if not time_major:
            inputs = tf.nest.map_structure(swap_batch_and_time, inputs)
        self._inputs = inputs
        self._arrays = tf.nest.map_structure(array_of, inputs)
        time, batch = leading_sizes(tf.nest.flatten(inputs)[0])
        self._sequence_length = lengths_of(sequence_length, batch, time)

    @property
    def inputs(self):
        """`[time, batch, ...]`."""
        return self._inputs

    @property
    def sequence_length(self):
        """`[batch]`."""
        return self._sequence_length

    @property
    def batch_size(self):
        """Of the lengths."""
        return tf.size(self._sequence_length)

    def initialize(self, name=None):
        """The first inputs."""
        return self._at(0)

    def sample(self, time, outputs, state, name=None):
        """The likeliest id."""
        return greatest(outputs)

    def next_inputs(self, time, outputs, state, sample_ids, name=None):
        """The inputs of the next time."""
        return *self._at(time + 1), state

    def _at(self, time):
        finished = time >= self._sequence_length
        zeros = tf.nest.map_structure(lambda x: tf.zeros_like(x[0]), self._inputs)

        def read():
            return tf.nest.map_structure(lambda array: array.read(time), self._arrays)

        return finished, tf.cond(tf.reduce_all(finished), lambda: zeros, read)


def array_of(values):
    """`[time, ...]` as a `TensorArray`, each step of which can be read again."""
    size = tf.shape(values)[0]
    array = tf.TensorArray(
        values.dtype, size, element_shape=values.shape[1:], clear_after_read=False
    )
    return array.unstack(values)


class ScheduledEmbeddingTrainingHelper(TrainingHelper):
    """`tf.contrib.seq2seq.ScheduledEmbeddingTrainingHelper`: by chance a drawn id is fed.

    A sample is the drawn id, or -1 where the truth is fed.

    Args:
        inputs: `[batch, time, depth]`.
        sequence_length: Integers `[batch]`.
        embedding: `[vocabulary, depth]`, or a function of ids.
        sampling_probability: To feed a drawn id, one number or `[batch]`.
        time_major: Whether inputs are `[time, batch, depth]`.
        seed: Of the ids. With a seed the draws of a time are always the same.
        scheduling_seed: Of the choices, likewise.
        name: Not used.
    """

    def __init__(
        self,
        inputs,
        sequence_length,
        embedding,
        sampling_probability,
        time_major=False,
        seed=None,
        scheduling_seed=None,
        name=None,
    ):
        self._embed = embedding_function(embedding)
        self._probability = checked_probability(sampling_probability)
        self._seed, self._scheduling_seed = seed, scheduling_seed
        super().__init__(inputs, sequence_length, time_major)

    def sample(self, time, outputs, state, name=None):
        """Drawn ids, -1 where there is none."""
        chosen = flip(self._probability, self.batch_size, self._scheduling_seed, time)
        return tf.where(chosen, draw(outputs, self._seed, time), -1)

    def next_inputs(self, time, outputs, state, sample_ids, name=None):
        """The vector of the drawn id, or the truth."""
        finished, truth, state = super().next_inputs(time, outputs, state, sample_ids)
        drawn: Any = self._embed(tf.maximum(sample_ids, 0))
        inputs = tf.where((sample_ids > -1)[:, None], drawn, truth)
        return finished, tf.where(tf.reduce_all(finished), truth, inputs), state


class ScheduledOutputTrainingHelper(TrainingHelper):
    """`tf.contrib.seq2seq.ScheduledOutputTrainingHelper`: by chance the output itself is fed.

    A sample is 1 where the output is fed, 0 where the truth is.

    Args:
        inputs: `[batch, time, depth]`.
        sequence_length: Integers `[batch]`.
        sampling_probability: To feed the output, one number or `[batch]`.
        time_major: Whether inputs are `[time, batch, depth]`.
        seed: Of the choices. With a seed those of a time are always the same.
        next_inputs_fn: From outputs to inputs; `None`: the outputs themselves.
        auxiliary_inputs: `[batch, time, more]`, side by side with either.
        name: Not used.
    """

    def __init__(
        self,
        inputs,
        sequence_length,
        sampling_probability,
        time_major=False,
        seed=None,
        next_inputs_fn=None,
        auxiliary_inputs=None,
        name=None,
    ):
        self._probability = checked_probability(sampling_probability)
        self._seed = seed
        self._next_inputs_fn = next_inputs_fn or (lambda outputs: outputs)
        self._auxiliary = None
        if auxiliary_inputs is not None:
            auxiliary_inputs = tf.convert_to_tensor(auxiliary_inputs)
            inputs = tf.concat([inputs, auxiliary_inputs], axis=-1)
            by_time = auxiliary_inputs if time_major else swap_batch_and_time(auxiliary_inputs)
            self._auxiliary = array_of(by_time)
        super().__init__(inputs, sequence_length, time_major)

    def sample(self, time, outputs, state, name=None):
        """1 where the output is fed."""
        return tf.cast(flip(self._probability, self.batch_size, self._seed, time), tf.int32)

    def next_inputs(self, time, outputs, state, sample_ids, name=None):
        """The output, or the truth."""
        finished, truth, state = super().next_inputs(time, outputs, state, sample_ids)

        def mixed():
            own = self._next_inputs_fn(outputs)
            if self._auxiliary is not None:
                own = tf.concat([own, self._auxiliary.read(time + 1)], axis=-1)
            return tf.where(tf.cast(sample_ids, tf.bool)[:, None], own, truth)

        return finished, tf.cond(tf.reduce_all(finished), lambda: truth, mixed), state


def flip(probability, batch, seed, time):
    """For each row, with a probability, `True`."""
    if seed is None:
        noise = tf.random.uniform([batch])
    else:
        noise = tf.random.stateless_uniform([batch], seed=tf.stack([seed, time]))
    return noise < tf.cast(probability, tf.float32)


def checked_probability(probability):
    """One number or a vector."""
    probability = tf.convert_to_tensor(probability)
    if probability.shape.rank not in (0, 1):
        raise ValueError(
            "sampling_probability must be either a scalar or a vector. "
            f"Received: shape {probability.shape}"
        )
    return probability

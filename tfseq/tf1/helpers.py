"""TensorFlow 1's helpers: what a `BasicDecoder` is fed next."""

from typing import Any

import tensorflow as tf

from tfseq.steps import leading_sizes, swap_batch_and_time
from tfseq.tf1.checks import lengths_of


class Helper:
    """What a `BasicDecoder` asks; subclass it to have one of your own.

    A subclass has `batch_size`, `sample_ids_shape`, `sample_ids_dtype` and

        initialize() -> (finished, first inputs)
        sample(time, outputs, state) -> sample_ids
        next_inputs(time, outputs, state, sample_ids) -> (finished, next_inputs, next_state)
    """

    @property
    def batch_size(self):
        """A scalar tensor."""
        raise NotImplementedError("A helper must have `batch_size`.")

    @property
    def sample_ids_shape(self):
        """Shape of one sample."""
        return tf.TensorShape([])

    @property
    def sample_ids_dtype(self):
        """Type of a sample."""
        return tf.int32

    def initialize(self, name=None):
        """Before the first step: `(finished, inputs)`."""
        raise NotImplementedError("A helper must define `initialize()`.")

    def sample(self, time, outputs, state, name=None):
        """Ids from outputs."""
        raise NotImplementedError("A helper must define `sample(time, outputs, state)`.")

    def next_inputs(self, time, outputs, state, sample_ids, name=None):
        """`(finished, next_inputs, next_state)`."""
        raise NotImplementedError("A helper must define `next_inputs(...)`.")


def greatest(outputs):
    """The likeliest id of each row."""
    return tf.argmax(outputs, axis=-1, output_type=tf.int32)


def draw(logits, seed, time):
    """An id of each row by chance; with a seed it depends on that and the time alone."""
    if seed is None:
        found = tf.random.categorical(logits, 1)
    else:
        found = tf.random.stateless_categorical(logits, 1, seed=tf.stack([seed, time]))
    return tf.cast(found[:, 0], tf.int32)


def flip(probability, batch, seed, time):
    """For each row, with a probability, `True`."""
    if seed is None:
        noise = tf.random.uniform([batch])
    else:
        noise = tf.random.stateless_uniform([batch], seed=tf.stack([seed, time]))
    return noise < tf.cast(probability, tf.float32)


class CustomHelper(Helper):
    """`tf.contrib.seq2seq.CustomHelper`: three functions."""

    def __init__(
        self,
        initialize_fn,
        sample_fn,
        next_inputs_fn,
        sample_ids_shape=None,
        sample_ids_dtype=None,
    ):
        self._initialize_fn = initialize_fn
        self._sample_fn = sample_fn
        self._next_inputs_fn = next_inputs_fn
        self._batch_size = None
        self._shape = tf.TensorShape(sample_ids_shape or [])
        self._dtype = sample_ids_dtype or tf.int32

    @property
    def batch_size(self):
        """Known after `initialize`."""
        if self._batch_size is None:
            raise ValueError("batch_size accessed before initialize was called")
        return self._batch_size

    @property
    def sample_ids_shape(self):
        """As it was given."""
        return self._shape

    @property
    def sample_ids_dtype(self):
        """As it was given."""
        return self._dtype

    def initialize(self, name=None):
        """By the function."""
        finished, inputs = self._initialize_fn()
        self._batch_size = tf.size(finished)
        return finished, inputs

    def sample(self, time, outputs, state, name=None):
        """By the function."""
        return self._sample_fn(time=time, outputs=outputs, state=state)

    def next_inputs(self, time, outputs, state, sample_ids, name=None):
        """By the function."""
        return self._next_inputs_fn(time=time, outputs=outputs, state=state, sample_ids=sample_ids)


class TrainingHelper(Helper):
    """`tf.contrib.seq2seq.TrainingHelper`: the true inputs, whatever the outputs are.

    Args:
        inputs: Nest of `[batch, time, ...]`.
        sequence_length: Integers `[batch]`.
        time_major: Whether inputs are `[time, batch, ...]`.

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


class GreedyEmbeddingHelper(Helper):
    """`tf.contrib.seq2seq.GreedyEmbeddingHelper`: the vector of the likeliest id.

    Args:
        embedding: `[vocabulary, depth]`, or a function of ids.
        start_tokens: `[batch]`, fed first.
        end_token: The id a row ends with.

    Raises:
        ValueError: `start_tokens` is no vector, or `end_token` no scalar.
    """

    def __init__(self, embedding, start_tokens, end_token):
        self._embed = embedding_function(embedding)
        self._start_tokens = tf.cast(start_tokens, tf.int32)
        self._end_token = tf.cast(end_token, tf.int32)
        if self._start_tokens.shape.rank != 1:
            raise ValueError(
                f"start_tokens must be a vector. Received: shape {self._start_tokens.shape}"
            )
        if self._end_token.shape.rank != 0:
            raise ValueError(f"end_token must be a scalar. Received: shape {self._end_token.shape}")
        self._start_inputs = self._embed(self._start_tokens)

    @property
    def batch_size(self):
        """Of the start tokens."""
        return tf.size(self._start_tokens)

    def initialize(self, name=None):
        """The vectors of the start tokens."""
        return tf.zeros_like(self._start_tokens, tf.bool), self._start_inputs

    def sample(self, time, outputs, state, name=None):
        """The likeliest id."""
        if not tf.is_tensor(outputs):
            raise TypeError(f"Expected outputs to be a single Tensor. Received: {outputs!r}")
        return greatest(outputs)

    def next_inputs(self, time, outputs, state, sample_ids, name=None):
        """The vectors of the sampled ids."""
        return tf.equal(sample_ids, self._end_token), self._embed(sample_ids), state


class SampleEmbeddingHelper(GreedyEmbeddingHelper):
    """`tf.contrib.seq2seq.SampleEmbeddingHelper`: an id is drawn.

    Args:
        embedding: As for `GreedyEmbeddingHelper`.
        start_tokens: Likewise.
        end_token: Likewise.
        softmax_temperature: The logits are divided by it.
        seed: With a seed the draws of a time are always the same.
    """

    def __init__(self, embedding, start_tokens, end_token, softmax_temperature=None, seed=None):
        super().__init__(embedding, start_tokens, end_token)
        self._temperature = softmax_temperature
        self._seed = seed

    def sample(self, time, outputs, state, name=None):
        """A drawn id."""
        logits = outputs if self._temperature is None else outputs / self._temperature
        return draw(logits, self._seed, time)


class InferenceHelper(Helper):
    """`tf.contrib.seq2seq.InferenceHelper`: samples of any kind are fed.

    Args:
        sample_fn: From outputs to samples.
        sample_shape: Of one sample.
        sample_dtype: Of samples.
        start_inputs: `[batch, ...]`, fed first.
        end_fn: From samples to `[batch]` booleans.
        next_inputs_fn: From samples to inputs; `None`: the samples themselves.
    """

    def __init__(
        self, sample_fn, sample_shape, sample_dtype, start_inputs, end_fn, next_inputs_fn=None
    ):
        self._sample_fn = sample_fn
        self._end_fn = end_fn
        self._shape = tf.TensorShape(sample_shape)
        self._dtype = sample_dtype
        self._next_inputs_fn = next_inputs_fn or (lambda samples: samples)
        self._start_inputs = tf.convert_to_tensor(start_inputs)

    @property
    def batch_size(self):
        """Of the start inputs."""
        return tf.shape(self._start_inputs)[0]

    @property
    def sample_ids_shape(self):
        """As it was given."""
        return self._shape

    @property
    def sample_ids_dtype(self):
        """As it was given."""
        return self._dtype

    def initialize(self, name=None):
        """The start inputs."""
        return tf.zeros([self.batch_size], tf.bool), self._start_inputs

    def sample(self, time, outputs, state, name=None):
        """By the function."""
        return self._sample_fn(outputs)

    def next_inputs(self, time, outputs, state, sample_ids, name=None):
        """By the functions."""
        return self._end_fn(sample_ids), self._next_inputs_fn(sample_ids), state


def embedding_function(embedding):
    """A matrix, or a function of ids, as a function of ids."""
    if callable(embedding):
        return embedding
    return lambda ids: tf.gather(embedding, ids)


def checked_probability(probability):
    """One number or a vector."""
    probability = tf.convert_to_tensor(probability)
    if probability.shape.rank not in (0, 1):
        raise ValueError(
            "sampling_probability must be either a scalar or a vector. "
            f"Received: shape {probability.shape}"
        )
    return probability

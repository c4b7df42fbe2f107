"""TensorFlow 1's helpers that feed what was found: the likeliest, what is drawn, your own.

Those that feed the truth are in `tfseq.tf1.training_helpers`.
"""

import tensorflow as tf


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


class CustomHelper(Helper):
    """`tf.contrib.seq2seq.CustomHelper`: three functions.

    Args:
        initialize_fn: `f() -> (finished, inputs)`, before the first step.
        sample_fn: `f(time=, outputs=, state=) -> sample_ids`.
        next_inputs_fn: `f(time=, outputs=, state=, sample_ids=) -> (finished, inputs, state)`.
        sample_ids_shape: Of one row's sample; `None`: a scalar.
        sample_ids_dtype: Of samples; `None`: `int32`.
    """

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

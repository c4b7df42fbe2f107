"""Words as vectors, and the softmax over words: two layers that may share one matrix."""

from typing import Any

import keras
import tensorflow as tf
from keras import ops

from tfseq.cells.base import check_rate, check_units
from tfseq.models.head import Head


@keras.saving.register_keras_serializable("tfseq")
class Embedding(keras.Layer):
    """A vector for each word.

        x = E[w]                            E  [vocabulary, units]
        scores(o) = o E' + b                the softmax tied to the embedding

    Args:
        vocabulary_size: Number of word ids; ids run from 0.
        units: Width of the vectors.
        rate: Dropout of the vectors' entries.
        word_rate: Share of the word types whose vectors are dropped in each training step.
        limit: The vectors start uniform in `[-limit, limit]`.
        tied: Whether there is a bias for `scores`.
        seed: Seed of vectors and dropout.

    Call arguments:
        ids: `[...]` integers.

    Returns:
        `[..., units]`.

    References: tied weights: Press & Wolf, 2017, arXiv:1608.05859, and Inan et al., 2017,
    arXiv:1611.01462; word dropout: Gal & Ghahramani, 2016, arXiv:1512.05287.
    """

    def __init__(
        self,
        vocabulary_size,
        units,
        *,
        rate=0.0,
        word_rate=0.0,
        limit=0.1,
        tied=False,
        seed=None,
        **kwargs,
    ):
        super().__init__(**kwargs)
        self.vocabulary_size = check_units(vocabulary_size, "vocabulary_size")
        self.units = check_units(units)
        self.rate = check_rate(rate)
        self.word_rate = check_rate(word_rate, "word_rate")
        self.limit = limit
        self.tied = tied
        self.seed = seed
        self.seed_generator = keras.random.SeedGenerator(seed)

    def build(self, ids_shape=None):
        self.embeddings = self.add_weight(
            (self.vocabulary_size, self.units),
            initializer=keras.initializers.RandomUniform(-self.limit, self.limit, seed=self.seed),
            name="embeddings",
        )
        if self.tied:
            self.bias = self.add_weight((self.vocabulary_size,), initializer="zeros", name="bias")

    def call(self, ids, training=False):
        # From the variable: rows are read, not the whole of it, and its gradient has those rows.
        vectors = tf.gather(self.embeddings.value, ops.cast(ids, "int32"))
        vectors = ops.cast(vectors, self.compute_dtype)
        if training and self.word_rate:
            kept = ops.ones((self.vocabulary_size, 1), self.compute_dtype)
            vectors = vectors * ops.take(self._drop(kept, self.word_rate), ids, axis=0)
        return self._drop(vectors, self.rate) if training and self.rate else vectors

    def _drop(self, values, rate):
        return keras.random.dropout(values, rate, seed=self.seed_generator)

    def head(self):
        """The softmax tied to the embedding, as a `Head`."""
        return Head(self.embeddings, self.bias, self.compute_dtype, tied=True)

    def kernel(self):
        """`E'`, `[units, vocabulary]`: laid out once for a loop, whose products are faster so."""
        return ops.transpose(ops.cast(self.embeddings, self.compute_dtype))

    def scores(self, outputs, kernel=()):
        """Scores of all words, `[..., vocabulary]`, in float32 whatever the policy."""
        kernel = self.kernel() if isinstance(kernel, tuple) else kernel
        scores = ops.matmul(ops.cast(outputs, self.compute_dtype), kernel)
        wide: Any = (ops.cast(values, "float32") for values in (scores, self.bias))
        # In one operation with the product, where that is a plain one.
        return tf.nn.bias_add(*wide)

    def get_config(self):
        names = ("vocabulary_size", "units", "rate", "word_rate", "limit", "tied", "seed")
        return {**super().get_config(), **{name: getattr(self, name) for name in names}}

"""N to 1: a text in, a label out."""

import keras
import tensorflow as tf
from keras import ops

from tfseq.cells.base import check_rate, check_units
from tfseq.models.pooling import POOLINGS


@keras.saving.register_keras_serializable("tfseq")
class Classifier(keras.Model):
    """The probability of each label of a text.

        a_1 .. a_n, e = encoder(w_1 .. w_n)     e: what its ways say behind their last words
        v = e, or mean_t a_t, or max_t a_t,     by the pooling `last`, `mean`, `max`,
            or [mean_t a_t; max_t a_t]          `mean_max`
        p(label) = softmax(v W + b)

    A row's answer does not depend on how long its neighbours are: what is masked is neither read
    nor pooled. Of a row without words `v` is zero.

    Args:
        encoder: An `Encoder`.
        classes: Number of labels.
        pooling: One of `POOLINGS`.
        rate: Dropout of `v`.
        seed: Seed of that dropout.

    Call arguments:
        ids: `[batch, time]` integers, or what else the encoder's embedding reads.
        mask: `[batch, time]` booleans, `True` = a real word.

    Returns:
        Logits `[batch, classes]`, in float32 whatever the policy.

    References: Graves, 2012, "Supervised sequence labelling with recurrent neural networks";
    max over time: Collobert et al., 2011, arXiv:1103.0398; Conneau et al., 2017, arXiv:1705.02364.
    """

    def __init__(self, encoder, classes, *, pooling="last", rate=0.0, seed=None, **kwargs):
        super().__init__(**kwargs)
        self.supports_masking = True
        if pooling not in POOLINGS:
            raise ValueError(
                f"`pooling` must be one of {', '.join(POOLINGS)}. Received: {pooling=}"
            )
        self.encoder = encoder
        self.classes = check_units(classes, "classes")
        self.pooling = pooling
        self.rate = check_rate(rate)
        self.seed = seed
        self.seed_generator = keras.random.SeedGenerator(seed)
        self.softmax = keras.layers.Dense(classes, dtype=self.dtype_policy, name="softmax")

    def build(self, ids_shape=None):
        """Create all variables, by one pass over two words."""
        with tf.init_scope():
            ids = tf.ones((1, 2), tf.int32)
            self.encoder(ids)
            self.softmax(self.vectors(ids))
        self.built = True

    def call(self, ids, mask=None, training=False):
        vectors = self.vectors(ids, mask, training)
        if training and self.rate:
            vectors = keras.random.dropout(vectors, self.rate, seed=self.seed_generator)
        return ops.cast(self.softmax(vectors), "float32")

    def compute_mask(self, *_, **__):
        """None: there is no time left."""

    def vectors(self, ids, mask=None, training=False):
        """What the softmax reads: a vector for each text, `[batch, depth]`."""
        return POOLINGS[self.pooling](self.encoder.read(ids, mask, training), mask)

    def get_config(self):
        return {
            **super().get_config(),
            "encoder": keras.saving.serialize_keras_object(self.encoder),
            "classes": self.classes,
            "pooling": self.pooling,
            "rate": self.rate,
            "seed": self.seed,
        }

    @classmethod
    def from_config(cls, config):
        encoder = keras.saving.deserialize_keras_object(config["encoder"])
        return cls(**{**config, "encoder": encoder})

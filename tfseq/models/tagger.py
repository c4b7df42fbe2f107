"""N to N: a label for each word of a text."""

import keras
import tensorflow as tf
from keras import ops

from tfseq.cells.base import check_rate, check_units
from tfseq.models.label_outputs import make_label_output
from tfseq.models.spelling import Words


@keras.saving.register_keras_serializable("tfseq")
class Tagger(keras.Model):
    """The scores of each label at each word of a text, and the labels that they tell.

        a_1 .. a_n = encoder(w_1 .. w_n)
        s_t = a_t W + b
        p(y_1 .. y_n) by `output`: a softmax at each step, or a CRF over the row

    A row's answer does not depend on how long its neighbours are: behind a row's end nothing is
    read, and no step there counts.

    Args:
        encoder: An `Encoder`.
        labels: Number of labels.
        output: One of `LABEL_OUTPUTS`.
        rate: Dropout of `a`.
        seed: Seed of that dropout.

    Call arguments:
        words: `[batch, time]` integers, or what else the encoder's embedding reads, such as
            `Words`.
        mask: `[batch, time]` booleans, `True` = a real word; padding stands behind the words.

    Returns:
        Scores `[batch, time, labels]`, in float32 whatever the policy. `log_likelihood`, `decode`
        and `marginals` take them.

    References: Graves & Schmidhuber, 2005, "Framewise phoneme classification with bidirectional
    LSTM"; Huang et al., 2015, arXiv:1508.01991.
    """

    def __init__(self, encoder, labels, *, output="crf", rate=0.0, seed=None, **kwargs):
        super().__init__(**kwargs)
        self.supports_masking = True
        self.encoder = encoder
        self.labels = check_units(labels, "labels")
        self.output_name = output
        self.choice = make_label_output(output, labels)
        self.rate = check_rate(rate)
        self.seed = seed
        self.seed_generator = keras.random.SeedGenerator(seed)
        self.projection = keras.layers.Dense(labels, name="projection")

    def build(self, words_shape=None):
        """Create all variables, by one pass over two words."""
        with tf.init_scope():
            ids = tf.ones((1, 2), tf.int32)
            spelled = hasattr(self.encoder.embedding, "characters")
            words = Words(ids, ids - 1, ids) if spelled else ids
            # Without a mask Keras would make one of what each part of `Words` carries.
            annotations, _ = self.encoder(words, mask=tf.ones_like(ids, tf.bool))
            self.projection(annotations)
        self.choice.build((None, None, self.labels))
        self.built = True

    def call(self, words, mask=None, training=False):
        annotations, _ = self.encoder(words, mask=mask, training=training)
        if training and self.rate:
            annotations = keras.random.dropout(annotations, self.rate, seed=self.seed_generator)
        return ops.cast(self.projection(annotations), "float32")

    def log_likelihood(self, scores, labels, mask):
        """`log p(y)` of given labels `[batch, time]`: `[batch]`."""
        return self.choice.log_likelihood(scores, labels, mask)

    def decode(self, scores, mask):
        """The likeliest labels, `[batch, time]` int32; 0 where the mask is `False`."""
        return self.choice.decode(scores, mask)

    def marginals(self, scores, mask):
        """The probability of each label at each word: `[batch, time, labels]`."""
        return self.choice.marginals(scores, mask)

    def get_config(self):
        return {
            **super().get_config(),
            "encoder": keras.saving.serialize_keras_object(self.encoder),
            "labels": self.labels,
            "output": self.output_name,
            "rate": self.rate,
            "seed": self.seed,
        }

    @classmethod
    def from_config(cls, config):
        encoder = keras.saving.deserialize_keras_object(config["encoder"])
        return cls(**{**config, "encoder": encoder})

"""The classifier of a run: built from its options, measured, and read from its checkpoints."""

import keras
import numpy as np
import tensorflow as tf

from tfseq.losses import word_losses
from tfseq.models import Classifier, Embedding
from tfseq.parts import load_weights, make_encoder
from tfseq.replicas import Replicas
from tfseq.runs import fitting_parts
from tfseq.text import PAD, LabelledBatches


def build_model(run):
    """A new model with the options of `train`; the same seed gives the same weights."""
    options = run.options
    keras.utils.set_random_seed(options.seed)
    with fitting_parts():
        embedding = Embedding(
            len(run.vocabulary),
            options.embedding_size,
            rate=options.embedding_rate,
            word_rate=options.word_rate,
            seed=options.seed,
        )
        model = Classifier(
            make_encoder(options, embedding),
            len(run.labels),
            pooling=options.pooling,
            rate=options.readout_rate,
            seed=options.seed,
        )
        model.build()
    return model


def load_model(run, weights="best"):
    """The run's model with the weights of its best epoch, or of its last."""
    model = build_model(run)
    load_weights(model, run.directory, weights)
    return model


def training_loss(model, label_smoothing=0.0):
    """The loss that `Trainer` follows: how surprised the model is by the label of each text."""

    def loss(batch, states, training):
        logits = model(batch.ids, mask=tf.not_equal(batch.ids, PAD), training=training)
        losses = word_losses(logits, batch.labels, label_smoothing)
        return tf.reduce_sum(losses), tf.cast(tf.size(losses), tf.float32), states

    return loss


class Measure:
    """The figures of labelled texts: loss of a text, and the percentage that is labelled rightly.

    Args:
        model: A `Classifier`.
        texts: Arrays of ids.
        labels: The number of each text's label.
        batch_size: Texts side by side.
    """

    def __init__(self, model, texts, labels, batch_size=128):
        self.model = model
        self.batches = LabelledBatches(texts, labels, batch_size, shuffle=False)
        self.traced = Replicas().summed(self.measure, self.batches.signature)

    def __call__(self):
        steps = range(self.batches.steps_per_epoch)
        sums = [self.traced(self.batches.batch(step)).numpy() for step in steps]
        loss, right = np.sum(sums, axis=0, dtype=np.float64) / len(self.batches.texts)
        return {"held_out_loss": loss, "accuracy": 100 * right}

    def measure(self, batch):
        """The sums of one batch: losses, and texts that are labelled rightly."""
        logits = self.model(batch.ids, mask=tf.not_equal(batch.ids, PAD))
        right = tf.equal(tf.argmax(logits, axis=1, output_type=tf.int32), batch.labels)
        losses = word_losses(logits, batch.labels)
        return tf.stack([tf.reduce_sum(losses), tf.reduce_sum(tf.cast(right, losses.dtype))])

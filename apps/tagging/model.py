"""The tagger of a run: built from its options, measured, and read from its checkpoints."""

import keras
import numpy as np
import tensorflow as tf

from apps.tagging.lexicon import TaggedBatches
from tfseq.cells import BasicLSTMCell
from tfseq.chunks import are_bio, score_chunks
from tfseq.models import Embedding, Encoder, SpelledEmbedding, Tagger
from tfseq.parts import load_weights, make_encoder
from tfseq.replicas import Replicas
from tfseq.runs import fitting_parts
from tfseq.text import PAD


def build_model(run):
    """A new model with the options of `train`; the same seed gives the same weights."""
    options = run.options
    keras.utils.set_random_seed(options.seed)
    with fitting_parts():
        model = Tagger(
            make_encoder(options, make_embedding(run)),
            len(run.labels),
            output=options.label_output,
            rate=options.readout_rate,
            seed=options.seed,
        )
        model.build()
    return model


def make_embedding(run):
    """Word vectors, beside them what an LSTM says that spells the words, where one does."""
    options = run.options
    words = Embedding(
        len(run.lexicon.vocabulary),
        options.embedding_size,
        rate=options.embedding_rate,
        seed=options.seed,
    )
    if run.lexicon.characters is None:
        return words
    characters = Embedding(
        len(run.lexicon.characters), options.character_size, seed=options.seed + 1
    )
    ways = tuple(BasicLSTMCell(options.character_units) for _ in range(2))
    return SpelledEmbedding(words, Encoder(characters, [ways]))


def word_embedding(model):
    """The `Embedding` of the words."""
    return getattr(model.encoder.embedding, "words", model.encoder.embedding)


def load_model(run, weights="best"):
    """The run's model with the weights of its best epoch, or of its last."""
    model = build_model(run)
    load_weights(model, run.directory, weights)
    return model


def mask_of(words):
    """Where a batch of `TaggedBatches` has words."""
    return tf.not_equal(getattr(words, "ids", words), PAD)


def training_loss(model):
    """The loss that `Trainer` follows: how surprised the model is by the labels."""

    def loss(batch, states, training):
        words, labels = batch
        mask = mask_of(words)
        scores = model(words, mask=mask, training=training)
        likelihoods = model.log_likelihood(scores, labels, mask)
        count = tf.math.count_nonzero(mask, dtype=tf.float32)
        return -tf.reduce_sum(likelihoods), count, states

    return loss


class Measure:
    """The figures of labelled sentences: loss of a token, and percentages of what is right.

    Args:
        run: The `data.Run`.
        model: Its `Tagger`.
        sentences: Sequences of tokens.
        labels: Arrays of the numbers of their labels.
        batch_size: Sentences side by side.
    """

    def __init__(self, run, model, sentences, labels, batch_size=64):
        self.model = model
        self.names = np.array(run.labels.names, object)
        self.batches = TaggedBatches(sentences, labels, run.lexicon, batch_size, shuffle=False)
        self.replicas = Replicas()
        self.traced = self.replicas.traced(self.measure, self.batches.signature)

    def __call__(self):
        losses, truth, found = 0.0, [], []
        for step in range(self.batches.steps_per_epoch):
            loss, labels = self.traced(self.batches.batch(step))
            losses += float(loss)
            for place, row in enumerate(self.batches.rows(step)):
                truth.append(self.batches.labels[row])
                found.append(labels[place].numpy()[: len(truth[-1])])
        right = np.concatenate(truth) == np.concatenate(found)
        figures = {"held_out_loss": losses / len(right), "accuracy": 100 * np.mean(right)}
        if are_bio(self.names):
            rows = [[self.names[labels].tolist() for labels in side] for side in (truth, found)]
            figures["f1"] = 100 * score_chunks(*rows)[0].f1
        return figures

    def measure(self, batch):
        """Of one batch the sum of the losses, and the labels that are found."""
        words, labels = self.replicas.share(batch)
        mask = mask_of(words)
        scores = self.model(words, mask=mask)
        loss = -tf.reduce_sum(self.model.log_likelihood(scores, labels, mask))
        found = self.model.decode(scores, mask)
        return self.replicas.sum(loss), self.replicas.gather(found)

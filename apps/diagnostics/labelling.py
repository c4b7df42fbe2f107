"""Runs of the classifier and the tagger, as subjects: the longest development texts are read.

Both read a text in both ways, or in one. What is measured is the way of the top layer that reads
on; what the other way and the layers below say stays as it is. The loss knows the whole text.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import tensorflow as tf

from apps.diagnostics.subjects import Subject, Training, of_one_length
from tfseq.losses import word_losses
from tfseq.models import POOLINGS, Reading
from tfseq.text import LabelledBatches


class Way(NamedTuple):
    """The way of an encoder's top layer that reads on.

    Attributes:
        cell: What it steps with.
        inputs: What it reads, `[rows, time, depth]`.
        reading: From what it says at each step, a list, to the encoder's `Reading`.
    """

    cell: Any
    inputs: Any
    reading: Callable[[list], Reading]


def way_on(encoder, words):
    """The `Way` of an encoder that has read words, all rows of one length."""
    inputs, read = encoder.layers(words)[-1]
    others = [outputs for outputs, _ in read[1:]]

    def reading(said):
        return encoder.reading(inputs, [tf.stack(said, axis=1), *others])

    return Way(encoder.ways[-1][0].cell, inputs, reading)


def subject_of(directory, way, loss, training):
    """A `Subject` whose loss is of a `Reading`."""
    states = way.cell.get_initial_state(way.inputs.shape[0])
    return Subject(
        directory.name,
        way.cell,
        way.cell,
        way.inputs,
        states,
        lambda said: loss(way.reading(said)),
        True,
        training,
        every_step=True,
    )


def of_classifier(directory, options):
    """A run of the classifier: the loss of a text's label, by whatever states are pooled."""
    from apps.classification import data, model

    run = data.load_run(directory)
    saved, network = run.options, model.load_model(run, options.weights)
    texts, labels = run.labelled(
        data.load_examples(run, "development"), "--run_dir", saved.most_tokens
    )
    rows, time = of_one_length(texts, options)
    way = way_on(network.encoder, tf.constant([texts[row][:time] for row in rows]))

    def loss(reading):
        vectors = POOLINGS[network.pooling](reading, None)
        return word_losses(tf.cast(network.softmax(vectors), tf.float32), labels[rows])

    batches = LabelledBatches(
        *run.labelled(data.load_examples(run, "training"), "--run_dir", saved.most_tokens),
        saved.batch_size,
        saved.seed,
        unknown_rate=saved.unknown_rate,
    )
    of_training = model.training_loss(network, saved.label_smoothing)
    variables = network.trainable_variables
    return subject_of(
        directory, way, loss, Training(variables, of_training, (), batches, saved.clip_norm)
    )


def of_tagger(directory, options):
    """A run of the tagger: the loss of the last token's label, whatever the others are."""
    from apps.tagging import data, lexicon, model

    run = data.load_run(directory)
    saved, network = run.options, model.load_model(run, options.weights)
    sentences = data.load_sentences(run, "development")
    labels = run.label_ids(sentences, "--run_dir")
    rows, time = of_one_length(labels, options)
    words, mask = run.lexicon.read(tf.ragged.constant([sentences[r].tokens[:time] for r in rows]))
    last = np.array([labels[row][time - 1] for row in rows])
    way = way_on(network.encoder, words)

    def loss(reading):
        scores = tf.cast(network.projection(reading.annotations), tf.float32)
        likelihood = tf.gather(network.marginals(scores, mask)[:, -1], last, batch_dims=1)
        return -tf.math.log(tf.maximum(likelihood, 1e-30))

    training = data.load_sentences(run, "training")
    batches = lexicon.TaggedBatches(
        [sentence.tokens for sentence in training],
        run.label_ids(training, "--run_dir"),
        run.lexicon,
        saved.batch_size,
        saved.seed,
        unknown_rate=saved.unknown_rate,
    )
    variables, of_training = network.trainable_variables, model.training_loss(network)
    return subject_of(
        directory, way, loss, Training(variables, of_training, (), batches, saved.clip_norm)
    )

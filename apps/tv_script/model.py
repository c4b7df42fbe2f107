"""The language model of a run: built from its options, measured, and read from its checkpoints."""

import keras
import numpy as np
import tensorflow as tf

from tfseq.cells import stack_cells
from tfseq.config import OptionError
from tfseq.losses import cross_entropy
from tfseq.models import LanguageModel
from tfseq.parts import cell_dropout, load_weights
from tfseq.replicas import Replicas
from tfseq.runs import fitting_parts
from tfseq.text import PAD


def build_model(options, vocabulary):
    """A new model with the options of `train`; the same seed gives the same weights."""
    keras.utils.set_random_seed(options.seed)
    groups = cutoffs(options, len(vocabulary))
    with fitting_parts():
        cell = stack_cells(
            options.cell,
            options.units,
            options.layers,
            residual_from=options.residual_from,
            seed=options.seed,
            **cell_dropout(options),
        )
        model = LanguageModel(
            len(vocabulary),
            cell,
            options.embedding_size,
            tied=options.tied,
            word_rate=options.word_rate,
            objective=options.objective,
            samples=options.samples,
            cutoffs=groups,
            recompute=options.recompute,
            seed=options.seed,
        )
        model.build((None, None))
    return model


def cutoffs(options, vocabulary_size):
    """Where the groups of rare words begin, those that the vocabulary is large enough for."""
    if options.objective != "softmax" and options.tied:
        raise OptionError("--objective", "needs --notied", options.objective)
    if options.objective != "adaptive_softmax":
        return ()
    places = options.cutoffs.split(",")
    if not all(place.isdecimal() for place in places):
        raise OptionError("--cutoffs", "must be numbers apart by commas", options.cutoffs)
    return tuple(place for place in map(int, places) if place < vocabulary_size)


def start_from_counts(model, counts):
    """Let the softmax begin with the words' frequencies: `b = log((count + 0.1) / total)`.

    The cells need not spend their first steps on learning those; in a deep stack under a high
    learning rate they saturate over it, and the loss stays there for many epochs.
    """
    if model.objective == "adaptive_softmax":
        return  # its biases are of groups
    counts = counts + 0.1
    bias = model.embedding.bias if model.tied else model.softmax.bias
    bias.assign(np.log(counts / counts.sum()))


def load_model(run, weights="best"):
    """The run's model with the weights of its best epoch, or of its last."""
    model = build_model(run.options, run.vocabulary)
    load_weights(model, run.directory, weights)
    return model


def training_loss(model):
    """The loss that `Trainer` follows: the state goes on from window to window within an epoch."""

    def loss(batch, states, training):
        inputs, targets, weights, fresh = batch
        states = tf.nest.map_structure(lambda s: tf.where(fresh, tf.zeros_like(s), s), states)
        return model.cross_entropy(inputs, targets, weights, states, training=training)

    return loss


class Measure:
    """The loss of whole scenes, each read from a scene break on.

    Args:
        model: A `LanguageModel`.
        context: Ids of a scene break: what stands before each scene, read but not scored.
        rows: Scenes read side by side, those of like length together.
        window: Tokens read at once, so that a long scene takes no more memory than a short one.
    """

    def __init__(self, model, context, rows=32, window=128):
        self.model = model
        self.context = np.asarray(context, np.int32)
        self.rows = rows
        self.window = window
        self.replicas = Replicas()
        self.traced = self.replicas.traced(self.read)

    def __call__(self, documents):
        """`(sum of the losses, number of tokens)` of documents given as arrays of ids."""
        documents = sorted(documents, key=len)
        sums = [
            self.measure(documents[i : i + self.rows]) for i in range(0, len(documents), self.rows)
        ]
        losses, words = np.sum(sums, axis=0)
        return float(losses), float(words)

    def measure(self, documents):
        """The same for as many documents as fit side by side."""
        before = len(self.context)
        length = before + max(map(len, documents))
        ids = np.full((len(documents), length), PAD, np.int32)
        weights = np.zeros((len(documents), length), np.float32)
        for row, document in enumerate(documents):
            ids[row, : before + len(document)] = np.concatenate([self.context, document])
            weights[row, before : before + len(document)] = 1
        states = self.model.get_initial_state(len(documents))
        sums = np.zeros(2)
        for start in range(0, length - 1, self.window):
            end = min(start + self.window, length - 1)
            inputs, targets = ids[:, start:end], ids[:, start + 1 : end + 1]
            window_sums, states = self.traced(
                (inputs, targets, weights[:, start + 1 : end + 1], states)
            )
            sums += [float(value) for value in window_sums]
        return sums

    def read(self, batch):
        """One window of all rows: `((sum of the losses, of the weights), states)`."""
        inputs, targets, weights, states = self.replicas.share(batch)
        logits, states = self.model.unroll(inputs, states)
        sums = cross_entropy(logits, targets, weights)
        return self.replicas.sum(sums), self.replicas.gather(states)

"""Texts in, labels out: what `predict` writes and what the exported model serves."""

import numpy as np
import tensorflow as tf

from apps.classification.model import load_model
from tfseq.text import PAD, groups_of_like_length, padded, readable

TEXT = tf.TensorSpec([None], tf.string, "text")
IDS = tf.TensorSpec([None, None], tf.int32)  # texts, padded


class Labeller(tf.Module):
    """A trained model with its vocabulary, from strings to labels in one graph.

    A row depends on its own text alone: it is the same in any batch. A text without tokens has no
    label: an empty one, of probability 0.

    Args:
        run: The `data.Run` the model was trained in.
        weights: Those of the `best` epoch, or of the `last`.
    """

    def __init__(self, run, weights="best"):
        super().__init__()
        model = load_model(run, weights)
        self.tokenizer = run.tokenizer
        self.vocabulary = run.vocabulary
        self.labels = run.labels
        self.most_tokens = run.options.most_tokens
        self.weights = [variable.value for variable in model.variables]
        # The model itself must not be tracked: a Keras model inside a module cannot be loaded into
        # a session. Its variables are, and functions reach it.
        self.logits = lambda ids, mask: model(ids, mask=mask)

    # Signatures

    @tf.function(input_signature=[TEXT], autograph=False)
    def serving_default(self, text):
        """The likeliest label of each text, and its probability: `label`, `probability [batch]`."""
        probabilities = self.probabilities(self.read(text))
        best = tf.argmax(probabilities, axis=1)
        probability = tf.reduce_max(probabilities, axis=1)
        label = tf.where(probability > 0, self.labels.tokens(best), "")
        return {"label": label, "probability": probability}

    @tf.function(input_signature=[TEXT], autograph=False)
    def classify(self, text):
        """All labels of each text, the likeliest first: `labels`, `probabilities`, `[batch, n]`."""
        probabilities, order = tf.math.top_k(
            self.probabilities(self.read(text)), k=len(self.labels)
        )
        known = tf.reduce_any(probabilities > 0, axis=1, keepdims=True)
        labels = tf.where(known, self.labels.tokens(order), "")
        return {"labels": labels, "probabilities": probabilities}

    # From text to ids to probabilities

    def read(self, texts):
        """Texts as ids, the first `most_tokens` of each, padded: `[batch, time]`."""
        ids = self.vocabulary.ids(self.tokenizer.tokenize(readable(texts)))[:, : self.most_tokens]
        width = tf.maximum(ids.bounding_shape(axis=1), 1)  # one step also where there are no words
        return ids.to_tensor(PAD, shape=tf.stack([ids.nrows(), width]))

    @tf.function(input_signature=[IDS], autograph=False)
    def probabilities(self, ids):
        """Of each label, `[batch, labels]`; all 0 of a row that is padding."""
        mask = tf.not_equal(ids, PAD)
        probabilities = tf.nn.softmax(self.logits(ids, mask))
        return tf.where(tf.reduce_any(mask, axis=1)[:, None], probabilities, 0.0)

    def of_ids(self, ids, batch_size=128):
        """Probabilities of many texts, given as arrays of ids, in their order."""
        found = np.zeros([len(ids), len(self.labels)], np.float32)
        for rows in groups_of_like_length([len(row) for row in ids], batch_size):
            batch = padded([ids[row] for row in rows])
            if batch.shape[1]:  # there are words in it
                found[rows] = self.probabilities(tf.constant(batch))
        return found

    def names(self, probabilities):
        """The likeliest label of each row, empty where there is none."""
        return [self.labels.names[row.argmax()] if row.any() else "" for row in probabilities]

"""Tokens in, labels out: what `predict` writes and what the exported model serves."""

import tensorflow as tf

from apps.tagging.model import load_model
from tfseq.text import groups_of_like_length, readable

TEXT = tf.TensorSpec([None], tf.string, "text")
TOKENS = tf.RaggedTensorSpec([None, None], tf.string, ragged_rank=1)


class Labeller(tf.Module):
    """A trained model with its vocabularies, from strings to labels in one graph.

    A row depends on its own text alone: it is the same in any batch. A text without tokens has no
    labels.

    Args:
        run: The `data.Run` the model was trained in.
        weights: Those of the `best` epoch, or of the `last`.
    """

    def __init__(self, run, weights="best"):
        super().__init__()
        model = load_model(run, weights)
        self.lexicon = run.lexicon
        self.labels = run.labels
        self.most_tokens = run.options.most_tokens
        self.weights = [variable.value for variable in model.variables]
        # The model itself must not be tracked: a Keras model inside a module cannot be loaded into
        # a session. Its variables are, and functions reach it.
        self.scores = lambda words, mask: model(words, mask=mask)
        self.choice = lambda: model

    # Signatures

    @tf.function(input_signature=[TEXT], autograph=False)
    def serving_default(self, text):
        """The labels of each text, apart by blanks, and how likely all of them are right.

        `labels`, `probability`, `error`, each `[batch]`. A text that is too long has no labels, and
        `error` says so.
        """
        tokens, error = self.read(text)
        words, mask = self.lexicon.read(tokens)
        scores = self.scores(words, mask)
        labels = self.choice().decode(scores, mask)
        likelihood = self.choice().log_likelihood(scores, labels, mask)
        names = tf.RaggedTensor.from_tensor(self.labels.tokens(labels), tokens.row_lengths())
        return {
            "labels": tf.strings.reduce_join(names, axis=-1, separator=" "),
            "probability": tf.exp(likelihood),
            "error": error,
        }

    @tf.function(input_signature=[TEXT], autograph=False)
    def tag(self, text):
        """Token by token: `tokens`, `labels`, `probabilities`, each `[batch, time]`; and `error`.

        Behind a row's end the strings are empty and the probabilities 0. A probability is that of
        the label at its token, whatever the others are.
        """
        tokens, error = self.read(text)
        labels, probabilities = self.find(tokens)
        real = tf.sequence_mask(tokens.row_lengths(), tf.shape(labels)[1])
        return {
            "tokens": tokens.to_tensor("", shape=tf.shape(labels)),
            "labels": tf.where(real, self.labels.tokens(labels), ""),
            "probabilities": probabilities,
            "error": error,
        }

    # From texts to tokens to labels

    def read(self, texts):
        """`(tokens [batch, (tokens)], error [batch])`; a row that is too long has no tokens."""
        tokens = split_tokens(texts)
        lengths = tokens.row_lengths()
        is_long = lengths > self.most_tokens
        line = tf.strings.join(
            [
                f"`text` must have at most {self.most_tokens} tokens. Received: ",
                tf.strings.as_string(lengths),
            ]
        )
        return split_tokens(tf.where(is_long, "", texts)), tf.where(is_long, line, "")

    @tf.function(input_signature=[TOKENS], autograph=False)
    def find(self, tokens):
        """The number of each token's label and its probability, `[batch, time]`; 0 behind a row."""
        words, mask = self.lexicon.read(tokens)
        scores = self.scores(words, mask)
        labels = self.choice().decode(scores, mask)
        marginals = self.choice().marginals(scores, mask)
        return labels, tf.gather(marginals, labels, batch_dims=2)

    def of_sentences(self, sentences, batch_size=64):
        """The labels of many sentences, and their probabilities, in order: two lists of rows.

        Args:
            sentences: Sequences of tokens, strings or bytes.
            batch_size: How many are labelled side by side.
        """
        lengths = [len(tokens) for tokens in sentences]
        labels, probabilities = ([[] for _ in sentences] for _ in range(2))
        for rows in groups_of_like_length(lengths, batch_size):
            flat = [token for row in rows for token in sentences[row]]
            found = self.find(
                tf.RaggedTensor.from_row_lengths(
                    tf.constant(flat, tf.string), [lengths[row] for row in rows]
                )
            )
            for row, numbers, values in zip(rows, *(x.numpy() for x in found), strict=True):
                labels[row] = [self.labels.names[n] for n in numbers[: lengths[row]]]
                probabilities[row] = values[: lengths[row]].tolist()
        return labels, probabilities


def split_tokens(texts):
    """What stands between the blanks of `[batch]` texts, `[batch, (tokens)]`."""
    return tf.strings.split(readable(texts))

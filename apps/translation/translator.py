"""Sentences in, sentences out: what `translate` prints and what the exported model serves."""

from typing import Any, NamedTuple

import tensorflow as tf

from apps.translation.config import MOST_WORDS
from apps.translation.model import attention_weights
from tfseq.decoding import GreedySampler, beam_search, decode
from tfseq.derived import Derived
from tfseq.rules import between, broken, mended
from tfseq.text import END, PAD, START, readable

TEXT = tf.TensorSpec([None], tf.string, "text")
IDS = tf.TensorSpec([None, None], tf.int32)  # sentences, padded
OPTIONS = {  # of `translate_beam`, each one value for each row of a batch
    "length_penalty": tf.float32,
    "coverage_penalty": tf.float32,
    "max_words": tf.int32,
}
RULES = {  # what a server's client may send
    "length_penalty": between(0, 10),
    "coverage_penalty": between(0, 10),
    "max_words": between(0, MOST_WORDS),
}


class Hypotheses(NamedTuple):
    """Translations of a batch of sentences, best first.

    Attributes:
        ids: `[batch, n, steps]`, the end id left out, 0 after a row's end.
        lengths: `[batch, n]`.
        scores: `[batch, n]`, log-probabilities after the penalties; None where not asked.
        log_probabilities: `[batch, n]`; None where not asked.
        weights: `[batch, n, steps, source time]`, of the attention; `[batch, n, steps, 0]` without.
    """

    ids: Any
    lengths: Any
    scores: Any
    log_probabilities: Any
    weights: Any


class Translator(tf.Module):
    """A trained model with its vocabularies, from strings to strings in one graph.

    A row depends on its own sentence and options alone: it is the same in any batch.

    Args:
        run: The `data.Run` the model was trained in.
        model: Its `Seq2Seq`.
        beam_width: Translations that a beam search keeps.
        is_final: Whether the weights change no more, so that what follows from them can be
            computed once.
    """

    def __init__(self, run, model, beam_width=5, is_final=False):
        super().__init__()
        self.tokenizer = run.tokenizer
        self.source_vocabulary = run.source_vocabulary
        self.target_vocabulary = run.target_vocabulary
        self.most_tokens = run.options.most_tokens
        self.beam_width = beam_width
        self.attends = model.decoder.attends
        self.weights = [variable.value for variable in model.variables]
        # The model itself must not be tracked: a Keras model inside a module cannot be loaded into
        # a session. Its variables are, and functions reach it.
        self.encode = lambda ids, mask: model.encode(ids, mask)
        ahead = Derived(lambda: model.loop_weights()) if is_final else None
        self.ahead = ahead  # tracked
        self.loop_step = lambda: model.loop_step(ahead.read() if ahead else None)
        self.logits = lambda source, target, mask: model((source, target), source_mask=mask)
        self.watch = attention_weights if self.attends else None

    # Signatures

    @tf.function(input_signature=[TEXT], autograph=False)
    def serving_default(self, text):
        """Translate each sentence, word by word the likeliest: `text [batch]`."""
        return {"text": self.write(self.greedy(self.read(text)))[:, 0]}

    @tf.function(
        input_signature=[TEXT, tf.TensorSpec([None], tf.int32, "max_words")], autograph=False
    )
    def translate(self, text, max_words):
        """`serving_default` with a limit for each row; 0 = twice the source's tokens and ten.

        Where a row's options break a rule its `error [batch]` says so and nothing is translated.
        """
        source, options, error = self.ruled(text, max_words=max_words)
        return {"text": self.write(self.greedy(source, **options))[:, 0], "error": error}

    @tf.function(
        input_signature=[TEXT, *(tf.TensorSpec([None], t, name) for name, t in OPTIONS.items())],
        autograph=False,
    )
    def translate_beam(self, text, length_penalty, coverage_penalty, max_words):
        """The best translations of each sentence: `texts`, `scores`, `log_probabilities`.

        Where there are fewer than `beam_width`, as of an empty sentence, the others are empty and
        have the lowest number. `error` is that of `translate`.
        """
        values = length_penalty, coverage_penalty, max_words
        options = dict(zip(OPTIONS, values, strict=True))
        source, options, error = self.ruled(text, **options)
        found = self.beam(source, **options)
        return {
            "texts": self.write(found),
            "scores": finite(found.scores),
            "log_probabilities": finite(found.log_probabilities),
            "error": error,
        }

    @tf.function(
        input_signature=[
            tf.TensorSpec([None], tf.string, "source"),
            tf.TensorSpec([None], tf.string, "target"),
        ],
        autograph=False,
    )
    def score(self, source, target):
        """How likely each target is, given its source: nats, tokens with the end, perplexity."""
        targets = self.target_vocabulary.ids(self.tokenizer.tokenize(readable(target)))
        targets = with_end(targets[:, : self.most_tokens])
        lengths = tf.cast(targets.row_lengths(), tf.int32)
        width = tf.maximum(targets.bounding_shape(axis=1), 1)  # one step also where no rows are
        padded = targets.to_tensor(PAD, shape=tf.stack([targets.nrows(), width]))
        losses, words = self.losses(self.read(source), padded, lengths)
        mean = tf.math.divide_no_nan(losses, words)
        return {
            "log_probability": -losses,
            "tokens": tf.cast(words, tf.int32),
            "perplexity": tf.exp(mean),
        }

    @tf.function(input_signature=[TEXT], autograph=False)
    def align(self, text):
        """Translate and say where each token came from.

        `source_tokens [batch, source time]` and `target_tokens [batch, steps]`, empty after a row's
        end; `weights [batch, steps, source time]`, 0 there.
        """
        source = self.read(text)
        found = self.greedy(source, aligned=True)
        tokens = self.source_vocabulary.tokens(source)
        return {
            "source_tokens": tf.where(tf.equal(source, PAD), "", tokens),
            "target_tokens": self.target_tokens(found).to_tensor(
                "", shape=tf.shape(found.ids)[::2]
            ),
            "weights": found.weights[:, 0],
        }

    # From text to ids and back

    def read(self, texts):
        """Sentences as ids, their end marked, padded: `[batch, source time]`."""
        ids = self.source_vocabulary.ids(self.tokenizer.tokenize(readable(texts)))
        return with_end(ids[:, : self.most_tokens]).to_tensor(PAD)

    def ruled(self, texts, **options):
        """`read` and options that keep the rules; where they do not, nothing and an error."""
        error = broken(options, RULES)
        options = mended(options, error, dict.fromkeys(options, 0))
        return self.read(tf.where(tf.equal(error, ""), texts, "")), options, error

    def target_tokens(self, found):
        """The tokens of all hypotheses: `[batch * n, (tokens)]`."""
        rows = tf.RaggedTensor.from_tensor(
            tf.reshape(found.ids, [-1, tf.shape(found.ids)[2]]), tf.reshape(found.lengths, [-1])
        )
        return self.target_vocabulary.tokens(rows)

    def write(self, found):
        """All hypotheses as text: `[batch, n]`."""
        texts = self.tokenizer.detokenize(self.target_tokens(found))
        return tf.reshape(texts, tf.shape(found.lengths))

    # From ids to ids

    def greedy(self, source, max_words=0, scored=False, aligned=False):
        """The likeliest word at each step: `Hypotheses`, one for each row.

        Scores and weights are there if asked for; without them a step is a tenth faster.
        """
        states, memory, limits = self.begin(source, max_words)
        start = tf.fill(tf.shape(limits), START)
        decoded, _ = decode(
            self.loop_step(),
            GreedySampler(start, END),
            states,
            memory,
            max_steps=tf.reduce_max(tf.pad(limits, [[0, 1]])),  # 0 where there are no rows
            max_lengths=limits,
            watch=self.watch if aligned else None,
            log_probabilities=scored,
            drop_ended=True,
        )
        total = tf.reduce_sum(decoded.log_probabilities, axis=1)[:, None] if scored else None
        rows = (decoded.ids, decoded.lengths, decoded.finished, decoded.watched)
        ids, lengths, finished, watched = (None if row is None else row[:, None] for row in rows)
        return without_end(ids, lengths, finished, total, total, watched)

    def beam(
        self,
        source,
        length_penalty,
        coverage_penalty=0.0,
        max_words=0,
        n_best=None,
        aligned=False,
    ):
        """The best of `beam_width` beginnings at each step: `Hypotheses`.

        Weights are there if asked for, or where there is a coverage penalty.
        """
        covers = self.attends and not is_zero(coverage_penalty)
        states, memory, limits = self.begin(source, max_words)
        found = beam_search(
            self.loop_step(),
            tf.fill(tf.shape(limits), START),
            END,
            states,
            memory,
            width=self.beam_width,
            max_steps=tf.reduce_max(limits),
            max_lengths=limits,
            length_penalty=length_penalty,
            coverage_penalty=coverage_penalty if covers else 0.0,
            n_best=n_best,
            watch=self.watch if aligned or covers else None,
            drop_ended=True,
        )
        return without_end(*found[:2], found.finished, *found[2:4], found.watched)

    def begin(self, source, max_words):
        """What decoding starts from: states, memory, the most tokens of each row."""
        mask = tf.not_equal(source, PAD)
        words = tf.math.count_nonzero(mask, axis=1, dtype=tf.int32) - 1  # without the end
        limits = tf.where(tf.equal(max_words, 0), 2 * words + 10, max_words)
        # Of nothing there is no translation; each other row needs room for the end, too.
        limits = tf.where(tf.equal(words, 0), 0, tf.minimum(limits, MOST_WORDS) + 1)
        return *self.encode(source, mask), limits

    def losses(self, source, targets, lengths):
        """For each row the loss of its target, in nats, and how many tokens it has."""
        inputs = tf.pad(targets, [[0, 0], [1, 0]], constant_values=START)[:, :-1]
        logits = self.logits(source, inputs, tf.not_equal(source, PAD))
        logits = tf.nn.log_softmax(logits)
        mask = tf.sequence_mask(lengths, tf.shape(targets)[1], tf.float32)
        return -tf.reduce_sum(
            tf.gather(logits, targets, batch_dims=2) * mask, axis=1
        ), tf.reduce_sum(mask, axis=1)


def finite(scores):
    """Scores that JSON can hold: the lowest number for -inf, which stands where nothing is."""
    return tf.maximum(scores, scores.dtype.min)


def is_zero(value):
    """Whether an option is the number 0, as none is that a request gives."""
    return not tf.is_tensor(value) and value == 0


def with_end(ids):
    """Ragged ids, each row with the end id behind it."""
    ends = tf.fill([ids.nrows(), 1], END)
    return tf.concat([ids, tf.RaggedTensor.from_tensor(ends)], axis=1)


def without_end(ids, lengths, finished, scores, log_probabilities, weights):
    """`Hypotheses` of what a search has found, the end ids taken off."""
    lengths = lengths - tf.cast(finished, tf.int32)
    real = tf.sequence_mask(lengths, tf.shape(ids)[2])
    if weights is None:
        weights = tf.zeros(tf.concat([tf.shape(ids), [0]], axis=0))
    return Hypotheses(
        tf.where(real, ids, PAD),
        lengths,
        scores,
        log_probabilities,
        tf.where(real[..., None], weights, 0.0),
    )

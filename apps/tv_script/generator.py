"""Prompts in, scenes out: what `generate` prints and what the exported model serves."""

import numpy as np
import tensorflow as tf

from apps.tv_script.config import MOST_WORDS, Generate
from tfseq.decoding import RandomSampler, decode, seen_ids
from tfseq.rules import Rule, between, broken, mended
from tfseq.text import SPECIALS, readable

OPTIONS = {  # each is one value for each row of a batch
    "seed": tf.int32,
    "temperature": tf.float32,
    "top_k": tf.int32,
    "top_p": tf.float32,
    "repetition_penalty": tf.float32,
    "max_words": tf.int32,
}
RULES = {  # what a server's client may send
    "temperature": Rule(
        "finite and at least 0",
        lambda value: tf.math.is_finite(value) & (value >= 0),
    ),
    "top_k": Rule("at least 0", lambda value: value >= 0),
    "top_p": Rule("above 0 and at most 1", lambda value: (value > 0) & (value <= 1)),
    "repetition_penalty": Rule(
        "finite and above 0",
        lambda value: tf.math.is_finite(value) & (value > 0),
    ),
    "max_words": between(1, MOST_WORDS),
}
# Of a prompt the model reads the last so many tokens, of a text to be scored the first: what a
# client sends may be a megabyte, and its neighbours in the batch would be padded to it.
MOST_TOKENS = 1024
PIECE = 8  # words that are written in one go where a text is shown while it grows
HARMLESS = {name: getattr(Generate, name) for name in OPTIONS}  # as the command line has them
PROMPT = tf.TensorSpec([None], tf.string, "prompt")
SPECS = [PROMPT, *(tf.TensorSpec([None], dtype, name) for name, dtype in OPTIONS.items())]


def defaults(rows, **given):
    """The options of a batch of `rows`: `generate`'s, but for those given (one, or one per row)."""
    values = {**HARMLESS, **given}
    return {
        name: tf.constant(np.broadcast_to(value, [rows]), OPTIONS[name])
        for name, value in values.items()
    }


class Generator(tf.Module):
    """A trained model with its text, from strings to strings in one graph.

    A row depends on its own prompt, seed and options alone: it is the same in any batch, and the
    same whether it is written at once or word by word.

    Args:
        run: The `data.Run` the model was trained in.
        model: Its `LanguageModel`.
    """

    def __init__(self, run, model):
        super().__init__()
        self.tokenizer = run.tokenizer
        self.vocabulary = run.vocabulary
        self.context = tf.constant(run.context)
        self.weights = [variable.value for variable in model.variables]
        # The model itself must not be tracked: a Keras model inside a module cannot be loaded into
        # a session. Its variables are, and functions reach it.
        self.step = lambda ids, states, memory: model.step(ids, states, memory)
        self.unroll = lambda ids, mask: model.unroll(ids, mask=mask)

    @tf.function(input_signature=SPECS, autograph=False)
    def generate(self, prompt, seed, temperature, top_k, top_p, repetition_penalty, max_words):
        """Go on with each prompt: `text [batch]`, the prompt as it is read and what follows.

        Where a row's options break a rule its `error [batch]` says so and its text is empty.
        """
        values = seed, temperature, top_k, top_p, repetition_penalty, max_words
        options = dict(zip(OPTIONS, values, strict=True))
        error = broken(options, RULES)
        options = mended(options, error, {**HARMLESS, "max_words": 0})
        text = self.write(prompt, options)
        return {"text": tf.where(tf.equal(error, ""), text, ""), "error": error}

    def write(self, prompt, options):
        """Go on with each prompt, by options that keep the rules: `[batch]` texts."""
        tokens = self.tokenizer.tokenize(readable(prompt))
        ids, lengths = self.read(tokens[:, -MOST_TOKENS:])
        decoded, _ = decode(
            self.step,
            self.sampler(ids, lengths, options),
            self.read_states(ids, lengths),
            max_steps=tf.reduce_max(options["max_words"]),
            max_lengths=options["max_words"],
        )
        words = self.vocabulary.tokens(tf.RaggedTensor.from_tensor(decoded.ids, decoded.lengths))
        return self.tokenizer.detokenize(tf.concat([tokens, words], axis=1))

    @tf.function(input_signature=[PROMPT], autograph=False)
    def serving_default(self, prompt):
        """`generate` with its default options."""
        rows = tf.shape(prompt)
        values = {
            name: tf.fill(rows, tf.constant(HARMLESS[name], dtype))
            for name, dtype in OPTIONS.items()
        }
        return {"text": self.write(prompt, values)}

    @tf.function(input_signature=[tf.TensorSpec([None], tf.string, "text")], autograph=False)
    def score(self, text):
        """How likely each text is, read from a scene break on: nats, tokens, perplexity."""
        ids, lengths = self.read(self.tokenizer.tokenize(readable(text))[:, :MOST_TOKENS])
        inputs, targets = ids[:, :-1], ids[:, 1:]
        logits, _ = self.unroll(inputs, tf.sequence_mask(lengths - 1, tf.shape(inputs)[1]))
        first = tf.size(self.context) - 1  # the tokens of the context are not scored
        positions = tf.range(tf.shape(targets)[1])
        scored = (positions >= first) & (positions < lengths[:, None] - 1)
        losses = tf.nn.sparse_softmax_cross_entropy_with_logits(labels=targets, logits=logits)
        total = tf.reduce_sum(tf.where(scored, losses, 0.0), axis=1)
        words = tf.math.count_nonzero(scored, axis=1, dtype=tf.int32)
        mean = tf.math.divide_no_nan(total, tf.cast(words, tf.float32))
        return {"log_probability": -total, "tokens": words, "perplexity": tf.exp(mean)}

    def stream(self, prompt, **options):
        """Yield the text of one prompt as it is written: the prompt, then word by word."""
        values = defaults(1, **options)
        # A command line may hold bytes that are no UTF-8.
        tokens = self.tokenizer.tokenize(readable([prompt.encode(errors="surrogateescape")]))
        ids, lengths = self.read(tokens[:, -MOST_TOKENS:])
        progress = self.read_states(ids, lengths)
        yield self.tokenizer.detokenize(tokens).numpy()[0].decode()
        for _ in range(0, int(values["max_words"][0]), PIECE):
            tokens, pieces, progress = self.go_on(tokens, ids, lengths, progress, values)
            yield from (piece.decode() for piece in pieces.numpy())

    @tf.function(autograph=False, reduce_retracing=True)
    def go_on(self, tokens, ids, lengths, progress, options):
        """A few words more for one row: all tokens, what the new ones add, the new progress."""
        sampler = self.sampler(ids, lengths, options)
        limits = options["max_words"]
        decoded, progress = decode(
            self.step, sampler, progress, max_steps=PIECE, max_lengths=limits
        )
        words = self.vocabulary.tokens(tf.RaggedTensor.from_tensor(decoded.ids, decoded.lengths))
        tokens = tf.concat([tokens, words], axis=1)
        return tokens, self.tokenizer.render(tokens)[0, -decoded.lengths[0] :], progress

    @tf.function(autograph=False, reduce_retracing=True)
    def read_states(self, ids, lengths):
        """The model's states before the last token of each row."""
        ids = ids[:, :-1]  # no ids at all where there are no rows
        return self.unroll(ids, tf.sequence_mask(lengths - 1, tf.shape(ids)[1]))[1]

    def sampler(self, ids, lengths, options):
        """Draws what follows the last token of each row."""
        return RandomSampler(
            start_ids=tf.gather(ids, lengths - 1, batch_dims=1),
            end_id=-1,
            seeds=options["seed"],
            forbidden=range(len(SPECIALS)),
            repetition_penalty=options["repetition_penalty"],
            temperature=options["temperature"],
            top_k=options["top_k"],
            top_p=options["top_p"],
            seen=seen_ids(ids, len(self.vocabulary)),
        )

    def read(self, tokens):
        """Scene break and tokens as ids, padded: `[batch, time]`, and the rows' lengths."""
        ids = self.vocabulary.ids(tokens)
        context = tf.tile(self.context[None], [ids.nrows(), 1])
        ids = tf.concat([tf.RaggedTensor.from_tensor(context), ids], axis=1)
        return ids.to_tensor(), tf.cast(ids.row_lengths(), tf.int32)

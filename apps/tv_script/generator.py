"""Prompts in, scenes out: what `generate` prints and what the exported model serves."""

import numpy as np
import tensorflow as tf

from apps.tv_script.config import MOST_WORDS, Generate
from tfseq.decoding import Progress, RandomSampler, decode, seen_ids
from tfseq.derived import Derived
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
STEP_RULES = {"words": between(1, 100), "time": between(0, MOST_WORDS), **RULES}
BEHIND = "\0\n"  # ends each token of a row in one string: nothing readable holds NUL
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
        is_final: Whether its weights change no more, so that what follows from them can be
            computed once.
    """

    def __init__(self, run, model, is_final=False):
        super().__init__()
        self.tokenizer = run.tokenizer
        self.vocabulary = run.vocabulary
        self.context = tf.constant(run.context)
        self.weights = [variable.value for variable in model.variables]
        # The model itself must not be tracked: a Keras model inside a module cannot be loaded into
        # a session. Its variables are, and functions reach it.
        ahead = Derived(lambda: model.loop_weights()) if is_final else None
        self.ahead = ahead  # tracked
        self.step = lambda: model.loop_step(ahead.read() if ahead else None)
        self.unroll = lambda ids, mask: model.unroll(ids, mask=mask)
        self.zero_states = lambda: model.get_initial_state(1)

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
        tokens, ids, lengths = self.read_prompt(prompt)
        decoded, _ = decode(
            self.step(),
            self.sampler(ids, lengths, options),
            self.read_states(ids, lengths),
            max_steps=tf.reduce_max(options["max_words"]),
            max_lengths=options["max_words"],
            log_probabilities=False,
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
        # A command line may hold bytes that are no UTF-8.
        progress = self.start(tf.constant([prompt.encode(errors="surrogateescape")]))
        yield progress.pop("text").numpy()[0].decode()
        values, done = defaults(1, **options), False
        while not done:
            answer = self.go_on(**progress, **values, words=tf.constant([PIECE]))
            yield from (piece.decode() for piece in answer["pieces"].numpy()[0])
            progress, done = {name: answer[name] for name in progress}, answer["done"]

    @tf.function(input_signature=[PROMPT], autograph=False)
    def start(self, prompt):
        """Each prompt as it is read, and all that `go_on` needs: tokens, time, states."""
        tokens, ids, lengths = self.read_prompt(prompt)
        return {
            "text": self.tokenizer.detokenize(tokens),
            "tokens": joined(tokens),
            "time": tf.zeros_like(lengths),
            **named(self.read_states(ids, lengths)),
        }

    @tf.function(autograph=False)
    def go_on(self, **inputs):
        """A few words more for each row: the words of `generate`, so many at a time.

        Args:
            **inputs: `tokens`, `time` and the states, as `start` or the last step gave them; the
                options of `generate`; `words`, how many to write at most.

        Returns:
            `pieces [batch, longest]`, what each word adds to the text, empty strings behind; `done
            [batch]`; `error [batch]` as of `generate`; `tokens`, `time`, states for the next step.
        """
        given = {name: inputs[name] for name in (*OPTIONS, "words", "time")}
        error = broken(given, STEP_RULES)
        given = mended(given, error, {**HARMLESS, "max_words": 0, "words": 0, "time": 0})
        time, states = given.pop("time"), self.states_of(inputs)
        tokens = parted(inputs["tokens"])
        ids, lengths = self.read(last(tokens, MOST_TOKENS + time))
        sampler = self.sampler(ids, lengths, given)
        start_ids, ended, seen = sampler.start()
        decoded, progress = decode(
            self.step(),
            sampler,
            Progress(time, start_ids, ended, states, seen),
            max_steps=tf.reduce_max(given["words"]),
            max_lengths=tf.minimum(given["max_words"], time + given["words"]),
            log_probabilities=False,
        )
        words = self.vocabulary.tokens(tf.RaggedTensor.from_tensor(decoded.ids, decoded.lengths))
        tokens = tf.concat([tokens, words], axis=1)
        return {
            "pieces": last(self.tokenizer.render(tokens), decoded.lengths).to_tensor(),
            "done": progress.time >= given["max_words"],
            "error": error,
            "tokens": joined(tokens),
            "time": progress.time,
            **named(progress.states),
        }

    def step_signature(self):
        """`go_on` for rows that come as flat named tensors, as a server's client sends them."""
        rows = {"tokens": tf.string, "time": tf.int32, "words": tf.int32, **OPTIONS}
        states = named(self.zero_states()).items()
        return self.go_on.get_concrete_function(
            **{name: tf.TensorSpec([None], dtype, name) for name, dtype in rows.items()},
            **{name: tf.TensorSpec([None, *x.shape[1:]], x.dtype, name) for name, x in states},
        )

    def states_of(self, inputs):
        """The model's states from their named tensors; zeros in a row that holds no numbers."""
        zeros = self.zero_states()
        flat = [
            tf.cast(tf.where(tf.math.is_finite(inputs[name]), inputs[name], 0), state.dtype)
            for name, state in zip(named(zeros), tf.nest.flatten(zeros), strict=True)
        ]
        return tf.nest.pack_sequence_as(zeros, flat)

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

    def read_prompt(self, prompt):
        """The tokens of each prompt, and as from `read` the last of them that the model reads."""
        tokens = self.tokenizer.tokenize(readable(prompt))
        return tokens, *self.read(tokens[:, -MOST_TOKENS:])

    def read(self, tokens):
        """Scene break and tokens as ids, padded: `[batch, time]`, and the rows' lengths."""
        ids = self.vocabulary.ids(tokens)
        context = tf.tile(self.context[None], [ids.nrows(), 1])
        ids = tf.concat([tf.RaggedTensor.from_tensor(context), ids], axis=1)
        return ids.to_tensor(), tf.cast(ids.row_lengths(), tf.int32)


def named(states):
    """A nest of states as flat tensors by name: `{"state_0": [batch, ...], ...}`, in float32."""
    flat = tf.nest.flatten(states)
    return {f"state_{place}": tf.cast(state, tf.float32) for place, state in enumerate(flat)}


def joined(tokens):
    """The tokens of each row as one string: `[batch]`."""
    # The operation's own separator ends at a NUL.
    ended = tf.strings.join([tokens.flat_values, BEHIND])
    return tf.strings.reduce_join(tokens.with_flat_values(ended), axis=1)


def parted(strings):
    """The readable tokens of such strings: `joined` backwards."""
    tokens = tf.strings.split(strings, BEHIND)
    return readable(tf.ragged.boolean_mask(tokens, tf.not_equal(tokens, "")))


def last(rows, counts):
    """The last so many of each row of a ragged tensor; all where there are not so many."""
    behind = tf.ragged.range(rows.row_lengths(), 0, -1)
    return tf.ragged.boolean_mask(rows, behind <= tf.cast(counts, tf.int64)[:, None])

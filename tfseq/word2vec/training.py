"""Training of word vectors: segments of the text, each learnt from in one loop of the graph.

A segment is read from the disk, its random choices are drawn from `(seed, step)`, and its chunks
are learnt from one after the other in a compiled loop. So the step and the matrices are the whole
state of a run: killed at any moment and started again, it ends with the same vectors, bit for bit.
Several threads take a part of each segment each, several hosts a segment each, and their matrices
are put together at its end or each few chunks.
"""

import math
import time

import keras
import numpy as np
import tensorflow as tf

from tfseq import checkpoint
from tfseq.replicas import Replicas, fingerprint
from tfseq.word2vec import hierarchical, sampling
from tfseq.word2vec.blocks import Blocks, draw_segment
from tfseq.word2vec.draws import Noise, fold, keep_rates
from tfseq.word2vec.updates import UPDATES
from tfseq.word2vec.workers import Workers, next_words, side_by_side

# What learns a chunk, and the chunk's shape. The tree's chunks are smaller: each of their words
# brings its whole path.
MODELS = {
    ("skipgram", "negative_sampling"): (sampling.skipgram, {"least_shared": 20}),
    ("cbow", "negative_sampling"): (sampling.cbow, {}),
    ("skipgram", "hierarchical_softmax"): (hierarchical.skipgram, {"blocks": 4}),
    ("cbow", "hierarchical_softmax"): (hierarchical.cbow, {"blocks": 4}),
}
SEGMENT = 1 << 18  # words
LEAST_SHARE = 1e-4  # of the learning rate, where it falls
START = 2**31 - 1  # the step whose seed draws the vectors to start from


class VectorTrainer:
    """Trains word vectors on a corpus, on this host or on those of the current strategy.

    Args:
        corpus: A `Corpus`.
        settings: A `settings.Settings`.
        checkpoints: A `checkpoint.Checkpoints`.
        save_seconds: Seconds between checkpoints inside an epoch.
        callbacks: Keras callbacks, such as a progress bar; they have no model.
        segment: Words of a segment.

    Attributes:
        inputs: Variable `[words, dim]`, the vectors.
        outputs: Variable, the vectors of words as targets, or of the tree's inner nodes.
    """

    def __init__(
        self, corpus, settings, checkpoints, *, save_seconds=30.0, callbacks=(), segment=SEGMENT
    ):
        self.corpus = corpus
        self.settings = settings
        self.checkpoints = checkpoints
        self.save_seconds = save_seconds
        self.callbacks = list(callbacks)
        tree = settings.loss == "hierarchical_softmax"
        model, shape = MODELS[settings.model, settings.loss]
        self.blocks = Blocks(settings.window, **shape)
        self.replicas = Replicas()
        (self.host,) = self.replicas.own_replicas(1)
        self.segment = min(segment, corpus.length)
        self.chunks = -(-self.segment // settings.workers // self.blocks.size)
        self.rates = tf.constant(keep_rates(corpus.counts, settings.sample))
        self.noise = Noise(corpus.counts)
        detail = hierarchical.Tree(corpus.counts) if tree else settings.negatives
        self.learn = model(self.blocks, detail)
        self.update = UPDATES[settings.optimizer]
        targets = detail.counts(corpus.counts) if tree else corpus.counts
        self.make_variables(len(corpus.words), len(targets))
        self.step, self.history, self.words, self.seconds = 0, [], 0, 0.0
        self.draw = tf.function(
            self.draw_segment,
            input_signature=[tf.TensorSpec([None], tf.int32), tf.TensorSpec([], tf.int32)],
            autograph=False,
        )
        self.learn_chunks = tf.function(self.loop, jit_compile=True, autograph=False)
        self.workers = Workers(
            self.replicas, settings.workers, settings.average_chunks, self.times(targets)
        )

    def times(self, targets):
        """How often a worker meets each row of the tables before all are put together."""
        kept = self.corpus.counts * self.rates.numpy()
        part = self.segment / self.corpus.length / self.settings.workers
        if self.settings.average_chunks:
            part = min(part, self.settings.average_chunks * self.blocks.size / kept.sum())
        return [tf.constant(x * part, tf.float32) for x in (kept, kept, targets, targets)]

    def make_variables(self, words, targets):
        """Input vectors near 0, output vectors 0."""
        shape = words, self.settings.dim
        bound = 0.5 / self.settings.dim
        start = tf.random.stateless_uniform(shape, (self.settings.seed, START), -bound, bound)
        self.inputs = tf.Variable(start, name="inputs")
        self.outputs = tf.Variable(tf.zeros([targets, shape[1]]), name="outputs")
        self.input_squares = tf.Variable(tf.zeros([words]), name="input_squares")
        self.output_squares = tf.Variable(tf.zeros([targets]), name="output_squares")
        self.sums = tf.Variable(tf.zeros([2]), name="sums")  # of losses, and of pairs, measured
        self.tables = [self.inputs, self.input_squares, self.outputs, self.output_squares]
        self.variables = checkpoint.raw_variables(self.tables, self.sums)

    @property
    def steps_per_epoch(self):
        """Segments of the text."""
        return -(-self.corpus.length // self.segment)

    def draw_segment(self, ids, step):
        """A `Segment` of the ids, with the draws of the step on this host."""
        seed = fold([self.settings.seed, self.host], step)
        return draw_segment(ids, seed, self.blocks, self.chunks, self.rates, self.noise)

    def loop(self, segment, first, last, rate, slope, tables):
        """Learn from the chunks from `first` to before `last`, at `rate + slope * chunk`.

        Returns:
            The tables, and where `first` is 0 the loss and the pairs of that chunk, before it was
            learnt.
        """

        def measure():
            done = self.learn(segment.chunk(0, self.blocks), tables[0], tables[2])
            return tf.stack([done.loss, done.pairs])

        def body(number, *tables):
            inputs, input_squares, outputs, output_squares = tables
            now = rate + slope * tf.cast(number, tf.float32)
            done = self.learn(segment.chunk(number, self.blocks), inputs, outputs)
            inputs, input_squares = self.update(inputs, input_squares, done.inputs, now)
            outputs, output_squares = self.update(outputs, output_squares, done.outputs, now)
            return number + 1, inputs, input_squares, outputs, output_squares

        sums = tf.cond(first > 0, lambda: tf.zeros(2), measure)
        last = tf.minimum(last, segment.chunks)
        _, *tables = tf.while_loop(
            lambda number, *_: number < last, body, (first, *tables), parallel_iterations=1
        )
        return tables, sums

    def rate(self, step):
        """The learning rate before a step."""
        if not self.settings.falls:
            return self.settings.first_rate
        done = step / (self.settings.epochs * self.steps_per_epoch)
        return self.settings.first_rate * max(1 - done, LEAST_SHARE)

    def train(self):
        """Train from the newest checkpoint or the start; return the history, a row per epoch.

        Raises:
            FloatingPointError: The vectors are no numbers any more. The newest checkpoint is good.
        """
        self.resume()
        self.told = keras.callbacks.CallbackList(self.callbacks)
        self.told.on_train_begin({"step": self.step, "history": self.history})
        while len(self.history) < self.settings.epochs:
            self.train_epoch()
        self.told.on_train_end()
        return self.history

    def resume(self):
        """Take everything from the newest checkpoint that reads back whole."""
        if self.replicas.are_remote:
            self.replicas.agree("--run_dir", fingerprint(self))
        saved = self.checkpoints.latest()
        self.replicas.agree("--run_dir", f"checkpoint {saved.step if saved else 'none'}")
        if saved is not None:
            checkpoint.restore(self.variables, saved.variables)
            self.step = saved.step
            self.history, self.words, self.seconds = (
                saved.state[name] for name in ("history", "words", "seconds")
            )
            self.replicas.compare_count(saved.state.get("replicas", 1))

    def save(self):
        """Write the state of the run; the chief does."""
        if not self.replicas.is_chief:
            return
        state = {"history": self.history, "words": self.words, "seconds": self.seconds}
        state["replicas"] = self.replicas.count
        self.checkpoints.save(self.step, self.variables, state)

    def check(self, loss=0.0):
        """Stop before vectors that are no numbers can be saved."""
        sums = [loss, *map(tf.reduce_sum, self.tables)]
        if not all(map(math.isfinite, sums)):
            raise FloatingPointError(
                f"The vectors are no numbers any more in epoch {len(self.history) + 1}, "
                f"at a learning rate of {self.settings.first_rate}"
            )

    def train_epoch(self):
        """The rest of the current epoch, and its checkpoints."""
        epoch = len(self.history)
        end = (epoch + 1) * self.steps_per_epoch
        self.told.on_epoch_begin(epoch, {"words": self.words})
        started = saved = time.monotonic()
        while self.step < end:
            self.train_step()
            loss = self.loss()
            if not math.isfinite(loss):
                self.check(loss)
            self.told.on_train_batch_end(self.step - 1, {"loss": loss, "words": self.words})
            if self.step < end and time.monotonic() - saved > self.save_seconds:
                self.seconds += time.monotonic() - started
                self.check()
                self.save()
                started = saved = time.monotonic()
        self.seconds += time.monotonic() - started
        self.end_epoch(epoch)

    def batch(self, step):
        """The ids of a segment."""
        return self.corpus.read(step % self.steps_per_epoch * self.segment, self.segment)

    def train_step(self):
        """Learn from the next segments, one for each host and a part of it for each thread."""
        read = self.step % self.steps_per_epoch
        first, last, read_then = next_words(
            read, self.corpus.length, self.segment, self.host, self.replicas.count
        )
        ids = self.corpus.read(first, last - first)
        segments = side_by_side(
            lambda part, number: self.draw(part, self.step * self.settings.workers + number),
            np.array_split(ids, self.settings.workers),
            range(self.settings.workers),
        )
        step = self.step + read_then - read
        tables = [tf.convert_to_tensor(table) for table in self.tables]
        tables, sums = self.workers.learn(self.course(step), segments, tables)
        for variable, table in zip(self.tables, tables, strict=True):
            variable.assign(table)
        self.sums.assign_add(self.workers.sum(sums))
        self.words += int(self.workers.sum(tf.constant((ids >= 0).sum())))
        self.step = step

    def course(self, step):
        """`loop` at a learning rate that falls, chunk by chunk, to that of a later step."""
        rate, next_rate = self.rate(self.step), self.rate(step)

        def learn(segment, first, last, tables):
            slope = (next_rate - rate) / tf.cast(tf.maximum(segment.chunks, 1), tf.float32)
            return self.learn_chunks(segment, first, last, tf.constant(rate), slope, tables)

        return learn

    def loss(self):
        """The mean loss of a pair in this epoch, as far as it was measured."""
        losses, pairs = self.sums.numpy()
        return float(losses / max(pairs, 1))

    def end_epoch(self, epoch):
        """Add a row to the history, and save."""
        self.check()
        row = {
            "epoch": epoch + 1,
            "step": self.step,
            "loss": self.loss(),
            "words": self.words,
            "learning_rate": self.rate(self.step),
            "seconds": round(self.seconds, 3),
        }
        self.history.append(row)
        self.sums.assign([0.0, 0.0])
        self.words, self.seconds = 0, 0.0
        self.save()
        self.told.on_epoch_end(epoch, row)

"""The writing half of sequence to sequence: from first states and a memory to words."""

import functools

import keras
import tensorflow as tf
from keras import ops

from tfseq.cells.ahead import ahead_obstacle
from tfseq.cells.base import state_structure
from tfseq.models.head import dense_head
from tfseq.models.loop import LoopWeights
from tfseq.rnn import RNN


@keras.saving.register_keras_serializable("tfseq")
class Decoder(keras.Layer):
    """The next target word, given the target words so far and what the memory holds.

        x_t      = E[y_{t-1}]
        o_t, s_t = cell(x_t, s_{t-1}, memory)
        r_t      = o_t                             or, with `readout_units`, tanh([o_t; x_t] W_r)
        p(y_t)   = softmax(r_t W + b)              W = E transposed where they are tied

    The cell may attend (`tfseq.AttentionWrapper`, `tfseq.ConditionalCell`), with or without input
    feeding, or be any other cell: then the source is known by the first states alone.

    Args:
        embedding: An `Embedding`; the softmax shares its matrix where it is `tied`.
        cell: Any cell.
        readout_units: Width of `r_t`; `None`: the softmax reads the cell's output.
        rate: Dropout of `r_t`.
        seed: Seed of that dropout.

    References: Bahdanau et al., 2015, arXiv:1409.0473; Luong et al., 2015, arXiv:1508.04025 (input
    feeding); Pascanu et al., 2014, arXiv:1312.6026 (deep output).
    """

    def __init__(self, embedding, cell, *, readout_units=None, rate=0.0, seed=None, **kwargs):
        super().__init__(**kwargs)
        self.embedding = embedding
        self.cell = cell
        self.readout_units = readout_units
        self.rate = rate
        self.seed = seed
        self.seed_generator = keras.random.SeedGenerator(seed)
        self.rnn = RNN(cell, return_sequences=True, return_state=True)
        self.attends = hasattr(cell, "mechanism")
        self.readout = (
            keras.layers.Dense(readout_units, activation="tanh", name="readout")
            if readout_units
            else None
        )
        self.softmax = (
            None
            if embedding.tied
            else keras.layers.Dense(embedding.vocabulary_size, dtype=self.dtype_policy)
        )

    @property
    def state_size(self):
        """The sizes of the states that a bridge gives: those of the cell without its attention."""
        sizes = state_structure(self.cell)
        return sizes.cell if self.attends else sizes

    def memorize(self, annotations, mask=None):
        """What the cell may look at, computed once for each source; `()` where it does not look."""
        if not self.attends:
            return ()
        mechanism = self.cell.mechanism
        if isinstance(mechanism, list | tuple):
            return tuple(one.memorize(annotations, mask) for one in mechanism)
        return mechanism.memorize(annotations, mask)

    def start(self, states, memory):
        """The cell's states before the first word, from those of a bridge."""
        return self.cell.start(states, memory) if self.attends else states

    def build(self, ids_shape=None):
        """Nothing of its own: the parts are built when they are first called."""
        self.built = True

    def start_sequence(self):
        """Draw what holds for a whole sequence. Due before steps; `call` does it by itself."""
        if hasattr(self.cell, "start_sequence"):
            self.cell.start_sequence()

    def call(self, ids, states, memory=(), training=False):
        """Write what is given, teacher forced: logits `[batch, time, vocabulary]`, last states.

        Args:
            ids: `[batch, time]`: the word before each word that is predicted.
            states: Before the first word.
            memory: What `memorize` gave.
            training: Whether to drop.
        """
        inputs, outputs, states = self._write(ids, states, memory, training)
        return self.logits(outputs, inputs, training), states

    def cross_entropy(
        self, ids, states, memory, targets, weights, label_smoothing=0.0, training=False
    ):
        """Write what is given, and compare what follows each word with the truth.

        As `tfseq.cross_entropy` of the call's logits, which are never all in memory:
        `(sum of the losses in nats, sum of the weights)`.

        Args:
            ids: As in the call.
            states: As in the call.
            memory: As in the call.
            targets: `[batch, time]`: the word after each.
            weights: `[batch, time]`; 0 where a position is padding.
            label_smoothing: As in `tfseq.losses.word_losses`.
            training: Whether to drop.
        """
        inputs, outputs, _ = self._write(ids, states, memory, training)
        outputs = self._readout(outputs, inputs, training)
        head = dense_head(self.softmax) if self.softmax is not None else self.embedding.head()
        return head.cross_entropy(outputs, targets, weights, label_smoothing, training)

    def _write(self, ids, states, memory, training):
        inputs = self.embedding(ids, training=training)
        outputs, states = self.rnn(
            inputs, initial_state=states, training=training, **self._arguments(memory)
        )
        return inputs, outputs, states

    def step(self, ids, states, memory=(), training=False, kernel=()):
        """One word for each row, as `decode` does: logits `[rows, vocabulary]` and new states.

        A loop over many steps computes the `kernel` of a tied softmax once: `embedding.kernel()`.
        """
        inputs = self.embedding(ids, training=training)
        outputs, states = self.cell(inputs, states, training=training, **self._arguments(memory))
        return self.logits(outputs, inputs, training, kernel), states

    def loop_weights(self, table=True, ahead=True):
        """What the steps of a loop have in common, a `LoopWeights`.

        Args:
            table: Whether with a table of what each word adds.
            ahead: Whether with the weights of the cell and the readout.
        """
        weights = LoopWeights(kernel=self.embedding.kernel() if self.embedding.tied else ())
        if not ahead or ahead_obstacle(self.cell):
            return weights
        weights = weights._replace(cell=self.cell.loop_weights())
        if self.readout is not None:
            kernel = tf.convert_to_tensor(self.readout.kernel)
            weights = weights._replace(readout=tf.split(kernel, [self.cell.output_size, -1]))
        return weights.with_table(self.embedding, self._adder(weights)) if table else weights

    def _adder(self, weights):
        """`x -> ` what it adds to the products of the cell and of the readout."""

        def add(inputs):
            for_cell = self.cell.loop_inputs(weights.cell, inputs)
            if self.readout is None:
                return for_cell, ()
            return for_cell, tf.nn.bias_add(
                tf.matmul(inputs, weights.readout[1]), tf.convert_to_tensor(self.readout.bias)
            )

        return add

    def loop_step(self, weights=None):
        """`step` for a loop: what is the same at every step is computed here, before the loop.

        Args:
            weights: Of `loop_weights`, where they have been computed once for many loops.
        """
        weights = self.loop_weights(table=False) if weights is None else weights
        if not weights.cell:
            return functools.partial(self.step, kernel=weights.kernel)
        add = self._adder(weights)

        def step(ids, states, memory=()):
            for_cell, for_readout = weights.added(ids, self.embedding, add)
            outputs, states = self.cell.loop_step(weights.cell, for_cell, states, memory)
            if self.readout is not None:
                outputs = tf.tanh(tf.matmul(outputs, weights.readout[0]) + for_readout)
            return self._scores(outputs, weights.kernel), states

        return step

    def _arguments(self, memory):
        return {"memory": memory} if self.attends else {}

    def logits(self, outputs, inputs, training=False, kernel=()):
        """Scores of all words, in float32, from the cell's outputs and inputs."""
        return self._scores(self._readout(outputs, inputs, training), kernel)

    def _scores(self, outputs, kernel):
        if self.softmax is None:
            return self.embedding.scores(outputs, kernel)
        return ops.cast(self.softmax(outputs), "float32")

    def _readout(self, outputs, inputs, training):
        """What the softmax reads."""
        if self.readout is not None:
            outputs = self.readout(ops.concatenate([outputs, inputs], axis=-1))
        if training and self.rate:
            outputs = keras.random.dropout(outputs, self.rate, seed=self.seed_generator)
        if self.softmax is None and outputs.shape[-1] != self.embedding.units:
            raise ValueError(
                "A softmax tied to the embedding reads outputs as wide as its vectors: set "
                f"`readout_units`. Received: width {outputs.shape[-1]} for vectors of width "
                f"{self.embedding.units}"
            )
        return outputs

    def get_config(self):
        config = super().get_config()
        config.update(
            embedding=keras.saving.serialize_keras_object(self.embedding),
            cell=keras.saving.serialize_keras_object(self.cell),
            readout_units=self.readout_units,
            rate=self.rate,
            seed=self.seed,
        )
        return config

    @classmethod
    def from_config(cls, config):
        revive = keras.saving.deserialize_keras_object
        embedding, cell = revive(config["embedding"]), revive(config["cell"])
        return cls(**{**config, "embedding": embedding, "cell": cell})

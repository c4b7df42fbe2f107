"""A recurrent language model: embedding, a stack of cells, softmax over the next word."""

import functools

import keras
from keras import ops

from tfseq.cells.ahead import ahead_obstacle
from tfseq.cells.base import check_units
from tfseq.models.embedding import Embedding
from tfseq.models.head import dense_head
from tfseq.models.loop import LoopWeights
from tfseq.models.objectives import make_softmax
from tfseq.rnn import RNN


@keras.saving.register_keras_serializable("tfseq")
class LanguageModel(keras.Model):
    """The probability of the next word, given all words so far.

        x_t = E[w_t]                        E  [vocabulary, embedding]
        o_t, s_t = cell(x_t, s_{t-1})
        e_t = o_t P                         only where the cell's outputs are not as wide as e_t
        p(w_{t+1} | w_1 .. w_t) = softmax(e_t W + b)

    `W` is `E` transposed where the two are tied: one matrix says what a word means as input and
    as output, with fewer weights and a better fit on small corpora.

    Args:
        vocabulary_size: Number of word ids; ids run from 0.
        cell: Any cell, ours or Keras's, most often a `MultiRNNCell`. It has its own dropout.
        embedding_size: Width of `x_t`, the `units` of the model's `Embedding`.
        tied: Whether the softmax shares the embedding's matrix.
        word_rate: Share of the word types whose vectors are dropped in each training window.
        objective: What `cross_entropy` follows in training: `softmax`, or where the vocabulary is
            large one of the others in `OBJECTIVES`, which are not tied.
        samples: Words drawn in each step, of a `SampledSoftmax`.
        cutoffs: Ids where the groups of an `AdaptiveSoftmax` begin.
        recompute: As for `tfseq.RNN`: steps between the states that a gradient keeps.
        seed: Seed of the word dropout and of the draws.

    Call arguments:
        ids: `[batch, time]` integers.
        mask: `[batch, time]` booleans, `True` = a real word. The state stands still where `False`.

    Returns:
        Logits `[batch, time, vocabulary]`.

    References: Mikolov et al., 2010, "Recurrent neural network based language model"; tied
    weights: Press & Wolf, 2017, arXiv:1608.05859, and Inan et al., 2017, arXiv:1611.01462; word
    dropout: Gal & Ghahramani, 2016, arXiv:1512.05287.
    """

    def __init__(
        self,
        vocabulary_size,
        cell,
        embedding_size,
        *,
        tied=False,
        word_rate=0.0,
        objective="softmax",
        samples=512,
        cutoffs=(),
        recompute=0,
        seed=None,
        **kwargs,
    ):
        if tied and objective != "softmax":
            raise ValueError(
                "`tied` is for the objective `softmax`, whose matrix is as wide as the embedding. "
                f"Received: tied=True, {objective=!r}"
            )
        super().__init__(**kwargs)
        self.embedding = Embedding(
            vocabulary_size,
            check_units(embedding_size, "embedding_size"),
            word_rate=word_rate,
            # Word vectors of about unit size wake up the layers above; as weights of the softmax
            # they would make the first guesses far too sure.
            limit=0.1 if tied else 1.0,
            tied=tied,
            seed=seed,
        )
        self.vocabulary_size = vocabulary_size
        self.embedding_size = embedding_size
        self.tied = tied
        self.word_rate = word_rate
        self.seed = seed
        self.cell = cell
        self.recompute = recompute
        self.rnn = RNN(cell, return_sequences=True, return_state=True, recompute=recompute)
        self.objective = objective
        self.samples = samples
        self.cutoffs = tuple(cutoffs)
        self.softmax = (
            None if tied else make_softmax(objective, vocabulary_size, samples, cutoffs, seed)
        )
        narrow = tied and cell.output_size != embedding_size
        self.projection = keras.layers.Dense(embedding_size, use_bias=False) if narrow else None

    def build(self, ids_shape):
        if not self.embedding.built:
            self.embedding.build(ids_shape)
        if not self.rnn.built:
            self.rnn.build((*ids_shape, self.embedding_size))
        output_shape = (*ids_shape, self.cell.output_size)
        if self.projection is not None and not self.projection.built:
            self.projection.build(output_shape)
        if not self.tied and not self.softmax.built:
            self.softmax.build(output_shape)
        self.built = True

    def call(self, ids, mask=None, training=False):
        return self.unroll(ids, mask=mask, training=training)[0]

    def unroll(self, ids, states=None, mask=None, training=False):
        """Read whole sequences: `(logits [batch, time, vocabulary], final states)`."""
        outputs, states = self._read(ids, states, mask, training)
        return self.logits(outputs), states

    def cross_entropy(self, ids, targets, weights, states=None, mask=None, training=False):
        """Read whole sequences, and compare what follows each word with the truth.

        As `tfseq.cross_entropy` of `unroll`'s logits, which are never all in memory.

        Args:
            ids: As in the call.
            targets: `[batch, time]` ids: the word after each.
            weights: `[batch, time]`; 0 where a position does not count.
            states: Those before the first word; `None`: zeros.
            mask: As in the call.
            training: Whether to drop.

        Returns:
            `(sum of the losses in nats, sum of the weights, final states)`.
        """
        outputs, states = self._read(ids, states, mask, training)
        head = self.embedding.head() if self.tied else self.softmax
        head = dense_head(head) if isinstance(head, keras.layers.Dense) else head
        losses = head.cross_entropy(self._projected(outputs), targets, weights, training=training)
        return *losses, states

    def _read(self, ids, states, mask, training):
        return self.rnn(
            self.embed(ids, training), initial_state=states, mask=mask, training=training
        )

    def step(self, ids, states, memory=()):
        """Read one word per row, as `decode` does: `(logits [batch, vocabulary], new states)`."""
        outputs, states = self.cell(self.embed(ids), states)
        return self.logits(outputs), states

    def loop_weights(self, table=True):
        """What the steps of a loop have in common, a `LoopWeights`; with a `table` or without."""
        weights = LoopWeights(kernel=self.embedding.kernel() if self.tied else ())
        if ahead_obstacle(self.cell):
            return weights
        weights = weights._replace(cell=self.cell.loop_weights())
        return weights.with_table(self.embedding, self._adder(weights)) if table else weights

    def _adder(self, weights):
        return functools.partial(self.cell.loop_inputs, weights.cell)

    def loop_step(self, weights=None):
        """`step` for a loop: what is the same at every step is computed here, before the loop.

        Args:
            weights: Of `loop_weights`, where they have been computed once for many loops.
        """
        weights = self.loop_weights(table=False) if weights is None else weights

        def step(ids, states, memory=()):
            if weights.cell:
                added = weights.added(ids, self.embedding, self._adder(weights))
                outputs, states = self.cell.loop_step(weights.cell, added, states)
            else:
                outputs, states = self.cell(self.embed(ids), states)
            return self.logits(outputs, weights.kernel), states

        return step

    def get_initial_state(self, batch_size):
        """Zero states of the whole stack."""
        return self.cell.get_initial_state(batch_size=batch_size)

    def embed(self, ids, training=False):
        """The words' vectors, `[..., embedding]`."""
        if not self.built:  # Keras builds what is called, not what is unrolled or stepped
            self.build((None, None))
        return self.embedding(ids, training=training)

    def logits(self, outputs, kernel=()):
        """Scores of all words, `[..., vocabulary]`, in float32 whatever the policy.

        A loop over many steps computes the `kernel` of a tied softmax once.
        """
        outputs = self._projected(outputs)
        if not self.tied:
            return ops.cast(self.softmax(outputs), "float32")
        return self.embedding.scores(outputs, kernel)

    def _projected(self, outputs):
        outputs = ops.cast(outputs, self.compute_dtype)
        return outputs if self.projection is None else self.projection(outputs)

    def get_config(self):
        config = super().get_config()
        config.update(
            vocabulary_size=self.vocabulary_size,
            cell=keras.saving.serialize_keras_object(self.cell),
            embedding_size=self.embedding_size,
            tied=self.tied,
            word_rate=self.word_rate,
            objective=self.objective,
            samples=self.samples,
            cutoffs=self.cutoffs,
            recompute=self.recompute,
            seed=self.seed,
        )
        return config

    @classmethod
    def from_config(cls, config):
        cell = keras.saving.deserialize_keras_object(config["cell"])
        return cls(**{**config, "cell": cell})

"""TensorFlow 1's beam search; a step's arithmetic is that of `tfseq.decoding`."""

import collections

import tensorflow as tf

from tfseq.decoding import beams, hypotheses
from tfseq.decoding.beam_search import tile_batch as repeat_rows
from tfseq.tf1.attention_wrapper import AttentionWrapperState
from tfseq.tf1.checks import require
from tfseq.tf1.decoder import CellDecoder
from tfseq.tf1.helpers import embedding_function

BeamSearchDecoderState = collections.namedtuple(
    "BeamSearchDecoderState",
    ["cell_state", "log_probs", "finished", "lengths", "accumulated_attention_probs"],
)
BeamSearchDecoderOutput = collections.namedtuple(
    "BeamSearchDecoderOutput", ["scores", "predicted_ids", "parent_ids"]
)
FinalBeamSearchDecoderOutput = collections.namedtuple(
    "FinalBeamSearchDecoderOutput", ["predicted_ids", "beam_search_decoder_output"]
)


def tile_batch(t, multiplier, name=None):
    """`tf.contrib.seq2seq.tile_batch`: each row of a nest of tensors, `multiplier` times in a row.

    Args:
        t: Nest of `[batch, ...]`.
        multiplier: The `beam_width`.
        name: Not used.

    Raises:
        ValueError: A tensor without rows.
    """
    t = tf.nest.map_structure(tf.convert_to_tensor, t)
    for part in tf.nest.flatten(t):
        if part.shape.rank == 0:
            raise ValueError(f"`t` must have rows, rank 1 or more. Received: t={part}")
    return repeat_rows(t, multiplier)


def gather_tree(step_ids, parent_ids, max_sequence_lengths, end_token, name=None):
    """`tf.contrib.seq2seq.gather_tree`: whole sequences from steps and parents.

    Args:
        step_ids: `[time, batch, width]`.
        parent_ids: Likewise: where each came from.
        max_sequence_lengths: `[batch]`: from where each row is followed back.
        end_token: Stands behind the first one of a sequence, and past the lengths.
        name: Not used.
    """
    ids = _along(step_ids, parent_ids, max_sequence_lengths)
    is_end = tf.cast(tf.equal(ids, tf.cast(end_token, ids.dtype)), tf.int32)
    has_ended = tf.cumsum(is_end, axis=0, exclusive=True) > 0
    is_beyond = _times(ids)[:, None, None] >= tf.cast(max_sequence_lengths, tf.int32)[:, None]
    return tf.where(has_ended | is_beyond, tf.cast(end_token, ids.dtype), ids)


def gather_tree_from_array(t, parent_ids, sequence_length):
    """What was recorded at each step, along the ways of the sequences.

    Args:
        t: `[time, batch, width, ...]` or `[time, batch * width, ...]`.
        parent_ids: `[time, batch, width]`.
        sequence_length: `[batch, width]`; past it values stay in their places.
    """
    t, lengths = tf.convert_to_tensor(t), tf.cast(sequence_length, tf.int32)
    own = tf.broadcast_to(tf.range(tf.shape(parent_ids)[2]), tf.shape(parent_ids))
    places = _along(own, parent_ids, tf.reduce_max(lengths, axis=1))
    places = tf.where(_times(places)[:, None, None] < lengths, places, own)
    apart = tf.reshape(t, tf.concat([tf.shape(parent_ids), [-1]], axis=0))
    return tf.reshape(tf.gather(apart, places, batch_dims=2), tf.shape(t))


def _along(values, parents, lengths):
    """`[time, batch, width]`, each way followed back from its row's own last step."""
    parents = tf.cast(parents, tf.int32)
    own = tf.range(tf.shape(parents)[2])
    runs = _times(parents)[:, None, None] < tf.cast(lengths, tf.int32)[:, None]
    _, after = beams.trace_back(tf.where(runs, parents, own), tf.shape(parents)[2])
    return tf.gather(values, after, batch_dims=2)


def _times(values):
    return tf.range(tf.shape(values)[0])


class BeamSearchDecoder(CellDecoder):
    """`tf.contrib.seq2seq.BeamSearchDecoder`; see `tfseq.beam_search` for the search itself.

    Args:
        cell: A cell of `tfseq.tf1`, or your own.
        embedding: `[vocabulary, depth]`, or a function of ids.
        start_tokens: `[batch]`, fed first.
        end_token: The id a sequence ends with.
        initial_state: The cell's state, each row `beam_width` times: see `tile_batch`.
        beam_width: Sequences that are kept.
        output_layer: A layer on the cell's outputs, or `None`.
        length_penalty_weight: 0 or more; more favours long sequences.
        coverage_penalty_weight: 0 or more; needs an `AttentionWrapper`.
        reorder_tensor_arrays: Whether histories in the state follow the sequences at the end.

    Raises:
        ValueError: `start_tokens` is no vector, or `end_token` no scalar; an `initial_state` of
            another number of rows than `tile_batch` gives (`InvalidArgumentError`, where that is
            known to the graph only when it runs).
    """

    def __init__(
        self,
        cell,
        embedding,
        start_tokens,
        end_token,
        initial_state,
        beam_width,
        output_layer=None,
        length_penalty_weight=0.0,
        coverage_penalty_weight=0.0,
        reorder_tensor_arrays=True,
    ):
        super().__init__(cell, initial_state, output_layer)
        self._embed = embedding_function(embedding)
        self._start_tokens = tf.cast(start_tokens, tf.int32)
        self._end_token = tf.cast(end_token, tf.int32)
        if self._start_tokens.shape.rank != 1:
            raise ValueError(
                f"start_tokens must be a vector. Received: shape {self._start_tokens.shape}"
            )
        if self._end_token.shape.rank != 0:
            raise ValueError(f"end_token must be a scalar. Received: {self._end_token.shape}")
        self._width = beam_width
        self._penalties = hypotheses.Penalties(length_penalty_weight, coverage_penalty_weight)
        self._covers = bool(coverage_penalty_weight)
        self._reorders = reorder_tensor_arrays
        self._initial_state = tf.nest.map_structure(self._checked, initial_state)

    def _checked(self, part):
        """A part of the initial state, which must be tiled."""
        if isinstance(part, tf.TensorArray) or not part.shape.rank:
            return part
        batch, rows = self._start_tokens.shape[0], part.shape[0]
        message = (
            "`initial_state` must have `beam_width` rows for each start token, as "
            f"tile_batch(state, {self._width}) gives."
        )
        if None in (batch, rows):
            is_tiled = tf.equal(tf.shape(part)[0], self.batch_size * self._width)
            return require(is_tiled, message, part)
        if rows != batch * self._width:
            raise ValueError(f"{message} Received: {rows} rows for {batch} tokens")
        return part

    @property
    def batch_size(self):
        """Of the start tokens."""
        return tf.size(self._start_tokens)

    @property
    def tracks_own_finished(self):
        """Beams change places."""
        return True

    @property
    def output_size(self):
        """A number for each beam."""
        return BeamSearchDecoderOutput(*[tf.TensorShape([self._width])] * 3)

    @property
    def output_dtype(self):
        """Scores, and ids."""
        return BeamSearchDecoderOutput(tf.float32, tf.int32, tf.int32)

    def initialize(self, name=None):
        """One beam for each row, its start token's vector."""
        tokens = tf.tile(self._start_tokens[:, None], [1, self._width])
        inputs = self._embed(tokens)
        self.prepare(self._merge(inputs))
        state = tf.nest.map_structure(self._split, self._initial_state)
        attended = ()
        if self._covers:
            alignments = self._alignments(self._initial_state)
            attended = tf.zeros([self.batch_size, self._width, tf.shape(alignments)[-1]])
        first = hypotheses.begin(self.batch_size, self._width, covers=False)
        return (
            first.finished,
            inputs,
            BeamSearchDecoderState(
                state, first.log_probabilities, first.finished, first.lengths, attended
            ),
        )

    def step(self, time, inputs, state, name=None):
        """One step of the cell, and the best continuations of all beams of a row."""
        cell_state = tf.nest.map_structure(self._merge, state.cell_state)
        logits, cell_state = self.run_cell(self._merge(inputs), cell_state)
        attention = self._alignments(cell_state) if self._covers else None
        grown, parents, ids = hypotheses.grow(
            hypotheses.Hypotheses(
                state.log_probs,
                state.log_probs,
                state.lengths,
                state.finished,
                state.accumulated_attention_probs,
            ),
            logits,
            self._end_token,
            self._penalties,
            attention,
        )
        cell_state = tf.nest.map_structure(self._split, cell_state)
        cell_state = tf.nest.map_structure(lambda x: self._of(parents, x), cell_state)
        new_state = BeamSearchDecoderState(
            cell_state, grown.log_probabilities, grown.finished, grown.lengths, grown.attended
        )
        output = BeamSearchDecoderOutput(grown.scores, ids, parents)
        return output, new_state, self._embed(ids), grown.finished

    def finalize(self, outputs, final_state, sequence_lengths):
        """Whole sequences, best first, from those of each step."""
        longest = tf.reduce_max(final_state.lengths, axis=1)
        ids = gather_tree(outputs.predicted_ids, outputs.parent_ids, longest, self._end_token)
        if self._reorders:

            def reorder(value):
                if not isinstance(value, tf.TensorArray):
                    return value
                stacked = value.stack()
                return gather_tree_from_array(stacked, outputs.parent_ids, final_state.lengths)

            state = tf.nest.map_structure(reorder, final_state.cell_state)
            final_state = final_state._replace(cell_state=state)
        return FinalBeamSearchDecoderOutput(ids, outputs), final_state

    def _alignments(self, state):
        """Of all mechanisms, their mean."""
        if not isinstance(state, AttentionWrapperState):
            raise ValueError(
                "coverage_penalty_weight needs a cell that attends: AttentionWrapper. "
                f"Received: a state of type {type(state).__name__}"
            )
        parts = tf.nest.flatten(state.alignments)
        return tf.add_n(parts) / len(parts)

    def _has_rows(self, value):
        return not isinstance(value, tf.TensorArray) and value.shape.rank != 0

    def _merge(self, value):
        """`[batch, width, ...]` -> `[batch * width, ...]`."""
        if not self._has_rows(value):
            return value
        found = tf.reshape(value, tf.concat([[-1], tf.shape(value)[2:]], axis=0))
        return tf.ensure_shape(found, [None, *value.shape[2:]])

    def _split(self, value):
        """`[batch * width, ...]` -> `[batch, width, ...]`."""
        if not isinstance(value, tf.TensorArray):
            value = tf.convert_to_tensor(value)
        if not self._has_rows(value):
            return value
        shape = tf.concat([[-1, self._width], tf.shape(value)[1:]], axis=0)
        return tf.ensure_shape(tf.reshape(value, shape), [None, self._width, *value.shape[1:]])

    def _of(self, parents, value):
        """The parents' part of a state."""
        return tf.gather(value, parents, batch_dims=1) if self._has_rows(value) else value

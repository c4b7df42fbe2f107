"""Encoders: which way they read, what padding may not change, how layers are joined."""

import keras
import numpy as np
import pytest

from tfseq.cells import GRUCell
from tfseq.models import ENCODERS, MERGES, Embedding, Encoder, encoder_cells
from tfseq.rnn import RNN
from tfseq.unroll import bidirectional_dynamic_rnn, dynamic_rnn

IDS = np.array([[4, 2, 6, 1], [3, 5, 0, 0]], np.int32)
MASK = IDS != 0
LENGTHS = [4, 2]


def make(kind="bidirectional", layers=1, embedding_size=3, units=5, merge="concat", **options):
    keras.utils.set_random_seed(1)
    embedding = Embedding(7, embedding_size, limit=1.0, seed=1)
    cells = encoder_cells(kind, "gru", units, layers, **options)
    return Encoder(embedding, cells, merge=merge)


def test_two_ways_are_those_of_bidirectional_dynamic_rnn():
    encoder = make()
    annotations, states = encoder(IDS, mask=MASK)
    (forward, backward) = (way.cell for way in encoder.ways[0])
    outputs, last = bidirectional_dynamic_rnn(
        forward, backward, encoder.embedding(IDS), sequence_length=LENGTHS
    )
    np.testing.assert_allclose(annotations, np.concatenate(outputs, axis=-1), atol=1e-6)
    for own, expected in zip(keras.tree.flatten(states), keras.tree.flatten(last), strict=True):
        np.testing.assert_allclose(own, expected, atol=1e-6)


def test_two_ways_that_are_summed_are_as_wide_as_one():
    encoder = make(merge="sum")
    annotations, _ = encoder(IDS, mask=MASK)
    outputs, _ = bidirectional_dynamic_rnn(
        *(way.cell for way in encoder.ways[0]), encoder.embedding(IDS), sequence_length=LENGTHS
    )
    np.testing.assert_allclose(annotations, outputs[0] + outputs[1], atol=1e-6)


@pytest.mark.parametrize("merge", MERGES)
@pytest.mark.parametrize("mask", [MASK, None])
@pytest.mark.parametrize("kind", ENCODERS)
def test_the_last_of_a_text_is_what_each_way_says_at_its_end(kind, mask, merge):
    """A loop that returns no sequences says so itself."""
    encoder = make(kind, layers=2, merge=merge)
    last = encoder.read(IDS, mask).last
    if kind == "stacked_bidirectional":
        below = Encoder(encoder.embedding, [[w.cell for w in encoder.ways[0]]], merge=merge)
        values = below(IDS, mask=mask)[0]
    else:
        values = encoder.embedding(IDS)
    ends = [RNN(w.cell, go_backwards=w.go_backwards)(values, mask=mask) for w in encoder.ways[-1]]
    expected = sum(ends) if merge == "sum" else np.concatenate(ends, axis=-1)
    np.testing.assert_allclose(last, expected, atol=1e-6)


def test_of_a_row_without_words_the_last_is_nothing():
    encoder = make()
    last = encoder.read(IDS, np.array([[True, True, True, False], [False] * 4])).last
    assert np.abs(last[0]).min() > 0
    np.testing.assert_array_equal(last[1], 0)


def test_any_layer_may_stand_for_the_embedding():
    """One that reads two kinds of ids, as words and their letters are."""

    class Two(keras.Layer):
        def __init__(self):
            super().__init__()
            self.both = Embedding(7, 3, limit=1.0, seed=1), Embedding(9, 2, limit=1.0, seed=2)

        def call(self, ids, training=False):
            vectors = [one(x) for one, x in zip(self.both, ids, strict=True)]
            return keras.ops.concatenate(vectors, axis=-1)

    encoder = Encoder(Two(), encoder_cells("bidirectional", "gru", 5, 1))
    annotations, _ = encoder((IDS, IDS + 1), mask=MASK)
    assert annotations.shape == (2, 4, 10)
    np.testing.assert_array_equal(annotations[1, 2:], 0)


def test_a_reversed_source_is_read_from_its_last_real_word():
    encoder = make("unidirectional", reverse=True)
    annotations, states = encoder(IDS, mask=MASK)
    (way,) = encoder.ways[0]
    backwards = np.array([[1, 6, 2, 4], [5, 3, 0, 0]])
    outputs, last = dynamic_rnn(way.cell, encoder.embedding(backwards), sequence_length=LENGTHS)
    np.testing.assert_allclose(annotations[0], outputs[0][::-1], atol=1e-6)
    np.testing.assert_allclose(annotations[1, :2], outputs[1][:2][::-1], atol=1e-6)
    np.testing.assert_allclose(
        keras.tree.flatten(states)[0], keras.tree.flatten(last)[0], atol=1e-6
    )


@pytest.mark.parametrize("kind", ENCODERS)
def test_a_row_is_the_same_alone_and_beside_a_longer_one(kind):
    encoder = make(kind, layers=2)
    annotations, states = encoder(IDS, mask=MASK)
    alone, alone_states = encoder(IDS[1:, :2], mask=MASK[1:, :2])
    np.testing.assert_allclose(annotations[1:, :2], alone, atol=1e-6)
    np.testing.assert_array_equal(annotations[1, 2:], 0)
    for both, one in zip(keras.tree.flatten(states), keras.tree.flatten(alone_states), strict=True):
        np.testing.assert_allclose(both[1:], one, atol=1e-6)


def test_the_upper_layer_of_a_stacked_encoder_reads_both_ways_of_the_lower():
    encoder = make("stacked_bidirectional", layers=2)
    annotations, states = encoder(IDS, mask=MASK)
    lower = Encoder(encoder.embedding, [tuple(way.cell for way in encoder.ways[0])])
    below, _ = lower(IDS, mask=MASK)
    forward, backward = (way.cell for way in encoder.ways[1])
    outputs, _ = bidirectional_dynamic_rnn(forward, backward, below, sequence_length=LENGTHS)
    np.testing.assert_allclose(annotations, np.concatenate(outputs, axis=-1), atol=1e-6)
    assert len(states) == 2
    assert forward.cells[0].gates.kernel.shape[0] == 10 + 5 if hasattr(forward, "gates") else True


def test_a_residual_layer_adds_what_it_read():
    encoder = make("stacked_bidirectional", layers=2)
    residual = Encoder(
        encoder.embedding,
        [tuple(way.cell for way in ways) for ways in encoder.ways],
        residual_from=1,
    )
    below, _ = Encoder(encoder.embedding, [tuple(w.cell for w in encoder.ways[0])])(IDS, mask=MASK)
    np.testing.assert_allclose(
        residual(IDS, mask=MASK)[0], encoder(IDS, mask=MASK)[0] + below, atol=1e-6
    )


def test_dropout_of_annotations_is_for_training():
    keras.utils.set_random_seed(2)
    encoder = Encoder(Embedding(7, 3, limit=1.0), [(GRUCell(40), None)], rate=0.5, seed=3)
    kept = np.asarray(encoder(IDS)[0])
    dropped = np.asarray(encoder(IDS, training=True)[0])
    gone = dropped == 0
    assert 0.3 < gone.mean() < 0.7
    np.testing.assert_allclose(dropped[~gone], 2 * kept[~gone], rtol=1e-5)


def test_it_is_made_again_from_its_config():
    encoder = make("bidirectional", layers=2, merge="sum", residual_from=1, output_rate=0.2, seed=3)
    again = Encoder.from_config(encoder.get_config())
    encoder(IDS, mask=MASK), again(IDS, mask=MASK)
    assert len(encoder.weights) == len(again.weights)
    for weight, other in zip(encoder.weights, again.weights, strict=True):
        other.assign(weight)
    np.testing.assert_allclose(again(IDS, mask=MASK)[0], encoder(IDS, mask=MASK)[0], atol=1e-6)


def test_wrong_kinds_are_told():
    with pytest.raises(ValueError, match="must be one of unidirectional, bidirectional"):
        encoder_cells("sideways", "gru", 5, 1)
    with pytest.raises(ValueError, match="read both ways"):
        encoder_cells("bidirectional", "gru", 5, 1, reverse=True)
    with pytest.raises(ValueError, match="`merge` must be one of concat, sum"):
        make(merge="mean")

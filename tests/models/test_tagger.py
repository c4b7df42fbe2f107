"""Taggers: what padding may not change, characters beside words, both ways to choose labels."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from tests.oracles import labellings
from tfseq.cells import BasicLSTMCell, GRUCell
from tfseq.models import (
    ENCODERS,
    LABEL_OUTPUTS,
    Embedding,
    Encoder,
    SpelledEmbedding,
    Tagger,
    Words,
    encoder_cells,
)

IDS = np.array([[4, 2, 6, 1], [3, 5, 0, 0]], np.int32)
MASK = IDS != 0
PLACES = np.array([[1, 2, 3, 1], [4, 2, 0, 0]], np.int32)
SPELLINGS = np.array([[0, 0, 0], [5, 1, 0], [2, 0, 0], [3, 3, 4], [1, 2, 0]], np.int32)
WORDS = Words(IDS, PLACES, SPELLINGS)


def make(output="crf", kind="bidirectional", spelled=False, cell="gru", merge="concat", **options):
    keras.utils.set_random_seed(1)
    embedding = Embedding(7, 5, limit=1.0, seed=1)
    if spelled:
        ways = BasicLSTMCell(2), BasicLSTMCell(2)
        embedding = SpelledEmbedding(embedding, Encoder(Embedding(6, 4, limit=1.0, seed=2), [ways]))
    encoder = Encoder(embedding, encoder_cells(kind, cell, 8, 2, seed=3), merge=merge)
    model = Tagger(encoder, 3, output=output, **options)
    model.build()
    for weight in model.choice.weights:
        weight.assign(np.random.default_rng(4).normal(size=weight.shape))
    return model


def answers(model, words, mask):
    """All that a tagger says: scores, labels, probabilities, and how likely its labels are."""
    mask = tf.constant(mask)
    scores = model(words, mask=mask)
    labels = model.decode(scores, mask)
    likelihood = model.log_likelihood(scores, labels, mask)
    return scores, labels, model.marginals(scores, mask), likelihood


@pytest.mark.parametrize("kind", ENCODERS)
@pytest.mark.parametrize("output", LABEL_OUTPUTS)
def test_a_row_is_the_same_alone_and_beside_a_longer_one(output, kind):
    model = make(output, kind, spelled=True)
    scores, labels, marginals, likelihood = answers(model, WORDS, MASK)
    short = Words(IDS[1:, :2], PLACES[1:, :2], SPELLINGS)
    alone = answers(model, short, MASK[1:, :2])
    np.testing.assert_allclose(scores[1:, :2], alone[0], atol=1e-6)
    np.testing.assert_array_equal(labels[1:, :2], alone[1])
    np.testing.assert_allclose(marginals[1:, :2], alone[2], atol=1e-6)
    np.testing.assert_allclose(likelihood[1:], alone[3], atol=1e-5)
    np.testing.assert_array_equal(marginals[1:, 2:], 0)


@pytest.mark.parametrize("cell", ["basic_rnn", "lstm", "sru", "clockwork_rnn"])
def test_any_cell_reads_and_both_ways_may_be_added(cell):
    model = make(cell=cell, merge="sum")
    scores, *_ = answers(model, IDS, MASK)
    assert scores.shape == (2, 4, 3)
    alone, *_ = answers(model, IDS[1:, :2], MASK[1:, :2])
    np.testing.assert_allclose(scores[1:, :2], alone, atol=1e-6)


def test_a_spelling_does_not_depend_on_longer_ones():
    embedding = make(spelled=True).encoder.embedding
    both = embedding(WORDS)
    short = embedding(Words(IDS[1:, :2], np.array([[0, 1]]), SPELLINGS[[4, 2], :2]))
    np.testing.assert_allclose(both[1:, :2], short, atol=1e-6)
    assert both.shape == (2, 4, 5 + 2 + 2)


def test_words_that_are_spelled_alike_are_read_alike():
    embedding = make(spelled=True).encoder.embedding
    vectors = embedding(Words(np.array([[4, 4, 6]]), np.array([[1, 2, 1]]), SPELLINGS)).numpy()
    np.testing.assert_array_equal(vectors[0, 0, 5:], vectors[0, 2, 5:])
    np.testing.assert_array_equal(vectors[0, 0, :5], vectors[0, 1, :5])
    assert np.abs(vectors[0, 0, 5:] - vectors[0, 1, 5:]).min() > 1e-3


def test_a_softmax_labels_each_word_for_itself():
    model = make("softmax")
    scores, labels, marginals, likelihood = (x.numpy() for x in answers(model, IDS, MASK))
    exponentials = np.exp(scores)
    expected = exponentials / exponentials.sum(-1, keepdims=True)
    np.testing.assert_allclose(marginals[MASK], expected[MASK], rtol=1e-5)
    np.testing.assert_array_equal(labels, np.where(MASK, scores.argmax(-1), 0))
    highest = np.where(MASK, np.log(expected.max(-1)), 0).sum(axis=1)
    np.testing.assert_allclose(likelihood, highest, rtol=1e-5)


def test_a_crf_knows_how_rows_begin_and_end():
    """Its beginnings and ends are scores of the first and of the last word."""
    model = make("crf")
    scores, labels, marginals, likelihood = answers(model, IDS, MASK)
    transitions, starts, ends = (weight.numpy() for weight in model.choice.weights)
    for row, length in enumerate((4, 2)):
        own = scores[row, :length].numpy()
        own[0] += starts
        own[-1] += ends
        best, value = labellings.best(own, transitions)
        np.testing.assert_array_equal(labels[row, :length], best)
        np.testing.assert_allclose(
            likelihood[row], value - labellings.log_norm(own, transitions), rtol=1e-4, atol=1e-6
        )
        np.testing.assert_allclose(
            marginals[row, :length], labellings.marginals(own, transitions), rtol=1e-4, atol=1e-6
        )


def test_every_weight_has_a_gradient():
    model = make("crf", "stacked_bidirectional", spelled=True)
    with tf.GradientTape() as tape:
        scores = model(WORDS, mask=tf.constant(MASK), training=True)
        labels = np.array([[0, 2, 1, 1], [2, 0, 0, 0]])
        loss = -tf.reduce_sum(model.log_likelihood(scores, labels, tf.constant(MASK)))
    gradients = tape.gradient(loss, model.trainable_variables)
    assert len(gradients) == 2 + 2 * 2 + 4 * 4 + 2 + 3
    for variable, gradient in zip(model.trainable_variables, gradients, strict=True):
        gradient = tf.convert_to_tensor(gradient)
        assert np.abs(gradient).max() > 0, variable.path


def test_dropout_is_for_training():
    model = make("softmax", rate=0.5, seed=3)
    kept, again = model(IDS), model(IDS)
    np.testing.assert_array_equal(kept, again)
    assert np.abs(model(IDS, training=True) - kept).max() > 1e-3


@pytest.mark.parametrize("output", LABEL_OUTPUTS)
def test_it_is_made_again_from_its_config(output):
    model = make(output, spelled=True, rate=0.2)
    again = Tagger.from_config(model.get_config())
    again.build()
    for weight, other in zip(model.weights, again.weights, strict=True):
        other.assign(weight)
    np.testing.assert_allclose(again(WORDS, mask=MASK), model(WORDS, mask=MASK), atol=1e-6)


def test_a_row_without_words_has_no_labels_and_is_certain():
    model = make("crf")
    _, labels, marginals, likelihood = answers(
        model, np.zeros([1, 3], np.int32), np.zeros([1, 3], bool)
    )
    assert likelihood[0] == 0
    np.testing.assert_array_equal(labels, 0)
    np.testing.assert_array_equal(marginals, 0)


def test_an_output_that_is_not_there_is_told():
    with pytest.raises(ValueError, match=r"must be one of softmax, crf\. Received: name='hmm'"):
        Tagger(Encoder(Embedding(7, 5), [(GRUCell(2), None)]), 3, output="hmm")

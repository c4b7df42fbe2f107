"""The linear-chain CRF against every row of labels there is."""

import numpy as np
import pytest
import tensorflow as tf

from tests.oracles import labellings
from tfseq.models.crf import (
    crf_decode,
    crf_log_likelihood,
    crf_log_norm,
    crf_marginals,
    crf_sequence_score,
)

LENGTHS = [5, 3, 1, 0]
MASK = tf.sequence_mask(LENGTHS, 5)
RANDOM = np.random.default_rng(1)
SCORES = RANDOM.normal(size=[4, 5, 3]) * 2
TRANSITIONS = RANDOM.normal(size=[3, 3]) * 2
LABELS = RANDOM.integers(3, size=[4, 5])


def rows():
    """Each row that has words: its number and its scores up to its end."""
    return [(row, SCORES[row, :length]) for row, length in enumerate(LENGTHS) if length]


def test_the_norm_sums_over_every_row_of_labels():
    expected = [labellings.log_norm(scores, TRANSITIONS) for _, scores in rows()]
    found = crf_log_norm(SCORES, TRANSITIONS, MASK)
    np.testing.assert_allclose(found, [*expected, 0], rtol=1e-12)


def test_a_score_adds_what_its_labels_and_their_steps_have():
    expected = [
        labellings.score(scores, TRANSITIONS, LABELS[row, : len(scores)]) for row, scores in rows()
    ]
    found = crf_sequence_score(tf.constant(SCORES), LABELS, TRANSITIONS, MASK)
    np.testing.assert_allclose(found, [*expected, 0], rtol=1e-12)


def test_the_probabilities_of_all_rows_of_labels_sum_to_one():
    scores = tf.constant(SCORES[:1, :3])
    total = sum(
        tf.exp(crf_log_likelihood(scores, [labels], TRANSITIONS, MASK[:1, :3]))[0]
        for labels in labellings.all_scores(SCORES[0, :3], TRANSITIONS)
    )
    np.testing.assert_allclose(total, 1, rtol=1e-12)


def test_marginals_are_sums_over_the_rows_with_that_label():
    found = crf_marginals(tf.constant(SCORES), TRANSITIONS, MASK)
    for row, scores in rows():
        expected = labellings.marginals(scores, TRANSITIONS)
        np.testing.assert_allclose(found[row, : len(scores)], expected, rtol=1e-10)
    np.testing.assert_array_equal(found[~MASK], 0)


def test_gradients_are_the_expected_counts_of_labels_and_of_steps():
    scores, transitions = tf.constant(SCORES), tf.constant(TRANSITIONS)
    upstream = np.array([0.5, -2.0, 3.0, 7.0])
    with tf.GradientTape() as tape:
        tape.watch([scores, transitions])
        norm = tf.reduce_sum(crf_log_norm(scores, transitions, MASK) * upstream)
    by_scores, by_transitions = tape.gradient(norm, [scores, transitions])
    expected = np.zeros([3, 3])
    for row, own in rows():
        marginals = labellings.marginals(own, TRANSITIONS)
        np.testing.assert_allclose(by_scores[row, : len(own)], upstream[row] * marginals)
        expected += upstream[row] * labellings.transition_counts(own, TRANSITIONS)
    np.testing.assert_array_equal(by_scores[~MASK], 0)
    np.testing.assert_allclose(by_transitions, expected)


def test_second_derivatives_are_refused():
    scores = tf.constant(SCORES)
    with tf.GradientTape() as outer:
        outer.watch(scores)
        with tf.GradientTape() as inner:
            inner.watch(scores)
            norm = crf_log_norm(scores, TRANSITIONS, MASK)
        gradient = inner.gradient(norm, scores)
    with pytest.raises(LookupError, match="first derivatives only"):
        outer.gradient(gradient, scores)


@pytest.mark.parametrize("seed", range(5))
def test_viterbi_finds_the_best_of_every_row_of_labels(seed):
    random = np.random.default_rng(seed)
    scores, transitions = random.normal(size=[4, 5, 3]), random.normal(size=[3, 3]) * 2
    labels, highest = crf_decode(tf.constant(scores), transitions, MASK)
    for row, length in enumerate(LENGTHS[:-1]):
        expected, value = labellings.best(scores[row, :length], transitions)
        np.testing.assert_array_equal(labels[row, :length], expected)
        np.testing.assert_allclose(highest[row], value, rtol=1e-12)
    np.testing.assert_array_equal(labels[~MASK], 0)
    assert highest[3] == 0


def test_scores_far_apart_neither_overflow_nor_vanish():
    """The last label is only reached by a step whose own exponential is 0 in float32."""
    scores = tf.constant([[[0.0, -1e5], [0.0, -1e5], [-1e5, 3e4]]])
    transitions = tf.constant([[0.0, -1e4], [0.0, 0.0]])
    mask = tf.ones([1, 3], bool)
    with tf.GradientTape() as tape:
        tape.watch([scores, transitions])
        norm = crf_log_norm(scores, transitions, mask)
    assert norm[0] == 2e4
    by_scores, by_transitions = tape.gradient(norm, [scores, transitions])
    np.testing.assert_array_equal(by_scores[0], [[1, 0], [1, 0], [0, 1]])
    np.testing.assert_array_equal(by_transitions, [[1, 1], [0, 0]])

"""The penalties against their equations in NumPy."""

import numpy as np
import tensorflow as tf

from tfseq.decoding.penalties import coverage_penalty, length_penalty


def test_the_length_penalty_grows_with_the_length():
    found = length_penalty(tf.constant([[0, 1, 7], [2, 3, 40]]), 0.6)
    expected = ((5 + np.array([[0, 1, 7], [2, 3, 40]])) / 6) ** 0.6
    np.testing.assert_allclose(found, expected, rtol=1e-6)
    assert length_penalty(tf.constant(1), 0.6) == 1


def test_a_weight_of_zero_is_no_penalty():
    assert length_penalty(tf.constant([0, 9]), 0.0).numpy().tolist() == [1, 1]
    assert coverage_penalty(tf.constant([[0.1, 0.2]]), 0.0).numpy().tolist() == [0]


def test_each_row_may_have_its_own_weight():
    found = length_penalty(tf.constant([[7, 13], [7, 13]]), tf.constant([[1.0], [0.5]]))
    np.testing.assert_allclose(found, [[2, 3], [2**0.5, 3**0.5]], rtol=1e-6)


def test_coverage_counts_what_has_got_less_than_one_words_attention():
    attended = tf.constant([[0.5, 1.0, 2.5], [0.25, 0.1, 1.0]])
    expected = [0.2 * np.log(0.5), 0.3 * (np.log(0.25) + np.log(0.1))]
    found = coverage_penalty(attended, tf.constant([0.2, 0.3]))
    np.testing.assert_allclose(found, expected, rtol=1e-6)


def test_padding_which_got_exactly_nothing_is_not_missed():
    attended = tf.constant([[0.5, 0.0, 0.0]])
    np.testing.assert_allclose(coverage_penalty(attended, 1.0), [np.log(0.5)], rtol=1e-6)

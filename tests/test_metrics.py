"""Perplexity, and how much of a text is copied, against what can be counted by eye."""

import math

import numpy as np
import pytest

from tfseq.metrics import copying, label_scores, perplexity


def test_perplexity_of_a_fair_die_is_six():
    assert perplexity(math.log(6)) == pytest.approx(6)


def test_a_loss_too_large_for_floats_gives_infinity():
    assert perplexity(1e4) == math.inf


def test_runs_and_ngrams_are_those_that_can_be_counted_by_eye():
    source = [ord(letter) for letter in "abcdefgh-xyz"]
    found = copying([ord(letter) for letter in "abcdXefghX"], source, n=3)
    assert found.longest_run == 4
    # abc bcd cdX dXe Xef efg fgh ghX: four of eight
    assert found.ngram_share == 0.5


def test_what_is_copied_whole_is_all_copied_and_the_reverse():
    source = np.arange(20)
    assert copying(source[3:15], source, n=8) == (12, 1.0)
    assert copying(source[::-1], source, n=2) == (1, 0.0)


def test_a_text_shorter_than_the_ngram_has_none():
    assert copying([1, 2], [1, 2, 3], n=8) == (2, 0.0)
    assert copying([], [1, 2, 3]) == (0, 0.0)


def test_counts_agree_with_sets_of_ngrams():
    generator = np.random.default_rng(3)
    source, tokens = generator.integers(0, 4, 300), generator.integers(0, 4, 80)
    for n in (2, 4, 5):
        known = {tuple(source[i : i + n]) for i in range(len(source) - n + 1)}
        grams = [tuple(tokens[i : i + n]) for i in range(len(tokens) - n + 1)]
        share = np.mean([gram in known for gram in grams])
        assert copying(tokens, source, n).ngram_share == pytest.approx(share)


def test_words_are_told_apart_by_their_spelling():
    source = np.array([b"the", b"soup", b"is", b"hot"])
    assert copying([b"the", b"soup", b"was"], source, n=2) == (2, 0.5)


def test_precision_and_recall_of_each_label_are_those_counted_by_hand():
    """Label 3 neither is nor is given; of two that have label 2 one is found."""
    scores = label_scores([0, 0, 1, 2, 0, 1], [0, 1, 1, 2, 2, 1], 4)
    np.testing.assert_allclose(scores.precision, [1 / 3, 1, 1, 0])
    np.testing.assert_allclose(scores.recall, [1, 2 / 3, 1 / 2, 0])
    np.testing.assert_allclose(scores.f1, [1 / 2, 4 / 5, 2 / 3, 0])
    assert scores.count.tolist() == [1, 3, 2, 0]
    with pytest.raises(ValueError, match=r"as many labels each\. Received: 2 and 1"):
        label_scores([0, 1], [0], 2)

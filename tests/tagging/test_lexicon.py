"""Tokens as the model reads them: the same from the training's batches and from the graph."""

import numpy as np
import pytest
import tensorflow as tf

from apps.tagging.lexicon import Lexicon, TaggedBatches
from tfseq.text import UNK, Vocabulary

SENTENCES = [("The", "cat", "sat"), ("the", "Cat"), ("dogs", "sat", "on", "the", "cat", "mat")]
LABELS = [np.arange(len(tokens), dtype=np.int32) for tokens in SENTENCES]
WORDS = ["the", "cat", "sat", "dogs"]


def lexicon(spelled=True, lower_case=True, most_characters=3):
    characters = Vocabulary(["a", "c", "t", "T", "h", "e"]) if spelled else None
    return Lexicon(Vocabulary(WORDS), characters, lower_case, most_characters)


def spelled(words, row, place):
    """The ids of a word's characters."""
    ids = np.asarray(words.spellings)[np.asarray(words.places)[row, place]]
    return ids[ids != 0].tolist()


def test_batches_hold_what_the_graph_reads():
    lexicon_ = lexicon()
    batches = TaggedBatches(SENTENCES, LABELS, lexicon_, 2, shuffle=False)
    for step in range(2):
        words, labels = batches.batch(step)
        rows = batches.rows(step)
        read, mask = lexicon_.read(tf.ragged.constant([list(SENTENCES[row]) for row in rows]))
        np.testing.assert_array_equal(words.ids, read.ids)
        np.testing.assert_array_equal(mask, words.ids != 0)
        for place, row in enumerate(rows):
            np.testing.assert_array_equal(labels[place, : len(LABELS[row])], LABELS[row])
            for time in range(words.ids.shape[1]):
                assert spelled(words, place, time) == spelled(read, place, time)


def test_words_are_looked_up_in_lower_case_and_spelled_as_they_are():
    read, _ = lexicon().read(tf.ragged.constant([["The", "the"]]))
    assert read.ids.numpy().tolist() == [[4, 4]]
    assert spelled(read, 0, 0) == [7, 8, 9]
    assert spelled(read, 0, 1) == [6, 8, 9]


def test_of_a_long_word_the_first_characters_are_read():
    read, _ = lexicon().read(tf.ragged.constant([["catch", "é"]]))
    assert spelled(read, 0, 0) == [5, 4, 6]
    assert spelled(read, 0, 1) == [UNK]


def test_each_spelling_stands_once_and_padding_has_none():
    read, mask = lexicon().read(tf.ragged.constant([["cat", "the", "cat"], ["the"]]))
    assert read.spellings.shape == (3, 3)
    assert read.places.numpy().tolist() == [[1, 2, 1], [2, 0, 0]]
    np.testing.assert_array_equal(read.spellings[0], 0)
    assert mask.numpy().tolist() == [[True, True, True], [True, False, False]]


@pytest.mark.parametrize("rows", [[[], []], []])
def test_of_nothing_there_is_one_step_of_padding(rows):
    read, mask = lexicon().read(tf.ragged.constant(rows, tf.string, ragged_rank=1))
    assert read.ids.shape == mask.shape == (len(rows), 1)
    assert not mask.numpy().any()


@pytest.mark.parametrize("is_spelled", [False, True])
def test_words_that_occur_once_are_hidden_at_times_the_same_at_the_same_step(is_spelled):
    lexicon_ = lexicon(is_spelled)
    many = [("dogs", "sat", "cat", "cat", "sat", "the", "the", "zebra")]
    ids = lexicon_.ids(tf.constant(many[0])).numpy()

    def rows(unknown_rate, steps=40):
        batches = TaggedBatches(many, [ids], lexicon_, 1, seed=3, unknown_rate=unknown_rate)
        words = [batches.batch(step)[0] for step in range(steps)]
        for spelled_ in words if is_spelled else ():  # what is hidden is spelled as before
            assert spelled(spelled_, 0, 2) == [5, 4, 6]
            assert len(spelled(spelled_, 0, 0)) == 3
        return [getattr(row, "ids", row)[0] for row in words]

    seen = rows(0.5)
    assert 0.2 < np.mean([row[0] == UNK for row in seen]) < 0.8
    for row in seen:
        np.testing.assert_array_equal(row[1:], ids[1:])  # the others stay
    np.testing.assert_array_equal(rows(0.5), seen)
    np.testing.assert_array_equal(rows(0, steps=1)[0], ids)

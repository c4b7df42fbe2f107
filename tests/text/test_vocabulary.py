"""Ids by hand, by count, through files and graphs."""

import json

import numpy as np
import pytest
import tensorflow as tf

from tfseq.files import read_text
from tfseq.text.batches import scenes, split_held_out
from tfseq.text.vocabulary import END, PAD, SPECIALS, START, UNK, Vocabulary, count_tokens
from tfseq.text.words import WordTokenizer

COUNTS = {"b": 2, "a": 2, "\n": 7, "été": 1, "c": 5}


def test_special_tokens_have_the_first_ids():
    assert (PAD, UNK, START, END) == (0, 1, 2, 3)
    assert Vocabulary(["a"]).words == [*SPECIALS, "a"]


def test_words_come_by_falling_count_and_then_by_the_alphabet():
    assert Vocabulary.build(COUNTS).words == [*SPECIALS, "\n", "c", "a", "b", "été"]
    backwards = dict(reversed(COUNTS.items()))
    assert Vocabulary.build(backwards).words == Vocabulary.build(COUNTS).words


def test_rare_words_and_words_over_the_size_are_left_out():
    assert Vocabulary.build(COUNTS, minimum_count=2).words[4:] == ["\n", "c", "a", "b"]
    assert Vocabulary.build(COUNTS, maximum_size=6).words[4:] == ["\n", "c"]
    assert len(Vocabulary.build(COUNTS, maximum_size=6)) == 6
    with pytest.raises(ValueError, match="`maximum_size` must leave room"):
        Vocabulary.build(COUNTS, maximum_size=4)


def test_tokens_are_counted_ragged_and_dense():
    ragged = tf.ragged.constant([["a", "é"], [], ["a"]])
    assert count_tokens(ragged) == {"a": 2, "é": 1}
    assert count_tokens(tf.constant([["a", "é"], ["b", "a"]])) == {"a": 2, "é": 1, "b": 1}
    assert count_tokens(tf.ragged.constant([[], []], dtype=tf.string)) == {}


def test_ragged_tokens_become_ragged_ids_and_come_back():
    vocabulary = Vocabulary(["\n", "été"])
    tokens = tf.ragged.constant([["été", "new"], [], ["\n"]])
    ids = vocabulary.ids(tokens)
    assert ids.dtype == tf.int32
    assert ids.to_list() == [[5, UNK], [], [4]]
    back = [[s.decode() for s in row] for row in vocabulary.tokens(ids).to_list()]
    assert back == [["été", "<unk>"], [], ["\n"]]


def test_dense_tokens_become_dense_ids_and_come_back():
    vocabulary = Vocabulary(["a", "b"])
    ids = vocabulary.ids(tf.constant([["a", "b", "?"], ["b", "b", "a"]]))
    np.testing.assert_array_equal(ids, [[4, 5, 1], [5, 5, 4]])
    np.testing.assert_array_equal(vocabulary.tokens([PAD, 5]), [b"<pad>", b"b"])


def test_nothing_in_gives_nothing_out():
    vocabulary = Vocabulary(["a"])
    nothing = tf.RaggedTensor.from_row_splits(tf.constant([], tf.string), [0])
    assert vocabulary.tokens(vocabulary.ids(nothing)).to_list() == []


def test_text_cannot_spell_a_special_token():
    ids = Vocabulary(["a"]).ids(tf.constant(["<pad>", "<start>", "<end>", "<unk>"]))
    assert set(ids.numpy()) == {UNK}
    assert Vocabulary.build({"<end>": 9, "a": 1}).words == [*SPECIALS, "a"]


@pytest.mark.parametrize("words", [["a", "a"], ["a", "<pad>"], ["a", 3], ["a", ["b"]]])
def test_words_that_are_no_vocabulary_are_named(words):
    with pytest.raises(ValueError, match=r"`words` must hold strings.*Received"):
        Vocabulary(words)


def test_it_runs_in_a_graph():
    vocabulary = Vocabulary(["a", "b"])
    there_and_back = tf.function(lambda tokens: vocabulary.tokens(vocabulary.ids(tokens)))
    tokens = tf.ragged.constant([["b"], ["a", "c"]])
    assert there_and_back(tokens).to_list() == [[b"b"], [b"a", b"<unk>"]]


def test_a_file_holds_one_readable_word_a_line_and_gives_all_back(tmp_path):
    words = ["\n", '"', "été", "春", "\r", "\\", "\u2028", "a b", ""]
    path = tmp_path / "vocabulary.txt"
    Vocabulary(words).save(path)
    lines = path.read_bytes().decode().split("\n")
    assert lines[:7] == ['"<pad>"', '"<unk>"', '"<start>"', '"<end>"', '"\\n"', '"\\""', '"été"']
    assert Vocabulary.load(path).words == [*SPECIALS, *words]
    assert [file.name for file in tmp_path.iterdir()] == ["vocabulary.txt"]


@pytest.mark.parametrize(
    ("content", "rule"),
    [
        ("one\ntwo\n", "must hold one JSON string a line"),
        ('"one"\n"two"\n', "must begin with the special tokens"),
        ("".join(json.dumps(s) + "\n" for s in [*SPECIALS, 7]), "must hold strings"),
    ],
)
def test_a_file_that_is_no_vocabulary_is_refused(tmp_path, content, rule):
    path = tmp_path / "vocabulary.txt"
    path.write_text(content)
    with pytest.raises(ValueError, match=rule):
        Vocabulary.load(path)


def test_a_real_script_has_as_many_words_as_were_counted_elsewhere(shared):
    text = read_text(shared("data/udacity_tv_script/moes_tavern_lines.txt"))[81:].lstrip("\n")
    training, _ = split_held_out(scenes(text), 0.1)
    counts = count_tokens(WordTokenizer().tokenize(training))
    assert len(Vocabulary.build(counts, minimum_count=2)) == 2784 + len(SPECIALS)

"""Neighbours, analogies and the odd one out, on vectors that can be read by eye and in NumPy."""

import numpy as np
import pytest

from tfseq.word2vec import Neighbours, UnknownWordError, nearest

WORDS = ["man", "king", "woman", "queen", "boy", "girl", "table"]
VECTORS = np.array(  # whether it rules, its sex, whether it lives
    [[0, 1, 1], [1, 1, 1], [0, -1, 1], [1, -1, 1], [-3, 3, 3], [-3, -3, 3], [0, 0, -9]], "f"
)


@pytest.fixture
def neighbours():
    return Neighbours(WORDS, VECTORS)


@pytest.fixture
def many():
    rng = np.random.default_rng(4)
    return [f"w{i}" for i in range(83)], rng.normal(size=(83, 7)).astype("f")


def cosines(vectors):
    lengths = np.sqrt(np.sum(vectors.astype(np.float64) ** 2, axis=1))
    return vectors.astype(np.float64) @ vectors.T / np.outer(lengths, lengths)


def test_the_nearest_words_have_the_highest_cosines(many):
    words, vectors = many
    expected = cosines(vectors)
    np.fill_diagonal(expected, -2)
    found = Neighbours(words, vectors).nearest(words, 5)
    for row, answers in enumerate(found):
        order = np.argsort(-expected[row])[:5]
        assert [word for word, _ in answers] == [words[i] for i in order]
        np.testing.assert_allclose([c for _, c in answers], expected[row][order], rtol=1e-5)


def test_blocks_of_any_size_give_the_same(many, monkeypatch):
    words, vectors = many
    whole = Neighbours(words, vectors)
    questions = [words[i : i + 3] for i in range(11)]

    def ask():
        analogies = [whole.analogy(questions, 3, method) for method in ("add", "mul")]
        return [whole.nearest(words, 4), *analogies]

    expected = ask()
    monkeypatch.setattr(nearest, "BLOCK", 300)
    for some, others in zip(expected, ask(), strict=True):
        assert [[w for w, _ in a] for a in some] == [[w for w, _ in a] for a in others]


def test_a_vector_finds_its_own_word_first(many):
    words, vectors = many
    (answers,) = Neighbours(words, vectors).nearest_to(3 * vectors[8:9], 2)
    assert answers[0][0] == "w8"
    assert answers[0][1] == pytest.approx(1)


@pytest.mark.parametrize("method", ["add", "mul"])
def test_king_is_to_man_as_queen_is_to_woman(neighbours, method):
    first, second = neighbours.analogy(
        [("king", "man", "woman"), ("woman", "man", "boy")], 2, method
    )
    assert first[0][0] == "queen"
    assert second[0][0] == "girl"


def test_three_cos_add_is_its_equation(many):
    words, vectors = many
    u = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    target = u[3] - u[1] + u[4]
    expected = u @ target / np.linalg.norm(target)
    expected[[3, 1, 4]] = -2
    (answers,) = Neighbours(words, vectors).analogy([("w3", "w1", "w4")], 6)
    order = np.argsort(-expected)[:6]
    assert [word for word, _ in answers] == [words[i] for i in order]
    np.testing.assert_allclose([s for _, s in answers], expected[order], rtol=1e-5)


def test_three_cos_mul_is_its_equation(many):
    words, vectors = many
    positive = (cosines(vectors) + 1) / 2
    expected = positive[3] * positive[4] / (positive[1] + 0.001)
    expected[[3, 1, 4]] = -2
    (answers,) = Neighbours(words, vectors).analogy([("w3", "w1", "w4")], 6, "mul")
    order = np.argsort(-expected)[:6]
    assert [word for word, _ in answers] == [words[i] for i in order]
    np.testing.assert_allclose([s for _, s in answers], expected[order], rtol=1e-4)


def test_the_three_words_of_a_question_are_no_answers(neighbours):
    for method in ("add", "mul"):
        (answers,) = neighbours.analogy([("king", "man", "man")], 99, method)
        assert {word for word, _ in answers}.isdisjoint({"king", "man"})


def test_no_more_words_are_found_than_there_are(neighbours):
    (answers,) = neighbours.nearest(["king"], 99)
    assert len(answers) == len(WORDS) - 1


def test_the_odd_one_out_is_least_like_the_mean(neighbours):
    assert neighbours.odd_one_out(["man", "king", "boy", "table"]) == "table"
    assert neighbours.odd_one_out(["king", "queen", "man"]) == "queen"
    with pytest.raises(ValueError, match="`words` must be at least three"):
        neighbours.odd_one_out(["king", "girl"])


def test_near_spellings_are_offered_for_an_unknown_word(neighbours):
    with pytest.raises(UnknownWordError, match=r"near spellings: king. Received: word='kingg'"):
        neighbours.nearest(["man", "kingg"])
    with pytest.raises(UnknownWordError, match=r"near spellings: table. Received: word='TABEL'"):
        neighbours.analogy([("man", "woman", "TABEL")])
    with pytest.raises(UnknownWordError, match=r"must have a vector. Received: word='xyz'"):
        neighbours.odd_one_out(["king", "queen", "xyz"])


def test_a_vector_of_zeros_is_like_nothing():
    found = Neighbours(["nothing", "a", "b"], [[0, 0], [1, 0], [0, 2]]).nearest(["nothing", "a"], 2)
    assert [score for _, score in found[0]] == [0, 0]
    assert all(np.isfinite(score) for _, score in found[1])


def test_a_wrong_count_or_method_is_named(neighbours):
    with pytest.raises(ValueError, match=r"`count` must be at least 1. Received: count=0"):
        neighbours.nearest(["king"], 0)
    with pytest.raises(ValueError, match="`method` must be one of add, mul"):
        neighbours.analogy([("king", "man", "woman")], method="max")

"""Similarities and analogies, against values by hand, another program and the files themselves."""

import importlib.util

import numpy as np
import pytest

from tfseq.word2vec import evaluation
from tfseq.word2vec.evaluation import Lookup, Section, analogies, rank_correlation, similarity

WORDS = ["the", "Cat", "dog", "cat", "king", "queen", "man", "woman"]
VECTORS = np.array(
    [[1, 1, 1], [0, 0, 1], [1, 0, 9], [1, 0, 8], [1, 1, 1], [1, -1, 1], [0, 1, 1], [0, -1, 1]], "f"
)


def a_file(path, text):
    path.write_text(text, newline="")
    return path


def test_equal_values_share_the_mean_of_their_ranks():
    np.testing.assert_array_equal(
        evaluation.mean_ranks([3.0, 1, 3, 2, 3, 1]), [5, 1.5, 5, 3, 5, 1.5]
    )


@pytest.mark.parametrize(
    ("values", "others", "rho"),
    [
        ([1, 2, 3, 4, 5], [2, 4, 6, 8, 90], 1.0),
        ([1, 2, 3, 4, 5], [5, 4, 3, 2, 1], -1.0),
        ([1, 2, 3, 4, 5], [2, 1, 4, 3, 5], 0.8),  # 1 - 6 * 4 / (5 * 24)
        # Ranks 1.5 1.5 3 4 against 1 2 3.5 3.5: 4 / 4.5.
        ([1, 1, 2, 3], [1, 2, 3, 3], 8 / 9),
    ],
)
def test_rank_correlation_is_as_worked_out_by_hand(values, others, rho):
    assert rank_correlation(values, others) == pytest.approx(rho, abs=1e-12)


def test_rank_correlation_without_meaning_is_no_number():
    for values, others in (([], []), ([1], [2]), ([1, 1, 1], [1, 2, 3])):
        assert np.isnan(rank_correlation(values, others))


def test_a_word_is_known_whatever_its_capitals():
    lookup = Lookup(WORDS, VECTORS)
    assert [lookup.row(word) for word in ("cat", "Cat", "CAT", "KING", "cow")] == [3, 1, 1, 4, -1]
    assert Lookup(WORDS, VECTORS, most_words=4).row("king") == -1


def test_similarity_counts_only_what_is_known():
    pairs = [("dog", "cat", 9.0), ("king", "Queen", 7.0), ("king", "man", 8.0), ("cow", "cat", 1.0)]
    assert similarity(Lookup(WORDS, VECTORS), pairs) == (pytest.approx(1.0), 3, 4)
    nothing = similarity(Lookup(WORDS, VECTORS), pairs[3:])
    assert np.isnan(nothing.rho)
    assert nothing[1:] == (0, 1)


@pytest.mark.parametrize("method", ["add", "mul"])
def test_analogies_are_counted_by_section(method):
    sections = {
        "rulers": [
            ("man", "king", "woman", "queen"),  # right
            ("man", "king", "woman", "dog"),  # wrong
            ("man", "king", "boy", "prince"),  # not asked
        ],
        "unheard": [("a", "b", "c", "d")],
    }
    found = analogies(Lookup(WORDS, VECTORS), sections, method)
    assert found == [Section("rulers", 1, 2, 3), Section("unheard", 0, 0, 1)]
    assert found[0].accuracy == 0.5
    assert np.isnan(found[1].accuracy)
    assert evaluation.total("all", found) == Section("all", 1, 2, 4)


def test_only_the_first_words_may_be_asked_for_and_answer():
    sections = {"rulers": [("man", "king", "woman", "queen")]}
    order = [6, 4, 7, 3, 5, 0, 1, 2]
    words, vectors = [WORDS[i] for i in order], VECTORS[order]
    assert analogies(Lookup(words, vectors, 5), sections)[0].right == 1
    assert analogies(Lookup(words, vectors, 4), sections)[0].asked == 0


@pytest.mark.parametrize(
    "text",
    [
        "love\tsex\t6.77\ntiger\tcat\t7.35\n",
        "love\tsex\t6.77\r\ntiger\tcat\t7.35\r\n",
        "love sex 6.77\rtiger  cat 7.35",
        "# by people\nWord 1\tWord 2\tHuman (mean)\n\nlove\tsex\t6.77\t0.1\ntiger\tcat\t7.35\n",
        "word1\tword2\tPOS\tSimLex999\nlove\tsex\tN\t6.77\t2\ntiger\tcat\tN\t7.35\t1\n",
    ],
)
def test_similarities_are_read_as_they_are_met(tmp_path, text):
    pairs = evaluation.read_pairs(a_file(tmp_path / "pairs", text))
    assert pairs == [("love", "sex", 6.77), ("tiger", "cat", 7.35)]


def test_questions_are_read_by_section(tmp_path):
    text = ": capital cities\r\nAthens Greece Bern Switzerland\r\n: gram1\nbig bigger old older\n"
    assert evaluation.read_questions(a_file(tmp_path / "questions", text)) == {
        "capital cities": [("Athens", "Greece", "Bern", "Switzerland")],
        "gram1": [("big", "bigger", "old", "older")],
    }


@pytest.mark.parametrize(
    ("reader", "text", "rule"),
    [
        ("read_pairs", "a b 1\nc d\n", "line 2 of .* two words and a number. Received: 'c d'"),
        ("read_pairs", "a b 1\n\nc d e\n", "line 3 of .* two words and a number"),
        ("read_pairs", "word1 word2 score\n", "must hold pairs"),
        ("read_pairs", "", "must hold text"),
        ("read_questions", ": x\na b c d\na b c\n", "line 3 of .* four words. Received: 'a b c'"),
        ("read_questions", ": x\n", "must hold questions"),
    ],
)
def test_what_is_not_in_the_format_is_named_with_its_line(tmp_path, reader, text, rule):
    with pytest.raises(ValueError, match=rule):
        getattr(evaluation, reader)(a_file(tmp_path / "file", text))


def test_the_files_that_the_field_uses_are_read_whole(shared):
    wordsim = evaluation.read_pairs(shared("data/wordsim/EN-WS-353-ALL.txt"))
    assert len(wordsim) == 353
    assert wordsim[0] == ("love", "sex", 6.77)
    assert wordsim[-1] == ("architecture", "century", 3.78)
    assert len(evaluation.read_pairs(shared("data/wordsim/EN-SIMLEX-999.txt"))) == 999
    questions = evaluation.read_questions(shared("data/wordsim/questions-words.txt"))
    assert len(questions) == 14
    assert sum(map(len, questions.values())) == 19_544


@pytest.mark.skipif(not importlib.util.find_spec("gensim"), reason="gensim is what it is held to")
def test_gensim_comes_to_the_same_figures(shared, tmp_path):
    from gensim.models import KeyedVectors

    path = shared("data/wordsim/questions-words.txt")
    asked = {}
    for name, questions in evaluation.read_questions(path).items():
        asked[name] = questions[:12]
    words = list(dict.fromkeys(w.lower() for q in asked.values() for row in q for w in row))
    known = words[: len(words) * 4 // 5]
    # Halves that are like each other, so that some questions are answered right.
    rng = np.random.default_rng(1)
    theme = {w: rng.normal(size=9) for w in known}
    vectors = np.array([theme[w] + 0.1 * rng.normal(size=9) for w in known], "f")
    gensims = KeyedVectors(9)
    gensims.add_vectors(known, vectors)
    small = tmp_path / "questions.txt"
    small.write_text(
        "".join(f": {n}\n" + "".join(f"{' '.join(q)}\n" for q in qs) for n, qs in asked.items())
    )
    _, sections = gensims.evaluate_word_analogies(str(small))
    lookup = Lookup(known, vectors)
    ours = {part.name: part for part in analogies(lookup, asked)}
    for part in sections[:-1]:
        assert ours[part["section"]].right == len(part["correct"])
        assert ours[part["section"]].asked == len(part["correct"]) + len(part["incorrect"])
    pairs = evaluation.read_pairs(shared("data/wordsim/EN-SIMLEX-999.txt"))
    words = sorted({word for pair in pairs for word in pair[:2]})[200:]
    vectors = rng.normal(size=(len(words), 9)).astype("f")
    gensims = KeyedVectors(9)
    gensims.add_vectors(words, vectors)
    _, spearman, unknown = gensims.evaluate_word_pairs(
        str(shared("data/wordsim/EN-SIMLEX-999.txt"))
    )
    found = similarity(Lookup(words, vectors), pairs)
    assert found.rho == pytest.approx(spearman.statistic, abs=1e-9)
    assert 1 - found.known / found.pairs == pytest.approx(unknown / 100)

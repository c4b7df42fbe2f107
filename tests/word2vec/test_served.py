"""The exported vectors: words in, words or a vector out, the same from every way to run them."""

import numpy as np
import pytest
import tensorflow as tf

from tfseq import serving
from tfseq.word2vec import Neighbours
from tfseq.word2vec.served import ServedVectors

WORDS = [f"wört{i}" for i in range(13)]
VECTORS = np.random.default_rng(1).normal(size=(13, 5)).astype("f")
ASKED = ["wört3", "nobody", "wört0"]


@pytest.fixture(scope="module")
def served():
    return ServedVectors(WORDS, VECTORS)


def as_text(strings):
    return [[word.decode() for word in row] for row in strings.numpy()]


def test_the_neighbours_are_those_of_the_library(served):
    answer = served.nearest(ASKED, [4, 2, 2])
    found = Neighbours(WORDS, VECTORS).nearest(["wört3", "wört0"], 4)
    first, unknown, last = as_text(answer["words"])
    assert first == [word for word, _ in found[0]]
    assert unknown == [""] * 4
    assert last == [*(word for word, _ in found[1][:2]), "", ""]
    np.testing.assert_allclose(answer["cosines"][0], [score for _, score in found[0]], rtol=1e-5)
    np.testing.assert_array_equal(answer["known"], [True, False, True])
    np.testing.assert_array_equal(answer["cosines"][1], np.zeros(4))


def test_no_word_is_its_own_neighbour_and_there_are_no_more_than_others(served):
    answer = served.serving_default(WORDS)
    assert answer["words"].shape == (13, 10)
    for word, others in zip(WORDS, as_text(answer["words"]), strict=True):
        assert word not in others
    assert served.nearest(["wört1"], [50])["words"].shape == (1, 12)
    assert served.serving_default(tf.zeros([0], tf.string))["words"].shape[0] == 0


def test_a_vector_is_that_of_the_file(served):
    answer = served.vector(ASKED)
    np.testing.assert_array_equal(answer["vector"], [VECTORS[3], np.zeros(5), VECTORS[0]])


def test_a_row_is_the_same_alone_and_among_others(served):
    together = as_text(served.nearest(ASKED, [4, 2, 3])["words"])
    assert as_text(served.nearest(ASKED[2:], [3])["words"])[0] == together[2][:3]


def test_a_row_with_a_wrong_count_is_told_and_harms_no_other(served):
    right = as_text(served.nearest(ASKED, [4, 2, 3])["words"])
    for count in (0, 1001):
        answer = served.nearest(ASKED, [4, 2, count])
        assert as_text(answer["words"]) == [*right[:2], [""] * 4]
        line = f"`count` must be at least 1 and at most 1000. Received: count={count}"
        assert [error.decode() for error in answer["error"].numpy()] == ["", "", line]


def test_a_session_of_a_clean_process_gives_the_same(served, tmp_path):
    requests = {"nearest": {"word": ASKED, "count": [4, 2, 3]}, "vector": {"word": ASKED}}
    signatures = {name: getattr(served, name) for name in requests}
    version = serving.export(served, signatures, tmp_path, requests)  # compares all of it
    answers = serving.run_in_session(version, requests)
    assert answers["nearest"]["words"] == as_text(served.nearest(ASKED, [4, 2, 3])["words"])
    assert answers["nearest"]["known"] == [True, False, True]

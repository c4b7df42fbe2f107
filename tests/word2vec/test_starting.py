"""Models that start from word vectors, and an embedding that becomes word vectors."""

import keras
import numpy as np
import pytest

from tfseq.word2vec import known_vectors, read_vectors, start_embedding, write_embedding

TEXT = "3 3\nking 1 -2.5 3e-1 \nCafé 0 0.25 7\nthe 4 5 6\n"


@pytest.fixture
def path(tmp_path):
    (tmp_path / "vectors.txt").write_text(TEXT)
    return tmp_path / "vectors.txt"


def test_the_vectors_of_known_words_stand_in_the_order_of_the_words(path):
    words = ["<pad>", "The", "Café", "cat", "café", "king"]
    places, lower_case, vectors = known_vectors(path, words, 3)
    assert places == [1, 2, 5]
    assert lower_case == 1
    np.testing.assert_allclose(vectors, [[4, 5, 6], [0, 0.25, 7], [1, -2.5, 0.3]], rtol=1e-6)


def test_words_not_found_stay_at_random_as_large_as_the_others(path):
    words = ["king", *(f"unheard{number}" for number in range(50)), "the"]
    embedding = keras.Variable(np.random.default_rng(1).uniform(-0.1, 0.1, (52, 3)).astype("f"))
    before = embedding.numpy()
    start = start_embedding(embedding, words, path)
    assert (start.words, start.known, start.lower_case) == (52, 2, 0)
    assert "2 of the 52 entries begin with a trained vector" in str(start)
    assert "50 are drawn at random" in str(start)
    after = embedding.numpy()
    np.testing.assert_allclose(after[[0, 51]], [[1, -2.5, 0.3], [4, 5, 6]], rtol=1e-6)
    trained = np.linalg.norm([[1, -2.5, 0.3], [4, 5, 6]]) / np.sqrt(6)
    drawn = np.linalg.norm(before) / np.sqrt(52 * 3)
    np.testing.assert_allclose(after[1:51], before[1:51] * trained / drawn, rtol=1e-5)


def test_the_start_is_scaled_where_asked(path):
    words = ["king", *(f"unheard{number}" for number in range(50)), "the"]
    made = [keras.Variable(np.random.default_rng(1).normal(size=(52, 3)).astype("f")) for _ in "ab"]
    start_embedding(made[0], words, path)
    start_embedding(made[1], words, path, size=0.4)
    plain, scaled = (variable.numpy() for variable in made)
    np.testing.assert_allclose(np.sqrt(np.mean(scaled[[0, 51]] ** 2)), 0.4, rtol=1e-5)
    np.testing.assert_allclose(scaled, plain * (scaled[0, 0] / plain[0, 0]), rtol=1e-5)


def test_a_file_of_another_width_or_of_other_words_is_refused(path):
    with pytest.raises(ValueError, match=r"of width 2\. Received: width 3"):
        known_vectors(path, ["king"], 2)
    with pytest.raises(ValueError, match="must hold words of the vocabulary"):
        start_embedding(keras.Variable(np.ones((1, 3), "f")), ["roi"], path)


def test_an_embedding_is_written_but_for_what_the_format_cannot_hold(tmp_path):
    embedding = np.arange(12, dtype="f").reshape(4, 3)
    left_out = write_embedding(tmp_path / "e.txt", ["<unk>", "\n", " ##ing", " "], embedding)
    assert left_out == 2
    words, vectors = read_vectors(tmp_path / "e.txt")
    assert words == ["<unk>", "##ing"]
    np.testing.assert_array_equal(vectors, embedding[[0, 2]])
    assert known_vectors(tmp_path / "e.txt", [" ##ing"], 3)[0] == [0]

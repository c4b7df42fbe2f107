"""Word vectors in word2vec's text format, as other programs write it."""

import gzip

import numpy as np
import pytest

from tfseq.word2vec import known_vectors, read_vectors

TEXT = "2 3\nking 1 -2.5 3e-1 \ncafé 0 0.25 7\n"


@pytest.mark.parametrize("content", [TEXT.encode(), gzip.compress(TEXT.encode(), mtime=0)])
def test_words_and_numbers_are_read(tmp_path, content):
    (tmp_path / "vectors").write_bytes(content)
    words, vectors = read_vectors(tmp_path / "vectors")
    assert words == ["king", "café"]
    assert vectors.dtype == np.float32
    np.testing.assert_allclose(vectors, [[1, -2.5, 0.3], [0, 0.25, 7]], rtol=1e-6)


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("king 1 2 3\n", "line 1 of .* must hold the number of words"),
        ("3 3\nking 1 2 3\n", "must hold 3 words, as line 1 says. Received: 1"),
        ("1 3\nking 1 2\n", "line 2 of .* must hold a word and 3 numbers"),
        ("1 3\nking 1 two 3\n", "line 2 of .* must hold a word and 3 numbers"),
    ],
)
def test_what_is_not_in_the_format_is_named_by_its_line(tmp_path, text, rule):
    (tmp_path / "vectors").write_text(text)
    with pytest.raises(ValueError, match=rule):
        read_vectors(tmp_path / "vectors")


def test_the_vectors_of_known_words_stand_in_the_order_of_the_words(tmp_path):
    (tmp_path / "vectors").write_text(TEXT)
    places, vectors = known_vectors(tmp_path / "vectors", ["<pad>", "café", "cat", "king"], 3)
    assert places == [1, 3]
    np.testing.assert_allclose(vectors, [[0, 0.25, 7], [1, -2.5, 0.3]], rtol=1e-6)
    with pytest.raises(ValueError, match=r"of width 2\. Received: width 3"):
        known_vectors(tmp_path / "vectors", ["king"], 2)

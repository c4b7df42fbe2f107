"""Word vectors in word2vec's text and binary formats, as other programs write and read them."""

import gzip
import struct

import numpy as np
import pytest

from tfseq.word2vec import read_vectors, write_vectors

WORDS = ["king", "café"]
NUMBERS = [[1, -2.5, 0.3], [0, 0.25, 7]]
TEXT = "2 3\nking 1 -2.5 3e-1 \ncafé 0 0.25 7\n".encode()
KING, CAFE = (struct.pack("<3f", *numbers) for numbers in NUMBERS)
AS_THE_PROGRAM_WRITES = b"2 3\nking " + KING + "\ncafé ".encode() + CAFE + b"\n"
AS_GENSIM_WRITES = b"2 3\nking " + KING + "café ".encode() + CAFE


def a_file(path, content):
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


@pytest.mark.parametrize("pack", [bytes, lambda content: gzip.compress(content, mtime=0)])
@pytest.mark.parametrize(
    "content",
    [
        TEXT,
        TEXT.replace(b"\n", b"\r\n"),
        TEXT.rstrip(),
        AS_THE_PROGRAM_WRITES,
        AS_GENSIM_WRITES,
    ],
)
def test_words_and_numbers_are_read(tmp_path, content, pack):
    words, vectors = read_vectors(a_file(tmp_path / "vectors", pack(content)))
    assert words == WORDS
    assert vectors.dtype == np.float32
    np.testing.assert_array_equal(vectors, np.array(NUMBERS, "f"))


@pytest.mark.parametrize("content", [TEXT, AS_GENSIM_WRITES])
def test_the_first_words_alone_are_read(tmp_path, content):
    words, vectors = read_vectors(a_file(tmp_path / "vectors", content), most_words=1)
    assert words == ["king"]
    assert vectors.shape == (1, 3)


def test_the_bytes_are_those_of_the_formats(tmp_path):
    write_vectors(tmp_path / "a.txt", WORDS, NUMBERS)
    assert (tmp_path / "a.txt").read_text() == "2 3\nking 1 -2.5 0.300000012\ncafé 0 0.25 7\n"
    write_vectors(tmp_path / "a.bin", WORDS, NUMBERS)
    assert (tmp_path / "a.bin").read_bytes() == AS_THE_PROGRAM_WRITES


@pytest.mark.parametrize("name", ["v.txt", "v.bin", "v.txt.gz", "v.bin.gz"])
def test_what_is_written_reads_back_bit_for_bit(tmp_path, name):
    """Numbers of every size, some too small to be normal, and a file of several pieces."""
    rng = np.random.default_rng(5)
    vectors = (rng.normal(size=(700, 31)) * 10.0 ** rng.integers(-42, 38, (700, 31))).astype("f")
    words = [f"wört{number}" for number in range(700)]
    write_vectors(tmp_path / name, words, vectors)
    again, numbers = read_vectors(tmp_path / name)
    assert again == words
    np.testing.assert_array_equal(numbers.view(np.int32), vectors.view(np.int32))
    assert [path.name for path in tmp_path.iterdir()] == [name]


@pytest.mark.parametrize(
    ("content", "rule"),
    [
        ("king 1 2 3\n", "line 1 of .* must hold the number of words and their width"),
        ("2\nking 1 2 3\n", "line 1 of .* must hold the number of words and their width"),
        ("0 3\n", "line 1 of .* must hold the number of words and their width"),
        ("3 3\nking 1 2 3\n", "must hold 3 words, as line 1 says. Received: 1"),
        ("1 3\nking 1 2 3\nman 1 2 3\n", "must hold 1 words, .*Received: one more, 'man 1 2 3'"),
        ("1 3\nking 1 2\n", "line 2 of .* a word and 3 numbers. Received: 'king' and 2 numbers"),
        ("2 1\na 1\nking 1 2\n", "line 3 of .* a word and 1 numbers. Received: 'king' and 2"),
        ("1 3\nking 1 two 3\n", "line 2 of .* must hold a word and 3 numbers"),
        ("1 3\nnew york 1 2 3\n", "line 2 of .*; a word must not hold a blank. Received: 'new y"),
        ("1 3\nking 1 nan 3\n", "line 2 of .* finite ones"),
        (b"1 3\ncaf\xe9 1 2 3\n", "line 2 of .* must be UTF-8 text"),
        (AS_GENSIM_WRITES[:-1], "it ends inside word 2, at byte 38"),
        (AS_GENSIM_WRITES[:13], "it ends inside word 1, at byte 13"),
        (AS_GENSIM_WRITES + b"x", "must end after 2 words of width 3.*from byte 39"),
        (AS_GENSIM_WRITES.replace(b"3", b"2", 1), "word 2 of .*, at byte 17, must be UTF-8"),
        (AS_GENSIM_WRITES.replace(b"king", b"a king"), "word 2 of .*, at byte 18, must be UTF-8"),
        (b"1 3\nking " + struct.pack("<3f", 1, np.inf, 2), "word 1 of .* must have 3 finite"),
        (gzip.compress(TEXT, mtime=0)[:-12], "must be whole gzip"),
    ],
)
def test_what_is_not_in_the_format_is_named_with_its_place(tmp_path, content, rule):
    with pytest.raises(ValueError, match=rule) as error:
        read_vectors(a_file(tmp_path / "vectors", content))
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("words", "vectors", "rule"),
    [
        (["new york"], [[1, 2]], "must not be empty or hold a blank. Received: 'new york'"),
        (["\n"], [[1, 2]], "must not be empty or hold a blank"),
        ([""], [[1, 2]], "must not be empty or hold a blank"),
        (["a", "b", "a"], np.ones((3, 2)), "each word once. Received: 'a' twice"),
        (["a"], [[1, np.nan]], "must be finite"),
        (["a"], np.ones((2, 2)), "must have a row for each word"),
        ([], np.ones((0, 2)), "must have a row for each word"),
    ],
)
def test_what_the_format_cannot_hold_is_not_written(tmp_path, words, vectors, rule):
    a_file(tmp_path / "v.txt", "old")
    with pytest.raises(ValueError, match=rule):
        write_vectors(tmp_path / "v.txt", words, vectors)
    assert (tmp_path / "v.txt").read_text() == "old"


def test_of_a_word_that_stands_twice_the_first_counts(tmp_path):
    path = a_file(tmp_path / "v.txt", "3 2\na 1 2\nb 3 4\na 5 6\n")
    with pytest.warns(UserWarning, match="1 words a second time, such as 'a'"):
        words, vectors = read_vectors(path)
    assert words == ["a", "b"]
    np.testing.assert_array_equal(vectors, [[1, 2], [3, 4]])

"""From files to ids: one reading, any number of files, words by falling count."""

import gzip

import numpy as np
import pytest

from tfseq.text import WhitespaceTokenizer
from tfseq.word2vec import corpus as corpus_module
from tfseq.word2vec import load_corpus, make_corpus, text_files

TEXT = "b a b\n\n\nc rare a\nb \n"


def make(directory, files, minimum_count=2):
    directory.mkdir(exist_ok=True)
    return make_corpus(files, WhitespaceTokenizer().tokenize, minimum_count, directory)


def a_file(path, content):
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def test_words_have_ids_by_falling_count_and_lines_their_ends(tmp_path):
    corpus = make(tmp_path, [a_file(tmp_path / "a.txt", TEXT), a_file(tmp_path / "b.txt", "c\na")])
    assert corpus.words == ["a", "b", "c"]  # by the alphabet where the counts are equal
    assert corpus.counts.tolist() == [3, 3, 2]
    assert corpus.read(0, 99).tolist() == [1, 0, 1, -1, 2, 0, -1, 1, -1, 2, -1, 0, -1]
    assert corpus.read(3, 2).tolist() == [-1, 2]
    assert corpus.length == 13


def test_a_corpus_is_opened_again(tmp_path):
    made = make(tmp_path, [a_file(tmp_path / "a.txt", "naïve b naïve b\n")])
    again = load_corpus(tmp_path)
    assert again.words == made.words == ["b", "naïve"]
    np.testing.assert_array_equal(again.counts, made.counts)
    assert not list(tmp_path.glob("*.raw"))


def test_gzip_and_a_byte_order_mark_change_nothing(tmp_path):
    plain = make(tmp_path / "p", [a_file(tmp_path / "a.txt", TEXT)])
    content = gzip.compress(b"\xef\xbb\xbf" + TEXT.encode(), mtime=0)
    packed = make(tmp_path / "g", [a_file(tmp_path / "a.gz", content)])
    assert packed.path.read_bytes() == plain.path.read_bytes()
    assert packed.words == plain.words


@pytest.mark.parametrize("size", [1, 3, 4, 7])
def test_pieces_of_any_size_give_the_same_ids(size, tmp_path, monkeypatch):
    path = a_file(tmp_path / "a.txt", TEXT + "\n" + TEXT.strip())
    whole = make(tmp_path / "whole", [path])
    monkeypatch.setattr(corpus_module, "PIECE", size)
    pieces = make(tmp_path / "pieces", [path])
    assert pieces.path.read_bytes() == whole.path.read_bytes()
    assert pieces.counts.tolist() == whole.counts.tolist()


def test_a_directory_means_its_files_by_name(tmp_path):
    (tmp_path / "texts" / "more").mkdir(parents=True)
    for name in ("b.txt", "a.gz", "more/c.txt", ".hidden"):
        a_file(tmp_path / "texts" / name, "x")
    single = a_file(tmp_path / "z.txt", "y")
    names = [path.name for path in text_files([single, tmp_path / "texts"])]
    assert names == ["z.txt", "a.gz", "b.txt", "c.txt"]
    (tmp_path / "none").mkdir()
    with pytest.raises(FileNotFoundError, match="must hold files of text"):
        text_files([tmp_path / "none"])


@pytest.mark.parametrize(
    ("content", "rule"),
    [
        (b" \n\n", "must hold words"),
        (b"a b c\n", r"most frequent word, 1\. Received: minimum_count=2"),
        (b"a a caf\xe9\n", "UTF-8"),
        (gzip.compress(b"a a b b\n" * 99, mtime=0)[:-9], "gzip"),
    ],
)
def test_what_cannot_be_learnt_from_is_named_and_leaves_nothing(content, rule, tmp_path):
    path = a_file(tmp_path / "a.txt", content)
    with pytest.raises(ValueError, match=rule):
        make(tmp_path / "made", [path])
    assert not list((tmp_path / "made").iterdir())

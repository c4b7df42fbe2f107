"""Text in pieces of any size is the text as a whole; what cannot be read is named with its line."""

import gzip

import pytest
import tensorflow as tf

from tfseq.text import scenes, streams
from tfseq.text.corpora import Documents, Pairs, numbered

TEXT = "\n \n\na\nb\n\n\nc é\r\n\r\n\td\n \t\n\ne\n\nf"


def a_file(path, content):
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return str(path)


@pytest.mark.parametrize("size", [1, 2, 3, 7, 100])
def test_documents_are_scenes_however_the_text_comes(size, monkeypatch):
    monkeypatch.setattr(streams, "LONGEST", 12)  # longer than each of them
    content = TEXT.encode()
    pieces = [content[i : i + size] for i in range(0, len(content), size)]
    assert [d.decode() for d in streams.documents(pieces)] == scenes(TEXT)


def test_a_long_document_is_cut_at_a_line_or_a_blank_and_never_in_a_character(monkeypatch):
    monkeypatch.setattr(streams, "LONGEST", 8)
    content = "ab cd\nef gh ij kl éééééééééé\n\nx".encode()
    found = list(streams.documents([content]))
    assert b"".join(found) == content
    assert found[:3] == [b"ab cd\n", b"ef gh ", b"ij kl "]
    assert all(len(piece) <= 8 and piece.decode() for piece in found)
    again = [list(streams.documents([content[sum(map(len, found[:n])) :]])) for n in range(3)]
    assert again == [found[n:] for n in range(3)]  # cutting can begin at any of them


@pytest.mark.parametrize("packed", [False, True])
def test_units_have_the_text_of_their_files_between_them(packed, tmp_path, monkeypatch):
    monkeypatch.setattr(streams, "BLOCK", 5)
    texts = ["a b\n\nc\n\nd d d d\n\ne\n", "notice\nf\n\ng g g g\n\nh"]
    contents = [text.encode() for text in texts]
    contents = [gzip.compress(content) for content in contents] if packed else contents
    files = [(a_file(tmp_path / f"{i}", content),) for i, content in enumerate(contents)]
    corpus = Documents()
    units = numbered([unit for file in files for unit in corpus.plan(file, 6)])
    assert len(units) > 3
    found = [item for unit in units for (item,) in corpus.items(unit)]
    assert [text.decode() for text in found] == scenes(texts[0]) + scenes(texts[1])
    assert [unit.first for unit in units][-1] + units[-1].items == len(found)
    (unit, *_) = Documents(skip=7).plan(files[1], 1)
    assert next(Documents(skip=7).items(unit)) == (b"f\n\n",)


def test_pairs_are_the_same_lines_of_two_files_or_columns_of_one(tmp_path):
    sources = a_file(tmp_path / "en", "\ufeffa man\r\n\n b \nc\u2028d\ne\n")
    targets = a_file(tmp_path / "fr", gzip.compress("un homme\nrien\n \t\nc!\r\né".encode()))
    both = a_file(tmp_path / "tab", "a man\tun homme\tby Tom\n\n\tx\nc\u2028d\tc!\r\ne\té")
    wanted = [("a man", "un homme"), ("c\u2028d", "c!"), ("e", "é")]
    for files in ((sources, targets), (both,)):
        units = Pairs().plan(files, 5)
        assert len(units) > 1
        assert sum(unit.items for unit in units) == 3
        found = [pair for unit in units for pair in Pairs().items(unit)]
        assert [tuple(side.decode() for side in pair) for pair in found] == wanted


def test_files_are_found_by_list_and_pattern_wherever_tensorflow_reads(tmp_path):
    for name in ("b.txt", "a.txt", "c.gz"):
        a_file(tmp_path / name, "x")
    with tf.io.gfile.GFile("ram://texts/d.txt", "w") as file:
        file.write("one\n\ntwo\n")
    found = streams.find_files(f"{tmp_path}/c.gz, {tmp_path}/*.txt,ram://texts/d.txt")
    assert [path.rsplit("/", 1)[1] for path in found] == ["c.gz", "a.txt", "b.txt", "d.txt"]
    assert b"".join(streams.blocks(found[-1])) == b"one\n\ntwo\n"
    for missing in (f"{tmp_path}/z.txt", f"{tmp_path}/*.z"):
        with pytest.raises(FileNotFoundError, match="z"):
            streams.find_files(missing)


@pytest.mark.parametrize(
    ("contents", "rule"),
    [
        ([b"a\n\nb\ncaf\xe9\n"], r"UTF-8 text: .*0, line 4"),
        ([b"a\n\nb\xc3"], r"UTF-8 text: .*0, line 3"),
        ([gzip.compress(b"a b\n\n" * 99)[:-9]], "whole gzip"),
        ([b"a\nb\nc\n", b"a\nb\n"], r"as many lines.*0 with 3 and .*1 with 2"),
        ([b"a\n", b"a\nb\nc\n"], r"as many lines.*0 with 1 and .*1 with 3"),
        ([b"a\tb\n\nc d\n"], r"a tab in each line.*0, line 3: 'c d'"),
    ],
)
def test_text_that_cannot_be_read_is_named(contents, rule, tmp_path):
    files = tuple(a_file(tmp_path / str(i), content) for i, content in enumerate(contents))
    corpus = Documents() if len(files) == 1 and b"\t" not in contents[0] else Pairs()
    with pytest.raises(ValueError, match=rule):
        corpus.plan(files, 100)

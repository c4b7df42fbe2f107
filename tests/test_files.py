"""Text files: what is read, and which rule a refusal names."""

import gzip

import pytest

from tfseq.files import opened_bytes, read_text, written_aside

TEXT = "Été\r\n春\n"


@pytest.mark.parametrize("content", [TEXT.encode(), gzip.compress(TEXT.encode(), mtime=0)])
def test_plain_and_compressed_text_are_read_with_their_line_ends(tmp_path, content):
    (tmp_path / "corpus").write_bytes(content)
    assert read_text(tmp_path / "corpus") == TEXT


def test_a_byte_order_mark_is_dropped(tmp_path):
    (tmp_path / "corpus").write_bytes(TEXT.encode("utf-8-sig"))
    assert read_text(str(tmp_path / "corpus")) == TEXT


@pytest.mark.parametrize(
    ("content", "rule"),
    [
        (b"", "must hold text"),
        (gzip.compress(b"", mtime=0), "must hold text"),
        ("Été".encode("latin-1"), "must be UTF-8 text"),
        (gzip.compress(TEXT.encode(), mtime=0)[:-9], "must be whole gzip"),
        (gzip.compress(TEXT.encode(), mtime=0)[:12] + b"\xff" * 20, "must be whole gzip"),
    ],
)
def test_a_refused_file_is_named_with_the_rule(tmp_path, content, rule):
    path = tmp_path / "corpus.txt"
    path.write_bytes(content)
    with pytest.raises(ValueError, match=rf"`path` {rule}.*corpus\.txt"):
        read_text(path)


def test_a_missing_file_is_named(tmp_path):
    for path in (tmp_path / "missing.txt", tmp_path):
        with pytest.raises(FileNotFoundError, match=f"`path` must be an existing file.*{path}"):
            read_text(path)


@pytest.mark.parametrize("pack", [bytes, lambda content: gzip.compress(content, mtime=0)])
def test_bytes_are_read_a_piece_at_a_time(tmp_path, pack):
    (tmp_path / "file").write_bytes(pack(b"first\nand the rest"))
    with opened_bytes(tmp_path / "file") as file:
        assert file.readline() == b"first\n"
        assert file.tell() == 6
        assert file.read(3) == b"and"


def test_what_breaks_while_it_is_read_is_named_and_nothing_else_is(tmp_path):
    whole = gzip.compress(TEXT.encode() * 99, mtime=0)
    for content in (whole[:-9], whole[:20] + b"\xff" * 40):
        (tmp_path / "file").write_bytes(content)
        rule = "`path` must be whole gzip"
        with pytest.raises(ValueError, match=rule), opened_bytes(tmp_path / "file") as file:
            file.read()
    with pytest.raises(OSError, match="of the reader"), opened_bytes(tmp_path / "file"):
        raise OSError("of the reader")
    with pytest.raises(FileNotFoundError), opened_bytes(tmp_path / "missing"):
        pass


def test_a_file_takes_its_name_when_all_of_it_is_written(tmp_path):
    path = tmp_path / "folder" / "figures.csv"
    with written_aside(path) as file:
        file.write("a,b\r\n")
        assert not path.exists()
    assert path.read_bytes() == b"a,b\r\n"
    with written_aside(path, "wb") as file:
        file.write(b"\x00\xff")
    assert path.read_bytes() == b"\x00\xff"
    assert list(path.parent.iterdir()) == [path]


def test_a_file_that_fails_leaves_the_old_one(tmp_path):
    path = tmp_path / "figures.csv"
    path.write_text("old")
    with pytest.raises(TypeError), written_aside(path) as file:
        file.writelines(["half of the ne", 5])
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]

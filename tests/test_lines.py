"""Lines in and lines out, of standard input and of files."""

import gzip
import io

import pytest

from tfseq.config import OptionError
from tfseq.lines import read_lines, write_lines


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("", []),
        ("a\n", ["a"]),
        ("a\r\n\nb", ["a", "", "b"]),
        ("\n", [""]),
        ("a\u2028b", ["a\u2028b"]),
    ],
)
def test_only_a_newline_ends_a_line(text, lines, tmp_path, monkeypatch):
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(text.encode())))
    assert read_lines() == lines
    if text:
        (tmp_path / "text.gz").write_bytes(gzip.compress(text.encode()))
        assert read_lines(str(tmp_path / "text.gz")) == lines


def test_what_cannot_be_read_is_told_by_its_option(tmp_path, monkeypatch):
    with pytest.raises(OptionError, match="`--file` must be readable UTF-8 text"):
        read_lines(str(tmp_path / "nowhere"), "--file")
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"caf\xe9")))
    with pytest.raises(OptionError, match="`--input_file` must be readable"):
        read_lines()


def test_a_file_is_written_as_a_whole_or_not_at_all(tmp_path, capsys):
    def half():
        yield "a"
        raise RuntimeError

    path = tmp_path / "out"
    write_lines(iter(["a", "b"]), str(path))
    with pytest.raises(RuntimeError):
        write_lines(half(), str(path))
    assert path.read_text() == "a\nb\n"
    with pytest.raises(OptionError, match="`--output_file` must name a file that can be written"):
        write_lines(["a"], str(path / "below"))
    with pytest.raises(RuntimeError):
        write_lines(half())
    assert capsys.readouterr().out == "a\n"  # as soon as it comes

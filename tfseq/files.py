"""Files in and out: text plain or compressed, and files that are never half-written."""

import contextlib
import gzip
import os
import pathlib
import zlib

GZIP = b"\x1f\x8b"
BROKEN = (EOFError, gzip.BadGzipFile, zlib.error)


def read_text(path):
    """The text of a UTF-8 file, plain or compressed by gzip, with its line ends as they are.

    A byte order mark at the beginning is dropped.

    Raises:
        FileNotFoundError: Where there is no such file.
        ValueError: Where the file is empty, is not UTF-8 or is broken gzip.
    """
    path = pathlib.Path(path)
    _check_file(path)
    content = path.read_bytes()
    try:
        content = gzip.decompress(content) if content.startswith(GZIP) else content
        text = content.decode("utf-8-sig")
    except BROKEN as error:
        raise _broken(path, error) from error
    except UnicodeDecodeError as error:
        raise ValueError(f"`path` must be UTF-8 text: {path}: {error}") from error
    if not text:
        raise ValueError(f"`path` must hold text. Received an empty file: {path}")
    return text


@contextlib.contextmanager
def opened_bytes(path):
    """A binary file to read a piece at a time, plain or compressed by gzip.

    Raises:
        FileNotFoundError: Where there is no such file.
        ValueError: Where it is broken gzip, found when the broken part is read.
    """
    path = pathlib.Path(path)
    _check_file(path)
    with path.open("rb") as file:
        compressed = file.peek(len(GZIP)).startswith(GZIP)
        with gzip.open(file) if compressed else contextlib.nullcontext(file) as content:
            try:
                yield content
            except BROKEN as error:
                raise _broken(path, error) from error


def _check_file(path):
    if not path.is_file():
        raise FileNotFoundError(f"`path` must be an existing file. Received: {path}")


def _broken(path, error):
    return ValueError(f"`path` must be whole gzip or plain text: {path}: {error}")


@contextlib.contextmanager
def written_aside(path, mode="w"):
    r"""A file to write in place of `path`; it takes that name when all of it is on the disk.

    Whatever stood under `path` stays whole until then, also when the block fails or the process is
    killed. What a killed process leaves behind ends in `.partial`.

        with written_aside("metrics.csv") as file:
            file.write("epoch,loss\n")

    Args:
        path: The name the file takes.
        mode: `w` for UTF-8 text with its newlines as they are, or `wb` for bytes.
    """
    path = pathlib.Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    aside = path.with_name(f"{path.name}.{os.getpid()}.partial")
    try:
        binary = "b" in mode
        with aside.open(
            mode, encoding=None if binary else "utf-8", newline=None if binary else ""
        ) as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        aside.replace(path)
    except BaseException:
        aside.unlink(missing_ok=True)
        raise

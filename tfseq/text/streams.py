"""Text files of any size, a piece at a time: plain or gzip, wherever TensorFlow reads.

All of it is bytes: places in a file are then exact, and TensorFlow takes bytes anyway.
"""

import codecs
import contextlib
import gzip
import re
from collections.abc import Iterable, Iterator

import tensorflow as tf

from tfseq.files import BROKEN, GZIP

BLOCK = 1 << 20  # bytes read at a time
LONGEST = 1 << 15  # bytes of a document; a longer one is cut at a line's end, or at a blank
LONGEST_LINE = 1 << 22
_LEADING = re.compile(rb"(?:[ \t]*\r?\n){2,}")
_BREAK = re.compile(rb"\n(?:[ \t]*\r?\n)+")


def find_files(names: str) -> list[str]:
    """The files that a list apart by commas means; a part with `*`, `?` or `[` is a pattern.

    Args:
        names: Paths and patterns, anything that `tf.io.gfile` knows. The files of a pattern come
            by name.

    Raises:
        FileNotFoundError: A file is not there, or a pattern fits none.
    """
    found = []
    for name in filter(None, (name.strip() for name in names.split(","))):
        with _os_errors():
            files = sorted(tf.io.gfile.glob(name)) if re.search(r"[*?[]", name) else [name]
            files = [path for path in files if not tf.io.gfile.isdir(path)]
            if not files or not all(map(tf.io.gfile.exists, files)):
                raise FileNotFoundError(f"`names` must be files that are there. Received: {name}")
        found += files
    return found


def state_of(path: str) -> list[int]:
    """What tells whether a file has been changed: `[bytes, nanoseconds]`."""
    with _os_errors():
        state = tf.io.gfile.stat(path)
    return [int(state.length), int(state.mtime_nsec)]


def blocks(path: str, start: int = 0, end: int | None = None) -> Iterator[bytes]:
    """The bytes of a file from one place to another, counted as they are without compression.

    Compressed files cannot be entered in the middle: what stands before is read, too.

    Raises:
        OSError: The file cannot be read.
        ValueError: It is broken gzip.
    """
    left = None if end is None else end - start
    with _os_errors(), tf.io.gfile.GFile(path, "rb") as file:
        compressed = file.read(len(GZIP)) == GZIP
        file.seek(0)
        content = gzip.GzipFile(fileobj=file) if compressed else file  # pyright: ignore
        try:
            content.seek(start)
            while block := content.read(BLOCK if left is None else min(BLOCK, left)):
                left = None if left is None else left - len(block)
                yield block
        except BROKEN as error:
            raise ValueError(f"`path` must be whole gzip or plain text: {path}: {error}") from error


def readable_blocks(path: str, start: int = 0) -> Iterator[bytes]:
    """`blocks`, checked to be UTF-8.

    Raises:
        ValueError: They are not; the line is named.
    """
    decode = codecs.getincrementaldecoder("utf-8")().decode
    lines = 1
    try:
        for block in blocks(path, start):
            decode(block)
            yield block
            lines += block.count(b"\n")
        decode(b"", final=True)
    except UnicodeDecodeError as error:
        line = lines + error.object[: error.start].count(b"\n")
        raise ValueError(f"`path` must be UTF-8 text: {path}, line {line:,}: {error}") from error


def text_start(path: str, skip: int = 0) -> int:
    """Where the text of a file begins, in bytes: behind a byte order mark, so many characters, and
    the line ends behind these.
    """
    head = b""
    for block in blocks(path):
        head += block
        if len(head) >= 4 * skip + BLOCK:
            break
    mark = len(codecs.BOM_UTF8) if head.startswith(codecs.BOM_UTF8) else 0
    skipped = head[mark:].decode(errors="replace")[:skip] if skip else ""
    rest = head[mark + len(skipped.encode()) :]
    return len(head) - len(rest.lstrip(b"\r\n"))


def documents(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """Cut a text behind its blank lines, as `scenes` does, and what is longer than `LONGEST`.

    Where a document ends depends on what stands in it alone, so that cutting can begin at the
    beginning of any of them.
    """
    buffer, start = b"", 0
    for piece in pieces:
        buffer, start = buffer[start:] + piece, 0
        while len(buffer) - start > LONGEST:
            end = _document_end(buffer, start)
            yield buffer[start:end]
            start = end
    while start < len(buffer):
        end = _document_end(buffer, start)
        yield buffer[start:end]
        start = end


def _document_end(buffer, start):
    limit = min(start + LONGEST, len(buffer))
    leading = _LEADING.match(buffer, start, limit)
    found = _BREAK.search(buffer, leading.end() if leading else start, limit)
    if found:
        return found.end()
    if limit - start < LONGEST:
        return limit
    for end in (buffer.rfind(b"\n", start, limit) + 1, buffer.rfind(b" ", start, limit) + 1):
        if end > start:
            return end
    while buffer[limit - 1 : limit] and limit < len(buffer) and buffer[limit] & 0xC0 == 0x80:
        limit -= 1  # not inside a character
    return limit


def lines(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """The lines of a text with the newlines that end them.

    Raises:
        ValueError: A line is longer than `LONGEST_LINE`.
    """
    rest, number = b"", 0
    for piece in pieces:
        *whole, rest = (rest + piece).split(b"\n")
        yield from (line + b"\n" for line in whole)
        number += len(whole)
        if len(rest) > LONGEST_LINE:
            raise ValueError(
                f"A line must have at most {LONGEST_LINE:,} bytes. Received: line {number + 1:,}"
            )
    if rest:
        yield rest


@contextlib.contextmanager
def _os_errors():
    """TensorFlow's complaints about files, as Python's."""
    try:
        yield
    except tf.errors.NotFoundError as error:
        raise FileNotFoundError(f"`path` must be a file that is there: {error.message}") from error
    except tf.errors.OpError as error:
        raise OSError(f"`path` must be a file that can be read: {error.message}") from error

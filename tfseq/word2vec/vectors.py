"""Word vectors in the two formats of the `word2vec` program, in and out.

The first line holds the number of words and the width. In the text format each line after it is a
word and its numbers, apart by one blank. In the binary format a word, one blank and the numbers as
little-endian float32 follow each other; a line feed may stand before a word. Either may be
compressed by gzip. Words are in the order of the file, which is that of falling frequency.

Reference: Mikolov et al., 2013, arXiv:1301.3781, and the `word2vec` program of the same authors.
"""

import contextlib
import gzip
import itertools
import pathlib
import re
import warnings

import numpy as np

from tfseq.files import opened_bytes, written_aside

NUMBER = np.dtype("<f4")
CHUNK = 1 << 16
HEADER = re.compile(rb"\s*(\d+) +(\d+)\s*")
LINE_OF_NUMBERS = re.compile(rb"\S+( +[-+.\deE]+)+ *\r?$")
BLANK = re.compile(r"[ \t\r\n\v\f]")
CONTROL = re.compile(rb"[\x00-\x08\x0e-\x1f]")
MOST_WIDTH = 1 << 20  # what a header may claim before memory is asked for


def read_vectors(path, most_words=None):
    """Read word vectors, in text or binary: the content tells which.

    Args:
        path: The file, plain or gzip.
        most_words: Read no more than so many of the first words; default: all.

    Returns:
        `(words, vectors)`: a list of strings, and float32 `[words, width]`. Of a word that stands
        there twice the first is kept, with a warning.

    Raises:
        OSError: The file cannot be read.
        ValueError: It is not in the format; the message names the line, or the word and its byte.
    """
    with opened_bytes(path) as file:
        count, width = _read_header(file, path)
        sample = file.peek(CHUNK)[:CHUNK]
        read = _text_records if _is_text(sample) else _binary_records
        records = read(file, path, count, width)
        rows, again = {}, []
        for word, numbers in itertools.islice(records, most_words):
            if rows.setdefault(word, numbers) is not numbers:
                again.append(word)
    if again:
        example = f"{len(again)} words a second time, such as {again[0]!r}"
        warnings.warn(f"{path} holds {example}: the first of each counts.", stacklevel=2)
    return list(rows), np.stack(list(rows.values()))


def write_vectors(path, words, vectors, binary=None):
    """Write word vectors; the file takes its name when it is whole.

    Args:
        path: Where to. A name that ends in `.gz` is compressed.
        words: The words, the most frequent first; none may be empty, hold a blank or stand twice.
        vectors: `[words, width]` numbers.
        binary: Whether in the binary format; default: where the name ends in `.bin` or `.bin.gz`.

    Raises:
        OSError: The file cannot be written.
        ValueError: A word cannot be written, or the two do not fit.
    """
    words = list(words)
    vectors = np.asarray(vectors, NUMBER)
    _check(words, vectors)
    path = pathlib.Path(path)
    if binary is None:
        binary = path.name.removesuffix(".gz").endswith(".bin")
    line_of_numbers = " ".join(["%.9g"] * vectors.shape[1])  # nine digits tell any float32
    with contextlib.ExitStack() as stack:
        file = stack.enter_context(written_aside(path, "wb"))
        if path.name.endswith(".gz"):
            file = stack.enter_context(gzip.GzipFile("", "wb", fileobj=file, mtime=0))
        file.write(b"%d %d\n" % vectors.shape)
        for word, numbers in zip(words, vectors, strict=True):
            body = numbers.tobytes() if binary else (line_of_numbers % tuple(numbers)).encode()
            file.write(b"%s %s\n" % (word.encode(), body))


def writable(word):
    """Whether the formats can hold a word: it is not empty and holds no blank."""
    return bool(word) and not BLANK.search(word)


def _check(words, vectors):
    if vectors.ndim != 2 or len(vectors) != len(words) or not vectors.size:
        raise ValueError(
            "`vectors` must have a row for each word, and there must be some. "
            f"Received: {len(words)} words, vectors of shape {list(vectors.shape)}"
        )
    if wrong := [word for word in words if not writable(word)]:
        raise ValueError(f"`words` must not be empty or hold a blank. Received: {wrong[0]!r}")
    if len(set(words)) < len(words):
        seen = set()
        twice = next(word for word in words if word in seen or seen.add(word))
        raise ValueError(f"`words` must hold each word once. Received: {twice!r} twice")
    if not np.isfinite(vectors).all():
        row = np.flatnonzero(~np.isfinite(vectors).all(axis=1))[0]
        raise ValueError(f"`vectors` must be finite. Received: {vectors[row]} for {words[row]!r}")


def _read_header(file, path):
    line = file.readline(CHUNK)
    header = HEADER.fullmatch(line)
    count, width = map(int, header.groups()) if header else (0, 0)
    if not (count and 0 < width <= MOST_WIDTH):
        shown = line[:60].decode(errors="replace").rstrip()
        raise ValueError(
            f"line 1 of {path} must hold the number of words and their width. Received: {shown!r}"
        )
    return count, width


def _is_text(sample):
    """Whether what follows the header reads as text, be it wrong or right.

    Numbers of four bytes are hardly ever free of control characters, and where a few are, they are
    neither UTF-8 nor a line of written numbers.
    """
    if LINE_OF_NUMBERS.match(sample.split(b"\n")[0]):
        return True
    whole_lines = sample[: sample.rfind(b"\n") + 1] or sample
    with contextlib.suppress(UnicodeDecodeError):
        whole_lines.decode()
        return not CONTROL.search(whole_lines)
    return False


def _text_records(file, path, count, width):
    """Word and numbers of each line."""
    for number in range(2, count + 2):
        line = file.readline().rstrip(b" \r\n")
        place = f"line {number} of {path}"
        if not line:
            raise ValueError(
                f"{path} must hold {count} words, as line 1 says. Received: {number - 2}, "
                "where it ends or a line is empty"
            )
        try:
            word, *fields = line.decode().split(" ")
        except UnicodeDecodeError as error:
            raise ValueError(f"{place} must be UTF-8 text: {error}") from error
        yield word, _numbers_of(word, fields, place, width)
    if rest := file.readline().strip():
        shown = rest[:40].decode(errors="replace")
        raise ValueError(
            f"{path} must hold {count} words, as line 1 says. Received: one more, {shown!r}"
        )


def _numbers_of(word, fields, place, width):
    rule = f"{place} must hold a word and {width} numbers"
    try:
        numbers = np.array(list(map(float, fields)), NUMBER)
    except ValueError as error:
        blank = len(fields) > width and not _is_number(fields[0])
        shown = f"{' '.join([word, *fields])[:40]!r}"
        hint = "; a word must not hold a blank" if blank else ""
        raise ValueError(f"{rule}{hint}. Received: {shown} ({error})") from error
    if len(numbers) != width:
        raise ValueError(f"{rule}. Received: {word!r} and {len(numbers)} numbers")
    if not np.isfinite(numbers).all():
        raise ValueError(f"{rule}, finite ones. Received: {word!r} and {numbers}")
    return numbers


def _is_number(text):
    with contextlib.suppress(ValueError):
        float(text)
        return True
    return False


def _binary_records(file, path, count, width):
    """Word and numbers one after the other, read a piece at a time."""
    size = width * NUMBER.itemsize
    pending, start, before = b"", 0, file.tell()  # `before`: bytes that are no longer in `pending`
    for index in range(1, count + 1):
        while (blank := pending.find(b" ", start)) < 0 or len(pending) < blank + 1 + size:
            piece = file.read(CHUNK + size)
            if not piece:
                raise ValueError(
                    f"{path} must hold {count} words of width {width}, as line 1 says. Received: "
                    f"it ends inside word {index}, at byte {before + len(pending)}"
                )
            before, pending, start = before + start, pending[start:] + piece, 0
        place = f"word {index} of {path}, at byte {before + start},"
        word = _word_of(pending[start:blank], place)
        start = blank + 1 + size
        numbers = np.frombuffer(pending[blank + 1 : start], NUMBER)
        if not np.isfinite(numbers).all():
            raise ValueError(f"{place} must have {width} finite numbers. Received: {word!r}")
        yield word, numbers
    if rest := (pending[start:] + file.read(1)).strip(b"\n"):
        raise ValueError(
            f"{path} must end after {count} words of width {width}, as line 1 says. Received: "
            f"{len(rest)} bytes or more behind them, from byte {before + start}"
        )


def _word_of(letters, place):
    letters = letters.lstrip(b"\n")
    try:
        word = letters.decode()
    except UnicodeDecodeError:
        word = ""
    if not writable(word) or CONTROL.search(letters):
        raise ValueError(
            f"{place} must be UTF-8 text and hold no blank, nor must any word before it, and each "
            f"must have the width of line 1. Received: {letters[:20]!r}"
        )
    return word

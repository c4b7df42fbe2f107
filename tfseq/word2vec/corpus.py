"""From files of text to one stream of ids on the disk.

The text is read once. Each word gets a number where it is first met and goes to the disk as that;
when all is read, the words are counted and the numbers become ids, by falling frequency. So memory
holds the words and never the text.
"""

import collections
import io
import pathlib
from typing import NamedTuple

import numpy as np

from tfseq.files import opened_bytes, read_text, written_aside

LINE_END = -1  # stands in the stream between two lines
ID = np.dtype("<i4")
IDS = "ids.int32"
WORDS = "vocabulary.txt"
PIECE = 1 << 20  # characters read at a time, ids rewritten at a time


class Corpus(NamedTuple):
    """A text as ids.

    Attributes:
        words: The words, the most frequent first: a word's place is its id.
        counts: int64 `[words]`, how often each stands in the text.
        path: File of little-endian int32: ids, and `LINE_END` between lines.
        length: How many there are in it, line ends counted.
    """

    words: list[str]
    counts: np.ndarray
    path: pathlib.Path
    length: int

    def read(self, start, count):
        """The ids from `start` on, at most `count` of them."""
        count = max(min(count, self.length - start), 0)
        return np.fromfile(self.path, ID, count, offset=start * ID.itemsize).astype(np.int32)


def text_files(names):
    """The files that are meant: those named, and those in the directories named, by name.

    Args:
        names: Paths.

    Raises:
        FileNotFoundError: One is not there, or a directory holds no files.
    """
    files = []
    for path in map(pathlib.Path, names):
        if not path.is_dir():
            files.append(path)
            continue
        found = sorted(p for p in path.rglob("*") if p.is_file() and not p.name.startswith("."))
        if not found:
            raise FileNotFoundError(f"`names` must hold files of text. Received: {path}, empty")
        files += found
    return files


def make_corpus(files, tokenize, minimum_count, directory):
    """Read text and write a corpus.

    Args:
        files: Paths of UTF-8 text, plain or gzip.
        tokenize: A function from a list of lines to `[lines, (tokens)]`, a ragged tensor.
        minimum_count: Rarer words are left out of the stream; their neighbours close ranks.
        directory: Where the stream and `vocabulary.txt` are written.

    Raises:
        OSError: A file cannot be read, or the directory not written.
        ValueError: A file is not UTF-8 or broken gzip, or there are no words left.
    """
    directory = pathlib.Path(directory)
    raw = directory / f"{IDS}.raw"
    try:
        numbers, counts = _number_words(files, tokenize, raw)
        if not numbers:
            raise ValueError("`files` must hold words. Received: none in all of them")
        if counts.max() < minimum_count:
            raise ValueError(
                "`minimum_count` must be at most the count of the most frequent word, "
                f"{counts.max()}. Received: minimum_count={minimum_count!r}"
            )
        words = [word.decode() for word in numbers]
        order = sorted(range(len(words)), key=lambda i: (-counts[i], words[i]))
        order = [i for i in order if counts[i] >= minimum_count]
        _write_ids(raw, directory / IDS, order, len(words))
    finally:
        raw.unlink(missing_ok=True)
    with written_aside(directory / WORDS) as file:
        file.writelines(f"{words[i]} {counts[i]}\n" for i in order)
    return load_corpus(directory)


def load_corpus(directory):
    """Open what `make_corpus` wrote."""
    directory = pathlib.Path(directory)
    lines = read_text(directory / WORDS).removesuffix("\n").split("\n")
    words, counts = zip(*(line.rsplit(" ", 1) for line in lines), strict=True)
    path = directory / IDS
    length = path.stat().st_size // ID.itemsize
    return Corpus(list(words), np.array(counts, np.int64), path, length)


def _number_words(files, tokenize, path):
    """Write the words' numbers; return the numbers by word, and how often each stands there."""
    numbers = collections.defaultdict()
    numbers.default_factory = numbers.__len__
    counts = np.zeros(0, np.int64)
    with path.open("wb") as output:
        for lines in (lines for file in files for lines in _lines(file)):
            tokens = tokenize(lines)
            ids = [numbers[token] for token in tokens.flat_values.numpy().tolist()]
            seen = np.bincount(np.array(ids, np.int64), minlength=len(counts))
            seen[: len(counts)] += counts
            counts = seen
            ends = tokens.row_splits.numpy()[1:-1]  # the last line may go on in the next piece
            np.insert(np.array(ids, ID), ends, LINE_END).tofile(output)
    return dict(numbers), counts


def _lines(path):
    """Yield lists of lines; a list's last line goes on in the next one, and is empty at the end."""
    with opened_bytes(path) as content:
        text = io.TextIOWrapper(content, "utf-8-sig", newline="\n")
        rest = ""
        try:
            while block := text.read(PIECE):
                block = rest + block
                cut = max(block.rfind(" "), block.rfind("\n")) + 1  # not inside a word
                rest = block[cut:]
                yield block[:cut].split("\n")
        except UnicodeDecodeError as error:
            raise ValueError(f"`path` must be UTF-8 text: {path}: {error}") from error
        finally:
            text.detach()  # the file below is closed by who opened it
        yield [rest, ""]


def _write_ids(raw, path, order, words):
    """Write ids for numbers, without what is left out and without empty lines."""
    ids = np.full(words + 1, words, ID)
    ids[order] = np.arange(len(order))
    ids[LINE_END] = LINE_END
    last = LINE_END
    with raw.open("rb") as source, written_aside(path, "wb") as target:
        while len(block := np.fromfile(source, ID, PIECE)):
            block = ids[block]
            block = block[block != words]
            before = np.concatenate([[last], block[:-1]])
            block = block[(block != LINE_END) | (before != LINE_END)]
            last = block[-1] if len(block) else last
            block.tofile(target)

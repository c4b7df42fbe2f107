"""Sentences with a label at each token, as the CoNLL shared tasks write them."""

import pathlib
import re
from collections.abc import Iterator
from typing import NamedTuple

from tfseq.files import read_text

RANGE = re.compile(r"\d+[-.]\d+")  # the id of a multiword range or an empty node
FORM, UPOS = 1, 3


class Sentence(NamedTuple):
    """A labelled sentence.

    Attributes:
        tokens: One at least.
        labels: As many.
        lines: The line of the file that each token stands in, from 1.
    """

    tokens: tuple[str, ...]
    labels: tuple[str, ...]
    lines: tuple[int, ...]


def read_columns(
    path: str | pathlib.Path, token_column: int = 0, label_column: int = -1
) -> list[Sentence]:
    """Read a file with a token on each line, its label in another column, and blank lines between.

    Columns stand apart by tabs; by blanks in a line without tabs. Several blank lines are as one.

    Args:
        path: A UTF-8 file, plain or gzip.
        token_column: Column of the token, from 0; negative: from the last.
        label_column: Column of its label, likewise.

    Raises:
        FileNotFoundError: Where there is no such file.
        ValueError: Where the file cannot be read, has no sentence, or a line lacks a column, or has
            its label in that of the token.
    """
    rows = (
        (number, line.split("\t") if "\t" in line else line.split(" "))
        for number, line in _lines(path)
    )
    rows = ((number, [part for part in row if part]) for number, row in rows)
    return _sentences(rows, path, token_column, label_column)


def read_conllu(path: str | pathlib.Path) -> list[Sentence]:
    """Read the forms and universal parts of speech of a CoNLL-U file.

    Comments, multiword ranges (`8-9`) and empty nodes (`8.1`) are skipped. Arguments and errors are
    those of `read_columns`.
    """
    rows = ((number, line.split("\t")) for number, line in _lines(path) if line[:1] != "#")
    rows = ((number, row) for number, row in rows if not RANGE.fullmatch(row[0]))
    return _sentences(rows, path, FORM, UPOS)


def write_columns(sentences: list[Sentence], file) -> None:
    """Write sentences into an open text file, as `read_columns` reads them."""
    for tokens, labels, _ in sentences:
        rows = zip(tokens, labels, strict=True)
        file.writelines(f"{token}\t{label}\n" for token, label in rows)
        file.write("\n")


def _lines(path) -> Iterator[tuple[int, str]]:
    """Each line with its number; of one that is blank nothing is left."""
    for number, line in enumerate(read_text(path).split("\n"), start=1):
        yield number, line.removesuffix("\r") if line.strip() else ""


def _sentences(rows, path, token_column, label_column) -> list[Sentence]:
    sentences, current = [], []
    for number, row in [*rows, (0, [""])]:
        if any(row):
            current.append((*_chosen(row, number, path, token_column, label_column), number))
        elif current:
            sentences.append(Sentence(*zip(*current, strict=True)))
            current = []
    if not sentences:
        raise ValueError(f"`path` must have a sentence. Received: {path} without one")
    return sentences


def _chosen(row, number, path, *columns):
    for column in columns:
        if not -len(row) <= column < len(row):
            raise ValueError(
                f"`path` must have a column {column} in each line. Received: {path} with line "
                f"{number:,} of {len(row)} columns"
            )
    if len({column % len(row) for column in columns}) < len(columns):
        raise ValueError(
            f"`path` must have its labels in another column than its tokens. Received: {path} "
            f"with line {number:,} of {len(row)} columns"
        )
    return [row[column] for column in columns]

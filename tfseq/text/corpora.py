"""What a corpus of files is made of, documents or pairs, and how it is parted into units.

A unit is the text of one shard: a stretch of a file, or the same lines of two files. Where units
begin and end is found in one reading, which also finds what cannot be read.
"""

import dataclasses
import hashlib
import itertools
import math
from collections.abc import Iterator
from typing import Any, NamedTuple

from tfseq.text.streams import blocks, documents, lines, readable_blocks, text_start


class Unit(NamedTuple):
    """The text of one shard.

    Attributes:
        files: The file, or those of source and target.
        spans: `(start, end)` in each, in bytes of the text as it is without compression.
        first: The number of its first item in the corpus.
        items: How many documents or pairs it has.
    """

    files: tuple[str, ...]
    spans: tuple[tuple[int, int], ...]
    first: int
    items: int


@dataclasses.dataclass(frozen=True)
class Documents:
    """Documents apart by blank lines, such as scenes; the last ones are held out.

    Args:
        skip: Characters to skip at the start of each file.
    """

    skip: int = 0
    sides = ("text",)

    def plan(self, files: tuple[str, ...], size: int) -> list[Unit]:
        """The units of a file, each of `size` bytes or a little more.

        Raises:
            OSError: The file cannot be read.
            ValueError: It is not UTF-8, or broken gzip.
        """
        (path,) = files
        start = end = text_start(path, self.skip)
        units, items = [], 0
        for document in documents(readable_blocks(path, start)):
            end, items = end + len(document), items + 1
            if end - start >= size:
                units.append(Unit(files, ((start, end),), 0, items))
                start, items = end, 0
        return [*units, Unit(files, ((start, end),), 0, items)] if items else units

    def items(self, unit: Unit) -> Iterator[tuple[bytes, ...]]:
        """The documents of a unit, one after the other."""
        return ((document,) for document in documents(blocks(unit.files[0], *unit.spans[0])))

    def rule(self, share: float, most: int, items: int) -> dict[str, Any]:
        """Which of so many documents are held out, for `holds_out`."""
        wanted = math.ceil(round(share * items, 6))  # as `split_held_out` has it
        return {"from": items - min(wanted, most, items - 1)}

    def holds_out(self, rule: dict[str, Any], number: int, _item) -> bool:
        """Whether a document is held out."""
        return number >= rule["from"]

    def written(self, document: str) -> str:
        """A document as it stands in a file of them: a blank line ends it."""
        document = document if document.endswith("\n") else document + "\n"
        return document if document[:-1].rstrip(" \t\r").endswith("\n") else document + "\n"


@dataclasses.dataclass(frozen=True)
class Pairs:
    """Sentences and their translations: the lines of two files, or apart by a tab in one.

    A pair with an empty side is left out. Pairs are held out at random, and all of one source
    sentence together: a hash of it tells.
    """

    sides = ("source", "target")

    def plan(self, files: tuple[str, ...], size: int) -> list[Unit]:
        """The units of a file or of two, each of `size` bytes or a little more.

        Raises:
            OSError: A file cannot be read.
            ValueError: One is not UTF-8 or broken gzip, the two have not as many lines, or a line
                of the one has no tab.
        """
        starts = [text_start(path) for path in files]
        sides = [lines(readable_blocks(*side)) for side in zip(files, starts, strict=True)]
        ends, units, items = list(starts), [], 0
        for number, row in enumerate(itertools.zip_longest(*sides), start=1):
            if None in row:
                raise ValueError(_unequal(files, number, row, sides))
            ends = [end + len(line) for end, line in zip(ends, row, strict=True)]
            items += _pair(row, files, number) is not None
            if sum(ends) - sum(starts) >= size:
                units.append(Unit(files, tuple(zip(starts, ends, strict=True)), 0, items))
                starts, items = list(ends), 0
        rest = Unit(files, tuple(zip(starts, ends, strict=True)), 0, items)
        return [*units, rest] if items else units

    def items(self, unit: Unit) -> Iterator[tuple[bytes, ...]]:
        """The pairs of a unit, one after the other."""
        spans = zip(unit.files, unit.spans, strict=True)
        rows = zip(*(lines(blocks(path, *span)) for path, span in spans), strict=True)
        return filter(None, (_pair(row, unit.files) for row in rows))

    def rule(self, share: float, most: int, items: int) -> dict[str, Any]:
        """Which of so many pairs are held out, for `holds_out`."""
        return {"share": min(share, most / items)}

    def holds_out(self, rule: dict[str, Any], _number: int, item) -> bool:
        """Whether a pair is held out."""
        digest = hashlib.blake2b(item[0], digest_size=8).digest()
        return int.from_bytes(digest, "little") < rule["share"] * 2**64

    def written(self, sentence: str) -> str:
        """A sentence as it stands in a file of them."""
        return sentence + "\n"


def _pair(row, files, number=0):
    """Both sentences of a line, or of two; `None` where a side is empty."""
    if len(row) == 1:
        columns = row[0].split(b"\t") if row[0].strip() else [b"", b""]
        if len(columns) < 2:
            line = row[0].decode()[:80].rstrip("\n")
            raise ValueError(
                f"`path` must have a tab in each line. Received: {files[0]}, line {number:,}: "
                f"{line!r}"
            )
        row = columns[0], columns[1]
    pair = tuple(line.removesuffix(b"\n").removesuffix(b"\r") for line in row)
    return pair if all(line.decode().strip() for line in pair) else None


def _unequal(files, number, row, sides):
    counts = [
        number - 1 if line is None else number + sum(1 for _ in side)
        for line, side in zip(row, sides, strict=True)
    ]
    return (
        "Source and target files must have as many lines each. Received: "
        f"{files[0]} with {counts[0]:,} and {files[1]} with {counts[1]:,}"
    )


def numbered(units: list[Unit]) -> list[Unit]:
    """Units of all files in a row, each with the number of its first item."""
    firsts = itertools.accumulate((unit.items for unit in units), initial=0)
    return [unit._replace(first=first) for unit, first in zip(units, firsts, strict=False)]

"""Chunks that BIO labels mark, and how many of them are right, as conlleval counts them.

`B-NP` begins a chunk of the type NP, `I-NP` goes on with it, `O` stands outside; `B` and `I` alone
mark chunks without a type, such as the words that characters make. A chunk is right where its first
word, its last word and its type are.
"""

import collections
import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np

MARK = re.compile(r"O|[BI](-.*)?", re.DOTALL)


class Chunk(NamedTuple):
    """A chunk of one row of labels.

    Attributes:
        type: What stands behind the first hyphen; empty without one.
        start: Its first place, from 0.
        end: The place behind its last.
    """

    type: str
    start: int
    end: int


class Score(NamedTuple):
    """How many chunks there are, were found, and are right."""

    real: int
    found: int
    right: int

    @property
    def precision(self) -> float:
        """The share of what was found that is right; 0 where nothing was found."""
        return self.right / self.found if self.found else 0.0

    @property
    def recall(self) -> float:
        """The share of what there is that was found; 0 where there is nothing."""
        return self.right / self.real if self.real else 0.0

    @property
    def f1(self) -> float:
        """`2 precision recall / (precision + recall)`; 0 where both are 0."""
        both = self.precision + self.recall
        return 2 * self.precision * self.recall / both if both else 0.0


def are_bio(labels: Iterable[str]) -> bool:
    """Whether all labels mark chunks, and one of them begins some."""
    labels = list(labels)
    return all(map(MARK.fullmatch, labels)) and any(label[0] == "B" for label in labels)


def chunks(labels: Sequence[str]) -> list[Chunk]:
    """The chunks of a row of labels, in their order.

    A chunk begins at each B; also at an I behind an O, behind another type, or at the row's
    beginning. It ends before the next begins, before an O, and with the row.

    Reference: conlleval of the CoNLL-2000 shared task (Tjong Kim Sang & Buchholz, 2000).
    """
    found, start, inside = [], 0, None  # the type of the chunk that is open
    for place, label in enumerate([*labels, "O"]):
        mark, _, kind = label.partition("-")
        goes_on = mark == "I" and kind == inside
        if inside is not None and not goes_on:
            found.append(Chunk(inside, start, place))
            inside = None
        if mark != "O" and not goes_on:
            start, inside = place, kind
    return found


def score_chunks(
    real: Sequence[Sequence[str]], found: Sequence[Sequence[str]]
) -> tuple[Score, dict[str, Score]]:
    """The score of all chunks together, and that of each type, by the alphabet.

    Args:
        real: Rows of labels as they should be.
        found: Rows of labels as they were found, each as long. No chunk goes from row to row.

    Raises:
        ValueError: Where there are not as many rows, or a row is not as long.
    """
    lengths = [[len(row) for row in rows] for rows in (real, found)]
    if lengths[0] != lengths[1]:
        raise ValueError(
            "`real` and `found` must be as many rows, each as long. "
            f"Received: {len(real)} and {len(found)} rows of {sum(lengths[0])} and "
            f"{sum(lengths[1])} labels"
        )
    counts = collections.defaultdict(lambda: np.zeros(3, int))
    for real_row, found_row in zip(real, found, strict=True):
        both = set(chunks(real_row)), set(chunks(found_row))
        for place, some in enumerate((*both, both[0] & both[1])):
            for chunk in some:
                counts[chunk.type][place] += 1
    by_type = {kind: Score(*counts[kind].tolist()) for kind in sorted(counts)}
    return Score(*sum(counts.values(), np.zeros(3, int)).tolist()), by_type

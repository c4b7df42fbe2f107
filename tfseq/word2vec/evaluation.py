"""How good word vectors are: similarities as people judge them, and analogies by section.

What is not known is not guessed: a pair or a question with an unknown word is left out, and each
result says how many were left in. A word is known as it is spelled, or as the first word of the
vectors that differs from it in capitals only.
"""

import re
from typing import NamedTuple

import numpy as np

from tfseq.files import read_text
from tfseq.word2vec.nearest import ANALOGIES, unit

LINE_ENDS = re.compile(r"\r\n?|\n")


class Similarity(NamedTuple):
    """How the cosines of word pairs rank against what people said.

    Attributes:
        rho: Spearman's rank correlation; NaN where it has no meaning, as for fewer than two pairs.
        known: Pairs whose two words are known; the others do not count.
        pairs: Pairs of the file.
    """

    rho: float
    known: int
    pairs: int


class Section(NamedTuple):
    """The questions of one section: how many were answered right, were asked, and stand there."""

    name: str
    right: int
    asked: int
    questions: int

    @property
    def accuracy(self):
        """Share of the questions asked; NaN where none was."""
        return self.right / self.asked if self.asked else float("nan")


class Lookup:
    """Rows of words, whatever their capitals, among the first words of some vectors.

    Args:
        words: The words, the most frequent first.
        vectors: `[words, width]`.
        most_words: So many of the first words count; default: all.
    """

    def __init__(self, words, vectors, most_words=None):
        words = words[:most_words]
        self.unit = unit(vectors[:most_words])
        self.rows = {word: row for row, word in enumerate(words)}
        self.folded = {}
        for row, word in enumerate(words):
            self.folded.setdefault(word.casefold(), row)

    def row(self, word):
        """The word's row, or -1."""
        return self.rows.get(word, self.folded.get(word.casefold(), -1))


def similarity(lookup, pairs):
    """`Similarity` of `(word, word, score)` triples, as `read_pairs` gives them."""
    rows = np.array([(lookup.row(one), lookup.row(other)) for one, other, _ in pairs])
    known = (rows >= 0).all(axis=1)
    one, other = (lookup.unit[column] for column in rows[known].T)
    scores = np.array([score for _, _, score in pairs])[known]
    cosines = np.einsum("ij,ij->i", one, other)
    return Similarity(rank_correlation(cosines, scores), int(known.sum()), len(pairs))


def analogies(lookup, sections, method="add"):
    """A `Section` for each section of questions, as `read_questions` gives them.

    Of `(a, b, c, d)` the vectors are asked what is to `c` as `b` is to `a`, and are right where
    the first answer that is none of the three is `d`.
    """
    found = []
    for name, questions in sections.items():
        rows = np.array([[lookup.row(word) for word in question] for question in questions])
        asked = rows[(rows >= 0).all(axis=1)]
        answers, _ = ANALOGIES[method](asked[:, [1, 0, 2]], lookup.unit, 1)
        right = int(np.sum(answers[:, :1] == asked[:, 3:])) if answers.size else 0
        found.append(Section(name, right, len(asked), len(questions)))
    return found


def total(name, sections):
    """All sections as one."""
    numbers = [(part.right, part.asked, part.questions) for part in sections]
    return Section(name, *(sum(column) for column in zip(*numbers, strict=True)))


def rank_correlation(values, others):
    """Spearman's rho: the correlation of the ranks, where equal values share their mean rank.

        rho = cov(r, s) / (sd(r) sd(s))

    Reference: Spearman, 1904; the ranks of ties: Kendall, 1945.
    """
    middle = (len(values) + 1) / 2
    ranks, other_ranks = mean_ranks(values) - middle, mean_ranks(others) - middle
    spread = np.sqrt((ranks @ ranks) * (other_ranks @ other_ranks))
    return float(ranks @ other_ranks / spread) if spread else float("nan")


def mean_ranks(values):
    """The rank of each value from 1 on, equal values sharing the mean of theirs."""
    _, group, sizes = np.unique(np.asarray(values), return_inverse=True, return_counts=True)
    ends = np.cumsum(sizes)
    return (ends - (sizes - 1) / 2)[group]


def read_pairs(path):
    """Similarities from a file: two words and a number on each line, apart by tabs or blanks.

    Lines end as on any system. Empty lines and those that begin with `#` are no pairs; nor is the
    first, where it holds no number and so is a heading. The score is the first number behind the
    two words, so that a column of parts of speech may stand between.

    Returns:
        A list of `(word, word, score)`.

    Raises:
        OSError: The file cannot be read.
        ValueError: A line is no pair; the message names it. Or there is none.
    """
    pairs, lines = [], _lines(path)
    for place, (number, fields) in enumerate(lines):
        scores = [float(field) for field in fields[2:] if _is_finite(field)]
        if scores:
            pairs.append((*fields[:2], scores[0]))
        elif place:
            raise ValueError(
                f"line {number} of {path} must hold two words and a number. "
                f"Received: {' '.join(fields)[:60]!r}"
            )
    if not pairs:
        raise ValueError(f"{path} must hold pairs: two words and a number a line")
    return pairs


def read_questions(path):
    """Analogies from a file like Google's `questions-words.txt`.

    A line `: NAME` begins a section; each other line is a question of four words.

    Returns:
        `{section: [(a, b, c, d), ...]}`.

    Raises:
        OSError: The file cannot be read.
        ValueError: A line is no question; the message names it. Or there is none.
    """
    sections, name = {}, "questions"
    for number, fields in _lines(path):
        if fields[0].startswith(":"):
            name = " ".join(fields).lstrip(": ")
        elif len(fields) == 4:
            sections.setdefault(name, []).append(tuple(fields))
        else:
            raise ValueError(
                f"line {number} of {path} must hold four words. Received: {' '.join(fields)[:60]!r}"
            )
    if not sections:
        raise ValueError(f"{path} must hold questions: four words a line")
    return sections


def _lines(path):
    """`(number, fields)` of the lines that say something."""
    lines = enumerate(LINE_ENDS.split(read_text(path)), start=1)
    split = [(number, _fields(line)) for number, line in lines]
    return [
        (number, fields) for number, fields in split if fields and fields[0][:1] not in ("", "#")
    ]


def _fields(line):
    """What stands between tabs, where there are any, or between blanks."""
    return [part.strip() for part in line.split("\t")] if "\t" in line else line.split()


def _is_finite(text):
    try:
        return np.isfinite(float(text))
    except ValueError:
        return False

"""Neighbours of word vectors by cosine, analogies, and the odd one out: exact, many at a time.

Vectors are compared by their directions alone, so they are brought to length 1 once. Scores of
many questions against all words are one matrix product, in blocks that fit into memory.
"""

import difflib

import numpy as np

BLOCK = 1 << 24  # numbers in a block of scores: 64 MiB
SPELLINGS = 100_000  # of the most frequent words among which a near spelling is looked for
EPSILON = 0.001  # of 3CosMul, as its authors have it


class UnknownWordError(ValueError):
    """A word that has no vector; `spellings` are words near it that have one."""

    def __init__(self, word, spellings):
        near = f"; near spellings: {', '.join(spellings)}" if spellings else ""
        super().__init__(f"`word` must have a vector{near}. Received: word={word!r}")
        self.word = word
        self.spellings = spellings


class Neighbours:
    """Words by the directions of their vectors.

        cos(a, b) = a b' / (|a| |b|)

    Args:
        words: The words, the most frequent first.
        vectors: `[words, width]`.
    """

    def __init__(self, words, vectors):
        self.words = list(words)
        self.rows = {word: row for row, word in enumerate(self.words)}
        self.unit = unit(vectors)

    def rows_of(self, words):
        """The row of each word; raises `UnknownWordError` for the first that has none."""
        for word in words:
            if word not in self.rows:
                raise UnknownWordError(word, self.near_spellings(word))
        return np.array([self.rows[word] for word in words], np.int64)

    def near_spellings(self, word, count=3):
        """Words that are spelled nearly like `word`, whatever the capitals, the nearest first."""
        spelled = {other.casefold(): other for other in reversed(self.words[:SPELLINGS])}
        close = difflib.get_close_matches(word.casefold(), spelled, count)
        return [spelled[other] for other in close]

    def nearest(self, words, count=10):
        """The words nearest to each word, itself left out: a list of `(word, cosine)` for each."""
        rows = self.rows_of(words)
        return self._named(*best(self.unit[rows], self.unit, count, rows[:, None]))

    def nearest_to(self, vectors, count=10):
        """The words nearest to each vector, `[vectors, width]`: `(word, cosine)` as above."""
        return self._named(*best(unit(vectors), self.unit, count))

    def analogy(self, questions, count=10, method="add"):
        """What is to `c` as `a` is to `b`, for each question `(a, b, c)`: king - man + woman.

        The three words themselves are no answers.

        Args:
            questions: Triples of words.
            count: Answers to each.
            method: `add` or `mul`, one of `ANALOGIES`.

        Returns:
            A list of `(word, score)` for each question, the best first.
        """
        if method not in ANALOGIES:
            known = ", ".join(ANALOGIES)
            raise ValueError(f"`method` must be one of {known}. Received: method={method!r}")
        rows = self.rows_of([word for question in questions for word in question]).reshape(-1, 3)
        return self._named(*ANALOGIES[method](rows, self.unit, count))

    def odd_one_out(self, words):
        """The word that is least like the mean of them all, by cosine."""
        if len(words) < 3:
            raise ValueError(f"`words` must be at least three. Received: {len(words)}")
        vectors = self.unit[self.rows_of(words)]
        return words[int(np.argmin(vectors @ unit(vectors.mean(axis=0, keepdims=True))[0]))]

    def _named(self, rows, scores):
        return [
            [(self.words[i], float(score)) for i, score in zip(*found, strict=True)]
            for found in zip(rows, scores, strict=True)
        ]


def unit(vectors):
    """Rows of length 1, float32; a row of zeros stays."""
    vectors = np.asarray(vectors, np.float32)
    lengths = np.linalg.norm(vectors, axis=-1, keepdims=True)
    return vectors / np.where(lengths > 0, lengths, 1)


def blocks(rows, columns):
    """Slices of `rows` rows, each so short that a block `[slice, columns]` fits into memory."""
    step = max(1, BLOCK // max(1, columns))
    return [slice(start, min(start + step, rows)) for start in range(0, rows, step)]


def best(queries, unit_vectors, count, excluded=None):
    """The rows of the highest cosines.

    Args:
        queries: `[queries, width]`, of length 1.
        unit_vectors: `[words, width]`, of length 1.
        count: How many; there are fewer where there are fewer words that are not excluded.
        excluded: `[queries, any]` rows that are not looked at for each query.

    Returns:
        `(rows, cosines)`, each `[queries, count]`, the best first.
    """
    count = _possible(count, unit_vectors, excluded)
    found = [
        _highest(
            queries[part] @ unit_vectors.T, count, None if excluded is None else excluded[part]
        )
        for part in blocks(len(queries), len(unit_vectors))
    ]
    return _joined(found, count)


def add(rows, unit_vectors, count):
    """3CosAdd: the highest `cos(d, a - b + c)` for each row `(a, b, c)` of `[questions, 3]`.

    Reference: Mikolov et al., 2013, "Linguistic regularities in continuous space word
    representations".
    """
    a, b, c = (unit_vectors[column] for column in rows.T)
    return best(unit(a - b + c), unit_vectors, count, rows)


def mul(rows, unit_vectors, count):
    """3CosMul: the highest `cos(d, a) cos(d, c) / (cos(d, b) + epsilon)`, cosines put in [0, 1].

    No one of the three cosines can outweigh the others, as the largest does in a sum.

    Reference: Levy & Goldberg, 2014, "Linguistic regularities in sparse and explicit word
    representations".
    """
    count = _possible(count, unit_vectors, rows)
    found = []
    for part in blocks(len(rows), 3 * len(unit_vectors)):
        a, b, c = ((unit_vectors[column] @ unit_vectors.T + 1) / 2 for column in rows[part].T)
        found.append(_highest(a * c / (b + EPSILON), count, rows[part]))
    return _joined(found, count)


ANALOGIES = {"add": add, "mul": mul}


def _possible(count, unit_vectors, excluded):
    if count < 1:
        raise ValueError(f"`count` must be at least 1. Received: count={count!r}")
    left_out = 0 if excluded is None else excluded.shape[1]
    return max(0, min(count, len(unit_vectors) - left_out))


def _highest(scores, count, excluded):
    if excluded is not None:
        np.put_along_axis(scores, excluded, -np.inf, axis=1)
    last = max(scores.shape[1] - count, 0)
    rows = np.argpartition(scores, min(last, scores.shape[1] - 1), axis=1)[:, last:]
    found = np.take_along_axis(scores, rows, axis=1)
    order = np.lexsort((rows, -found), axis=1)
    return np.take_along_axis(rows, order, axis=1), np.take_along_axis(found, order, axis=1)


def _joined(found, count):
    if not found:
        return np.zeros((0, count), np.int64), np.zeros((0, count), np.float32)
    rows, scores = zip(*found, strict=True)
    return np.concatenate(rows), np.concatenate(scores)

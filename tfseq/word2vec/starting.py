"""Word vectors as the start of another model's embedding, and that embedding as word vectors."""

from typing import NamedTuple

import numpy as np

from tfseq.word2vec.vectors import read_vectors, writable, write_vectors


class Start(NamedTuple):
    """What `start_embedding` found.

    Attributes:
        words: Entries of the vocabulary.
        known: Those that begin with a trained vector.
        lower_case: Those of the known whose vector is that of the word in lower case.
    """

    words: int
    known: int
    lower_case: int

    def __str__(self):
        return (
            f"{self.known:,} of the {self.words:,} entries begin with a trained vector "
            f"({self.lower_case:,} with that of their lower case); "
            f"{self.words - self.known:,} are drawn at random."
        )


def start_embedding(embedding, words, path, size=0.0):
    """Put trained vectors into an embedding, for the words that have one.

    A word that is not found as it is spelled takes the vector of its lower case. The rows of the
    others stay at random, scaled so that their entries are as large as those of the trained ones.

    Args:
        embedding: A variable `[words, width]` with the numbers the other rows are drawn from.
        words: What each row stands for, a list.
        path: A file of word vectors, as for `read_vectors`.
        size: What the root of the entries' mean square is scaled to; 0 = as it is.

    Returns:
        A `Start`, whose text is a sentence about what was found.

    Raises:
        OSError: The file cannot be read.
        ValueError: It is not in the format, is of another width, or knows none of the words.

    Reference: the size of the others: Kim, 2014, arXiv:1408.5882.
    """
    rows, lower_case, vectors = known_vectors(path, words, embedding.shape[1])
    if not rows:
        raise ValueError(f"{path} must hold words of the vocabulary. Received: none of them")
    if size:
        vectors = vectors * np.float32(size / max(_size(vectors), 1e-9))
    values = np.array(embedding)
    values *= _size(vectors) / max(_size(values), 1e-9)
    values[rows] = vectors
    embedding.assign(values)
    return Start(len(words), len(rows), lower_case)


def _size(values):
    """The root of the mean square of the entries."""
    return np.sqrt(np.mean(np.square(values)))


def known_vectors(path, words, width):
    """The vectors of those words that have one.

    Args:
        path: As for `read_vectors`.
        words: The words to look up, a list.
        width: What the vectors' width must be.

    Returns:
        `(places, lower_case, vectors)`: where in `words` the known ones stand, how many of them
        are known in lower case only, and float32 `[known, width]`.

    Raises:
        OSError: The file cannot be read.
        ValueError: It is not in the format, or its vectors are not as wide.
    """
    trained, vectors = read_vectors(path)
    if vectors.shape[1] != width:
        raise ValueError(
            f"{path} must hold vectors of width {width}. Received: width {vectors.shape[1]}"
        )
    rows = {word: row for row, word in enumerate(trained)}
    names = [word.lstrip(" ") for word in words]
    found = [rows.get(name, rows.get(name.lower())) for name in names]
    places = [place for place, row in enumerate(found) if row is not None]
    lower_case = sum(names[place] not in rows for place in places)
    return places, lower_case, vectors[[row for row in found if row is not None]]


def write_embedding(path, words, embedding):
    """Write an embedding as word vectors; return how many words were left out.

    Left out are those that the format cannot hold, such as a line feed. Blanks before a word, as
    stand before a piece that goes on with one (` ##ing`), are not written, nor looked for by
    `known_vectors`.

    Args:
        path: As for `write_vectors`.
        words: What each row stands for, a list.
        embedding: `[words, width]` numbers.

    Raises:
        OSError: The file cannot be written.
        ValueError: There is nothing to write.
    """
    rows = {}
    for row, word in enumerate(words):
        if writable(name := word.lstrip(" ")):
            rows.setdefault(name, row)
    write_vectors(path, rows, np.asarray(embedding)[list(rows.values())])
    return len(words) - len(rows)

"""Word vectors in word2vec's text format.

The first line holds the number of words and the width; each line after it a word and its numbers,
apart by blanks.

Reference: Mikolov et al., 2013, arXiv:1301.3781, and the `word2vec` program of the same authors.
"""

import numpy as np

from tfseq.files import read_text


def read_vectors(path):
    """Read word vectors.

    Args:
        path: UTF-8 text, plain or gzip.

    Returns:
        `(words, vectors)`: a list of strings, and float32 `[words, width]`.

    Raises:
        OSError: The file cannot be read.
        ValueError: It is not in the format; the message names the line.
    """
    header, *lines = read_text(path).rstrip("\n").split("\n")
    try:
        count, width = map(int, header.split())
    except ValueError as error:
        raise ValueError(
            f"line 1 of {path} must hold the number of words and their width. Received: {header!r}"
        ) from error
    if count != len(lines):
        raise ValueError(f"{path} must hold {count} words, as line 1 says. Received: {len(lines)}")
    vectors = np.empty((count, width), np.float32)
    words = []
    for row, line in enumerate(lines):
        word, *numbers = line.rstrip(" ").split(" ")
        try:
            vectors[row] = np.array(numbers, np.float32)
        except ValueError as error:
            raise ValueError(
                f"line {row + 2} of {path} must hold a word and {width} numbers"
            ) from error
        words.append(word)
    return words, vectors


def known_vectors(path, words, width):
    """The vectors of those words that have one.

    Args:
        path: As for `read_vectors`.
        words: The words to look up, a list.
        width: What the vectors' width must be.

    Returns:
        `(places, vectors)`: where in `words` the known ones stand, and float32 `[known, width]`.

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
    places = [place for place, word in enumerate(words) if word in rows]
    return places, vectors[[rows[words[place]] for place in places]]

"""The vectors that a verb reads, and what is said where a word has none."""

import contextlib

from tfseq.config import OptionError
from tfseq.word2vec import Neighbours, UnknownWordError, read_vectors


def load(options):
    """`(words, vectors)` of `--vectors`, as many as `--most_words` says."""
    try:
        return read_vectors(options.vectors, options.most_words or None)
    except (OSError, ValueError) as error:
        raise OptionError("--vectors", "must name readable word2vec vectors", str(error)) from error


@contextlib.contextmanager
def neighbours(options, option):
    """`Neighbours` of `--vectors`; a word that has no vector is an error of `option`."""
    found = Neighbours(*load(options))
    try:
        yield found
    except UnknownWordError as error:
        near = f"; near spellings: {', '.join(error.spellings)}" if error.spellings else ""
        rule = f"must be among the {len(found.words):,} words of {options.vectors}{near}"
        raise OptionError(option, rule, error.word) from error


def show(answers):
    """One answer a line, its score before it."""
    for word, score in answers:
        print(f"{score:7.4f}  {word}")

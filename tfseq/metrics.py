"""Figures of merit of a language model, and of what it writes."""

import math
from typing import NamedTuple

import numpy as np


def perplexity(loss):
    """`exp(loss)` of a mean loss per word in nats; infinite where that overflows.

    Among how many equally likely words the model hesitates, on average.
    """
    return math.exp(loss) if loss < 700 else math.inf


class Copying(NamedTuple):
    """How much of a text stands word for word in another."""

    longest_run: int
    ngram_share: float


def copying(tokens, source, n=8):
    """How much of `tokens` stands word for word in `source`.

    Args:
        tokens: What was written, a sequence of words or ids.
        source: What it may be copied from.
        n: Length of the n-grams whose share is counted.

    Returns:
        `Copying(longest_run, ngram_share)`: the longest run of words found in `source`, and the
        share of the n-grams found there; 0 where there are none.
    """
    runs = matching_runs(tokens, source)
    ngrams = runs[n - 1 :]
    return Copying(int(runs.max(initial=0)), float(np.mean(ngrams >= n)) if len(ngrams) else 0.0)


def matching_runs(tokens, source):
    """For each token, the length of the longest run ending there that stands in `source`."""
    source = np.asarray(source)
    ending_at = np.zeros(
        len(source) + 1, np.int32
    )  # of the run so far, at each place of the source
    longest = np.zeros(len(tokens), np.int32)
    for index, token in enumerate(tokens):
        ending_at[1:] = np.where(source == token, ending_at[:-1] + 1, 0)
        longest[index] = ending_at.max()
    return longest

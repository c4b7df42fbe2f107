"""Figures of merit of a language model, of what it writes, and of labels."""

import math
from typing import NamedTuple

import numpy as np

BASE = np.uint64(0x9E3779B97F4A7C15)  # odd, so that it has an inverse modulo 2**64
MIX = np.uint64(0xBF58476D1CE4E5B9)


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
        source: What it may be copied from, likewise.
        n: Length of the n-grams whose share is counted.

    Returns:
        `Copying(longest_run, ngram_share)`: the longest run of words found in `source`, and the
        share of the n-grams found there; 0 where there are none.
    """
    _, ids = np.unique(np.concatenate([tokens, source]), return_inverse=True)
    tokens, source = ids[: len(tokens)], ids[len(tokens) :]
    shared = np.isin(ngram_hashes(tokens, n), ngram_hashes(source, n))
    longest, too_long = 0, min(len(tokens), len(source)) + 1
    while too_long - longest > 1:  # a run of some length holds one of each shorter length
        middle = (longest + too_long) // 2
        found = np.isin(ngram_hashes(tokens, middle), ngram_hashes(source, middle)).any()
        longest, too_long = (middle, too_long) if found else (longest, middle)
    return Copying(longest, float(shared.mean()) if len(shared) else 0.0)


def ngram_hashes(ids, n):
    """A 64-bit number for each run of `n` ids, the same for equal runs: a polynomial in `BASE`."""
    if len(ids) < n:
        return np.zeros(0, np.uint64)
    powers = np.cumprod(np.full(len(ids), BASE, np.uint64))
    inverses = np.cumprod(np.full(len(ids), pow(int(BASE), -1, 2**64), np.uint64))
    terms = (ids.astype(np.uint64) + np.uint64(1)) * MIX * powers
    sums = np.concatenate([[np.uint64(0)], np.cumsum(terms, dtype=np.uint64)])
    return (sums[n:] - sums[:-n]) * inverses[: len(ids) - n + 1]


class LabelScores(NamedTuple):
    """How well each label is found: arrays with an entry for each, 0 where there is nothing.

    Attributes:
        precision: Of what was given the label, the share that has it.
        recall: Of what has the label, the share that was given it.
        f1: Their harmonic mean.
        count: How many have it.
    """

    precision: np.ndarray
    recall: np.ndarray
    f1: np.ndarray
    count: np.ndarray


def label_scores(predicted, truth, classes):
    """Precision, recall and F1 of each label.

    Args:
        predicted: Numbers of labels, from 0.
        truth: As many.
        classes: How many labels there are.
    """
    predicted, truth = np.asarray(predicted), np.asarray(truth)
    if predicted.shape != truth.shape:
        raise ValueError(
            "`predicted` and `truth` must be as many labels each. "
            f"Received: {predicted.size} and {truth.size}"
        )
    given, count, right = (
        np.bincount(labels, minlength=classes)
        for labels in (predicted, truth, truth[predicted == truth])
    )
    precision, recall = right / np.maximum(given, 1), right / np.maximum(count, 1)
    return LabelScores(precision, recall, 2 * right / np.maximum(given + count, 1), count)

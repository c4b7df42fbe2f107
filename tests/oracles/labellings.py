"""A linear-chain CRF by exhaustive search: every row of labels that there is, one by one."""

import itertools

import numpy as np


def score(scores, transitions, labels):
    """The score of one row of labels, as the definition adds it up.

    Args:
        scores: `[time, labels]`.
        transitions: `[labels, labels]`, from row to column.
        labels: One for each step.
    """
    own = sum(scores[time, label] for time, label in enumerate(labels))
    return own + sum(transitions[pair] for pair in itertools.pairwise(labels))


def all_scores(scores, transitions):
    """`{labels: score}` of every row of labels."""
    time, count = scores.shape
    rows = itertools.product(range(count), repeat=time)
    return {labels: score(scores, transitions, labels) for labels in rows}


def log_norm(scores, transitions):
    """The logarithm of the sum of the exponentials of all scores."""
    return np.logaddexp.reduce(list(all_scores(scores, transitions).values()))


def best(scores, transitions):
    """`(labels, score)` of the best row."""
    return max(all_scores(scores, transitions).items(), key=lambda row: row[1])


def marginals(scores, transitions):
    """`[time, labels]`: the probability of each label at each step."""
    norm, found = log_norm(scores, transitions), np.zeros_like(scores)
    for labels, value in all_scores(scores, transitions).items():
        found[range(len(labels)), labels] += np.exp(value - norm)
    return found


def transition_counts(scores, transitions):
    """`[labels, labels]`: how often each step from label to label is expected."""
    norm, found = log_norm(scores, transitions), np.zeros_like(transitions)
    for labels, value in all_scores(scores, transitions).items():
        for pair in itertools.pairwise(labels):
            found[pair] += np.exp(value - norm)
    return found

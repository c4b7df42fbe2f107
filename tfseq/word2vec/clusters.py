"""Words in groups: k-means over the directions of their vectors."""

from typing import NamedTuple

import numpy as np

from tfseq.word2vec.nearest import blocks, unit


class Clusters(NamedTuple):
    """What `cluster` found.

    Attributes:
        labels: `[words]`, the cluster of each, from 0; cluster 0 is the largest.
        cosines: `[words]`, of each with the centre of its cluster.
        centres: `[clusters, width]`, of length 1.
    """

    labels: np.ndarray
    cosines: np.ndarray
    centres: np.ndarray


def cluster(vectors, count, seed=1, most_steps=100):
    """Spherical k-means: the sum of the cosines of words and their centres rises step by step.

        label(w) = argmax_k cos(w, c_k)
        c_k = sum of the unit vectors of cluster k, brought to length 1

    It begins with centres drawn far from each other, and ends where nothing changes any more. A
    centre that has lost all its words moves to the word that fits its own centre least.

    Args:
        vectors: `[words, width]`.
        count: Number of clusters.
        seed: Seed of the first centres.
        most_steps: Steps after which it ends in any case.

    Returns:
        `Clusters`, the largest first.

    References: Dhillon & Modha, 2001, "Concept decompositions for large sparse text data using
    clustering"; the first centres: Arthur & Vassilvitskii, 2007, "k-means++".
    """
    if not 1 <= count <= len(vectors):
        raise ValueError(
            f"`count` must be between 1 and the number of words, {len(vectors)}. "
            f"Received: count={count!r}"
        )
    points = unit(vectors)
    centres = _first_centres(points, count, np.random.default_rng(seed))
    labels, cosines = _nearest(points, centres)
    for _ in range(most_steps):
        before = labels
        centres = _moved(points, labels, cosines, count)
        labels, cosines = _nearest(points, centres)
        if np.array_equal(before, labels):
            break
    order = np.argsort(-np.bincount(labels, minlength=count), kind="stable")
    return Clusters(np.argsort(order)[labels], cosines, centres[order])


def _first_centres(points, count, rng):
    """Each next centre is a word drawn by its squared distance from the centres so far."""
    rows = [int(rng.integers(len(points)))]
    far = np.full(len(points), np.inf)
    for _ in range(count - 1):
        far = np.minimum(far, np.maximum(2 - 2 * (points @ points[rows[-1]]), 0))
        far[rows] = 0
        weights = far if far.sum() > 0 else np.isin(np.arange(len(points)), rows, invert=True)
        rows.append(int(rng.choice(len(points), p=weights / weights.sum())))
    return points[rows]


def _nearest(points, centres):
    labels, cosines = np.empty(len(points), np.int64), np.empty(len(points), np.float32)
    for part in blocks(len(points), len(centres)):
        scores = points[part] @ centres.T
        labels[part] = scores.argmax(axis=1)
        cosines[part] = scores.max(axis=1)
    return labels, cosines


def _moved(points, labels, cosines, count):
    order = np.argsort(labels, kind="stable")
    sizes = np.bincount(labels, minlength=count)
    taken = np.flatnonzero(sizes)
    sums = np.empty((count, points.shape[1]), np.float32)
    starts = np.concatenate([[0], np.cumsum(sizes[taken])[:-1]])
    sums[taken] = np.add.reduceat(points[order], starts, axis=0)
    empty = np.flatnonzero(sizes == 0)
    sums[empty] = points[np.argsort(cosines, kind="stable")[: len(empty)]]
    return unit(sums)

"""Spherical k-means against every way to share a few points out."""

import itertools

import numpy as np
import pytest

from tfseq.word2vec import cluster


def cosines_of(points, labels):
    """The sum of the cosines of points and centres: the length of each cluster's sum."""
    return sum(np.linalg.norm(points[labels == k].sum(axis=0)) for k in set(labels))


def test_the_best_of_some_starts_is_the_best_of_all_partitions():
    rng = np.random.default_rng(2)
    points = rng.normal(size=(8, 3))
    points /= np.linalg.norm(points, axis=1, keepdims=True)
    every = (np.array(labels) for labels in itertools.product(range(3), repeat=8))
    best = max(cosines_of(points, labels) for labels in every)
    found = [cluster(points * 7, 3, seed) for seed in range(8)]
    sums = [cosines_of(points, some.labels) for some in found]
    assert max(sums) == pytest.approx(best, rel=1e-5)
    for some, total in zip(found, sums, strict=True):
        np.testing.assert_allclose(some.cosines.sum(), total, rtol=1e-5)
        np.testing.assert_allclose(np.linalg.norm(some.centres, axis=1), 1, rtol=1e-5)


def test_bundles_of_directions_are_found_the_largest_first():
    rng = np.random.default_rng(3)
    truth = np.repeat([0, 1, 2], [17, 31, 5])
    axes = np.eye(3)[truth] * rng.uniform(1, 90, (53, 1))
    found = cluster(axes + rng.normal(size=(53, 3)) * 0.05, 3, seed=6)
    np.testing.assert_array_equal(found.labels, np.array([1, 0, 2])[truth])


def test_the_same_seed_gives_the_same_clusters():
    points = np.random.default_rng(5).normal(size=(40, 4))
    first, again = cluster(points, 6, seed=2), cluster(points, 6, seed=2)
    np.testing.assert_array_equal(first.labels, again.labels)
    assert set(first.labels) == set(range(6))


def test_equal_points_and_as_many_clusters_as_points_are_no_trouble():
    assert np.isfinite(cluster(np.ones((5, 2)), 3).centres).all()
    points = np.random.default_rng(7).normal(size=(6, 4))
    assert sorted(cluster(points, 6).labels) == list(range(6))
    for count in (0, 7):
        with pytest.raises(ValueError, match="`count` must be between 1 and the number of words"):
            cluster(points, count)

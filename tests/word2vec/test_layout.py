"""Two dimensions: PCA against the covariance's own vectors, t-SNE by what it is to keep."""

import numpy as np

from tfseq.word2vec import layout


def test_pca_has_the_directions_of_greatest_variance():
    rng = np.random.default_rng(1)
    vectors = rng.normal(size=(23, 5)) * [1, 4, 2, 0.5, 0.1] + 7
    sizes, directions = np.linalg.eigh(np.cov(vectors.T))
    expected = (vectors - vectors.mean(axis=0)) @ directions[:, [4, 3]]
    found = layout.pca(vectors)
    np.testing.assert_allclose(np.abs(found), np.abs(expected), atol=1e-9)
    np.testing.assert_allclose(found.var(axis=0, ddof=1), sizes[[4, 3]])
    assert (found.max(axis=0) >= -found.min(axis=0)).all()


def test_vectors_in_one_line_lie_in_one_line():
    found = layout.pca(np.array([[1.0], [2.0], [4.0]]))
    np.testing.assert_allclose(found, [[-4 / 3, 0], [-1 / 3, 0], [5 / 3, 0]])


def test_tsne_follows_the_gradient_of_its_divergence():
    """Against the difference quotient of `sum p log(p / q)`."""
    rng = np.random.default_rng(2)
    shares = layout._shares(rng.normal(size=(7, 4)), 2.0)
    np.testing.assert_allclose(shares.sum(), 1)
    points = rng.normal(size=(7, 2))

    def divergence(points):
        near = 1 / (1 + np.sum((points[:, None] - points[None]) ** 2, axis=2))
        np.fill_diagonal(near, 0)
        real = ~np.eye(7, dtype=bool)
        return np.sum(shares[real] * np.log(shares[real] / (near / near.sum())[real]))

    gradient = layout._gradient(points, shares)
    for place in [(0, 0), (3, 1), (6, 0)]:
        step = np.zeros_like(points)
        step[place] = 1e-5
        slope = (divergence(points + step) - divergence(points - step)) / 2e-5
        np.testing.assert_allclose(gradient[place], slope, rtol=1e-4, atol=1e-9)


def test_each_point_has_the_perplexity_that_is_asked_for():
    rng = np.random.default_rng(3)
    distances = rng.uniform(1, 9, (11, 11))
    precision = np.full(11, 0.7)
    shares, entropy = layout._rows(distances, precision)
    for row in range(11):
        weights = np.exp(-0.7 * distances[row])
        p = weights / weights.sum()
        np.testing.assert_allclose(shares[row], p)
        np.testing.assert_allclose(entropy[row], -np.sum(p * np.log(p)))


def test_tsne_keeps_bundles_together():
    rng = np.random.default_rng(4)
    bundle = np.repeat([0, 1, 2], [9, 12, 15])
    found = layout.tsne(np.eye(6)[bundle] * 5 + rng.normal(size=(36, 6)) * 0.3, perplexity=5)
    distances = np.linalg.norm(found[:, None] - found[None], axis=2)
    np.fill_diagonal(distances, np.inf)
    np.testing.assert_array_equal(bundle[distances.argmin(axis=1)], bundle)
    same = bundle[:, None] == bundle
    np.fill_diagonal(distances, 0)
    assert distances[~same].min() > distances[same].max() / 2

"""Cross entropy against its equation in NumPy."""

import numpy as np

from tfseq.losses import cross_entropy


def test_losses_are_summed_over_the_weighted_words():
    generator = np.random.default_rng(5)
    logits = generator.normal(size=(2, 5, 7)).astype("f")
    targets = generator.integers(0, 7, (2, 5))
    weights = np.array([[1, 1, 1, 0, 0], [1, 1, 0.5, 1, 0]], "f")
    probabilities = np.exp(logits) / np.exp(logits).sum(-1, keepdims=True)
    chosen = np.take_along_axis(probabilities, targets[..., None], -1)[..., 0]
    total, words = cross_entropy(logits, targets, weights)
    np.testing.assert_allclose(total, -(np.log(chosen) * weights).sum(), rtol=1e-5)
    assert words == 6.5

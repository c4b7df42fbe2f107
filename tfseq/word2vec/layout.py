"""Vectors in two dimensions, to be drawn."""

import numpy as np

PERPLEXITY = 20.0
STEPS = 600
EARLY = 150  # steps in which near points attract each other the more
EXAGGERATION = 8.0
SLOW, FAST = 0.5, 0.8  # momentum in the early steps and later


def pca(vectors):
    """The two directions in which the vectors differ most.

        x - mean(x) = U S V',    y = U S, of which the first two columns

    The signs, which mean nothing, are such that the point farthest out is on the positive side.

    Args:
        vectors: `[points, width]`.

    Returns:
        `[points, 2]`.
    """
    centred = np.asarray(vectors, np.float64) - np.mean(vectors, axis=0)
    left, sizes, _ = np.linalg.svd(centred, full_matrices=False)
    axes = np.zeros((len(centred), 2))
    axes[:, : len(sizes)] = (left * sizes)[:, :2]
    farthest = axes[np.abs(axes).argmax(axis=0), [0, 1]]
    return axes * np.where(farthest < 0, -1, 1)


def tsne(vectors, perplexity=PERPLEXITY):
    """Points whose neighbours are those of the vectors: t-SNE without approximations.

        p_ij ~ exp(-|x_i - x_j|^2 / 2 s_i^2), made symmetric;  q_ij ~ 1 / (1 + |y_i - y_j|^2)
        dC/dy_i = 4 sum_j (p_ij - q_ij) (y_i - y_j) / (1 + |y_i - y_j|^2)

    It begins with `pca`, so that it needs no seed.

    Args:
        vectors: `[points, width]`; time and memory rise with the square of the points.
        perplexity: Neighbours that count for each point, about.

    Returns:
        `[points, 2]`.

    Reference: van der Maaten & Hinton, 2008, "Visualizing data using t-SNE".
    """
    shares = _shares(np.asarray(vectors, np.float64), perplexity)
    points = pca(vectors)
    points *= 1e-2 / max(points.std(), 1e-12)
    rate = max(len(points) / EXAGGERATION / 4, 50.0)
    velocity, gains = np.zeros_like(points), np.ones_like(points)
    for step in range(STEPS):
        early = step < EARLY
        gradient = _gradient(points, shares * (EXAGGERATION if early else 1.0))
        gains = np.where(gradient * velocity < 0, gains + 0.2, gains * 0.8).clip(min=0.01)
        velocity = (SLOW if early else FAST) * velocity - rate * gains * gradient
        points = points + velocity
        points -= points.mean(axis=0)
    return points


LAYOUTS = {"pca": pca, "tsne": tsne}


def _squared_distances(points):
    squares = np.sum(points**2, axis=1)
    return np.maximum(squares[:, None] + squares - 2 * points @ points.T, 0)


def _shares(vectors, perplexity):
    """`p_ij`: for each point such a width that its neighbours have the perplexity asked for."""
    distances = _squared_distances(vectors)
    np.fill_diagonal(distances, np.inf)
    entropy = np.log(min(perplexity, (len(vectors) - 1) / 3))
    low, high = np.zeros(len(vectors)), np.full(len(vectors), np.inf)
    precision = np.full(len(vectors), 1 / max(np.mean(np.sort(distances)[:, :-1]), 1e-12))
    for _ in range(60):
        shares, found = _rows(distances, precision)
        low, high = (
            np.where(found > entropy, precision, low),
            np.where(found > entropy, high, precision),
        )
        precision = np.where(np.isinf(high), precision * 2, (low + np.minimum(high, 1e300)) / 2)
    return np.maximum((shares + shares.T) / (2 * len(vectors)), 1e-12)


def _rows(distances, precision):
    """Shares of each row at a precision `1 / 2 s^2`, and their entropy in nats."""
    weights = np.exp(-(distances - distances.min(axis=1, keepdims=True)) * precision[:, None])
    shares = weights / weights.sum(axis=1, keepdims=True)
    return shares, -np.sum(shares * np.log(np.maximum(shares, 1e-300)), axis=1)


def _gradient(points, shares):
    near = 1 / (1 + _squared_distances(points))
    np.fill_diagonal(near, 0)
    pull = (shares - near / near.sum()) * near
    return 4 * (pull.sum(axis=1)[:, None] * points - pull @ points)

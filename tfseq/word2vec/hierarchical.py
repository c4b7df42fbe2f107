"""Hierarchical softmax: a word is found by turning left or right at the nodes of a Huffman tree.

With `x` the input, and `u` the vectors of the nodes on the way to the word `o`,

    -log p(o | x) = -sum over the nodes j of log sigmoid(+-x . u_j),   + for left, - for right

In skip-gram each word of a centre's context is an input in turn and the centre is the word that is
found, as in the `word2vec` program: over a text that is the same set of pairs. In the bag of words
the input is the mean of the context's vectors.

Reference: Morin & Bengio, 2005, "Hierarchical probabilistic neural network language model";
Mikolov et al., 2013, arXiv:1310.4546, section 2.1.
"""

import heapq

import numpy as np
import tensorflow as tf

from tfseq.word2vec.sampling import Pass, Rows, context_means, logistic, spread, toward


class Tree:
    """The Huffman tree over words: frequent words are near the root.

    Args:
        counts: `[words]`, at least two.

    Attributes:
        nodes: int32 `[words, depth]`, the inner nodes from the root to each word; 0 past its end.
        left: float32 `[words, depth]`, 1.0 where the way goes left.
        on_path: float32 `[words, depth]`, 0.0 past the end.
        size: How many inner nodes there are.
    """

    def __init__(self, counts):
        if len(counts) < 2:
            raise ValueError(f"`counts` must be of two words or more. Received: {len(counts)}")
        parents, sides = _huffman(counts)
        self.size = len(counts) - 1
        paths = [_path(word, parents, sides, len(counts)) for word in range(len(counts))]
        shape = len(counts), max(map(len, paths))
        self.nodes, self.left = np.zeros(shape, np.int32), np.zeros(shape, np.float32)
        self.on_path = np.zeros(shape, np.float32)
        for word, path in enumerate(paths):
            nodes, left = zip(*path, strict=True)
            self.nodes[word, : len(path)] = nodes
            self.left[word, : len(path)] = left
            self.on_path[word, : len(path)] = 1

    def counts(self, counts):
        """How often each node is on a word's path, of how often the words stand in the text."""
        met = np.zeros(self.size)
        np.add.at(met, self.nodes, self.on_path * np.asarray(counts)[:, None])
        return met

    def paths(self, words):
        """`nodes`, `left` and `on_path` of words, each `[..., depth]`."""
        return [tf.gather(table, words) for table in (self.nodes, self.left, self.on_path)]


def skipgram(blocks, tree):
    """Skip-gram with hierarchical softmax.

    Args:
        blocks: A `Blocks`.
        tree: A `Tree`.

    Returns:
        A function of a `Chunk`, input vectors and the nodes' vectors to a `Pass`.
    """
    distances = np.arange(-blocks.window, blocks.window + 1, dtype=np.int32)
    distances = distances[distances != 0]
    places = np.arange(blocks.size, dtype=np.int32)[:, None] + blocks.window + distances

    def learn(chunk, inputs, outputs):
        contexts = tf.gather(chunk.words, places)  # [size, 2 window]
        within = (distances >= -chunk.left[:, None]) & (distances <= chunk.right[:, None])
        within = tf.cast(within, tf.float32)
        centres = chunk.words[blocks.window : blocks.window + blocks.size]
        nodes, left, on_path = tree.paths(centres)  # [size, depth]
        x, u = tf.gather(inputs, contexts), tf.gather(outputs, nodes)
        # [size, 2 window, depth]
        weights = within[..., None] * on_path[:, None]
        loss, slopes = logistic(tf.matmul(x, u, transpose_b=True), left[:, None], weights)
        dx, du = toward(u, slopes), toward(x, slopes, transpose=True)
        return Pass(loss, tf.reduce_sum(within), Rows(contexts, *dx), Rows(nodes, *du))

    return learn


def cbow(blocks, tree):
    """Continuous bag of words with hierarchical softmax; as `skipgram`."""

    def learn(chunk, inputs, outputs):
        around = blocks.around(chunk.words)
        means, present = context_means(blocks, chunk)
        x = tf.matmul(means, tf.gather(inputs, around))[..., None, :]
        nodes, left, on_path = tree.paths(blocks.centred(chunk.words))
        u = tf.gather(outputs, nodes)  # [blocks, centres, depth, dim]
        weights = (present[..., None] * on_path)[..., None, :]
        loss, slopes = logistic(tf.matmul(x, u, transpose_b=True), left[..., None, :], weights)
        dx = (tf.squeeze(part, 2) for part in toward(u, slopes))
        du = toward(x, slopes, transpose=True)
        return Pass(
            loss,
            tf.reduce_sum(present),
            Rows(around, *spread(means, *dx)),
            Rows(nodes, *du),
        )

    return learn


def _huffman(counts):
    """`(parents, sides)`: of words and then inner nodes, in the order these were made."""
    heap = [(count, word) for word, count in enumerate(np.asarray(counts).tolist())]
    heapq.heapify(heap)
    parents, sides = {}, {}
    for node in range(len(counts), 2 * len(counts) - 1):
        weight = 0
        for side in (1, 0):
            count, child = heapq.heappop(heap)
            parents[child], sides[child] = node, side
            weight += count
        heapq.heappush(heap, (weight, node))
    return parents, sides


def _path(word, parents, sides, words):
    """`[(node, side), ...]` from the root to the word, nodes numbered from 0."""
    path, place = [], word
    while place in parents:
        path.append((parents[place] - words, sides[place]))
        place = parents[place]
    return path[::-1]

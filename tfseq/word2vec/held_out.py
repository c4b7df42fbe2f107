"""The loss of skip-gram with negative sampling on text that was not learnt from."""

import numpy as np
import tensorflow as tf

from tfseq.word2vec.blocks import Blocks, draw_segment
from tfseq.word2vec.draws import Noise, keep_rates

BATCH = 1 << 14  # pairs at a time


def held_out_loss(ids, counts, inputs, outputs, *, window=5, negatives=5, sample=1e-3, seed=1):
    """The mean over pairs of `-log sigmoid(v . u_o) - sum over negatives log sigmoid(-v . u_n)`.

    Pairs are drawn as in training: frequent words are thinned out, windows are of any width up to
    the largest, no window crosses a line. Here each pair has negatives of its own. All draws follow
    from the seed, so that two models are asked the same.

    Args:
        ids: int32, the text as ids; negative numbers are line ends.
        counts: `[words]`, how often each stands in the training text.
        inputs: `[words, dim]`.
        outputs: `[words, dim]`, the vectors of words as targets.
        window: Words of context on each side, at most.
        negatives: Words drawn against each true one.
        sample: Share of the text above which a word is thinned out.
        seed: Of the draws.

    Raises:
        ValueError: There is no pair in the text.
    """
    noise = Noise(counts)
    centres, contexts = held_out_pairs(ids, counts, noise, window, sample, seed)
    if not len(centres):
        raise ValueError("`ids` must hold a line of two known words. Received: no pairs")
    drawn = noise.draw([len(centres), negatives], [seed, 1])
    total = 0.0
    for start in range(0, len(centres), BATCH):
        part = slice(start, start + BATCH)
        x = tf.gather(inputs, centres[part])[:, None]
        targets = tf.concat([contexts[part][:, None], drawn[part]], 1)
        scores = tf.matmul(x, tf.gather(outputs, targets), transpose_b=True)[:, 0]
        signs = np.array([-1.0] + [1.0] * negatives, np.float32)
        total += float(tf.reduce_sum(tf.nn.softplus(signs * scores)))
    return total / len(centres)


def held_out_pairs(ids, counts, noise, window, sample, seed):
    """`(centres, contexts)`, the pairs of a text, int32 each."""
    blocks = Blocks(window)
    chunks = -(-len(ids) // blocks.size)
    rates = tf.constant(keep_rates(counts, sample))
    segment = draw_segment(tf.constant(ids, tf.int32), [seed, 0], blocks, chunks, rates, noise)
    words, left, right = (x.numpy() for x in (segment.words, segment.left, segment.right))
    centres, contexts = [], []
    for distance in range(1, window + 1):
        for sign, reach in ((-1, left), (1, right)):
            places = np.flatnonzero(reach >= distance) + window
            centres.append(words[places])
            contexts.append(words[places + sign * distance])
    return np.concatenate(centres), np.concatenate(contexts)

"""How a text is cut for matrix products: chunks of blocks of neighbouring words.

The windows of neighbouring words overlap. So a block of 16 words, the centres, and the words around
them are read once: 26 positions at a window of 5. All pairs of a centre and a position are one
small matrix product, in which a band mask picks those that are in each other's window. The negative
words of a block are drawn once for all its centres, and join the product as further columns.
"""

import dataclasses
from typing import NamedTuple

import numpy as np
import tensorflow as tf

from tfseq.word2vec.draws import draw_reaches, fold, thin

CENTRES = 16
LANES = 16  # float32 in a vector register: products are as wide as a multiple of it


class Chunk(NamedTuple):
    """The words of a step, `size` centres.

    Attributes:
        words: int32 `[size + 2 window]`, the centres with a window before and behind.
        left: int32 `[size]`, how many words before each centre are its context; 0 for padding.
        right: int32 `[size]`, how many behind it.
        negatives: int32 `[blocks, shared]`.
    """

    words: tf.Tensor
    left: tf.Tensor
    right: tf.Tensor
    negatives: tf.Tensor


@dataclasses.dataclass(frozen=True)
class Blocks:
    """The shape of a chunk.

    Args:
        window: Words of context on each side, at most.
        blocks: Blocks in a chunk.
        centres: Words in a block.
        least_shared: Negatives drawn for a block, at least.
    """

    window: int
    blocks: int = 16
    centres: int = CENTRES
    least_shared: int = 4

    @property
    def size(self):
        """Centres in a chunk."""
        return self.blocks * self.centres

    @property
    def span(self):
        """Positions that a block's windows reach."""
        return self.centres + 2 * self.window

    @property
    def shared(self):
        """Negatives drawn for a block: the least, and as many more as cost nothing."""
        return self.least_shared + -(self.span + self.least_shared) % LANES

    def around(self, words):
        """`[size + 2 window]` to the positions of each block, `[blocks, span]`."""
        starts = np.arange(self.blocks, dtype=np.int32)[:, None] * self.centres
        return tf.gather(words, starts + np.arange(self.span, dtype=np.int32))

    def centred(self, words):
        """`[size + 2 window]` to the centres of each block, `[blocks, centres]`."""
        return self.by_block(words[self.window : self.window + self.size])

    def by_block(self, values):
        """`[size]` to `[blocks, centres]`."""
        return tf.reshape(values, [self.blocks, self.centres])

    def contexts(self, chunk):
        """1.0 where a position is context of a centre, else 0.0: `[blocks, centres, span]`."""
        offsets = np.arange(self.span)[None, :] - np.arange(self.centres)[:, None] - self.window
        offsets = offsets.astype(np.int32)
        left, right = (tf.expand_dims(self.by_block(x), -1) for x in (chunk.left, chunk.right))
        inside = (offsets >= -left) & (offsets <= right) & (offsets != 0)
        return tf.cast(inside, tf.float32)

    def sizes(self, chunk):
        """How many words of context each centre has, float32 `[blocks, centres]`."""
        return tf.cast(self.by_block(chunk.left + chunk.right), tf.float32)


class Segment(NamedTuple):
    """A piece of the text with all its draws, padded to whole chunks.

    Attributes:
        words: int32 `[chunks * size + 2 window]`.
        left: int32 `[chunks * size]`.
        right: int32 `[chunks * size]`.
        negatives: int32 `[chunks, blocks, shared]`.
        chunks: int32, how many chunks hold words.
    """

    words: tf.Tensor
    left: tf.Tensor
    right: tf.Tensor
    negatives: tf.Tensor
    chunks: tf.Tensor

    def chunk(self, number, blocks):
        """The words of a step."""
        start = number * blocks.size
        return Chunk(
            tf.slice(self.words, [start], [blocks.size + 2 * blocks.window]),
            tf.slice(self.left, [start], [blocks.size]),
            tf.slice(self.right, [start], [blocks.size]),
            self.negatives[number],
        )


def draw_segment(ids, seed, blocks, chunks, rates, noise):
    """Make all random choices for a piece of the text.

    Args:
        ids: int32 `[any]`, words and negative numbers for line ends; at most `chunks` chunks.
        seed: `[2]` integers.
        blocks: A `Blocks`.
        chunks: How many chunks to pad to.
        rates: As from `keep_rates`.
        noise: A `Noise`.

    Returns:
        A `Segment`. No window crosses a line's end.
    """
    places = thin(ids, rates, fold(seed, 0))
    words = tf.gather(ids, places)
    lines = tf.gather(tf.cumsum(tf.cast(ids < 0, tf.int32)), places)
    count, room = tf.size(words), chunks * blocks.size
    reaches = draw_reaches(room, blocks.window, fold(seed, 1))
    before, behind = distances_to_ends(lines)
    padding = [[0, room - count]]
    left, right = (tf.minimum(reaches, tf.pad(x, padding)) for x in (before, behind))
    words = tf.pad(words, [[blocks.window, room - count + blocks.window]])
    negatives = noise.draw([chunks, blocks.blocks, blocks.shared], fold(seed, 2))
    return Segment(words, left, right, negatives, -(-count // blocks.size))


def distances_to_ends(lines):
    """How many words of its line stand before and behind each word.

    Args:
        lines: int32 `[words]`, the number of each word's line; equal numbers stand together.

    Returns:
        Two int32 `[words]`.
    """
    count = tf.size(lines)
    places = tf.range(count)
    begins = tf.concat([[True], lines[1:] != lines[:-1]], 0)[:count]
    firsts = tf.cast(tf.where(begins)[:, 0], tf.int32)
    rank = tf.cumsum(tf.cast(begins, tf.int32)) - 1
    nexts = tf.concat([firsts[1:], [count]], 0)
    return places - tf.gather(firsts, rank), tf.gather(nexts, rank) - 1 - places

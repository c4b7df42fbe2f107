"""What the steps of a loop that writes words have in common: weights laid out once for them all.

A word that is fed back adds the same to the products of a step whenever it comes. A table has that
for all words; it costs as many products as the vocabulary has words, so it is made once for many
texts, where weights no longer change (`tfseq.derived`), and left out where they do.
"""

import math
from typing import Any, NamedTuple

import tensorflow as tf

MOST_ENTRIES = 2**26  # of a table: 256 MiB


class LoopWeights(NamedTuple):
    """A nest of tensors; what is not there is `()`.

    Attributes:
        words: For each word what it adds: a nest of `[vocabulary, ...]`.
        cell: As the cell has them (`tfseq.cells.ahead`).
        readout: The parts of the readout's kernel for outputs and for inputs.
        kernel: Of a softmax tied to an embedding, `[units, vocabulary]`.
    """

    words: Any = ()
    cell: Any = ()
    readout: Any = ()
    kernel: Any = ()

    def added(self, ids, embedding, add):
        """What words add to a step: from the table, or `add(vectors)` without one."""
        if isinstance(self.words, tuple) and not self.words:
            return add(embedding(ids))
        return tf.nest.map_structure(lambda table: tf.gather(table, ids), self.words)

    def with_table(self, embedding, add):
        """With a table of what each word adds, unless it were too large."""
        words = add(tf.convert_to_tensor(embedding.embeddings))
        entries = sum(math.prod(table.shape) for table in tf.nest.flatten(words))
        return self._replace(words=words) if entries <= MOST_ENTRIES else self

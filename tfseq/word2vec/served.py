"""Word vectors as a model server answers for them: words in, words or a vector out."""

import tensorflow as tf

from tfseq.rules import between, broken, mended

DEFAULT_COUNT = 10
MOST_NEIGHBOURS = 1000
RULES = {"count": between(1, MOST_NEIGHBOURS)}  # what a server's client may send
WORD = tf.TensorSpec([None], tf.string, "word")
COUNT = tf.TensorSpec([None], tf.int32, "count")


class ServedVectors(tf.Module):
    """The nearest words and the vectors of words, in graph functions.

    A row depends on its own word and count alone.

    Args:
        words: The words, each once.
        vectors: float32 `[words, width]`.
    """

    def __init__(self, words, vectors):
        super().__init__(name="word_vectors")
        self.words = tf.constant(words)
        self.table = tf.lookup.StaticHashTable(
            tf.lookup.KeyValueTensorInitializer(self.words, tf.range(len(words))), -1
        )
        lengths = tf.norm(vectors, axis=1)
        self.vectors = tf.Variable(vectors, trainable=False, name="vectors")
        self.scales = tf.Variable(
            tf.math.divide_no_nan(1.0, lengths), trainable=False, name="scales"
        )

    @tf.function(input_signature=[WORD, COUNT], autograph=False)
    def nearest(self, word, count):
        """`words` and their `cosines`, each `[batch, the highest count]`, the best first.

        Behind a row's own count, and where its word is not `known`, stand empty words and zeros;
        so they do where the count breaks its rule, and the row's `error [batch]` says so.
        """
        error = broken({"count": count}, RULES)
        return {
            **self._nearest(word, **mended({"count": count}, error, {"count": 0})),
            "error": error,
        }

    @tf.function(input_signature=[WORD], autograph=False)
    def serving_default(self, word):
        """`nearest` with ten words for each."""
        return self._nearest(word, tf.fill(tf.shape(word), DEFAULT_COUNT))

    def _nearest(self, word, count):
        rows, known = self._rows(word)
        queries = tf.gather(self.vectors, rows) * tf.gather(self.scales, rows)[:, None]
        cosines = tf.matmul(queries, self.vectors, transpose_b=True) * self.scales
        itself = tf.range(tf.size(self.words))[None] == rows[:, None]
        others = tf.size(self.words) - 1
        highest = tf.clip_by_value(tf.reduce_max(count), 0, others)  # also of no rows at all
        found = tf.math.top_k(tf.where(itself, cosines.dtype.min, cosines), highest)
        asked = known[:, None] & (tf.range(highest)[None] < count[:, None])
        return {
            "words": tf.where(asked, tf.gather(self.words, found.indices), ""),
            "cosines": tf.where(asked, found.values, 0.0),
            "known": known,
        }

    @tf.function(input_signature=[WORD], autograph=False)
    def vector(self, word):
        """The `vector [batch, width]` of each word, zeros where it is not `known`."""
        rows, known = self._rows(word)
        vectors = tf.gather(self.vectors, rows)
        return {"vector": tf.where(known[:, None], vectors, 0.0), "known": known}

    def _rows(self, word):
        rows = self.table.lookup(word)
        return tf.maximum(rows, 0), rows >= 0

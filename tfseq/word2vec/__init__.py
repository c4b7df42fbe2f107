"""Word vectors: reading them so far."""

from tfseq.word2vec.vectors import known_vectors, read_vectors

__all__ = ["known_vectors", "read_vectors"]

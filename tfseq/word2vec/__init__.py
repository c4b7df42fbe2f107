"""Word vectors: reading them so far."""

from tfseq.word2vec.vectors import read_vectors

__all__ = ["read_vectors"]

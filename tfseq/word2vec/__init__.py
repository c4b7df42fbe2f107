"""Word vectors: files, neighbours, analogies, clusters, and models that start from them."""

from tfseq.word2vec.clusters import Clusters, cluster
from tfseq.word2vec.nearest import ANALOGIES, Neighbours, UnknownWordError
from tfseq.word2vec.starting import known_vectors, start_embedding, write_embedding
from tfseq.word2vec.vectors import read_vectors, write_vectors

__all__ = [
    "ANALOGIES",
    "Clusters",
    "Neighbours",
    "UnknownWordError",
    "cluster",
    "known_vectors",
    "read_vectors",
    "start_embedding",
    "write_embedding",
    "write_vectors",
]

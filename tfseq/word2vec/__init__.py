"""Word vectors: texts and files, neighbours, analogies, clusters, models that start from them.

What needs TensorFlow is imported where it is used: `training` learns vectors, `served` is what a
server has of them.
"""

from tfseq.word2vec.clusters import Clusters, cluster
from tfseq.word2vec.corpus import Corpus, load_corpus, make_corpus, text_files
from tfseq.word2vec.nearest import ANALOGIES, Neighbours, UnknownWordError
from tfseq.word2vec.starting import known_vectors, start_embedding, write_embedding
from tfseq.word2vec.vectors import read_vectors, write_vectors

__all__ = [
    "ANALOGIES",
    "Clusters",
    "Corpus",
    "Neighbours",
    "UnknownWordError",
    "cluster",
    "known_vectors",
    "load_corpus",
    "make_corpus",
    "read_vectors",
    "start_embedding",
    "text_files",
    "write_embedding",
    "write_vectors",
]

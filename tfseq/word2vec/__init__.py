"""Word vectors: how they are learnt, and their files."""

from tfseq.word2vec.corpus import Corpus, load_corpus, make_corpus, text_files
from tfseq.word2vec.held_out import held_out_loss
from tfseq.word2vec.starting import known_vectors, start_embedding, write_embedding
from tfseq.word2vec.training import Settings, VectorTrainer
from tfseq.word2vec.vectors import read_vectors, write_vectors

__all__ = [
    "Corpus",
    "Settings",
    "VectorTrainer",
    "held_out_loss",
    "known_vectors",
    "load_corpus",
    "make_corpus",
    "read_vectors",
    "start_embedding",
    "text_files",
    "write_embedding",
    "write_vectors",
]

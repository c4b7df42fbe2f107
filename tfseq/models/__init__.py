"""Models: a language model, a classifier, and sequence to sequence in three parts."""

from tfseq.models.bridge import BRIDGES, make_bridge
from tfseq.models.classifier import Classifier
from tfseq.models.decoder import Decoder
from tfseq.models.embedding import Embedding
from tfseq.models.encoder import ENCODERS, MERGES, Encoder, Reading, encoder_cells
from tfseq.models.language_model import LanguageModel
from tfseq.models.pooling import POOLINGS
from tfseq.models.seq2seq import Seq2Seq

__all__ = [
    "BRIDGES",
    "ENCODERS",
    "MERGES",
    "POOLINGS",
    "Classifier",
    "Decoder",
    "Embedding",
    "Encoder",
    "LanguageModel",
    "Reading",
    "Seq2Seq",
    "encoder_cells",
    "make_bridge",
]

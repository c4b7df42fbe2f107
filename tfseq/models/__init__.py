"""Models: a language model, a classifier, a tagger, and sequence to sequence in three parts."""

from tfseq.models.bridge import BRIDGES, make_bridge
from tfseq.models.classifier import Classifier
from tfseq.models.decoder import Decoder
from tfseq.models.embedding import Embedding
from tfseq.models.encoder import ENCODERS, MERGES, Encoder, Reading, encoder_cells
from tfseq.models.label_outputs import LABEL_OUTPUTS
from tfseq.models.language_model import LanguageModel
from tfseq.models.pooling import POOLINGS
from tfseq.models.seq2seq import Seq2Seq
from tfseq.models.spelling import SpelledEmbedding, Words
from tfseq.models.tagger import Tagger

__all__ = [
    "BRIDGES",
    "ENCODERS",
    "LABEL_OUTPUTS",
    "MERGES",
    "POOLINGS",
    "Classifier",
    "Decoder",
    "Embedding",
    "Encoder",
    "LanguageModel",
    "Reading",
    "Seq2Seq",
    "SpelledEmbedding",
    "Tagger",
    "Words",
    "encoder_cells",
    "make_bridge",
]

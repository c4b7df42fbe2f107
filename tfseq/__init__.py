"""Recurrent networks with TensorFlow 1's names and numbers, on TensorFlow 2.21 and Keras 3.

    cells     one step of time               tfseq.CELLS, tfseq.stack_cells
    attention what a decoder may look at     tfseq.ATTENTIONS, tfseq.AttentionWrapper
    loops     many steps                     tfseq.RNN, tfseq.dynamic_rnn
    choices   what is fed next               tfseq.decode, tfseq.RandomSampler

Nothing is imported until it is used, so that a command line answers `--help` at once.
"""

from tfseq.lazy import lazily

__version__ = "0.1.0"

MODULE_OF = {
    name: module
    for module, names in {
        "tfseq.cells": (
            "CELLS",
            "BasicLSTMCell",
            "BasicRNNCell",
            "DropoutWrapper",
            "GRUCell",
            "LSTMCell",
            "LayerNormBasicLSTMCell",
            "MultiRNNCell",
            "RNNCell",
            "ResidualWrapper",
            "stack_cells",
        ),
        "tfseq.attention": (
            "ATTENTIONS",
            "AttentionMechanism",
            "AttentionWrapper",
            "BahdanauAttention",
            "BahdanauMonotonicAttention",
            "BilinearAttention",
            "ConditionalCell",
            "DotAttention",
            "LuongAttention",
            "LuongMonotonicAttention",
            "Memory",
            "make_attention",
        ),
        "tfseq.rnn": ("RNN",),
        "tfseq.unroll": (
            "bidirectional_dynamic_rnn",
            "dynamic_rnn",
            "stack_bidirectional_dynamic_rnn",
        ),
        "tfseq.decoding": (
            "GreedySampler",
            "RandomSampler",
            "ScheduledSampler",
            "TeacherSampler",
            "beam_search",
            "decode",
        ),
        "tfseq.losses": ("cross_entropy", "sequence_loss"),
        "tfseq.models": ("LanguageModel",),
        "tfseq.text": ("CharacterTokenizer", "SubwordTokenizer", "Vocabulary", "WordTokenizer"),
        "tfseq.training": ("Trainer",),
    }.items()
    for name in names
}

__all__ = sorted(MODULE_OF)  # pyright: ignore[reportUnsupportedDunderAll]

__getattr__, __dir__ = lazily(__name__, MODULE_OF)

"""Every option of the classifier of texts, with its default and its meaning."""

import dataclasses

from tfseq.config import option
from tfseq.options import (
    InRun,
    ToExport,
    ToLabel,
    ToMeasure,
    WithEncoder,
    WithExamples,
    WithLimit,
    WithTokens,
    WithTraining,
    WithVectors,
    WithWeights,
)

# Written out, so that `--help` need not import TensorFlow; a test holds it to the registry.
POOLINGS = ("last", "mean", "max", "mean_max")
PRESETS = {
    # Some thousand short texts in a few minutes of one core.
    "demo": {"cell": "gru", "units": 100, "optimizer": "lazy_adam"},
}


@dataclasses.dataclass(frozen=True)
class WithModel(WithEncoder, WithVectors):
    """Embedding, encoder, and what the softmax reads."""

    embedding_size: int = option(100, "Width of the word vectors.", minimum=1)
    pooling: str = option(
        "max",
        "What the softmax reads: the encoder's last outputs, the mean or the highest of all, or "
        "both of these.",
        choices=POOLINGS,
    )


@dataclasses.dataclass(frozen=True)
class WithDropout:
    """What is dropped in training."""

    embedding_rate: float = option(0.5, "Dropout of word vectors.", minimum=0, below=1)
    word_rate: float = option(
        0.0, "Share of the word types dropped in each step.", minimum=0, below=1
    )
    unknown_rate: float = option(
        0.3, "Share of the tokens seen once that are read as <unk>.", minimum=0, below=1
    )
    readout_rate: float = option(0.5, "Dropout of what the softmax reads.", minimum=0, below=1)


@dataclasses.dataclass(frozen=True)
class Train(WithTraining, WithDropout, WithModel, WithLimit, WithTokens, WithExamples, InRun):
    """Options of `train`; they are kept in the run directory."""

    preset: str = option(
        "demo", "A set of values; options that are given win over it.", choices=lambda: PRESETS
    )
    lower_case: bool = option(True, "Put all text into lower case.")
    batch_size: int = option(32, "Texts in a step.", minimum=1)
    epochs: int = option(8, "Times to read the examples, at most.", minimum=1)
    patience: int = option(
        0, "Epochs without a better figure before it stops; 0 = never.", minimum=0
    )
    stop_on: str = option(
        "accuracy",
        "The figure on the development examples that tells the best epoch.",
        choices=("accuracy", "loss"),
    )
    label_smoothing: float = option(
        0.0, "Share of the probability that is spread over all labels.", minimum=0, below=1
    )


@dataclasses.dataclass(frozen=True)
class Predict(ToLabel, WithLimit, WithWeights, InRun):
    """Options of `predict`."""

    probabilities: bool = option(False, "Write behind each label a tab and its probability.")


@dataclasses.dataclass(frozen=True)
class Evaluate(ToMeasure, WithLimit, WithWeights, InRun):
    """Options of `evaluate`."""


@dataclasses.dataclass(frozen=True)
class Export(WithWeights, ToExport, InRun):
    """Options of `export`."""

"""Every option of the tagger, with its default and its meaning."""

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
    WithTraining,
    WithVectors,
    WithWeights,
)

# Written out, so that `--help` need not import TensorFlow; a test holds it to the registry.
LABEL_OUTPUTS = ("softmax", "crf")
DEMO = {
    "units": 100,
    "input_rate": 0.5,
    "annotation_rate": 0.0,
    "optimizer": "lazy_adam",
    "learning_rate": 0.004,
}
SPELLED = {
    **DEMO,
    "lower_case": True,
    "character_units": 25,
    "embedding_rate": 0.2,
    "average_epochs": 3,
}
PRESETS = {
    # Some ten thousand sentences in a few minutes of one core.
    "demo": DEMO,
    # Chunks of CoNLL-2000: a CRF over words that are spelled.
    "chunks": {**SPELLED, "epochs": 10},
    # Parts of speech, by words alone and with the characters of each.
    "words": {**DEMO, "label_output": "softmax", "average_epochs": 3, "epochs": 6},
    "characters": {**SPELLED, "label_output": "softmax", "epochs": 6},
}


@dataclasses.dataclass(frozen=True)
class WithColumns:
    """How labelled sentences are written, and how their tokens are looked up."""

    format: str = option(
        "columns",
        "A token on each line with its label in another column, a blank line between sentences; or "
        "CoNLL-U, whose universal parts of speech are the labels.",
        choices=("columns", "conllu"),
    )
    token_column: int = option(0, "Column of the token, from 0.", minimum=0)
    label_column: int = option(-1, "Column of the label; -1 = the last.", minimum=-1)
    lower_case: bool = option(
        False, "Look tokens up in lower case; what reads their characters sees them as they are."
    )
    minimum_count: int = option(1, "Tokens seen less often in training become <unk>.", minimum=1)
    most_characters: int = option(24, "Of a longer token the first characters are read.", minimum=1)


@dataclasses.dataclass(frozen=True)
class WithModel(WithEncoder, WithVectors):
    """Embedding, characters, encoder, and how labels are chosen."""

    embedding_size: int = option(100, "Width of the word vectors.", minimum=1)
    vector_words: bool = option(
        False, "Look up the words that only --embeddings has, too; training leaves theirs as it is."
    )
    character_units: int = option(
        0, "Units of each way in which an LSTM spells each token; 0 = it is not spelled.", minimum=0
    )
    character_size: int = option(25, "Width of the character vectors.", minimum=1)
    label_output: str = option(
        "crf",
        "Labels step by step, or as a whole row of which steps from label to label are learnt.",
        choices=LABEL_OUTPUTS,
    )


@dataclasses.dataclass(frozen=True)
class WithDropout:
    """What is dropped in training."""

    embedding_rate: float = option(0.0, "Dropout of word vectors.", minimum=0, below=1)
    unknown_rate: float = option(
        0.5,
        "Share of the tokens seen once in training that are read as <unk>, so that it is learnt.",
        minimum=0,
        maximum=1,
    )
    readout_rate: float = option(0.5, "Dropout of what tells the labels.", minimum=0, below=1)


@dataclasses.dataclass(frozen=True)
class Train(WithTraining, WithDropout, WithModel, WithLimit, WithColumns, WithExamples, InRun):
    """Options of `train`; they are kept in the run directory."""

    preset: str = option(
        "demo", "A set of values; options that are given win over it.", choices=lambda: PRESETS
    )
    batch_size: int = option(32, "Sentences in a step.", minimum=1)
    epochs: int = option(10, "Times to read the sentences, at most.", minimum=1)
    patience: int = option(
        0, "Epochs without a better figure before it stops; 0 = never.", minimum=0
    )
    stop_on: str = option(
        "f1",
        "The figure on the development sentences that tells the best epoch; accuracy in place of "
        "f1 where the labels mark no chunks.",
        choices=("f1", "accuracy", "loss"),
    )


@dataclasses.dataclass(frozen=True)
class Predict(ToLabel, WithLimit, WithWeights, InRun):
    """Options of `predict`."""

    probabilities: bool = option(False, "Write behind each label a slash and its probability.")


@dataclasses.dataclass(frozen=True)
class Evaluate(ToMeasure, WithLimit, WithWeights, InRun):
    """Options of `evaluate`."""


@dataclasses.dataclass(frozen=True)
class Export(WithWeights, ToExport, InRun):
    """Options of `export`."""

"""Every option of the TV-script generator, with its default and its meaning."""

import dataclasses
import pathlib

from tfseq.config import option
from tfseq.options import (
    OBJECTIVES,
    SEEDS,
    FromData,
    InRun,
    ToData,
    ToDevice,
    ToExport,
    ToVectors,
    WithCells,
    WithTokens,
    WithTraining,
    WithVectors,
    WithWeights,
)

BUILT_IN_CORPUS = pathlib.Path(__file__).with_name("corpus.txt")


MOST_WORDS = 10_000


@dataclasses.dataclass(frozen=True)
class WithNotice:
    """What is no part of a text."""

    skip_characters: int = option(
        0, "Characters to skip at the start of the text, such as a notice.", minimum=0
    )


@dataclasses.dataclass(frozen=True)
class WithText(WithNotice):
    """Options of the verbs that read a text."""

    text_file: str = option(
        "",
        "UTF-8 text, plain or gzip, its scenes apart by a blank line; empty = for `train` the "
        "built-in comedy, for `evaluate` the scenes that `train` held out.",
        metavar="FILE",
    )


@dataclasses.dataclass(frozen=True)
class WithHeldOut:
    """What is kept for measuring."""

    held_out_share: float = option(
        0.1, "Share of the scenes, the last ones, kept for measuring.", above=0, below=1
    )


@dataclasses.dataclass(frozen=True)
class Prepare(WithHeldOut, WithTokens, WithNotice, ToData):
    """Options of `prepare`."""

    text_files: str = option(
        help="UTF-8 texts, plain or gzip, scenes apart by a blank line: files and patterns such as "
        "texts/*.gz, apart by commas, anywhere TensorFlow reads.",
        metavar="FILE,...",
    )


@dataclasses.dataclass(frozen=True)
class Train(
    WithTraining, WithVectors, WithCells, WithHeldOut, WithTokens, WithText, FromData, InRun
):
    """Options of `train`; they are kept in the run directory."""

    preset: str = option(
        "demo", "A set of values; options that are given win over it.", choices=lambda: PRESETS
    )
    embedding_size: int = option(256, "Width of the word vectors.", minimum=1)
    tied: bool = option(True, "Share the word vectors between input and softmax.")
    objective: str = option(
        "softmax",
        "What is followed; the others are cheaper for a large vocabulary, and need --notied.",
        choices=OBJECTIVES,
    )
    samples: int = option(512, "Words drawn in a step, for sampled_softmax.", minimum=1)
    cutoffs: str = option(
        "2000,10000",
        "Where the groups of rare words begin, for adaptive_softmax: places in the vocabulary, the "
        "most frequent word first; those beyond its end are left out.",
        metavar="N,...",
    )
    word_rate: float = option(
        0.0, "Share of the word types dropped in each window.", minimum=0, below=1
    )
    batch_size: int = option(32, "Rows of text read side by side.", minimum=1)
    window: int = option(
        20, "Words per row and step; the state goes on to the next window.", minimum=1
    )
    recompute: int = option(
        0,
        "Compute the steps of a window once more for the gradient, so many at a time: a long "
        "window takes less memory and more time; 0 = never.",
        minimum=0,
    )
    shuffle: bool = option(True, "Shuffle the scenes in each epoch.")
    epochs: int = option(50, "Times to read the text, at most.", minimum=1)
    patience: int = option(
        10, "Epochs without a better held-out loss before it stops; 0 = never.", minimum=0
    )


DEMO = {
    "minimum_count": 2,
    "word_rate": 0.2,
    "input_rate": 0.5,
    "state_rate": 0.3,
    "output_rate": 0.6,
    "variational": True,
    "learning_rate": 0.004,
    "average_decay": 0.998,
}
PRESETS = {
    # A text of some 20,000 words in less than three minutes.
    "demo": DEMO,
    # The best held-out perplexity on some 70,000 words in less than ten minutes of two cores.
    "small": {**DEMO, "batch_size": 64, "window": 25, "epochs": 48, "learning_rate": 0.005},
    # What the notes of 2017 and 2018 taught: no dropout, no early stop, the text learnt by heart.
    "notes": {
        "layers": 3,
        "embedding_size": 200,
        "tied": False,
        "shuffle": False,
        "batch_size": 64,
        "epochs": 150,
        "patience": 0,
        "learning_rate": 0.01,
        "schedule": "exponential",  # at a constant 0.01 three layers get stuck at a loss of 1.2
        "warmup_steps": 0,
        "clip_norm": 0.0,
        "clip_value": 1.0,
    },
}


@dataclasses.dataclass(frozen=True)
class Generate(WithWeights, InRun):
    """Options of `generate`."""

    prompt: str = option("", "How the scene begins; empty = the model begins.")
    max_words: int = option(200, "Tokens to write.", minimum=1, maximum=MOST_WORDS)
    temperature: float = option(
        0.8, "Below 1 likely words become likelier; 0 = always the likeliest word.", minimum=0
    )
    top_k: int = option(
        0, "Choose among this many likeliest words; 0 = all.", minimum=0, maximum=SEEDS
    )
    top_p: float = option(
        0.9,
        "Choose among the fewest words that have this mass together; 1 = all.",
        above=0,
        maximum=1,
    )
    repetition_penalty: float = option(
        1.1, "Above 1, words that have been written become less likely.", above=0
    )
    seed: int = option(
        7, "The same seed and options give the same scene.", minimum=0, maximum=SEEDS
    )
    samples: int = option(1, "Scenes to write, from seeds one after the other.", minimum=1)
    interactive: bool = option(False, "Ask for prompts until the input ends.")


@dataclasses.dataclass(frozen=True)
class Evaluate(WithText, WithWeights, InRun):
    """Options of `evaluate`."""

    samples: int = option(
        8, "Scenes of 200 tokens to write for the copy rate; 0 = none.", minimum=0
    )
    seed: int = option(7, "Seed of those scenes.", minimum=0, maximum=SEEDS)


@dataclasses.dataclass(frozen=True)
class Export(WithWeights, ToDevice, ToExport, InRun):
    """Options of `export`."""


@dataclasses.dataclass(frozen=True)
class Embeddings(WithWeights, ToVectors, InRun):
    """Options of `embeddings`."""

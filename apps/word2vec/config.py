"""Every option of word2vec, with its default and its meaning."""

import dataclasses

from tfseq.config import option
from tfseq.options import SEEDS

# What follows from the optimizer where it is not given: learning rate and schedule.
COURSES = {"adagrad": (0.1, "constant"), "sgd": (0.025, "linear")}
MODELS = ("skipgram", "cbow")
LOSSES = ("negative_sampling", "hierarchical_softmax")


@dataclasses.dataclass(frozen=True)
class WithVectors:
    """The option of every verb."""

    vectors: str = option(help="Word vectors; `train` writes them.", metavar="FILE")


@dataclasses.dataclass(frozen=True)
class WithCorpus:
    """What is read."""

    text_file: str = option(
        help="UTF-8 text, plain or gzip; a directory of such files, or several apart by commas. "
        "Windows end where a line ends.",
        metavar="FILES",
    )
    tokens: str = option("blanks", "What a line is cut into.", choices=("blanks", "words"))
    lower_case: bool = option(False, "Put the text into lower case first.")
    min_count: int = option(5, "Words seen less often are left out of the text.", minimum=1)


@dataclasses.dataclass(frozen=True)
class Train(WithCorpus, WithVectors):
    """Options of `train`."""

    model: str = option(
        "skipgram", "Predict the context from each word, or the word from it.", choices=MODELS
    )
    loss: str = option("negative_sampling", "How a word is predicted.", choices=LOSSES)
    dim: int = option(100, "Width of the vectors.", minimum=1)
    window: int = option(5, "Words of context on each side, at most.", minimum=1, maximum=32)
    negatives: int = option(5, "Words drawn against each true one.", minimum=1)
    sample: float = option(
        1e-3, "Share of the text above which a word is thinned out; 0 = none is.", minimum=0
    )
    optimizer: str = option(
        "adagrad",
        "Adagrad with a rate for each word, or plain gradient descent.",
        choices=("adagrad", "sgd"),
    )
    learning_rate: float | None = option(
        None, "Learning rate at the start; default: 0.1 for adagrad, 0.025 for sgd.", above=0
    )
    schedule: str | None = option(
        None,
        "Course of the learning rate, in a line to nothing or constant; default: constant for "
        "adagrad, linear for sgd.",
        choices=("linear", "constant"),
    )
    epochs: int = option(5, "Times to read the text.", minimum=1)
    run_dir: str = option(
        "",
        "What a killed run goes on from: ids of the text and checkpoints; empty = the name of "
        "the vectors with `.run`.",
        metavar="DIR",
    )
    save_seconds: float = option(30.0, "Seconds between checkpoints inside an epoch.", above=0)
    seed: int = option(1, "Seed of all draws.", minimum=0, maximum=SEEDS)

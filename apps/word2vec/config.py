"""Every option of word2vec, with its default and its meaning."""

import dataclasses

from tfseq.config import option, words
from tfseq.options import SEEDS, WithHosts
from tfseq.word2vec.settings import LOSSES, SCHEDULES

MODELS = ("skipgram", "cbow")
METHODS = ("add", "mul")
LAYOUTS = ("pca", "tsne")


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
class Train(WithCorpus, WithHosts, WithVectors):
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
        "sgd",
        "Gradient descent, damped for frequent words, or Adagrad with a rate for each word.",
        choices=tuple(SCHEDULES),
    )
    learning_rate: float | None = option(
        None,
        "Learning rate at the start; default: 0.04 for skipgram by sgd, 0.1 for all else.",
        above=0,
    )
    schedule: str | None = option(
        None,
        "Course of the learning rate, in a line to nothing or constant; default: linear for "
        "sgd, constant for adagrad.",
        choices=("linear", "constant"),
    )
    epochs: int = option(5, "Times to read the text.", minimum=1)
    workers: int = option(
        1,
        "Threads that learn side by side, a core each; another number gives other vectors.",
        minimum=1,
        maximum=64,
    )
    strategy: str = option(
        "one",
        "This host; or all hosts that TF_CONFIG names, each of which is given the same command and "
        "reads other parts of the text (multi_worker). Another number gives other vectors.",
        choices=("one", "multi_worker"),
        lasting=False,
    )
    average_chunks: int = option(
        0,
        "Chunks of 256 words that each thread of each host learns from before what all have "
        "learnt is put together; 0 = those of its part of 262,144 words. (Chunks of the "
        "hierarchical softmax have 64 words.)",
        minimum=0,
    )
    run_dir: str = option(
        "",
        "What a killed run goes on from: ids of the text and checkpoints; empty = the name of "
        "the vectors with `.run`.",
        metavar="DIR",
    )
    save_seconds: float = option(30.0, "Seconds between checkpoints inside an epoch.", above=0)
    seed: int = option(1, "Seed of all draws.", minimum=0, maximum=SEEDS)


@dataclasses.dataclass(frozen=True)
class ReadVectors(WithVectors):
    """Options of the verbs that read vectors."""

    most_words: int = option(
        0, "Read only so many of the first words, the most frequent ones; 0 = all.", minimum=0
    )


@dataclasses.dataclass(frozen=True)
class WithCount:
    """How much is shown."""

    count: int = option(10, "Words to show.", minimum=1)


@dataclasses.dataclass(frozen=True)
class Nearest(WithCount, ReadVectors):
    """Options of `nearest`."""

    word: str = option(help="The word whose neighbours are looked for.", metavar="WORD")


@dataclasses.dataclass(frozen=True)
class WithMethod:
    """How an analogy is solved."""

    method: str = option(
        "add", "By the sum of the cosines (3CosAdd) or their product (3CosMul).", choices=METHODS
    )


@dataclasses.dataclass(frozen=True)
class Analogy(WithMethod, WithCount, ReadVectors):
    """Options of `analogy`."""

    words: tuple[str, ...] = words(
        "What is to C as A is to B? king man woman asks for the queen.", "A B C", 3, 3
    )


@dataclasses.dataclass(frozen=True)
class OddOneOut(ReadVectors):
    """Options of `odd`."""

    words: tuple[str, ...] = words("Which of them is least like the others?", "WORD ...", 3)


@dataclasses.dataclass(frozen=True)
class Clusters(WithCount, ReadVectors):
    """Options of `clusters`."""

    clusters: int = option(20, "Groups to make.", minimum=1)
    seed: int = option(1, "Seed of the first centres.", minimum=0, maximum=SEEDS)


@dataclasses.dataclass(frozen=True)
class Evaluate(WithMethod, ReadVectors):
    """Options of `evaluate`."""

    similarity: str = option(
        "",
        "Word pairs with a score by people on each line, such as WordSim-353 or SimLex-999.",
        metavar="FILE",
    )
    analogies: str = option(
        "", "Questions by section, in the format of Google's questions-words.txt.", metavar="FILE"
    )


@dataclasses.dataclass(frozen=True)
class Plot(ReadVectors):
    """Options of `plot`."""

    words: int = option(200, "Words to show, the most frequent ones.", minimum=3)
    picture: str = option("", "A PNG file of them, in two dimensions.", metavar="FILE")
    layout: str = option(
        "pca",
        "How the picture lays them out: by the two directions in which they differ most, or so "
        "that neighbours stay neighbours.",
        choices=LAYOUTS,
    )
    projector: str = option("", "A directory for TensorBoard's embedding projector.", metavar="DIR")
    clusters: int = option(8, "Colours of the picture: groups of like words.", minimum=1)
    seed: int = option(1, "Seed of those groups.", minimum=0, maximum=SEEDS)


@dataclasses.dataclass(frozen=True)
class Export(ReadVectors):
    """Options of `export`."""

    export_dir: str = option(help="Parent of the versions 1, 2, ...", metavar="DIR")

"""Every option of the TV-script generator, with its default and its meaning."""

import dataclasses
import pathlib

from tfseq.config import option

BUILT_IN_CORPUS = pathlib.Path(__file__).with_name("corpus.txt")


# Written out, so that `--help` need not import TensorFlow; a test holds them to the registries.
CELLS = ("basic_rnn", "basic_lstm", "lstm", "gru", "layer_norm_basic_lstm")
TOKENIZERS = ("words", "blanks", "characters", "subwords")
OPTIMIZERS = ("adam", "sgd")
SCHEDULES = ("constant", "linear", "cosine", "exponential")
SEEDS = 2**31 - 1  # what the served model takes: its integers have 32 bits
MOST_WORDS = 10_000


@dataclasses.dataclass(frozen=True)
class InRun:
    """The option of every verb."""

    run_dir: str = option(help="Directory of the run, which `train` makes.", metavar="DIR")


@dataclasses.dataclass(frozen=True)
class WithText:
    """Options of the verbs that read a text."""

    text_file: str = option(
        "",
        "UTF-8 text, plain or gzip, its scenes apart by a blank line; empty = for `train` the "
        "built-in comedy, for `evaluate` the scenes that `train` held out.",
        metavar="FILE",
    )
    skip_characters: int = option(
        0, "Characters to skip at the start of the text, such as a notice.", minimum=0
    )


@dataclasses.dataclass(frozen=True)
class WithWeights:
    """Options of the verbs that read a trained model."""

    weights: str = option(
        "best",
        "Weights of the best epoch on the held-out scenes, or of the last.",
        choices=("best", "last"),
    )


@dataclasses.dataclass(frozen=True)
class Train(WithText, InRun):
    """Options of `train`; they are kept in the run directory."""

    preset: str = option(
        "demo", "A set of values; options that are given win over it.", choices=lambda: PRESETS
    )

    held_out_share: float = option(
        0.1, "Share of the scenes, the last ones, kept for measuring.", above=0, below=1
    )
    tokens: str = option("words", "What the text is cut into.", choices=TOKENIZERS)
    minimum_count: int = option(2, "Words seen less often in training become <unk>.", minimum=1)
    subword_vocabulary: int = option(
        2000, "Pieces to learn where the tokens are subwords.", minimum=100
    )

    cell: str = option("basic_lstm", "Recurrent cell.", choices=CELLS)
    units: int = option(256, "Units of each layer.", minimum=1)
    layers: int = option(1, "Recurrent layers.", minimum=1)
    embedding_size: int = option(256, "Width of the word vectors.", minimum=1)
    tied: bool = option(True, "Share the word vectors between input and softmax.")
    embeddings: str = option("", "Word vectors to start from, in word2vec's text format.")
    residual_from: int | None = option(
        None, "First layer, from 0, that adds its inputs to its outputs.", minimum=0
    )

    word_rate: float = option(
        0.2, "Share of the word types dropped in each window.", minimum=0, below=1
    )
    input_rate: float = option(0.5, "Dropout of each layer's inputs.", minimum=0, below=1)
    state_rate: float = option(0.3, "Dropout of each layer's hidden state.", minimum=0, below=1)
    output_rate: float = option(0.6, "Dropout of each layer's outputs.", minimum=0, below=1)
    variational: bool = option(True, "Keep one dropout mask for a whole window.")

    batch_size: int = option(32, "Rows of text read side by side.", minimum=1)
    window: int = option(
        20, "Words per row and step; the state goes on to the next window.", minimum=1
    )
    shuffle: bool = option(True, "Shuffle the scenes in each epoch.")
    epochs: int = option(50, "Times to read the text, at most.", minimum=1)
    patience: int = option(
        10, "Epochs without a better held-out loss before it stops; 0 = never.", minimum=0
    )
    optimizer: str = option("adam", "Optimizer.", choices=OPTIMIZERS)
    learning_rate: float = option(0.004, "Highest learning rate.", above=0)
    schedule: str = option("cosine", "Course of the learning rate.", choices=SCHEDULES)
    warmup_steps: int = option(50, "Steps over which the learning rate rises.", minimum=0)
    weight_decay: float = option(0.0, "Decoupled weight decay.", minimum=0)
    clip_norm: float = option(1.0, "Bound of the gradients' global norm; 0 = off.", minimum=0)
    clip_value: float = option(0.0, "Bound of each element of the gradients; 0 = off.", minimum=0)
    average_decay: float = option(
        0.998, "Decay of the average of the weights that is kept; 0 = off.", minimum=0, below=1
    )
    save_seconds: float = option(30.0, "Seconds between checkpoints inside an epoch.", above=0)
    seed: int = option(1, "Seed of weights, batches and dropout.", minimum=0, maximum=SEEDS)


PRESETS = {
    # The defaults of the options: a text of some 20,000 words in less than three minutes.
    "demo": {},
    # The best held-out perplexity on some 70,000 words in less than ten minutes of two cores.
    "small": {"batch_size": 64, "window": 25, "epochs": 48, "learning_rate": 0.005},
    # What the notes of 2017 and 2018 taught: no dropout, no early stop, the text learnt by heart.
    "notes": {
        "minimum_count": 1,
        "layers": 3,
        "embedding_size": 200,
        "tied": False,
        "word_rate": 0.0,
        "input_rate": 0.0,
        "state_rate": 0.0,
        "output_rate": 0.0,
        "variational": False,
        "window": 20,
        "shuffle": False,
        "batch_size": 64,
        "epochs": 150,
        "patience": 0,
        "learning_rate": 0.01,
        "schedule": "exponential",  # at a constant 0.01 three layers get stuck at a loss of 1.2
        "warmup_steps": 0,
        "clip_norm": 0.0,
        "clip_value": 1.0,
        "average_decay": 0.0,
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
class Export(WithWeights, InRun):
    """Options of `export`."""

    export_dir: str = option(
        "",
        "Parent of the versions 1, 2, ...; empty = `export` in the run directory.",
        metavar="DIR",
    )

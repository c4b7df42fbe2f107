"""Options that more than one application has, each written once.

An application's own dataclasses inherit from these; where its defaults differ, its preset `demo`
says so.
"""

import dataclasses

from tfseq.config import option

# Written out, so that `--help` need not import TensorFlow; a test holds them to the registries.
CELLS = (
    "basic_rnn",
    "additive_rnn",
    "two_gate_rnn",
    "layer_norm_basic_rnn",
    "basic_lstm",
    "lstm",
    "coupled_input_forget_gate_lstm",
    "layer_norm_basic_lstm",
    "layer_norm_lstm",
    "layer_norm_coupled_input_forget_gate_lstm",
    "layer_norm_product_lstm",
    "weight_norm_lstm",
    "glstm",
    "gru",
    "reset_after_gru",
    "layer_norm_gru",
    "ugrnn",
    "intersection_rnn",
    "minimal_rnn",
    "cfn",
    "nas",
    "sru",
    "qrnn",
    "ind_rnn",
    "indy_gru",
    "indy_lstm",
    "clockwork_rnn",
    "esn",
)
TOKENIZERS = ("words", "blanks", "characters", "subwords")
OPTIMIZERS = ("adam", "lazy_adam", "sgd")
ENCODERS = ("unidirectional", "bidirectional", "stacked_bidirectional")
MERGES = ("concat", "sum")
SCHEDULES = ("constant", "linear", "cosine", "exponential")
PRECISIONS = ("float32", "bfloat16")
POLICIES = ("float32", "mixed_bfloat16", "mixed_float16")
STRATEGIES = ("one", "mirrored", "multi_worker")
OBJECTIVES = ("softmax", "sampled_softmax", "adaptive_softmax")
FREEZE = (
    "Keep the word vectors as they start, those drawn at random too, and a softmax tied to them."
)
SEEDS = 2**31 - 1  # what a served model takes: its integers have 32 bits


@dataclasses.dataclass(frozen=True)
class InRun:
    """The option of every verb."""

    run_dir: str = option(
        help="Directory of the run, which `train` makes.", metavar="DIR", lasting=False
    )


@dataclasses.dataclass(frozen=True)
class WithWeights:
    """Options of the verbs that read a trained model."""

    weights: str = option(
        "best",
        "Weights of the best epoch on what training has not seen, or of the last.",
        choices=("best", "last"),
    )


@dataclasses.dataclass(frozen=True)
class WithTokens:
    """What text is cut into."""

    tokens: str = option(
        "words",
        "What text is cut into; `blanks` is for text that is tokenised already.",
        choices=TOKENIZERS,
    )
    minimum_count: int = option(1, "Tokens seen less often in training become <unk>.", minimum=1)
    subword_vocabulary: int = option(
        2000, "Pieces to learn where the tokens are subwords.", minimum=100
    )


@dataclasses.dataclass(frozen=True)
class FromData:
    """Data in place of a text."""

    data_dir: str = option(
        "",
        "Data that `prepare` has written, in place of a text; what it was prepared with is taken "
        "from there.",
        metavar="DIR",
    )


@dataclasses.dataclass(frozen=True)
class ToData:
    """How a corpus larger than memory is written as data."""

    data_dir: str = option(help="Directory of the data, which `prepare` makes.", metavar="DIR")
    vocabulary_size: int = option(
        0, "Most entries of a vocabulary, the most frequent; 0 = all of --minimum_count.", minimum=0
    )
    most_held_out: int = option(500, "Held out to measure by, at most.", minimum=1)
    shard_megabytes: float = option(32.0, "Text in a shard.", above=0, maximum=1024)
    processes: int = option(1, "Processes that work side by side.", minimum=1, maximum=1024)
    data_service: str = option(
        "",
        "Dispatcher of a tf.data service whose workers cut the text into tokens. They must see "
        "--data_dir under the same name. What they send comes in any order, and what a worker had "
        "when it died does not come at all: it is put in order here, and what is missing is done "
        "here, so the data is the same.",
        metavar="grpc://HOST:PORT",
    )


@dataclasses.dataclass(frozen=True)
class WithCells:
    """Recurrent layers, and what is dropped between them."""

    cell: str = option("basic_lstm", "Recurrent cell.", choices=CELLS)
    units: int = option(256, "Units of each layer, and each way it is read.", minimum=1)
    layers: int = option(1, "Recurrent layers.", minimum=1)
    residual_from: int | None = option(
        None, "First layer, from 0, that adds its inputs to its outputs.", minimum=0
    )
    input_rate: float = option(0.0, "Dropout of each layer's inputs.", minimum=0, below=1)
    state_rate: float = option(0.0, "Dropout of each layer's hidden state.", minimum=0, below=1)
    output_rate: float = option(0.0, "Dropout of each layer's outputs.", minimum=0, below=1)
    variational: bool = option(
        False, "Keep one mask of these three for a whole window or sentence."
    )


@dataclasses.dataclass(frozen=True)
class WithEncoder(WithCells):
    """How a text is read."""

    encoder: str = option("bidirectional", "Which way a text is read.", choices=ENCODERS)
    merge: str = option(
        "concat", "How the two ways of a layer become one: side by side or added.", choices=MERGES
    )
    annotation_rate: float = option(0.1, "Dropout of the encoder's outputs.", minimum=0, below=1)


@dataclasses.dataclass(frozen=True)
class WithVectors:
    """Word vectors to start from."""

    embeddings: str = option(
        "", "Word vectors to start from, in word2vec's text or binary format.", metavar="FILE"
    )
    embedding_deviation: float = option(
        0.0,
        "Scale these vectors, so that their entries deviate so far; 0 = as they are.",
        minimum=0,
    )
    freeze_embeddings: bool = option(False, FREEZE)


@dataclasses.dataclass(frozen=True)
class WithExamples:
    """Labelled texts to learn from, and others to choose the best epoch by."""

    train_file: str = option(help="Examples to learn from, UTF-8, plain or gzip.", metavar="FILE")
    development_file: str = option(
        "",
        "Examples to choose the best epoch by; empty = a share of the training examples.",
        metavar="FILE",
    )
    development_share: float = option(
        0.1, "Share of the examples, drawn at random, that choose it.", above=0, below=1
    )


@dataclasses.dataclass(frozen=True)
class WithLimit:
    """How long a text may be."""

    most_tokens: int = option(
        1000, "A text of more tokens is refused, with its line.", minimum=1, maximum=100_000
    )


@dataclasses.dataclass(frozen=True)
class WithLines:
    """Where lines come from and go to."""

    input_file: str = option(
        "", "Texts, one a line, plain or gzip; empty = standard input.", metavar="FILE"
    )
    output_file: str = option("", "A line for each; empty = standard output.", metavar="FILE")


@dataclasses.dataclass(frozen=True)
class ToLabel(WithLines):
    """What labels are given to."""

    interactive: bool = option(False, "Ask for texts until the input ends.")


@dataclasses.dataclass(frozen=True)
class ToMeasure:
    """Which labels are measured."""

    file: str = option(
        "",
        "Labelled texts, written as for `train`; empty = the run's development part.",
        metavar="FILE",
    )
    label_file: str = option(
        "",
        "Labels to measure in place of the model's own, a line for each text, as `predict` writes "
        "them.",
        metavar="FILE",
    )


@dataclasses.dataclass(frozen=True)
class WithHosts:
    """Several hosts."""

    worker_seconds: float = option(
        120.0, "How long the hosts wait for each other.", above=0, lasting=False
    )


@dataclasses.dataclass(frozen=True)
class WithDevices(WithHosts):
    """Where a model is trained; a run may go on elsewhere."""

    strategy: str = option(
        "one",
        "One device; all devices of this host (mirrored); or those of all hosts that TF_CONFIG "
        "names, each of which is given the same command (multi_worker).",
        choices=STRATEGIES,
        lasting=False,
    )
    devices: int = option(
        0,
        "Devices that --strategy=mirrored uses, 0 = all; a host without accelerators is parted "
        "into so many.",
        minimum=0,
        maximum=64,
        lasting=False,
    )
    pieces: int = option(
        1,
        "Read a batch in so many pieces, one after the other, which takes less memory; the "
        "gradient is that of the whole batch.",
        minimum=1,
    )


@dataclasses.dataclass(frozen=True)
class WithTraining(WithDevices):
    """Optimizer, learning rate, averages, checkpoints; and where this is done."""

    optimizer: str = option(
        "adam",
        "Optimizer; lazy_adam leaves the vectors of words alone that are not in a batch, which is "
        "faster where there are many.",
        choices=OPTIMIZERS,
    )
    learning_rate: float = option(0.003, "Highest learning rate.", above=0)
    schedule: str = option("cosine", "Course of the learning rate.", choices=SCHEDULES)
    warmup_steps: int = option(50, "Steps over which the learning rate rises.", minimum=0)
    weight_decay: float = option(0.0, "Decoupled weight decay.", minimum=0)
    clip_norm: float = option(1.0, "Bound of the gradients' global norm; 0 = off.", minimum=0)
    clip_value: float = option(0.0, "Bound of each element of the gradients; 0 = off.", minimum=0)
    average_decay: float = option(
        0.0, "Decay of the average of the weights that is kept; 0 = off.", minimum=0, below=1
    )
    average_epochs: int = option(
        1, "Keep the mean of the weights at the ends of so many last epochs.", minimum=1
    )
    matmul_precision: str = option(
        "float32",
        "What large products of matrices are computed from; weights and sums stay in float32.",
        choices=PRECISIONS,
    )
    precision: str = option(
        "float32",
        "What is computed with in training; weights, losses and sums stay in float32, and a mixed "
        "one takes half the memory. mixed_float16 scales the loss.",
        choices=POLICIES,
    )
    save_seconds: float = option(30.0, "Seconds between checkpoints inside an epoch.", above=0)
    seed: int = option(1, "Seed of weights, batches and dropout.", minimum=0, maximum=SEEDS)


@dataclasses.dataclass(frozen=True)
class ToExport:
    """Where an export goes."""

    export_dir: str = option(
        "",
        "Parent of the versions 1, 2, ...; empty = `export` in the run directory.",
        metavar="DIR",
    )


@dataclasses.dataclass(frozen=True)
class ToDevice:
    """What a small device runs."""

    lite: str = option(
        "",
        "Write this LiteRT file, ids in and ids out, in place of an export.",
        metavar="FILE.tflite",
    )
    int8: bool = option(False, "Keep the matrices of the LiteRT file in 8 bits.")


@dataclasses.dataclass(frozen=True)
class ToVectors:
    """Where a model's own word vectors go."""

    vectors: str = option(
        help="Where the word vectors are written, in word2vec's text format; a name that ends in "
        ".bin has the binary one, and .gz behind it compresses.",
        metavar="FILE",
    )

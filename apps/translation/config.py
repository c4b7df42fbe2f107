"""Every option of the translator, with its default and its meaning."""

import dataclasses

from apps.translation.presets import PRESETS
from tfseq.config import option
from tfseq.options import (
    FREEZE,
    FromData,
    InRun,
    ToData,
    ToDevice,
    ToExport,
    ToVectors,
    WithEncoder,
    WithLines,
    WithTokens,
    WithTraining,
    WithWeights,
)

# Written out, so that `--help` need not import TensorFlow; a test holds them to the registries.
ATTENTIONS = (
    "dot",
    "scaled_dot",
    "luong",
    "scaled_luong",
    "bilinear",
    "concat",
    "bahdanau",
    "normalized_bahdanau",
    "luong_monotonic",
    "bahdanau_monotonic",
)
BRIDGES = ("copy", "dense", "mean", "zero")
DECODERS = ("conditional", "input_feeding")
SAMPLING_SCHEDULES = ("constant", "linear", "exponential", "inverse_sigmoid")
MOST_WORDS = 1000
MOST_BEAMS = 100


@dataclasses.dataclass(frozen=True)
class WithSentences(WithTokens):
    """What sentences are cut into, and which validate."""

    validation_source_file: str = option(
        "",
        "Sentences to choose the best epoch by; empty = a share of the training pairs.",
        metavar="FILE",
    )
    validation_target_file: str = option("", "Their translations.", metavar="FILE")
    validation_share: float = option(
        0.02, "Share of the pairs, drawn at random, that validate.", above=0, below=1
    )
    lower_case: bool = option(False, "Put all text into lower case.")
    most_tokens: int = option(
        80, "Longer sentences are cut, in training and later.", minimum=1, maximum=MOST_WORDS
    )


@dataclasses.dataclass(frozen=True)
class WithText(WithSentences):
    """Where the sentence pairs come from."""

    source_file: str = option(
        "",
        "Source sentences, one a line, UTF-8, plain or gzip; empty = the built-in English-French "
        "corpus.",
        metavar="FILE",
    )
    target_file: str = option("", "Their translations, line by line.", metavar="FILE")
    parallel_file: str = option(
        "", "Instead of the two: source and target in one line, apart by a tab.", metavar="FILE"
    )
    built_in_pairs: int = option(
        20_000, "Pairs of the built-in corpus, where no file is given.", minimum=100
    )


@dataclasses.dataclass(frozen=True)
class Prepare(WithSentences, ToData):
    """Options of `prepare`."""

    source_files: str = option(
        "",
        "Source sentences, one a line, UTF-8, plain or gzip: files and patterns such as "
        "texts/*.en.gz, apart by commas, anywhere TensorFlow reads.",
        metavar="FILE,...",
    )
    target_files: str = option(
        "", "Their translations, file by file and line by line.", metavar="FILE,..."
    )
    parallel_files: str = option(
        "", "Instead of the two: source and target in one line, apart by a tab.", metavar="FILE,..."
    )
    joint_vocabulary: bool = option(
        False, "One vocabulary for both languages, as --tied=all of `train` needs it."
    )


@dataclasses.dataclass(frozen=True)
class WithModel(WithEncoder):
    """Encoder, bridge, attention and decoder."""

    reverse_source: bool = option(
        False, "Read the source from its last word to its first (unidirectional)."
    )
    bridge: str = option(
        "mean", "How the decoder starts from what the encoder knows.", choices=BRIDGES
    )
    attention: str = option(
        "bahdanau",
        "How the decoder looks at the source; none = by its first state alone.",
        choices=("none", *ATTENTIONS),
    )
    attention_units: int = option(
        0, "Units in which the attention compares; 0 = as the decoder.", minimum=0
    )
    decoder: str = option(
        "conditional",
        "Look between two steps of the cell, or feed what was seen with the next word.",
        choices=DECODERS,
    )
    attention_layer: int = option(
        0, "Units of a layer over output and context (input feeding); 0 = none.", minimum=0
    )
    decoder_units: int = option(
        0, "Units of each layer of the decoder; 0 = as the encoder.", minimum=0
    )
    embedding_size: int = option(64, "Width of the word vectors.", minimum=1)
    source_embeddings: str = option(
        "",
        "Source word vectors to start from, in word2vec's text or binary format.",
        metavar="FILE",
    )
    target_embeddings: str = option("", "The same for target words.", metavar="FILE")
    freeze_embeddings: bool = option(False, FREEZE)
    readout_units: int = option(
        64, "Units of a layer between decoder and softmax; 0 = none.", minimum=0
    )
    tied: str = option(
        "target",
        "Share word vectors: the target's with the softmax, or those of both languages and the "
        "softmax (one vocabulary).",
        choices=("none", "target", "all"),
    )


@dataclasses.dataclass(frozen=True)
class WithDropout:
    """What is dropped in training."""

    embedding_rate: float = option(0.1, "Dropout of word vectors.", minimum=0, below=1)
    readout_rate: float = option(0.1, "Dropout of what the softmax reads.", minimum=0, below=1)


@dataclasses.dataclass(frozen=True)
class Train(WithTraining, WithDropout, WithModel, WithText, FromData, InRun):
    """Options of `train`; they are kept in the run directory."""

    preset: str = option(
        "demo", "A set of values; options that are given win over it.", choices=lambda: PRESETS
    )
    batch_size: int = option(64, "Sentence pairs in a step.", minimum=1)
    epochs: int = option(6, "Times to read the pairs, at most.", minimum=1)
    patience: int = option(
        0, "Epochs without a better figure before it stops; 0 = never.", minimum=0
    )
    stop_on: str = option(
        "bleu",
        "The figure on the validation pairs that tells the best epoch.",
        choices=("bleu", "loss"),
    )
    sampling: str = option(
        "none",
        "Scheduled sampling: how the share of true words that are fed falls from 1.",
        choices=("none", *SAMPLING_SCHEDULES),
    )
    truth_decay: float = option(
        1000.0,
        "Steps over which it falls: for linear to --least_truth, for exponential by the factor e, "
        "for inverse_sigmoid its constant k.",
        above=0,
    )
    least_truth: float = option(
        0.75,
        "The share of true words never falls lower; constant has it throughout.",
        minimum=0,
        maximum=1,
    )
    label_smoothing: float = option(
        0.0, "Share of the probability that is spread over all words.", minimum=0, below=1
    )


@dataclasses.dataclass(frozen=True)
class WithSearch:
    """Options of the verbs that translate."""

    beam_width: int = option(
        5, "Translations kept at each word; 1 = greedy.", minimum=1, maximum=MOST_BEAMS
    )
    length_penalty: float = option(
        1.0, "Above 0, long translations are preferred.", minimum=0, maximum=10
    )
    coverage_penalty: float = option(
        0.0, "Above 0, source words that were not looked at count.", minimum=0, maximum=10
    )
    max_words: int = option(
        0,
        "Most tokens of a translation; 0 = twice the source's and ten.",
        minimum=0,
        maximum=MOST_WORDS,
    )
    batch_size: int = option(128, "Sentences that are translated side by side.", minimum=1)


@dataclasses.dataclass(frozen=True)
class Translate(WithSearch, WithLines, WithWeights, InRun):
    """Options of `translate`."""

    interactive: bool = option(False, "Ask for sentences until the input ends.")
    n_best: int = option(
        1, "Translations of each sentence, best first.", minimum=1, maximum=MOST_BEAMS
    )
    scores: bool = option(False, "Write score and log-probability before each, apart by tabs.")
    alignments_file: str = option(
        "",
        "Which source token each token came from: `i-j`, a line for each translation; FILE.json "
        "beside it has all weights.",
        metavar="FILE",
    )
    replace_unknown: bool = option(
        False, "Write the source word that was looked at in place of <unk>."
    )


@dataclasses.dataclass(frozen=True)
class Evaluate(WithSearch, WithWeights, InRun):
    """Options of `evaluate`."""

    source_file: str = option(
        "",
        "Source sentences, one a line, plain or gzip; empty = the run's validation pairs.",
        metavar="FILE",
    )
    reference_file: str = option("", "Their translations by people.", metavar="FILE")
    tokenised_bleu: bool = option(
        False, "Also BLEU on the tokens as they stand in the files, as the literature has it."
    )
    plot_alignments: str = option(
        "", "Directory for pictures of the first alignments.", metavar="DIR"
    )


@dataclasses.dataclass(frozen=True)
class Export(WithWeights, ToDevice, ToExport, InRun):
    """Options of `export`."""

    beam_width: int = option(
        5, "Translations that `translate_beam` keeps.", minimum=1, maximum=MOST_BEAMS
    )


@dataclasses.dataclass(frozen=True)
class Embeddings(WithWeights, ToVectors, InRun):
    """Options of `embeddings`."""

    side: str = option("source", "Whose words.", choices=("source", "target"))

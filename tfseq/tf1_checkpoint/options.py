"""Options of the two verbs."""

import dataclasses

from tfseq.config import option


@dataclasses.dataclass(frozen=True)
class OfCheckpoint:
    """The argument of both."""

    checkpoint: str = option(
        help="The checkpoint: what stands before .index, or a directory, whose latest is taken.",
        positional=True,
    )


@dataclasses.dataclass(frozen=True)
class Inspect(OfCheckpoint):
    """Options of `inspect`."""


@dataclasses.dataclass(frozen=True)
class Convert(OfCheckpoint):
    """Options of `convert`."""

    output: str = option(help="The file to write; it ends in .keras.", positional=True)
    forget_bias: float | None = option(
        None,
        "Forget bias of the LSTM cells that were trained, which no checkpoint holds; TensorFlow "
        "1's default was 1.0. Due for them, but for cuDNN's.",
    )
    activation: str = option(
        "tanh",
        "Activation of the cells, which no checkpoint holds either.",
        choices=("tanh", "relu", "sigmoid", "softsign", "linear", "elu", "selu"),
    )
    cell_clip: float | None = option(None, "cell_clip of LSTMCell; likewise.", above=0)
    projection_clip: float | None = option(None, "proj_clip of LSTMCell; likewise.", above=0)
    residual_from: int | None = option(
        None, "First layer, from 0, that was in a ResidualWrapper; likewise.", minimum=0
    )
    scope: str = option("", "Take only what is below this scope.")
    rename: str = option(
        "",
        "Names, or beginnings of names, that are others: OLD=NEW,OLD=NEW. The model's are "
        "embedding, softmax/kernel, softmax/bias, and TensorFlow 1's of its cells.",
        metavar="OLD=NEW,...",
    )
    average: bool = option(False, "Take the moving averages (ExponentialMovingAverage).")
    overwrite: bool = option(False, "Replace an output that is there.")

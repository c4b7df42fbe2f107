"""Names of variables: what an optimizer or an average made, and what one variable was called.

TensorFlow 1 renamed variables over its versions, and cells that share their numbers did not share
their scopes. `canonical` puts all of these under one name.
"""

import dataclasses
import re

from tfseq import tf1

AVERAGE = "ExponentialMovingAverage"
# The names that TensorFlow 1's optimizers gave to their slots, `_1` and `_2` for the later ones.
SLOT = re.compile(
    r"(Adam|AdaMax|Adagrad|AdagradDA|Adadelta|Ftrl|Momentum|RMSProp|ProximalAdagrad)(_\d+)?"
)
# Scalars that are no weights; one without a name was called `Variable`.
COUNTER = re.compile(r"(global_step|beta[12]_power|learning_rate|lr|Variable)(_\d+)?")

# Cells of the same variables and numbers, but for what a checkpoint does not hold.
SAME_CELL = {
    "basic_lstm_cell": "lstm_cell",
    "cudnn_compatible_lstm_cell": "lstm_cell",
    "lstm_fused_cell": "lstm_cell",
    "conv_1d_lstm_cell": "conv_lstm_cell",
    "conv_2d_lstm_cell": "conv_lstm_cell",
    "conv_3d_lstm_cell": "conv_lstm_cell",
}
# Before TensorFlow 1.2.
OLD = {"weights": "kernel", "biases": "bias"}
# GRUBlockCell's names, GRUCell's names.
BLOCK = {
    f"gru_cell/{name}": f"gru_cell/{tf1.GRUCell.names[variable]}"
    for variable, name in tf1.GRUBlockCell.names.items()
}
CUDNN = "cudnn_compatible_lstm_cell"


@dataclasses.dataclass(frozen=True)
class Sorted:
    """The variables of a checkpoint, by what they are for.

    Attributes:
        weights: Names of the variables of the model.
        slots: What an optimizer kept beside a variable, and what averages kept beside theirs.
        averages: `{weight: name of its moving average}`.
        counters: Steps, powers of an optimizer, learning rates.
    """

    weights: tuple[str, ...]
    slots: tuple[str, ...]
    averages: dict[str, str]
    counters: tuple[str, ...]


def sort(shapes):
    """What each variable is for.

    A slot has a name that an optimizer gave, or lies below a variable of the same shape, which is
    what an optimizer of another name does.

    Args:
        shapes: `{name: shape}`.

    Returns:
        A `Sorted`.
    """
    kinds: dict[str, list[str]] = {"weights": [], "slots": [], "counters": [], "averages": []}
    for name in shapes:
        kinds[_kind(name, shapes)].append(name)
    weights = kinds["weights"]
    averages = {_averaged(name, weights): name for name in kinds["averages"]}
    return Sorted(tuple(weights), tuple(kinds["slots"]), averages, tuple(kinds["counters"]))


def _kind(name, shapes):
    parent, _, last = name.rpartition("/")
    if COUNTER.fullmatch(last) and shapes[name] == ():
        return "counters"
    if last == AVERAGE:
        return "averages"
    if parent and SLOT.fullmatch(last):
        return "slots"
    if parent in shapes and (shapes[parent] == shapes[name] or parent.endswith(f"/{AVERAGE}")):
        return "slots"
    return "weights"


def _averaged(name, weights):
    """The weight of an average, whose name may begin with a scope of its own."""
    base = name.removesuffix(f"/{AVERAGE}")
    if base in weights:
        return base
    return max((w for w in weights if base.endswith(f"/{w}")), key=len, default=base)


def canonical(name):
    """The name with cells of the same variables under one scope, and today's `kernel`, `bias`."""
    segments = [SAME_CELL.get(plain(segment), plain(segment)) for segment in name.split("/")]
    segments[-1] = OLD.get(segments[-1], segments[-1])
    joined = "/".join(segments)
    end = "/".join(segments[-2:])
    return joined.removesuffix(end) + BLOCK[end] if end in BLOCK else joined


def plain(segment):
    """A cell's scope without the number that told it from another of the same scope."""
    return re.sub(r"(?<=_cell)_\d+$", "", segment)


def is_below(name, scope):
    """Whether a name is a scope or begins with it."""
    return not scope or name == scope or name.startswith(f"{scope.rstrip('/')}/")

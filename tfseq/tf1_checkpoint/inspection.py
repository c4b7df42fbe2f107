"""What is in a checkpoint."""

import contextlib
import dataclasses

import tensorflow as tf

from tfseq.config import OptionError
from tfseq.tf1_checkpoint.names import sort
from tfseq.tf1_checkpoint.parts import Part, parts_of, stacks_of
from tfseq.tf1_checkpoint.reading import Checkpoint

OF_CELLS = (
    "activation",
    "cell_clip and projection_clip",
    "dropout, residual connections",
    "whether BasicLSTMCell or LSTMCell was meant where a scope was given by hand",
)
OF_ATTENTION = ("probability_fn", "cell_input_fn", "output_attention")
# Arguments of `language_model` that are options too.
OPTIONS = ("forget_bias", "cell_clip", "residual_from", "rename", "scope", "average")
OBJECTS = (
    "This is a checkpoint of TensorFlow 2's tf.train.Checkpoint, which names objects, not "
    "variables: restore it with tf.train.Checkpoint."
)


@dataclasses.dataclass(frozen=True)
class Variable:
    """One variable of a checkpoint."""

    name: str
    shape: tuple[int, ...]
    dtype: str

    def __str__(self):
        return f"{self.name} {list(self.shape)} {self.dtype}"


@dataclasses.dataclass(frozen=True, eq=False)
class Inspection:
    """What is in a checkpoint, and what it was; `str` of it is for reading.

    Attributes:
        path: Prefix of the checkpoint.
        variables: All variables by name.
        parts: What the weights belong to, in the order of their scopes.
        unknown: Names of weights that were not recognised.
        slots: Names of what optimizers kept beside the weights.
        averages: `{weight: name of its moving average}`.
        counters: `{name: value}` of steps and the like.
        by_objects: Whether it is of TensorFlow 2's `tf.train.Checkpoint`.
    """

    path: str
    variables: tuple[Variable, ...]
    parts: tuple[Part, ...]
    unknown: tuple[str, ...]
    slots: tuple[str, ...]
    averages: dict[str, str]
    counters: dict[str, float]
    by_objects: bool = False

    @property
    def cells(self):
        """The parts that are cells."""
        return tuple(part for part in self.parts if part.cell)

    @property
    def stacks(self):
        """`stacks_of` the parts."""
        return stacks_of(self.parts)

    @property
    def not_recorded(self):
        """What the numbers also depend on, and no checkpoint holds."""
        found = []
        if any(part.cell.forgets and not part.is_cudnn for part in self.cells):
            found.append("forget_bias (by default 1.0; it is not in the stored bias)")
        found += OF_CELLS if self.cells else ()
        if any(part.kind.endswith("_attention") for part in self.parts):
            found += OF_ATTENTION
        return tuple(found)

    def __str__(self):
        of = {variable.name: variable for variable in self.variables}
        lines = [f"{self.path}: {len(self.variables)} variables", ""]
        lines += [OBJECTS, ""] if self.by_objects else []
        for part in self.parts:
            names = [name if name in of else self.averages[name] for name in part.shapes]
            lines += [str(part), *(f"    {of[name]}" for name in names)]
        for scope, cells in self.stacks.items():
            if cells[0].stack:
                lines.append(f"stack of {len(cells)}  in {scope}")
        lines += _listed("Not recognised:", self.unknown)
        averages = [str(of[name]) for name in self.averages.values()]
        lines += _listed("Moving averages, for average=True:", averages)
        counters = [f"{name} = {value:g}" for name, value in self.counters.items()]
        lines += _listed("Set aside:", [*counters, *_summary(self.slots)])
        lines += _listed("Not recorded in a checkpoint:", self.not_recorded)
        return "\n".join(lines)


def inspect(path):
    """What is in a checkpoint of TensorFlow 1, and what its variables belong to.

    Args:
        path: The checkpoint's prefix, such as `run/model.ckpt-60`, or a directory, whose latest
            checkpoint is taken.

    Returns:
        An `Inspection`.

    Raises:
        ValueError: `path` is no checkpoint.
        tf.errors.DataLossError: It cannot be read.
    """
    checkpoint = Checkpoint(path)
    found = sort(checkpoint.shapes)
    # Where only the averages were saved, they are what the weights were.
    sources = {**found.averages, **{name: name for name in found.weights}}
    parts, unknown = parts_of({name: checkpoint.shapes[at] for name, at in sources.items()})
    return Inspection(
        path=checkpoint.path,
        variables=tuple(
            Variable(name, shape, checkpoint.dtypes[name].name)
            for name, shape in checkpoint.shapes.items()
        ),
        parts=tuple(parts),
        unknown=tuple(unknown),
        slots=found.slots,
        averages=found.averages,
        counters={name: checkpoint.read(name).item() for name in found.counters},
        by_objects=checkpoint.by_objects,
    )


def run(options):
    """The verb `inspect`."""
    with complaining():
        print(inspect(options.checkpoint))


@contextlib.contextmanager
def complaining():
    """What is wrong with an argument is wrong with the option of a command line."""
    try:
        yield
    except OptionError:
        raise
    except (ValueError, tf.errors.DataLossError) as error:
        argument, _, rule = getattr(error, "message", str(error)).partition("` ")
        argument = argument.removeprefix("`")
        if argument == "path":
            raise OptionError("CHECKPOINT", rule) from error
        if argument in OPTIONS:
            raise OptionError(f"--{argument}", rule) from error
        raise OptionError("CHECKPOINT", f"does not fit: {error}") from error


def _listed(title, lines):
    return ["", title, *(f"    {line}" for line in lines)] if lines else []


def _summary(slots):
    """`18 slots of Adam, Adam_1`."""
    kinds = sorted({name.rpartition("/")[2] for name in slots})
    return [f"{len(slots)} slots: {', '.join(kinds)}"] if slots else []

"""Weights of a checkpoint of TensorFlow 1 put into cells, layers and models."""

import dataclasses
import difflib

import tensorflow as tf

from tfseq.models import LanguageModel
from tfseq.tf1_checkpoint.names import CUDNN, canonical
from tfseq.tf1_checkpoint.parts import roles_of
from tfseq.tf1_checkpoint.places import places_of
from tfseq.tf1_checkpoint.weights import Weights


@dataclasses.dataclass(frozen=True)
class Loaded:
    """What `load` did; `str` of it is for reading.

    Attributes:
        path: Prefix of the checkpoint.
        placed: `{name in the target: name in the checkpoint}` of what was filled.
        missing: Names in the target that the checkpoint had nothing for.
        unused: Names in the checkpoint that the target had no place for.
        aside: Names of slots, averages and counters, and of what is outside of `scope`.
    """

    path: str
    placed: dict[str, str]
    missing: tuple[str, ...]
    unused: tuple[str, ...]
    aside: tuple[str, ...]

    def __str__(self):
        lines = [f"{self.path}: {len(self.placed)} variables placed"]
        lines += [f"    {name} <- {source}" for name, source in self.placed.items()]
        for title, names in (("Not filled:", self.missing), ("Not used:", self.unused)):
            lines += [title, *(f"    {name}" for name in names)] if names else []
        return "\n".join([*lines, f"Set aside: {len(self.aside)} variables"])


def load(
    path,
    target,
    *,
    rename=None,
    scope="",
    average=False,
    forget_bias=None,
    allow_missing=False,
    allow_unused=False,
):
    """Fill a target with the weights of a checkpoint of TensorFlow 1, or change nothing.

    A variable of the checkpoint goes where its name ends as a name of the target does:
    `Model/rnn/lstm_cell/kernel` into a cell's `lstm_cell/kernel`. Names of older versions and of
    cells with the same variables are taken for each other (`weights` for `kernel`,
    `basic_lstm_cell` and `cudnn_compatible_lstm_cell` for `lstm_cell`). In a `LanguageModel`,
    `embedding` and `softmax` are found by their shapes. Keras's layers get their gates in Keras's
    order, and the forget bias in their bias. Arrays are cast to the types of the variables.

    Args:
        path: The checkpoint's prefix, such as `run/model.ckpt-60`, or a directory, whose latest
            checkpoint is taken.
        target: What has its weights already: a cell, stack or wrapper of tfseq; an object of
            `tfseq.tf1`; a `LanguageModel`, `Seq2Seq`, `Encoder` or `Decoder`; `keras.layers.LSTM`,
            `GRU` (`reset_after=False` for `GRUCell`, `True` for cuDNN's), `SimpleRNN`, their cells,
            `RNN` and `Bidirectional`; any other layer, by its names; a list of layers, which is a
            stack; or a mapping from names to such or to variables, as in
            `{"bidirectional_rnn/fw": forward, "bidirectional_rnn/bw": backward, "dense": dense}`.
        rename: Where names differ: a mapping from names of the checkpoint to names of the target,
            or from beginnings to beginnings, or a function of a name.
        scope: Only what is below it in the checkpoint.
        average: Whether to take the moving average of each variable that has one.
        forget_bias: That of the LSTM cells that were trained, which a checkpoint does not hold: by
            default it was 1.0, in cuDNN's cells there is none. Keras's layers need it; cells of
            tfseq have their own, which must not be another.
        allow_missing: Whether variables of the target may stay as they are.
        allow_unused: Whether variables of the checkpoint may have no place.

    Returns:
        A `Loaded`.

    Raises:
        ValueError: `path` is no checkpoint, as `Saver.restore` said; a name has no place, or two;
            a shape disagrees; a forget bias is missing or disagrees.
        TypeError: `target` is nothing that can be filled.
        tf.errors.DataLossError: The checkpoint cannot be read.
    """
    weights = Weights(path, rename, scope, average)
    renamed = weights.renamed
    if isinstance(target, LanguageModel):
        roles = roles_of(*weights.parts())
        renamed = {name: roles.get(new, new) for name, new in renamed.items()}
    places = places_of(target)
    found = _matched([name for place in places for name in place.names], renamed)
    missing = [n for place in places for n in place.names if n not in found]
    unused = [name for name in renamed if name not in found.values()]
    if (missing and not allow_missing) or (unused and not allow_unused):
        raise _not_placed(weights.path, missing, unused, renamed)
    _check_shapes(weights, places, found)
    filled = [place for place in places if _is_filled(place, found)]
    arrays = [_arranged(weights, place, found, forget_bias) for place in filled]
    for place, values in zip(filled, arrays, strict=True):
        for variable, value in zip(place.variables, values, strict=True):
            variable.assign(value.astype(tf.as_dtype(variable.dtype).as_numpy_dtype))
    return Loaded(weights.path, found, tuple(missing), tuple(unused), weights.aside)


def _matched(wanted, renamed):
    """`{name in the target: name in the checkpoint}`; the longest names choose first."""
    left = {name: canonical(new) for name, new in renamed.items()}
    found = {}
    for name in sorted(wanted, key=lambda name: -name.count("/")):
        end = canonical(name)
        hits = [source for source, known in left.items() if known == end]
        hits = hits or [source for source, known in left.items() if known.endswith(f"/{end}")]
        if len(hits) > 1:
            raise ValueError(
                f"`scope` or `rename` must say which variable is meant by {name}. "
                f"Received: {', '.join(hits)}"
            )
        if hits:
            found[name] = hits[0]
            del left[hits[0]]
    return {name: found[name] for name in wanted if name in found}


def _not_placed(path, missing, unused, renamed):
    """The error that says what has no place in either direction."""
    unplaced = {renamed[name]: name for name in unused}
    wanted = []
    for name in missing:
        near = difflib.get_close_matches(name, unplaced, n=1, cutoff=0.5)
        wanted.append(f"{name} (like {unplaced[near[0]]}?)" if near else name)
    what = [f"without {_some(wanted)}"] * bool(wanted)
    what += [f"with {_some(unused)} to spare"] * bool(unused)
    return ValueError(
        "`target` must have the variables of the checkpoint; `rename` and `scope` say what has "
        "other names, `allow_missing` and `allow_unused` leave some out. "
        f"Received: {path}, {', and '.join(what)}"
    )


def _some(names, count=6):
    more = f" and {len(names) - count} more" if len(names) > count else ""
    return ", ".join(names[:count]) + more


def _check_shapes(weights, places, found):
    """Refuses what does not fit, with both shapes."""
    wrong = []
    for place in places:
        for name, local in place.names.items():
            if name in found:
                source, wanted = found[name], place.shapes[local]
                shape, dtype = weights.shape(source), weights.dtype(source)
                if shape not in (wanted, (1, 1, *wanted)) or not dtype.is_floating:
                    wrong.append(f"{name} {wanted} for {source} {shape} {dtype.name}")
    if wrong:
        raise ValueError(
            "`target` must have the shapes of the checkpoint, in floats. "
            f"Received: {'; '.join(wrong)}"
        )


def _is_filled(place, found):
    """Whether a place is filled; what is filled together is filled whole."""
    without = [name for name in place.names if name not in found]
    if 0 < len(without) < len(place.names):
        raise ValueError(
            "`allow_missing` must leave all of a Keras cell out, or nothing. "
            f"Received: a checkpoint without {', '.join(without)}"
        )
    return not without


def _arranged(weights, place, found, forget_bias):
    """The arrays for the variables of a place."""
    names = {local: found[name] for name, local in place.names.items()}
    forget_bias = _forget_bias(place, names.values(), forget_bias)
    arrays = {
        local: weights.read(name).reshape(place.shapes[local]) for local, name in names.items()
    }
    return place.arrange(arrays, forget_bias)


def _forget_bias(place, names, forget_bias):
    """What the bias of the checkpoint is to be completed by."""
    stored, cudnn = next(iter(names)), any(CUDNN in name for name in names)
    if cudnn and forget_bias:
        raise ValueError(
            "`forget_bias` must be 0.0 or left out for cuDNN's cells, which have none. "
            f"Received: forget_bias={forget_bias} for {stored}"
        )
    known = 0.0 if cudnn else forget_bias
    if known is None and (place.folds or CUDNN in place.scope + next(iter(place.shapes))):
        raise ValueError(
            "`forget_bias` must be given: the checkpoint does not hold it, and this target adds "
            "none in its steps. TensorFlow 1's default was 1.0. "
            f"Received: forget_bias=None for {stored}"
        )
    if None not in (known, place.forget_bias) and known != place.forget_bias:
        raise ValueError(
            "`target` must have the forget bias of the cell that was trained. Received: a cell "
            f"with forget_bias={place.forget_bias} for {known} of {stored}"
        )
    return known

"""Exact checkpoints: one file that holds the whole state of a training run.

`raw_variables` names every variable of a model, its optimizer and anything else that counts, seed
states and slots included. `Checkpoints` writes them beside the step and a JSON state, and returns
the newest file that reads back whole. `restore` puts the arrays into the variables again, bit for
bit, or changes nothing.

The file is an `.npz` that `numpy.load` opens: an array for each variable, and `checkpoint.json`.
"""

import dataclasses
import hashlib
import io
import json
import pathlib
import re
import struct
import warnings
import zipfile
import zlib
from typing import Any

import numpy as np
import tensorflow as tf

from tfseq.files import written_aside

MANIFEST = "checkpoint.json"
UNREADABLE = (OSError, EOFError, ValueError, LookupError, RuntimeError, TypeError)
UNREADABLE += (struct.error, zipfile.BadZipFile, zlib.error)


@dataclasses.dataclass(frozen=True, eq=False)
class Checkpoint:
    """What one file held: the step, the arrays by name, and the JSON state."""

    step: int
    variables: dict[str, np.ndarray]
    state: dict[str, Any]


class Checkpoints:
    """The checkpoints in one directory: `step-00000123.npz`, ..., and named weights.

    A file takes its name only when it is whole on the disk, so a run killed at any moment leaves
    the old file or the new one.

    Args:
        directory: Where they are kept; made at the first save.
        keep: How many of the newest are kept. With two or more, one that is damaged later on has
            another behind it.
    """

    def __init__(self, directory, keep=2):
        if keep < 1:
            raise ValueError(f"`keep` must be at least 1. Received: keep={keep!r}")
        self.directory = pathlib.Path(directory)
        self.keep = keep

    def save(self, step, variables, state):
        """Writes a checkpoint, then removes all but the newest.

        A checkpoint of a later step is removed too: it could not be read, or it belongs to a
        history that the run has gone back on.

        Args:
            step: The number of steps done.
            variables: Variables or arrays by name, as from `raw_variables`.
            state: A dictionary that JSON can hold.

        Raises:
            OSError: The file cannot be written; what was there before is still there.
        """
        self._write(f"step-{step:08d}.npz", step, variables, state)
        paths = [path for path in self._paths() if _step_of(path) <= step][: self.keep]
        for path in self._paths():
            if path not in paths:
                path.unlink()

    def save_weights(self, name, step, variables, state):
        """Writes `NAME.npz` in place of the one before: weights to be used, not to go on from."""
        self._write(f"{name}.npz", step, variables, state)

    def latest(self):
        """The newest checkpoint that reads back whole, with a warning for each that does not."""
        readable = filter(None, map(_read_or_warn, self._paths()))
        return next(readable, None)

    def weights(self, name):
        """The checkpoint of `save_weights`; where it cannot be read, the latest, with a warning."""
        path = self.directory / f"{name}.npz"
        found = _read_or_warn(path) if path.exists() else None
        if found is not None:
            return found
        latest = self.latest()
        if latest is not None:
            warnings.warn(
                f"{path} cannot be used: the latest checkpoint, of step {latest.step}, is.",
                stacklevel=2,
            )
        return latest

    def _paths(self):
        """The files of the steps, newest first."""
        return sorted(self.directory.glob("step-*.npz"), key=_step_of, reverse=True)

    def _write(self, name, step, variables, state):
        path = self.directory / name
        try:
            for partial in self.directory.glob("*.npz.*.partial"):  # of a run that was killed
                partial.unlink()
            with written_aside(path, "wb") as file:
                _write_archive(file, step, variables, state)
        except OSError as error:
            raise OSError(error.errno, error.strerror, str(path)) from error


def raw_variables(*sources):
    """Every variable by a unique name.

    A name is the variable's path without the numbers Keras appends, which count the layers made so
    far in the process and say nothing about the model. Equal names get `#1`, `#2`, ... in order.

    Args:
        *sources: Models, layers, built optimizers, modules, variables, or lists of these. One that
            is reached twice is named once.
    """
    named, seen = {}, set()
    for variable in (variable for source in sources for variable in _variables_of(source)):
        if id(variable) not in seen:
            seen.add(id(variable))
            named[_free_name(variable, named)] = variable
    return named


def unnumbered(path):
    """A path of Keras's without the numbers that it appends."""
    return re.sub(r"_\d+(?=[_/]|$)", "", path)


def restore(variables, arrays, *, allow_unknown=False):
    """Assigns to each variable the array of its name, or raises and changes none.

    Args:
        variables: Variables by name, as from `raw_variables`.
        arrays: Arrays by name, as in `Checkpoint.variables`.
        allow_unknown: Whether arrays without a variable are left alone, as where only the model of
            a run is read and not its optimizer.

    Raises:
        ValueError: A name is missing or unknown, or a shape or dtype differs.
    """
    missing, unknown = variables.keys() - arrays.keys(), arrays.keys() - variables.keys()
    if missing or (unknown and not allow_unknown):
        raise ValueError(
            "`arrays` must have the names of `variables`. "
            f"Missing: {_first(missing)}. Unknown: {_first(unknown)}."
        )
    for name, variable in variables.items():
        expected, received = _kind_of(variable), _kind_of(arrays[name])
        if expected != received:
            raise ValueError(f"`{name}` must be {expected}. Received: {received}")
    for name, variable in variables.items():
        variable.assign(arrays[name])


def digest(variables):
    """The SHA-256 of all names, dtypes, shapes and bytes: equal where all bits are equal."""
    sha = hashlib.sha256()
    for name in sorted(variables):
        array = np.asarray(variables[name])
        sha.update(f"{name} {_kind_of(array)}\n".encode())
        sha.update(array.tobytes())
    return sha.hexdigest()


def _variables_of(source):
    if isinstance(source, list | tuple):
        return [variable for item in source for variable in _variables_of(item)]
    return getattr(source, "variables", [source])


def _free_name(variable, taken):
    name = base = unnumbered(getattr(variable, "path", variable.name).removesuffix(":0"))
    number = 0
    while name in taken:
        number += 1
        name = f"{base}#{number}"
    return name


def _kind_of(array):
    """`float32 (3, 2)`, for a variable or an array."""
    array = np.asarray(array)
    return f"{array.dtype.name} {array.shape}"


def _first(names, count=3):
    more = f" and {len(names) - count} more" if len(names) > count else ""
    return (", ".join(sorted(names)[:count]) or "none") + more


def _step_of(path):
    digits = path.stem.removeprefix("step-")
    return int(digits) if digits.isdecimal() else -1


def _write_archive(file, step, variables, state):
    """Writes the same bytes for the same contents: a member's date is always that of 1980."""
    arrays = {name: np.asarray(variable) for name, variable in variables.items()}
    dtypes = {name: array.dtype.name for name, array in arrays.items()}
    manifest = json.dumps({"step": step, "state": state, "dtypes": dtypes})
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr(zipfile.ZipInfo(MANIFEST), manifest)
        for name, array in arrays.items():
            if array.dtype.kind == "V":  # bfloat16 and the like, which NumPy's format cannot name
                array = array.view(f"u{array.dtype.itemsize}")
            with archive.open(zipfile.ZipInfo(f"{name}.npy"), "w", force_zip64=True) as member:
                np.lib.format.write_array(member, array, allow_pickle=False)


def _read(path):
    """Reads a file whole; raises one of `UNREADABLE` if anything in it is not as it was written."""
    with zipfile.ZipFile(path) as archive:
        manifest = json.loads(archive.read(MANIFEST))
        names = [MANIFEST, *(f"{name}.npy" for name in manifest["dtypes"])]
        if sorted(names) != sorted(archive.namelist()):
            raise ValueError("its members are not those it was written with")
        variables = {}
        for name, dtype in manifest["dtypes"].items():
            member = io.BytesIO(archive.read(f"{name}.npy"))  # checks the member's CRC
            array = np.lib.format.read_array(member, allow_pickle=False)
            variables[name] = array.view(tf.as_dtype(dtype).as_numpy_dtype)
    return Checkpoint(manifest["step"], variables, manifest["state"])


def _read_or_warn(path):
    try:
        return _read(path)
    except UNREADABLE as error:
        reason = f"{type(error).__name__}: {error}"
        warnings.warn(f"{path} is skipped, it cannot be read ({reason}).", stacklevel=3)
        return None

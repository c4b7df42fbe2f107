"""A checkpoint on the disk: found, opened, and read variable by variable."""

import pathlib
import re

import numpy as np
import tensorflow as tf

OBJECT_GRAPH = "_CHECKPOINTABLE_OBJECT_GRAPH"
FILE_OF_ONE = re.compile(r"\.(index|meta|data-\d{5}-of-\d{5})$")
# What TensorFlow raises for files that are cut short, changed or missing.
UNREADABLE = (tf.errors.OpError, IndexError, RuntimeError)


class Checkpoint:
    """A checkpoint of `tf.train.Saver`, of either format; partitioned variables are whole.

    Args:
        path: The checkpoint's prefix, such as `run/model.ckpt-60`, or a directory, whose latest
            checkpoint is taken.

    Attributes:
        path: The prefix.
        shapes: `{name: shape}` of all variables, in the order of the names.
        dtypes: `{name: dtype}`.
        by_objects: Whether it is of TensorFlow 2's `tf.train.Checkpoint`, which names objects and
            not variables.

    Raises:
        ValueError: `path` is no checkpoint. So said `Saver.restore`; `tf.train.load_checkpoint`
            raised `NotFoundError` for a prefix, and a `ValueError` for a directory.
        tf.errors.DataLossError: It is one that cannot be read, as in TensorFlow 1.
    """

    def __init__(self, path):
        self.path = _prefix(path)
        try:
            self._reader = tf.train.load_checkpoint(self.path)
        except UNREADABLE as error:
            raise _damaged(self.path, error) from error
        shapes = self._reader.get_variable_to_shape_map()
        self.by_objects = OBJECT_GRAPH in shapes
        self.shapes = {name: tuple(shapes[name]) for name in sorted(shapes)}
        self.dtypes = self._reader.get_variable_to_dtype_map()

    def read(self, name):
        """The array of a variable."""
        try:
            return np.asarray(self._reader.get_tensor(name))
        except UNREADABLE as error:
            raise _damaged(self.path, error) from error


def _prefix(path):
    """The prefix of an existing checkpoint."""
    given = pathlib.Path(path)
    if given.is_dir():
        return _latest(given)
    if FILE_OF_ONE.search(given.name):
        raise _no_checkpoint(path, f"write {FILE_OF_ONE.sub('', str(given))}")
    if not _exists(given):
        raise _no_checkpoint(path, f"there is no {given.name}.index")
    return str(given)


def _latest(directory):
    """The latest checkpoint of a directory, also of one that was moved since."""
    state = tf.train.get_checkpoint_state(str(directory))
    if state is not None:
        for latest in (state.model_checkpoint_path, pathlib.Path(state.model_checkpoint_path).name):
            if _exists(directory / latest):
                return str(directory / latest)
    there = sorted(path.stem for path in directory.glob("*.index"))
    reason = "the directory has no file `checkpoint` that names one of its own"
    raise _no_checkpoint(directory, f"{reason}; it holds {', '.join(there) or 'none'}")


def _exists(prefix):
    """Whether it is a checkpoint's; the first format had no `.index`."""
    return prefix.is_file() or prefix.with_name(f"{prefix.name}.index").is_file()


def _no_checkpoint(path, reason):
    return ValueError(
        "`path` must be a checkpoint: what stands before .index, or a directory of checkpoints; "
        f"{reason}. Received: path={str(path)!r}"
    )


def _damaged(path, error):
    reason = " ".join(str(error).split()).split("; perhaps")[0]
    return tf.errors.DataLossError(
        None, None, f"`path` must be a whole checkpoint. Received: path={path!r}: {reason}"
    )

"""Replaying what TensorFlow 1.15 recorded: its names, sizes and state order put into ours."""

import json

import numpy as np
import tensorflow as tf

from tfseq import cells

OPTIONS = {
    "num_units": "units",
    "num_proj": "projection_units",
    "proj_clip": "projection_clip",
    "residual_fn": "residual_function",
}
SCOPES = {cell: f"{name}_cell" for name, cell in cells.CELLS.items()}


class Recorded:
    """One case of an archive: `config`, and the arrays of each group.

    Args:
        archive: What `numpy.load` gives.
        case: Name of the case.
    """

    def __init__(self, archive, case):
        self.config = json.loads(str(archive[f"{case}/config"]))
        self._arrays = {
            key.removeprefix(f"{case}/"): archive[key]
            for key in archive.files
            if key.startswith(f"{case}/") and not key.endswith("/config")
        }

    def __contains__(self, path):
        return any(key == path or key.startswith(f"{path}/") for key in self._arrays)

    def __getitem__(self, path):
        """The array at a path, or the nest below it: `{"c": ..., "h": ...}`, a list, a tensor."""
        if path in self._arrays:
            return self._arrays[path]
        below = {key.removeprefix(f"{path}/") for key in self._arrays if key.startswith(f"{path}/")}
        names = sorted({key.split("/")[0] for key in below})
        return {name: self[f"{path}/{name}"] for name in names}

    def get(self, path):
        """What is at a path, or `None`."""
        return self[path] if path in self else None  # noqa: SIM401  (this is what `get` is)

    def group(self, path):
        """The flat dictionary below a path, such as the weights by TensorFlow 1's names."""
        prefix = f"{path}/"
        return {k.removeprefix(prefix): v for k, v in self._arrays.items() if k.startswith(prefix)}

    def states(self, path, state_size):
        """The states at a path in the structure of our cells."""
        found = self[path]
        if isinstance(found, np.ndarray) and len(tf.nest.flatten(state_size)) > 1:
            return split_states(found, state_size)
        return as_states(found)


def cases(archive):
    """Names of the cases of an archive."""
    return [key.removesuffix("/config") for key in archive.files if key.endswith("/config")]


def as_states(found):
    """TensorFlow 1's `(c, h)` to our `[h, c]`, its tuples to lists, its lone tensor to a list."""
    if isinstance(found, np.ndarray):
        return [found]
    if "c" in found:
        return [found["h"], found["c"]]
    return [as_states(found[name]) for name in sorted(found)]


def split_states(array, state_size):
    """What `state_is_tuple=False` joined on the last axis, `c` before `h`, cell after cell."""
    if isinstance(state_size[0], list):
        widths = [sum(tf.nest.flatten(size)) for size in state_size]
        parts = np.split(array, np.cumsum(widths)[:-1], axis=-1)
        return [split_states(p, size) for p, size in zip(parts, state_size, strict=True)]
    return np.split(array, np.cumsum(state_size[::-1])[:-1], axis=-1)[::-1]


def make_cell(spec, **keras_options):
    """A cell from a recorded `[name, units or inner cells, options]`."""
    name, argument, *rest = spec
    options = {OPTIONS.get(key, key): value for key, value in (rest[0] if rest else {}).items()}
    options.pop("state_is_tuple", None)
    if name == "MultiRNNCell":
        argument = [make_cell(inner) for inner in argument]
    elif isinstance(argument, list):
        argument = make_cell(argument)
    return getattr(cells, name)(argument, **options, **keras_options)


def variables(cell, scope=""):
    """The cell's weights by TensorFlow 1's names, with `_` for `/`."""
    if isinstance(cell, cells.MultiRNNCell):
        found = {}
        for layer, inner in enumerate(cell.cells):
            found |= variables(inner, f"{scope}multi_rnn_cell_cell_{layer}_")
        return found
    if isinstance(cell, cells.CellWrapper):
        return variables(cell.cell, scope)
    return {f"{scope}{SCOPES[type(cell)]}_{v.name}": v for v in cell.trainable_variables}


def assign(cell, recorded, depth, scope=""):
    """Build the cell and give it the recorded weights below a scope. All of them must fit."""
    cell.build((None, depth))
    weights = {
        key.removeprefix(scope).replace("/", "_"): value
        for key, value in recorded.group("weights").items()
        if key.startswith(scope)
    }
    own = variables(cell)
    assert set(own) == set(weights)
    for name, value in weights.items():
        own[name].assign(value)


def assert_weight_gradients(recorded, own, gradients, scope="", tolerance=1e-4):
    """Gradients, in the order of the variables `own` by name, agree with the recorded ones."""
    wanted = {
        key.removeprefix(scope).replace("/", "_"): value
        for key, value in recorded.group("grad/weights").items()
        if key.startswith(scope)
    }
    assert set(own) == set(wanted)
    for name, gradient in zip(own, gradients, strict=True):
        assert_near(gradient, wanted[name], tolerance)


def assert_near(found, wanted, tolerance=1e-5):
    """Two nests of the same structure agree, number by number."""
    tf.nest.assert_same_structure(
        tf.nest.map_structure(lambda x: 0, found), tf.nest.map_structure(lambda x: 0, wanted)
    )
    for a, b in zip(tf.nest.flatten(found), tf.nest.flatten(wanted), strict=True):
        assert tuple(a.shape) == tuple(b.shape)
        np.testing.assert_allclose(np.asarray(a), np.asarray(b), atol=tolerance, rtol=tolerance)


def weighted_sum(values, cotangents):
    """The recorded loss: the sum over all outputs of `sum(output * cotangent)`."""
    pairs = zip(tf.nest.flatten(values), tf.nest.flatten(cotangents), strict=True)
    return tf.add_n([tf.reduce_sum(value * cotangent) for value, cotangent in pairs])

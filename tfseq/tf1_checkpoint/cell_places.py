"""The weights of cells by TensorFlow 1's names, Keras's cells with their gates in its order."""

import dataclasses
from collections.abc import Callable, Mapping
from typing import Any

import keras

from tfseq import attention, cells, tf1
from tfseq.checkpoint import raw_variables, unnumbered
from tfseq.tf1.attention import LibraryMechanism
from tfseq.tf1.attention_wrapper import attention_variables
from tfseq.tf1.cells import snake_case
from tfseq.tf1_checkpoint import gates

KERAS_CELLS = (keras.layers.LSTMCell, keras.layers.GRUCell, keras.layers.SimpleRNNCell)
STACKS = (cells.MultiRNNCell, keras.layers.StackedRNNCells)
# Cells whose scope in TensorFlow 1 is not their own name, and those with another name in `tf1`.
SCOPES = {cells.WeightNormLSTMCell: "wn_lstm_cell"}
FACES = {cells.ResetAfterGRUCell: "CudnnCompatibleGRUCell"}


@dataclasses.dataclass(frozen=True, eq=False)
class Place:
    """Variables that are filled together.

    Attributes:
        scope: What stands before the names in `shapes`.
        shapes: `{TF1 name: shape}`, as TensorFlow 1 has them.
        variables: The variables that are filled.
        arrange: From `{TF1 name: array}` and a forget bias to an array for each variable.
        forget_bias: What the cell adds in its steps; `None`: nothing, or nothing that is known.
        folds: Whether the stored bias must hold the forget bias, as Keras's does.
    """

    scope: str
    shapes: Mapping[str, tuple[int, ...]]
    variables: tuple[Any, ...]
    arrange: Callable
    forget_bias: float | None = None
    folds: bool = False

    @property
    def names(self):
        """`{name in full: name in shapes}`."""
        return {f"{self.scope}{name}": name for name in self.shapes}


def plain(scope, name, variable, forget_bias=None):
    """A variable that takes an array as it is."""
    shapes = {name: tuple(variable.shape)}
    return Place(scope, shapes, (variable,), lambda arrays, _: [arrays[name]], forget_bias)


def of_cell(cell, scope=""):
    """Yields the places of a cell, ours or Keras's, and of all that it holds."""
    if isinstance(cell, STACKS):
        for layer, inner in enumerate(cell.cells):
            yield from of_cell(inner, f"{scope}multi_rnn_cell/cell_{layer}/")
    elif isinstance(cell, KERAS_CELLS):
        yield from _of_keras_cell(cell, scope)
    elif isinstance(cell, attention.AttentionWrapper):
        yield from _of_attention(cell, scope)
    elif isinstance(getattr(cell, "cell", None), keras.Layer):  # a wrapper
        scoped = getattr(_face(cell), "scoped", False)
        scope = f"{scope}{_scope(cell)}/" if scoped else scope
        yield from _own(cell, cell.cell.weights, scope)
        yield from of_cell(cell.cell, scope)
    elif any(True for layer in cell._flatten_layers(include_self=False)):
        yield from of_layer(cell, f"{scope}{_scope(cell)}/")
    else:
        yield from _own(cell, [], f"{scope}{_scope(cell)}/")


def of_layer(layer, scope=""):
    """Yields the places of any other layer: its weights by their paths below the layer's."""
    for name, variable in raw_variables(list(layer.weights)).items():
        yield plain(scope, name.rpartition(f"{unnumbered(layer.name)}/")[2], variable)


def _face(cell):
    """The class of `tfseq.tf1` for a cell; `None` for what TensorFlow 1 never had."""
    return getattr(tf1, FACES.get(type(cell), type(cell).__name__), None)


def _scope(cell):
    return SCOPES.get(type(cell), snake_case(FACES.get(type(cell), type(cell).__name__)))


def _own(cell, others, scope):
    """The weights of a cell that are not among others."""
    face, others = _face(cell), {id(variable) for variable in others}
    names = getattr(face, "names", {})
    if isinstance(cell, cells.GLSTMCell):
        names = tf1.GLSTMCell.names_for(cell.groups)
    for variable in cell.weights:
        if id(variable) not in others:
            name = names.get(variable.name, variable.name)
            yield plain(scope, name, variable, getattr(cell, "forget_bias", None))


def _of_attention(cell, scope):
    below = f"{scope}attention_wrapper/"
    if any(m.memory_layer is not None and not m.memory_layer.built for m in cell.mechanisms):
        return  # nothing was memorized yet
    faces = [LibraryMechanism(m, None, name=type(m).__name__) for m in cell.mechanisms]
    for name, variable in attention_variables(faces, cell.attention_layers, below).items():
        yield plain("" if name.startswith(below) else scope, name, variable)
    yield from of_cell(cell.cell, below)


def _of_keras_cell(cell, scope):
    if not cell.built:
        return
    if not cell.use_bias:
        raise ValueError(
            "`target` must have biases, as the cells of TensorFlow 1 have. "
            f"Received: target={cell!r} with use_bias=False"
        )
    depth, units = cell.kernel.shape[0], cell.units
    variables = (cell.kernel, cell.recurrent_kernel, cell.bias)
    kind, arrange, shapes = _keras_kind(cell, depth, units)
    folds = arrange is gates.lstm
    yield Place(f"{scope}{kind}_cell/", shapes, variables, arrange, folds=folds)


def _keras_kind(cell, depth, units):
    """`(scope in TensorFlow 1, conversion, {name: shape})` of one of Keras's cells."""
    joint = depth + units
    if isinstance(cell, keras.layers.LSTMCell):
        return "lstm", gates.lstm, {"kernel": (joint, 4 * units), "bias": (4 * units,)}
    if isinstance(cell, keras.layers.SimpleRNNCell):
        return "basic_rnn", gates.simple_rnn, {"kernel": (joint, units), "bias": (units,)}
    shapes = {"gates/kernel": (joint, 2 * units), "gates/bias": (2 * units,)}
    if not cell.reset_after:
        candidate = {"candidate/kernel": (joint, units), "candidate/bias": (units,)}
        return "gru", gates.gru, shapes | candidate
    for side, rows in (("input", depth), ("hidden", units)):
        shapes[f"candidate/{side}_projection/kernel"] = (rows, units)
        shapes[f"candidate/{side}_projection/bias"] = (units,)
    return "cudnn_compatible_gru", gates.reset_after_gru, shapes

"""What a cell of TensorFlow 1 is, and how a cell of `tfseq.cells` becomes one.

`output, new_state = cell(inputs, state)`, eagerly or in a `tf.function`. A cell makes its variables
when it is first called. The arithmetic is that of `tfseq.cells`; here are the conventions: the
structure of the states, `LSTMStateTuple(c, h)` and plain tensors, and the names of variables.
"""

import collections
import re

import tensorflow as tf

from tfseq import cells

LSTMStateTuple = collections.namedtuple("LSTMStateTuple", ["c", "h"])


class RNNCell(tf.Module):
    """A cell of TensorFlow 1. Subclass it as ever.

    A subclass has `state_size`, `output_size`, and `call(inputs, state)`, before which
    `build(inputs_shape)` is called once; or it has a `__call__(inputs, state, scope=None)` of its
    own. Weights are made with `add_weight` (or `add_variable`), in place of `tf.get_variable`.

    Args:
        trainable: Whether `add_weight` makes variables to be trained.
        name: Scope of the variables' names; by default from the name of the class.
        dtype: Of the variables; by default that of the first inputs.
    """

    built = False
    trainable = True
    dtype = None

    def __init__(self, trainable=True, name=None, dtype=None, _reuse=None, **kwargs):
        if kwargs:
            names = ", ".join(sorted(kwargs))
            raise TypeError(f"An argument must be one that the cell has. Received: {names}")
        super().__init__(name=name or snake_case(type(self).__name__))
        self.trainable = trainable
        self.dtype = None if dtype is None else tf.as_dtype(dtype)

    @property
    def state_size(self):
        """Integer, `TensorShape`, or a nest of them."""
        raise NotImplementedError("A cell must have `state_size`.")

    @property
    def output_size(self):
        """Integer, `TensorShape`, or a nest of them."""
        raise NotImplementedError("A cell must have `output_size`.")

    def build(self, inputs_shape):
        """Make the variables."""
        return  # a body for AutoGraph, which cannot convert a docstring alone

    def call(self, inputs, state):
        """One step: `(output, new_state)`."""
        raise NotImplementedError("A cell must define `call(inputs, state)`.")

    def __call__(self, inputs, state, scope=None, **kwargs):
        """One step. `scope` is taken and not used: names follow from the objects."""
        inputs = tf.nest.map_structure(tf.convert_to_tensor, inputs)
        self.ensure_built(inputs)
        return self.call(inputs, state, **kwargs)

    def ensure_built(self, inputs):
        """Make the variables, if they are not there, outside of any graph."""
        if self.built:
            return
        if self.dtype is None:
            floats = [x.dtype for x in tf.nest.flatten(inputs) if x.dtype.is_floating]
            self.dtype = floats[0] if floats else tf.float32
        with tf.init_scope():
            self.build(tf.nest.map_structure(lambda x: x.shape, inputs))
        self.built = True

    def zero_state(self, batch_size, dtype):
        """Zeros for each of `state_size`."""
        return tf.nest.map_structure(
            lambda size: tf.zeros([batch_size, *tf.TensorShape(size)], dtype), self.state_size
        )

    def get_initial_state(self, inputs=None, batch_size=None, dtype=None):
        """The state before the first step: `zero_state`, the batch and type of `inputs`."""
        if inputs is not None:
            inputs = tf.convert_to_tensor(inputs)
            batch_size, dtype = tf.shape(inputs)[0], inputs.dtype
        if batch_size is None or dtype is None:
            raise ValueError(
                "`batch_size` and `dtype` must be given, or `inputs`. "
                f"Received: batch_size={batch_size}, dtype={dtype}"
            )
        return self.zero_state(batch_size, dtype)

    def add_weight(self, name, shape, dtype=None, initializer=None, trainable=None, **kwargs):
        """Make a variable; without an `initializer` by Glorot's rule, as `tf.get_variable` did."""
        dtype = tf.as_dtype(dtype or self.dtype or tf.float32)
        initializer = initializer or tf.keras.initializers.GlorotUniform()
        trainable = self.trainable if trainable is None else trainable
        variable = tf.Variable(initializer(shape, dtype), trainable=trainable, name=name)
        vars(self).setdefault("_made", {})[name] = variable
        return variable

    def add_variable(self, name, shape, dtype=None, initializer=None, trainable=None, **kwargs):
        """An older name of `add_weight`."""
        return self.add_weight(name, shape, dtype, initializer, trainable, **kwargs)

    def named_variables(self):
        """`{TF1 name: variable}`, the names from this cell's own scope on."""
        return {f"{self.name}/{name}": v for name, v in vars(self).get("_made", {}).items()}


class LibraryCell(RNNCell):
    """A cell of `tfseq.cells` in TensorFlow 1's clothes.

    Args:
        cell: The cell of `tfseq.cells`.
        name: As for `RNNCell`.
        dtype: As for `RNNCell`.
        reuse: Taken, since code of TensorFlow 1 gives it; must not be true.
        **kwargs: `trainable`, as for `RNNCell`.

    Raises:
        TypeError: An argument that a cell does not have.
        ValueError: `reuse` is true.

    Attributes:
        names: From a name of a variable of `tfseq.cells` to that of TensorFlow 1, where the latter
            is another.
    """

    names: dict = {}

    def __init__(self, cell, name=None, dtype=None, reuse=None, **kwargs):
        if reuse:
            raise ValueError(
                "`reuse` is gone with variable scopes: call the same cell object again. "
                f"Received: reuse={reuse!r}"
            )
        super().__init__(name=name, dtype=dtype, **kwargs)
        self.cell = cell
        if not self.trainable:
            cell.trainable = False

    @property
    def variables(self):
        """All variables of the cell."""
        return tuple(self.named_variables().values())

    @property
    def trainable_variables(self):
        """Those to be trained: not those of a cell that was made with `trainable=False`."""
        frozen = {id(variable.value) for variable in self.cell.non_trainable_variables}
        return tuple(v for v in self.variables if v.trainable and id(v) not in frozen)

    @property
    def output_size(self):
        """What the cell has."""
        return self.cell.output_size

    @property
    def state_size(self):
        """What the cell has, in TensorFlow 1's structure."""
        return self.to_tf1(cells.base.state_structure(self.cell), sum)

    def build(self, inputs_shape):
        """Build the cell, in the type of the inputs."""
        if self.dtype != tf.float32:
            for layer in self.cell._flatten_layers():
                layer.dtype_policy = self.dtype.name
        self.cell.build(tf.nest.map_structure(tuple, inputs_shape))

    def call(self, inputs, state):
        """One step; TensorFlow 1's cells knew no inference, and always drop what they drop."""
        output, states = self.cell(inputs, self.from_tf1(state), training=True)
        return output, self.to_tf1(states)

    def from_tf1(self, state):
        """A state of TensorFlow 1 in the structure of `tfseq.cells`."""
        if tf.nest.is_nested(state):
            raise ValueError(
                f"The `state` of {type(self).__name__} must be one tensor. "
                f"Received: state={shown(state)}"
            )
        return [state]

    def to_tf1(self, states, join=None):
        """The reverse. `join` puts a list into one, by default tensors side by side."""
        (state,) = states
        return state

    def named_variables(self):
        """`{TF1 name: variable}`."""
        return {
            f"{self.name}/{self.names.get(variable.name, variable.name)}": variable.value
            for variable in self.cell.variables
        }


class LSTMLikeCell(LibraryCell):
    """A cell with the states `c` and `h`.

    Args:
        cell: The cell of `tfseq.cells`, with states `[h, c]`.
        state_is_tuple: Whether a state is `LSTMStateTuple(c, h)`, or `c` and `h` side by side.
        **kwargs: Those of `LibraryCell`.
    """

    def __init__(self, cell, state_is_tuple=True, **kwargs):
        super().__init__(cell, **kwargs)
        self.state_is_tuple = state_is_tuple

    def from_tf1(self, state):
        """`[h, c]`."""
        if not self.state_is_tuple:
            width = self.cell.state_size[1]
            return [state[:, width:], state[:, :width]]
        if not isinstance(state, (tuple, list)) or len(state) != 2:
            kind = ValueError if isinstance(state, (tuple, list)) else TypeError
            raise kind(
                f"The `state` of {type(self).__name__} must be LSTMStateTuple(c, h). "
                f"Received: state={shown(state)}"
            )
        c, h = state
        return [h, c]

    def to_tf1(self, states, join=None):
        """`(c, h)`."""
        h, c = states
        if self.state_is_tuple:
            return LSTMStateTuple(c, h)
        return (join or side_by_side)([c, h])


def shown(state):
    """A state for a message: the shapes of what it holds."""
    return tf.nest.map_structure(lambda x: getattr(x, "shape", x), state)


def side_by_side(tensors):
    """Tensors joined on the last axis."""
    return tf.concat(tensors, axis=-1)


def snake_case(name):
    """`BasicLSTMCell` -> `basic_lstm_cell`, as TensorFlow 1 named scopes."""
    name = re.sub(r"(.)([A-Z][a-z0-9]+)", r"\1_\2", name)
    return re.sub(r"([a-z])([A-Z])", r"\1_\2", name).lower()


def options(**values):
    """Options that are given: those of TensorFlow 1 that stand for a default are `None`."""
    return {name: value for name, value in values.items() if value is not None}


def variables_by_name(obj):
    """`{TF1 name: variable}`, the names from the object's own scope on.

    Args:
        obj: A cell, a wrapper, a mechanism or a decoder of this package; it has its variables once
            it was called.
    """
    if hasattr(obj, "named_variables"):
        return obj.named_variables()
    found = getattr(obj, "variables", ())
    return {v.name.removesuffix(":0"): getattr(v, "value", v) for v in found}

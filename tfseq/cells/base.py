"""What a cell is: one step of a recurrent network; and what treats all cells alike.

A cell is a Keras layer with `state_size`, `output_size`, `get_initial_state(batch_size)` and

    call(inputs, states, training=False) -> (output, new_states)

**The rule of states.** `states` is a nest of tensors with the structure of `state_size`, and
`new_states` is the same nest. A cell with a single state has a list of one: `[hidden]`, sizes
`[units]`. A bare integer as `state_size`, which Keras's own cells have, stands for such a list. So
cells of both kinds run in `keras.layers.RNN`, in `tfseq.RNN`, in stacks and in wrappers.

A cell whose `call` also takes `memory` (what a decoder may look at) is handed it by the loop at
every step.
"""

import inspect

import keras
from keras import ops


class RNNCell(keras.Layer):
    """One step of a recurrent network. Subclass it to write a cell of your own.

    A subclass has `state_size`, `output_size`, `build(inputs_shape)` and `call`. It can be saved
    without a `get_config` of its own when each argument of its constructor is kept, as it came, in
    an attribute of the same name, and the class is registered:

        @keras.saving.register_keras_serializable("mine")
        class LeakyCell(RNNCell):
            def __init__(self, units, leak=0.1, **kwargs):
                super().__init__(**kwargs)
                self.units = units
                self.leak = leak

    A cell may know a faster way through a whole sequence than step by step, which `tfseq.RNN` then
    takes. It has two more methods:

        obstacle(training) -> what is in the way of it with the options that it has, in words; or ""
        unroll(inputs, states, mask, memory, training) -> (outputs, new_states)

    `inputs` and `outputs` are `[time, batch, ...]`, `mask` is boolean `[time, batch]` or `None`.
    Where it is `False` the states stay; what the outputs are there does not matter.

    Attributes:
        state_size: Integer or nest of integers, one for each state tensor.
        output_size: Integer or nest of integers.
        state_is_carry: Nest like `state_size`: `True` for a state that only the cell itself reads,
            such as the `c` of an LSTM. Dropout on states leaves it alone.
    """

    @property
    def state_is_carry(self):
        """By default no state is an inner one."""
        return keras.tree.map_structure(lambda size: False, self.state_size)

    def get_initial_state(self, batch_size=None):
        """Zeros, `[batch_size, size]` for each size in `state_size`."""
        return keras.tree.pack_sequence_as(
            state_structure(self),
            [
                ops.zeros((batch_size, size), dtype=self.compute_dtype)
                for size in keras.tree.flatten(self.state_size)
            ],
        )

    def start_sequence(self):
        """Draw what holds for a whole sequence, such as a variational dropout mask.

        The loops of tfseq call it once before the first step of each training sequence. A cell
        around other cells hands it on; most cells have nothing to draw.
        """
        return  # a body for AutoGraph, which cannot convert a docstring alone

    def get_config(self):
        """The constructor's arguments, read from the attributes of the same names."""
        config = super().get_config()
        for name in _constructor_arguments(type(self)):
            if not hasattr(self, name):
                raise AttributeError(
                    f"To be saved, {type(self).__name__} must keep `{name}`, an argument of its "
                    "constructor, in an attribute of that name, or have its own `get_config`."
                )
            config[name] = keras.saving.serialize_keras_object(getattr(self, name))
        return config

    @classmethod
    def from_config(cls, config):
        """The reverse of `get_config`."""
        return cls(**{k: keras.saving.deserialize_keras_object(v) for k, v in config.items()})


def _constructor_arguments(cell_class):
    """Names of the constructor's arguments, those handed on to a parent as `**kwargs` included."""
    names = []
    for parent in cell_class.__mro__[: cell_class.__mro__.index(RNNCell)]:
        if "__init__" in vars(parent):
            parameters = inspect.signature(parent.__init__).parameters.values()
            names += [p.name for p in list(parameters)[1:] if p.kind is not p.VAR_KEYWORD]
            if not any(p.kind is p.VAR_KEYWORD for p in parameters):
                break
    return names


def check_cell(cell):
    """Refuse what is not a cell, and say what is missing."""
    required = ("call", "state_size", "output_size", "get_initial_state")
    missing = [name for name in required if not hasattr(cell, name)]
    if missing:
        raise ValueError(
            f"`cell` must have {', '.join(required)}: subclass `tfseq.cells.RNNCell`. "
            f"Received: cell={cell!r}, without {', '.join(missing)}"
        )
    return cell


def check_units(units, name="units"):
    """Refuse a width that is not a positive integer."""
    if isinstance(units, bool) or not isinstance(units, int) or units < 1:
        raise ValueError(f"`{name}` must be a positive integer. Received: {name}={units!r}")
    return units


def check_rate(rate, name="rate"):
    """Refuse a probability to drop outside [0, 1). What a function gives is not known yet."""
    if not callable(rate) and not 0.0 <= rate < 1.0:
        raise ValueError(
            f"`{name}` is the probability to drop, at least 0 and below 1. "
            f"Received: {name}={rate!r}"
        )
    return rate


def build_cell(cell, inputs_shape):
    """Build an inner cell, once: a model that is loaded builds inner cells before outer ones."""
    if not cell.built:
        cell.build(inputs_shape)


def step(cell, inputs, states, memory=None, training=False):
    """One step of any cell, ours or Keras's: `(outputs, new_states)`, the states in the old nest.

    A `memory` is handed to a cell whose `call` takes one.
    """
    arguments = {} if memory is None or not takes_memory(cell) else {"memory": memory}
    outputs, new_states = cell(inputs, states, training=training, **arguments)
    return outputs, keras.tree.pack_sequence_as(states, keras.tree.flatten(new_states))


def obstacle(cell, training=False):
    """Why a cell must go step by step, in words; "" if it knows a way through a whole sequence.

    That way equals its steps; see `RNNCell`. A class that has a `call` of its own (or `advance`, of
    which a `ProductCell`'s is made) and inherits `unroll` has none: its steps are others.
    """
    for parent in type(cell).__mro__:
        if "unroll" in vars(parent):
            return cell.obstacle(training)
        if {"call", "advance"} & vars(parent).keys():
            break
    return f"{type(cell).__name__} knows single steps only"


def takes_memory(cell):
    """Whether the cell's `call` has an argument `memory`."""
    return "memory" in inspect.signature(cell.call).parameters


def initial_states(cell, batch_size, memory=None):
    """The states of any cell before its first step.

    A `memory` is handed to a cell whose `get_initial_state` takes one, since the states of a cell
    that attends are as long as the source.
    """
    takes = "memory" in inspect.signature(cell.get_initial_state).parameters
    arguments = {"memory": memory} if takes and memory is not None else {}
    return cell.get_initial_state(batch_size=batch_size, **arguments)


def state_structure(cell):
    """The nest of a cell's states with sizes as leaves: `state_size`, an integer in a list."""
    size = cell.state_size
    if not keras.tree.is_nested(size):
        return [size]
    # A list held by a Keras layer is of a class of its own, which `keras.tree` tells from a list.
    return list(size) if isinstance(size, list) else size


def carries(cell):
    """For each state tensor of any cell, in flat order, what `state_is_carry` says of it."""
    if isinstance(cell, keras.layers.StackedRNNCells):
        return [flag for inner in cell.cells for flag in carries(inner)]
    if isinstance(cell, keras.layers.LSTMCell):
        return [False, True]
    if hasattr(cell, "state_is_carry"):
        return keras.tree.flatten(cell.state_is_carry)
    return [False] * len(keras.tree.flatten(cell.state_size))

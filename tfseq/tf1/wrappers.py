"""TensorFlow 1's stacks and wrappers without weights, around its cells or your own.

Those with weights are in `tfseq.tf1.weighted_wrappers`.
"""

import tensorflow as tf

from tfseq import cells as tfseq_cells
from tfseq.tf1.cells import LibraryCell, RNNCell, shown, side_by_side, variables_by_name
from tfseq.tf1.dropout import FilteredDropout, rate_of


class AnyCell:
    """A cell of TensorFlow 1's kind, your own for one, in the protocol of `tfseq.cells`.

    States keep the structure that the cell gives them.

    Args:
        cell: Any object with `state_size`, `output_size` and `__call__(inputs, state)`.
    """

    built = True  # the cell builds itself

    def __init__(self, cell):
        self.tf1_cell = cell
        self.call = self.__call__

    @property
    def compute_dtype(self):
        """That of the cell's variables."""
        return (getattr(self.tf1_cell, "dtype", None) or tf.float32).name

    @property
    def state_size(self):
        """What the cell has, one size in a list."""
        size = self.tf1_cell.state_size
        return size if tf.nest.is_nested(size) else [size]

    @property
    def output_size(self):
        """What the cell has."""
        return self.tf1_cell.output_size

    @property
    def state_is_carry(self):
        """The `c` of an `LSTMStateTuple`, or of what is like it, is never dropped."""
        return _carries(self.state_size)

    def get_initial_state(self, batch_size=None):
        """Zeros."""
        return self._to(self.tf1_cell.zero_state(batch_size, self.compute_dtype))

    def __call__(self, inputs, states, training=False):
        """One step."""
        output, new_state = self.tf1_cell(inputs, states[0] if self._is_alone() else states)
        return output, self._to(new_state)

    def _is_alone(self):
        return not tf.nest.is_nested(self.tf1_cell.state_size)

    def _to(self, state):
        return [state] if self._is_alone() else state


def _carries(size):
    if not tf.nest.is_nested(size):
        return False
    if hasattr(size, "_fields") and set(size._fields) == {"c", "h"}:
        return type(size)(c=True, h=False)
    return tf.nest.map_structure(lambda _: False, size) if _is_flat(size) else _each(size)


def _is_flat(size):
    return not any(tf.nest.is_nested(part) for part in size)


def _each(size):
    parts = [_carries(part) for part in size]
    return type(size)(*parts) if hasattr(size, "_fields") else type(size)(parts)


def as_library(cell):
    """A cell of TensorFlow 1's kind as one of `tfseq.cells`."""
    if isinstance(cell, LibraryCell):
        return cell.cell
    needed = ("state_size", "output_size", "__call__")
    if isinstance(cell, type) or not all(hasattr(cell, name) for name in needed):
        raise TypeError(
            "The argument `cell` is not an RNNCell: it needs `state_size`, `output_size` and "
            f"`__call__(inputs, state)`. Received: cell={cell!r}"
        )
    return AnyCell(cell)


def states_to_library(cell, state):
    """The state of a cell of TensorFlow 1's kind for `as_library(cell)`."""
    if isinstance(cell, LibraryCell):
        return cell.from_tf1(state)
    return state if tf.nest.is_nested(cell.state_size) else [state]


def states_to_tf1(cell, states, join=None):
    """The reverse of `states_to_library`."""
    if isinstance(cell, LibraryCell):
        return cell.to_tf1(states, join)
    return states if tf.nest.is_nested(cell.state_size) else states[0]


def names_within(cell, scope=""):
    """The variables of an inner cell, by name."""
    return {f"{scope}{name}": v for name, v in variables_by_name(cell).items()}


class MultiRNNCell(LibraryCell):
    """`tf.nn.rnn_cell.MultiRNNCell`: cells on top of each other.

    Args:
        cells: The cells, lowest first, each an object of its own.
        state_is_tuple: Whether a state is a tuple of the cells' states, or all of them side by
            side.

    Raises:
        TypeError: `cells` is no list, or holds what is no cell.
        ValueError: A cell that stands in it twice.

    Source: `MultiRNNCell` in TensorFlow 1.15; see `tfseq.cells.MultiRNNCell`.
    """

    def __init__(self, cells, state_is_tuple=True):
        if not isinstance(cells, (list, tuple)):
            raise TypeError(f"`cells` must be a list or tuple. Received: cells={cells!r}")
        library = {id(cell): as_library(cell) for cell in cells}
        super().__init__(tfseq_cells.MultiRNNCell([library[id(cell)] for cell in cells]))
        self._inner = list(cells)
        self.state_is_tuple = state_is_tuple

    def from_tf1(self, state):
        """The list of the cells' states."""
        if not self.state_is_tuple:
            widths = [sum(tf.nest.flatten(cell.state_size)) for cell in self._inner]
            state = tf.split(state, widths, axis=-1)
        elif not isinstance(state, (tuple, list)) or len(state) != len(self._inner):
            raise ValueError(
                f"`state` must be a tuple of length {len(self._inner)}, one for each cell. "
                f"Received: state={shown(state)}"
            )
        pairs = zip(self._inner, state, strict=True)
        return [states_to_library(cell, own) for cell, own in pairs]

    def to_tf1(self, states, join=None):
        """The tuple of the cells' states."""
        pairs = zip(self._inner, states, strict=True)
        parts = tuple(states_to_tf1(cell, own, join) for cell, own in pairs)
        return parts if self.state_is_tuple else (join or side_by_side)(parts)

    def named_variables(self):
        """`multi_rnn_cell/cell_<i>/...`."""
        return {
            name: variable
            for position, cell in enumerate(self._inner)
            for name, variable in names_within(cell, f"{self.name}/cell_{position}/").items()
        }


class CellWrapper(LibraryCell):
    """A wrapper: the state of the inner cell, and its variables' names.

    Args:
        wrapper: The wrapper of `tfseq.cells`.
        inner: The inner cell as it was given.
    """

    def __init__(self, wrapper, inner, **kwargs):
        super().__init__(wrapper, **kwargs)
        self._inner = inner

    def from_tf1(self, state):
        """As the inner cell has it."""
        return states_to_library(self._inner, state)

    def to_tf1(self, states, join=None):
        """As the inner cell has it."""
        return states_to_tf1(self._inner, states, join)

    scoped = False  # whether the inner cell's names stand below the wrapper's

    def named_variables(self):
        """The wrapper's own, and the inner cell's."""
        inner = {id(v) for v in getattr(self.cell.cell, "variables", ())}
        scope = f"{self.name}/" if self.scoped else ""
        own = {
            f"{scope}{self.names.get(v.name, v.name)}": v.value
            for v in self.cell.variables
            if id(v) not in inner
        }
        own = {name: v for name, v in own.items() if not name.endswith("seed_generator_state")}
        return {**own, **names_within(self._inner, scope)}


class DropoutWrapper(CellWrapper):
    """`tf.nn.rnn_cell.DropoutWrapper`: it always drops, as TensorFlow 1's did.

    With `variational_recurrent` one mask holds for all steps and all rows, drawn with each
    `zero_state` and each loop.

    Args:
        cell: The inner cell.
        input_keep_prob: Probability to keep an entry of the inputs; a number, or a tensor or
            `tf.Variable`, which is read at each step.
        output_keep_prob: The same for the output.
        state_keep_prob: The same for the state.
        variational_recurrent: See above.
        input_size: Taken and not used: the shape is known when a mask is drawn.
        dtype: As for `RNNCell`.
        seed: For the draws.
        dropout_state_filter_visitor: From a state, or a part of it, to whether it is dropped, one
            boolean or one for each part; by default all but the `c` of an LSTM.

    Raises:
        TypeError: A `dropout_state_filter_visitor` that cannot be called.
        ValueError: A number that is no probability to keep something.
    """

    def __init__(
        self,
        cell,
        input_keep_prob=1.0,
        output_keep_prob=1.0,
        state_keep_prob=1.0,
        variational_recurrent=False,
        input_size=None,
        dtype=None,
        seed=None,
        dropout_state_filter_visitor=None,
    ):
        wrapper = FilteredDropout(
            as_library(cell),
            rate_of(input_keep_prob, "input_keep_prob"),
            rate_of(state_keep_prob, "state_keep_prob"),
            rate_of(output_keep_prob, "output_keep_prob"),
            variational_recurrent,
            shared_mask=variational_recurrent,
            seed=seed,
        )
        super().__init__(wrapper, cell, dtype=dtype)
        if dropout_state_filter_visitor is not None:
            wrapper.keep_states(dropout_state_filter_visitor, cell, self.from_tf1)

    def zero_state(self, batch_size, dtype):
        """Zeros, and new masks."""
        self.cell.start_sequence()
        return super().zero_state(batch_size, dtype)


class ResidualWrapper(CellWrapper):
    """`tf.nn.rnn_cell.ResidualWrapper`; see `tfseq.cells.ResidualWrapper`.

    Args:
        cell: The inner cell.
        residual_fn: `f(inputs, output)`, what comes out; by default their sum.
    """

    def __init__(self, cell, residual_fn=None):
        super().__init__(tfseq_cells.ResidualWrapper(as_library(cell), residual_fn), cell)


class DeviceWrapper(RNNCell):
    """`tf.nn.rnn_cell.DeviceWrapper`: the cell's steps on a device.

    Args:
        cell: The inner cell.
        device: Such as `"/gpu:0"`, or a function, as `tf.device` takes it.
    """

    def __init__(self, cell, device):
        super().__init__()
        self._inner = cell
        self._device = device

    @property
    def state_size(self):
        """As the inner cell has it."""
        return self._inner.state_size

    @property
    def output_size(self):
        """As the inner cell has it."""
        return self._inner.output_size

    def call(self, inputs, state):
        """One step."""
        with tf.device(self._device):
            return self._inner(inputs, state)

    def named_variables(self):
        """The inner cell's."""
        return variables_by_name(self._inner)

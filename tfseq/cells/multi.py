"""Cells on top of each other."""

import functools

import keras

from tfseq.cells.ahead import ahead_obstacle
from tfseq.cells.base import (
    RNNCell,
    build_cell,
    carries,
    check_cell,
    initial_states,
    obstacle,
    state_structure,
    step,
)


@keras.saving.register_keras_serializable("tfseq")
class MultiRNNCell(RNNCell):
    """A stack of cells, each fed the output of the one below.

    Args:
        cells: The cells, lowest first: ours, Keras's or your own. Each is an object of its own.

    Call arguments:
        inputs: `[batch, depth]`.
        states: A list with the states of each cell, also for a stack of one: `[[h, c], [h, c]]`.
        memory: Handed to the cells that take one.

    Raises:
        ValueError: `cells` is empty, or holds an object twice.
    """

    def __init__(self, cells, **kwargs):
        super().__init__(**kwargs)
        if not isinstance(cells, (list, tuple)) or not cells:
            raise ValueError(
                f"`cells` must be a list of at least one cell. Received: cells={cells!r}"
            )
        for position, cell in enumerate(cells):
            check_cell(cell)
            first = [id(other) for other in cells].index(id(cell))
            if first != position:
                raise ValueError(
                    "`cells` must be different objects, each with weights of its own: write "
                    f"[{type(cell).__name__}(...) for _ in range({len(cells)})], "
                    f"not [cell] * {len(cells)}. "
                    f"Received: the same object at positions {first} and {position}"
                )
        self.cells = list(cells)

    @property
    def state_size(self):
        """The sizes of each cell's states."""
        return [state_structure(cell) for cell in self.cells]

    @property
    def output_size(self):
        """What the highest cell gives."""
        return self.cells[-1].output_size

    @property
    def state_is_carry(self):
        """What each cell says of its states."""
        return [carries(cell) for cell in self.cells]

    def get_initial_state(self, batch_size=None, memory=None):
        """The initial states of each cell."""
        return [initial_states(cell, batch_size, memory) for cell in self.cells]

    def start_sequence(self):
        """Handed on to each cell."""
        for cell in self.cells:
            if hasattr(cell, "start_sequence"):
                cell.start_sequence()

    def build(self, inputs_shape):
        """Build each cell on the output of the one below."""
        for cell in self.cells:
            build_cell(cell, inputs_shape)
            inputs_shape = (inputs_shape[0], cell.output_size)

    def call(self, inputs, states, memory=None, training=False):
        """One step of each cell, from the lowest to the highest."""
        new_states = []
        for cell, old in zip(self.cells, states, strict=True):
            inputs, new = step(cell, inputs, old, memory=memory, training=training)
            new_states.append(new)
        return inputs, new_states

    def obstacle(self, training=False):
        """What is in the way of the lowest cell that has something in the way."""
        return self._first_obstacle(functools.partial(obstacle, training=training))

    def _first_obstacle(self, obstacle):
        for layer, cell in enumerate(self.cells):
            reason = obstacle(cell)
            if reason:
                return f"layer {layer}: {reason}"
        return ""

    def unroll(self, inputs, states, mask=None, memory=None, training=False):
        """A whole sequence of each cell, from the lowest to the highest."""
        new_states = []
        for cell, old in zip(self.cells, states, strict=True):
            inputs, new = cell.unroll(inputs, old, mask, memory=memory, training=training)
            new_states.append(new)
        return inputs, new_states

    def loop_obstacle(self):
        """What is in the way of the lowest cell that has something in the way."""
        return self._first_obstacle(ahead_obstacle)

    def loop_weights(self):
        """Those of each cell."""
        return [cell.loop_weights() for cell in self.cells]

    def loop_inputs(self, weights, inputs, last=False):
        """What they add in the lowest cell."""
        return self.cells[0].loop_inputs(weights[0], inputs, last)

    def loop_step(self, weights, added, states, memory=None):
        """One step of each cell, from what the inputs add in the lowest."""
        new_states, output = [], None
        for layer, (cell, own, old) in enumerate(zip(self.cells, weights, states, strict=True)):
            if layer:
                added = cell.loop_inputs(own, output)
            output, new = cell.loop_step(own, added, old, memory)
            new_states.append(new)
        return output, new_states

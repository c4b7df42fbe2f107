"""What cells that attend have in common."""

from typing import Any

import keras
from keras import ops

from tfseq.attention.mechanism import AttentionState, Memory
from tfseq.cells.base import (
    RNNCell,
    build_cell,
    carries,
    initial_states,
    state_structure,
)


class AttendingCell(RNNCell):
    """A cell that looks at a memory at each step; its states are an `AttentionState`.

    A subclass has `build`, `call`, and these attributes:

    Attributes:
        mechanism: An `AttentionMechanism`, or a list of several, each with a memory of its own.
        cells: The cells inside. The states are those of the first.
        attention_size: Width of the attention; `None` before the mechanism has made a memory.
    """

    mechanism: Any = None
    cells: Any = ()
    attention_size: Any = None

    @property
    def has_several(self):
        """Whether `mechanism` is a list."""
        return isinstance(self.mechanism, (list, tuple))

    @property
    def mechanisms(self):
        """All mechanisms."""
        return list(self.mechanism) if self.has_several else [self.mechanism]

    @property
    def state_size(self):
        """An `AttentionState` of sizes. The weights have `None`: they are as long as the source."""
        lengths = self.pack([None for _ in self.mechanisms])
        return AttentionState(state_structure(self.cells[0]), self.attention_size, lengths)

    @property
    def state_is_carry(self):
        """What the inner cell says of its states; the weights are the mechanism's own."""
        return AttentionState(
            carries(self.cells[0]), False, self.pack([True for _ in self.mechanisms])
        )

    def pack(self, items):
        """From a list, one item for each mechanism, to one item or a tuple of several."""
        return tuple(items) if self.has_several else items[0]

    def unpack(self, items, name):
        """The reverse of `pack`."""
        if not self.has_several:
            return [items]
        if isinstance(items, Memory) or len(items) != len(self.mechanism):
            raise ValueError(
                f"`{name}` must be a tuple of one for each of the {len(self.mechanism)} "
                f"mechanisms. Received: {name}={items!r}"
            )
        return list(items)

    def memories(self, memory):
        """A `Memory` for each mechanism."""
        if memory is None:
            raise ValueError(
                "`memory` must be given to a cell that attends: what `mechanism.memorize` "
                "returned. Received: memory=None"
            )
        return [Memory(*own) for own in self.unpack(memory, "memory")]

    def start(self, cell_states, memory):
        """The states before the first step, from given states of the inner cell.

        Args:
            cell_states: Nest of `[rows, size]`, such as the last states of an encoder.
            memory: The memory, or a tuple of one for each mechanism.

        Returns:
            An `AttentionState`: nothing attended to yet, and the first weights of the mechanism.
        """
        rows = ops.shape(keras.tree.flatten(cell_states)[0])[0]
        weights = [
            mechanism.initial_weights(rows, own)
            for mechanism, own in zip(self.mechanisms, self.memories(memory), strict=True)
        ]
        attention = ops.zeros((rows, self.attention_size), dtype=self.compute_dtype)
        return AttentionState(cell_states, attention, self.pack(weights))

    def get_initial_state(self, batch_size=None, memory=None):
        """`start` from the initial states of the inner cell; by default a row for each source."""
        if batch_size is None:
            batch_size = ops.shape(self.memories(memory)[0].keys)[0]
        return self.start(initial_states(self.cells[0], batch_size), memory)

    def start_sequence(self):
        """Handed on to the inner cells."""
        for cell in self.cells:
            if hasattr(cell, "start_sequence"):
                cell.start_sequence()

    def build_mechanisms(self, query_shape):
        """Build the mechanisms on their queries."""
        for mechanism in self.mechanisms:
            if mechanism.depth is None:
                raise ValueError(
                    f"{type(self).__name__} is built after its mechanism has made a memory, whose "
                    "depth it needs: call `mechanism.memorize(values, mask)` first."
                )
            build_cell(mechanism, query_shape)

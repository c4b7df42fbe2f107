"""TensorFlow 1's wrappers with weights of their own: those of `tf.contrib.rnn`."""

import keras
import tensorflow as tf

from tfseq import cells
from tfseq.tf1.cells import options, side_by_side
from tfseq.tf1.wrappers import CellWrapper, as_library, states_to_library, states_to_tf1


class HighwayWrapper(CellWrapper):
    """`tf.contrib.rnn.HighwayWrapper`; the equation is in `tfseq.cells.HighwayWrapper`.

    Args:
        cell: The inner cell.
        couple_carry_transform_gates: Whether what is carried and what is new make up one.
        carry_bias_init: What the bias of the carry gate starts with.
    """

    def __init__(self, cell, couple_carry_transform_gates=True, carry_bias_init=1.0):
        wrapper = cells.HighwayWrapper(
            as_library(cell), couple_carry_transform_gates, carry_bias_init
        )
        super().__init__(wrapper, cell)


class InputProjectionWrapper(CellWrapper):
    """`tf.contrib.rnn.InputProjectionWrapper`; see `tfseq.cells.InputProjectionWrapper`.

    Args:
        cell: The inner cell.
        num_proj: Width of what the cell is fed.
        activation: Of the projection; `None`: none.
        input_size: Taken and not used, as in TensorFlow 1.
        reuse: As for `LibraryCell`.
    """

    scoped = True

    def __init__(self, cell, num_proj, activation=None, input_size=None, reuse=None):
        wrapper = cells.InputProjectionWrapper(as_library(cell), num_proj, activation)
        super().__init__(wrapper, cell, reuse=reuse)


class OutputProjectionWrapper(CellWrapper):
    """`tf.contrib.rnn.OutputProjectionWrapper`; see `tfseq.cells.OutputProjectionWrapper`.

    Args:
        cell: The inner cell.
        output_size: Width of the output.
        activation: Of the projection; `None`: none.
        reuse: As for `LibraryCell`.
    """

    scoped = True

    def __init__(self, cell, output_size, activation=None, reuse=None):
        wrapper = cells.OutputProjectionWrapper(as_library(cell), output_size, activation)
        super().__init__(wrapper, cell, reuse=reuse)


class EmbeddingWrapper(CellWrapper):
    """`tf.contrib.rnn.EmbeddingWrapper`; see `tfseq.cells.EmbeddingWrapper`.

    Args:
        cell: The inner cell.
        embedding_classes: How many ids there are.
        embedding_size: Width of their vectors.
        initializer: For the vectors; `None`: uniform within the square root of 3.
        reuse: As for `LibraryCell`.
    """

    scoped = True

    def __init__(self, cell, embedding_classes, embedding_size, initializer=None, reuse=None):
        wrapper = cells.EmbeddingWrapper(
            as_library(cell), embedding_classes, embedding_size, initializer
        )
        super().__init__(wrapper, cell, reuse=reuse)


class AttentionCellWrapper(CellWrapper):
    """`tf.contrib.rnn.AttentionCellWrapper`; see `tfseq.cells.AttentionCellWrapper`.

    Args:
        cell: The inner cell.
        attn_length: How many of its own past states it looks at.
        attn_size: Width of what it attends to; `None`: that of the output.
        attn_vec_size: Width in which state and past are compared; likewise.
        input_size: Width of what the cell is fed; `None`: that of the inputs.
        state_is_tuple: Whether a state is a tuple of three, or all of it side by side.
        reuse: As for `LibraryCell`.
    """

    scoped = True
    names = {
        **{
            f"{layer}_{kind}": f"{layer}/{kind}"
            for layer in ("attention", "attn_output_projection")
            for kind in ("kernel", "bias")
        },
        "attention_attn_w": "attention/attn_w",
        "attention_attn_v": "attention/attn_v",
    }

    def __init__(
        self,
        cell,
        attn_length,
        attn_size=None,
        attn_vec_size=None,
        input_size=None,
        state_is_tuple=True,
        reuse=None,
    ):
        given = options(units=attn_size, attention_units=attn_vec_size, input_units=input_size)
        wrapper = cells.AttentionCellWrapper(as_library(cell), attn_length, **given)
        super().__init__(wrapper, cell, reuse=reuse)
        self.state_is_tuple = state_is_tuple

    def from_tf1(self, state):
        """`[cell's states, a, past]`."""
        if not self.state_is_tuple:
            widths = [sum(keras.tree.flatten(size)) for size in self.cell.state_size]
            state = tf.split(state, widths, axis=-1)
        own, *others = state
        return [states_to_library(self._inner, own), *others]

    def to_tf1(self, states, join=None):
        """`(cell's state, a, past)`."""
        own, *others = states
        parts = (states_to_tf1(self._inner, own, join), *others)
        return parts if self.state_is_tuple else (join or side_by_side)(parts)

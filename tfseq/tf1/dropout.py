"""What TensorFlow 1's `DropoutWrapper` could and `tfseq.cells.DropoutWrapper` is not asked for."""

from typing import Any

import keras
import tensorflow as tf

from tfseq import cells


def rate_of(keep_prob, name) -> Any:
    """The probability to drop: a number, or a function that reads a tensor or a variable."""
    if tf.is_tensor(keep_prob) or isinstance(keep_prob, (tf.Variable, keras.Variable)):
        return lambda: 1 - tf.convert_to_tensor(keep_prob)
    if not 0.0 < keep_prob <= 1.0:
        raise ValueError(
            f"`{name}` must be a probability to keep, above 0 and at most 1. "
            f"Received: {name}={keep_prob!r}"
        )
    return 1 - keep_prob


class FilteredDropout(cells.DropoutWrapper):
    """Dropout with a function that says which states are dropped."""

    _kept = None

    def keep_states(self, visitor, cell, from_tf1):
        """Keep what `visitor` refuses.

        Args:
            visitor: From a state, or a part of it, to a boolean, or to one for each part.
            cell: The cell of TensorFlow 1's kind inside.
            from_tf1: From the structure of its state to that of `tfseq.cells`.

        Raises:
            TypeError: A `visitor` that cannot be called.
        """
        if not callable(visitor):
            raise TypeError(
                "`dropout_state_filter_visitor` must be callable. "
                f"Received: dropout_state_filter_visitor={visitor!r}"
            )
        kept = _refused(visitor, cell.zero_state(1, tf.float32))
        self._kept = keras.tree.flatten(from_tf1(kept))

    def kept_states(self):
        """What the function refuses, or what the inner cell says."""
        return super().kept_states() if self._kept is None else self._kept


def _refused(visitor, state):
    """A nest of booleans like `state`: what is not to be dropped."""
    found = visitor(state)
    if not tf.nest.is_nested(state):
        return not found
    parts = list(found) if tf.nest.is_nested(found) else [found] * len(state)
    refused = [
        _refused(visitor, part) if is_dropped else tf.nest.map_structure(lambda _: True, part)
        for is_dropped, part in zip(parts, state, strict=True)
    ]
    return type(state)(*refused) if hasattr(state, "_fields") else type(state)(refused)

"""Zoneout: in training, some units keep their old state."""

import keras
from keras import ops

from tfseq.cells.base import carries, check_rate, step
from tfseq.cells.wrappers import CellWrapper


@keras.saving.register_keras_serializable("tfseq")
class ZoneoutWrapper(CellWrapper):
    """Some units, drawn at each step, keep their old state; otherwise all keep a part of it.

        s' -> m * s + (1 - m) * s'            in training, m drawn, one with probability `rate`
        s' -> rate * s + (1 - rate) * s'      else

    An output that is one of the states follows it.

    Args:
        cell: The inner cell.
        state_rate: Probability to keep an entry of a state that is shown, such as `h`.
        carry_rate: The same for what only the cell itself reads, such as the `c` of an LSTM.
        seed: For the draws.

    Reference: Krueger et al., 2017, arXiv:1606.01305.
    """

    def __init__(self, cell, state_rate=0.0, carry_rate=0.0, seed=None, **kwargs):
        super().__init__(cell, **kwargs)
        self.state_rate = check_rate(state_rate, "state_rate")
        self.carry_rate = check_rate(carry_rate, "carry_rate")
        self.seed = seed
        self.seed_generator = keras.random.SeedGenerator(seed)

    def call(self, inputs, states, memory=None, training=False):
        """One step."""
        output, new_states = step(self.cell, inputs, states, memory=memory, training=training)
        old, new = keras.tree.flatten(states), keras.tree.flatten(new_states)
        zoned = [
            self._zone(before, after, self.carry_rate if is_carried else self.state_rate, training)
            for before, after, is_carried in zip(old, new, carries(self.cell), strict=True)
        ]
        for before, after in zip(new, zoned, strict=True):
            if before is output:
                output = after
        return output, keras.tree.pack_sequence_as(new_states, zoned)

    def _zone(self, old, new, rate, training):
        if not rate:
            return new
        if not training:
            return rate * old + (1 - rate) * new
        noise = keras.random.uniform(ops.shape(new), seed=self.seed_generator)
        return ops.where(noise < rate, ops.cast(old, new.dtype), new)

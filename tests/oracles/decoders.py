"""Decoders as TensorFlow 1.15 recorded them: a cell, perhaps with attention, and a projection."""

import keras
import tensorflow as tf

from tests.oracles.recorded import make_cell, variables
from tfseq.attention import AttentionWrapper, LuongAttention
from tfseq.cells.base import step

BEAM_CELLS = {
    "lstm": ["LSTMCell", 4],
    "gru": ["GRUCell", 4],
    "multi": ["MultiRNNCell", [["LSTMCell", 4], ["GRUCell", 4]]],
}
STATES = ("in/initial_state", "in/initial_cell_state", "in/encoder_final_state")


class RecordedDecoder:
    """The model of one case, with its weights.

    Args:
        recorded: A `Recorded` of `decode` or `beam_search`.
        depth: Width of the inputs.

    Attributes:
        weights: The weights by TensorFlow 1's names, without the decoder's scopes, `_` for `/`.
    """

    def __init__(self, recorded, depth):
        self.recorded, self.weights = recorded, {}
        spec = recorded.config["cell"]
        self.inner = self.cell = make_cell(BEAM_CELLS[spec] if isinstance(spec, str) else spec)
        if recorded.config.get("attention"):
            self._attend(recorded.config.get("attention_wrapper") or {})
        self.cell.build((None, depth))
        self.weights |= variables(self.inner)
        self.project = lambda output: output
        if "weights/decoder/projection" in recorded:
            self.project = keras.layers.Dense(recorded["weights/decoder/projection/bias"].size)
            self.project.build((None, self.cell.output_size))
            self.weights["projection_kernel"] = self.project.kernel
            self.weights["projection_bias"] = self.project.bias
        values = {short(name): value for name, value in recorded.group("weights").items()}
        assert set(values) == set(self.weights)
        for name, value in values.items():
            self.weights[name].assign(value)

    def _attend(self, options):
        mechanism = LuongAttention(4, scale=options.get("scale", False))
        self.cell = AttentionWrapper(self.inner, mechanism, attention_units=4)
        mechanism.build_memory(self.recorded["in/memory"].shape[-1])
        mechanism.build((None, 4))
        self.cell.attention_layers[0].build((None, 8))
        self.weights["memory_layer_kernel"] = mechanism.memory_layer.kernel
        self.weights["attention_layer_kernel"] = self.cell.attention_layers[0].kernel
        if mechanism.scale:
            self.weights["luong_attention_attention_g"] = mechanism.attention_g

    def start(self):
        """The states before the first step, and the memory, `None` without attention."""
        path = next(path for path in STATES if path in self.recorded)
        states = self.recorded.states(path, self.inner.state_size)
        states = tf.nest.map_structure(tf.constant, states)
        if self.cell is self.inner:
            return states, None
        mask = tf.sequence_mask(self.recorded["in/memory_sequence_length"])
        memory = self.cell.mechanism.memorize(tf.constant(self.recorded["in/memory"]), mask)
        return self.cell.start(states, memory), memory

    def step(self, inputs, states, memory):
        """One step for `inputs [rows, depth]`: logits, or the cell's output; new states."""
        output, states = step(self.cell, inputs, states, memory)
        return self.project(output), states


def short(name):
    """TensorFlow 1's name of a weight without the decoder's scopes."""
    return name.removeprefix("decoder/").removeprefix("attention_wrapper/").replace("/", "_")

"""Wrappers with weights of their own: gates around a cell, and layers before and behind it."""

import keras
from keras import ops

from tfseq.cells.base import build_cell, check_units, step
from tfseq.cells.wrappers import CellWrapper


@keras.saving.register_keras_serializable("tfseq")
class HighwayWrapper(CellWrapper):
    """A gate between a cell's inputs and its output.

        output, states = cell(x, states)
        k = sigmoid(x W_k + b_k)
        output -> k * x + (1 - k) * output
        output -> k * x + sigmoid(x W_t + b_t) * output        without `coupled`

    Args:
        cell: The inner cell, with an output as wide as its inputs.
        coupled: Whether what is not carried over is transformed.
        carry_bias: `b_k` at first, and `-b_t`.
        kernel_initializer: For `W_k` and `W_t`, `[depth, depth]`.

    Raises:
        ValueError: When built on inputs that are not as wide as the output.

    Reference: Srivastava et al., 2015, arXiv:1505.00387.
    """

    def __init__(
        self, cell, coupled=True, carry_bias=1.0, kernel_initializer="glorot_uniform", **kwargs
    ):
        super().__init__(cell, **kwargs)
        self.coupled = coupled
        self.carry_bias = carry_bias
        self.kernel_initializer = kernel_initializer

    def build(self, inputs_shape):
        """Build the inner cell, and one gate or two."""
        depth = inputs_shape[-1]
        if depth != self.output_size:
            raise ValueError(
                "A highway cell mixes its inputs with its output, which must be equally wide. "
                f"Received: inputs of shape {tuple(inputs_shape)}, `output_size`={self.output_size}"
            )
        super().build(inputs_shape)
        self.gates = {}
        for name, bias in {"carry": self.carry_bias, "transform": -self.carry_bias}.items():
            if name == "transform" and self.coupled:
                continue
            kernel = self.add_weight(
                shape=(depth, depth), initializer=self.kernel_initializer, name=f"{name}_w"
            )
            start = keras.initializers.Constant(bias)
            self.gates[name] = (
                kernel,
                self.add_weight(shape=(depth,), initializer=start, name=f"{name}_b"),
            )

    def call(self, inputs, states, memory=None, training=False):
        """One step."""
        output, states = step(self.cell, inputs, states, memory=memory, training=training)
        carry = self._gate("carry", inputs)
        transform = 1 - carry if self.coupled else self._gate("transform", inputs)
        return inputs * carry + output * transform, states

    def _gate(self, name, inputs):
        kernel, bias = self.gates[name]
        return ops.sigmoid(ops.matmul(inputs, kernel) + bias)


@keras.saving.register_keras_serializable("tfseq")
class InputProjectionWrapper(CellWrapper):
    """A layer before a cell: `cell(activation(x W + b), states)`.

    Args:
        cell: The inner cell.
        units: Width of what the cell is fed.
        activation: Of the layer; `None` for none.
        kernel_initializer: For `W`, `[depth, units]`.
        bias_initializer: For `b`, `[units]`.
    """

    def __init__(
        self,
        cell,
        units,
        activation=None,
        kernel_initializer="glorot_uniform",
        bias_initializer="zeros",
        **kwargs,
    ):
        super().__init__(cell, **kwargs)
        self.units = check_units(units)
        self.activation = activation
        self.activate = keras.activations.get(activation)
        self.kernel_initializer = kernel_initializer
        self.bias_initializer = bias_initializer

    def build(self, inputs_shape):
        """Make `kernel` and `bias`, and build the inner cell."""
        self.add_layer(inputs_shape[-1])
        build_cell(self.cell, (inputs_shape[0], self.units))

    def add_layer(self, depth):
        """Make `kernel` and `bias`."""
        self.kernel = self.add_weight(
            shape=(depth, self.units), initializer=self.kernel_initializer, name="kernel"
        )
        self.bias = self.add_weight(
            shape=(self.units,), initializer=self.bias_initializer, name="bias"
        )

    def layer(self, values):
        """`activation(values W + b)`."""
        return self.activate(ops.matmul(values, self.kernel) + self.bias)

    def call(self, inputs, states, memory=None, training=False):
        """One step."""
        return step(self.cell, self.layer(inputs), states, memory=memory, training=training)


@keras.saving.register_keras_serializable("tfseq")
class OutputProjectionWrapper(InputProjectionWrapper):
    """A layer behind a cell: `output -> activation(output W + b)`.

    Args:
        cell: The inner cell.
        units: Width of the output.
        activation: Of the layer; `None` for none.
        kernel_initializer: For `W`, `[width of the inner output, units]`.
        bias_initializer: For `b`, `[units]`.
    """

    @property
    def output_size(self):
        """Width of the output."""
        return self.units

    def build(self, inputs_shape):
        """Build the inner cell, and make `kernel` and `bias`."""
        build_cell(self.cell, inputs_shape)
        self.add_layer(self.cell.output_size)

    def call(self, inputs, states, memory=None, training=False):
        """One step."""
        output, states = step(self.cell, inputs, states, memory=memory, training=training)
        return self.layer(output), states


@keras.saving.register_keras_serializable("tfseq")
class EmbeddingWrapper(CellWrapper):
    """A cell that is fed ids: `cell(E[x], states)`.

    Args:
        cell: The inner cell.
        vocabulary_size: Number of ids; they run from 0.
        units: Width of the vectors.
        embeddings_initializer: For `E`, `[vocabulary_size, units]`; by default uniform of variance
            1, as in TensorFlow 1.

    Call arguments:
        inputs: `[batch]` or `[batch, 1]` integers.
    """

    def __init__(self, cell, vocabulary_size, units, embeddings_initializer=None, **kwargs):
        super().__init__(cell, **kwargs)
        self.vocabulary_size = check_units(vocabulary_size, "vocabulary_size")
        self.units = check_units(units)
        self.embeddings_initializer = embeddings_initializer
        self.autocast = False  # ids are no numbers to round

    def build(self, inputs_shape):
        """Make `embedding`, and build the inner cell."""
        limit = 3**0.5
        self.embedding = self.add_weight(
            shape=(self.vocabulary_size, self.units),
            initializer=self.embeddings_initializer
            or keras.initializers.RandomUniform(-limit, limit),
            name="embedding",
        )
        build_cell(self.cell, (inputs_shape[0], self.units))

    def call(self, inputs, states, memory=None, training=False):
        """One step."""
        vectors = ops.take(ops.cast(self.embedding, self.compute_dtype), inputs, axis=0)
        vectors = ops.reshape(vectors, (-1, self.units))
        return step(self.cell, vectors, states, memory=memory, training=training)

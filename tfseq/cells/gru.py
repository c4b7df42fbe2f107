"""Gated recurrent unit, in TensorFlow 1's form."""

import keras
from keras import ops

from tfseq.cells.ahead import ProductCell, products_of
from tfseq.cells.base import check_units
from tfseq.cells.basic import other_activation
from tfseq.cells.gru_sequence import gru_sequence


@keras.saving.register_keras_serializable("tfseq")
class GRUCell(ProductCell):
    """Gated recurrent unit; the reset gate acts before the matrix product.

        r, u = split(sigmoid([x, h] W + b))
        candidate = tanh([x, r * h] V + d)
        h' = u * h + (1 - u) * candidate

    `keras.layers.GRUCell` has other equations by default (`reset_after=True`) and its gates in the
    order u, r.

    Args:
        units: Width of `h`.
        activation: What stands for `tanh` above.
        kernel_initializer: For `W`, `[depth + units, 2 * units]`, and `V`, `[depth + units,
            units]`.
        gates_bias_initializer: For `b`. At 1 the cell keeps its state at first.
        candidate_bias_initializer: For `d`.

    Call arguments:
        inputs: `[batch, depth]`.
        states: `[h]`, `[batch, units]`.

    Reference: Cho et al., 2014, arXiv:1406.1078.
    """

    def __init__(
        self,
        units,
        activation="tanh",
        kernel_initializer="glorot_uniform",
        gates_bias_initializer="ones",
        candidate_bias_initializer="zeros",
        **kwargs,
    ):
        super().__init__(**kwargs)
        self.units = check_units(units)
        self.activation = activation
        self.activate = keras.activations.get(activation)
        self.kernel_initializer = kernel_initializer
        self.gates_bias_initializer = gates_bias_initializer
        self.candidate_bias_initializer = candidate_bias_initializer

    @property
    def state_size(self):
        """`[h]`."""
        return [self.units]

    @property
    def output_size(self):
        """Width of `h`."""
        return self.units

    def build(self, inputs_shape):
        """Make a kernel and a bias for the gates, and one for the candidate."""
        depth = inputs_shape[-1] + self.units
        self.gates_kernel = self.add_weight(
            shape=(depth, 2 * self.units), initializer=self.kernel_initializer, name="gates_kernel"
        )
        self.gates_bias = self.add_weight(
            shape=(2 * self.units,), initializer=self.gates_bias_initializer, name="gates_bias"
        )
        self.candidate_kernel = self.add_weight(
            shape=(depth, self.units), initializer=self.kernel_initializer, name="candidate_kernel"
        )
        self.candidate_bias = self.add_weight(
            shape=(self.units,), initializer=self.candidate_bias_initializer, name="candidate_bias"
        )

    def call(self, inputs, states, training=False):
        """One step."""
        return self.advance(states, *products_of(inputs, self.weight_pairs()))

    def weight_pairs(self):
        """`(W, b)` and `(V, d)`."""
        return [(self.gates_kernel, self.gates_bias), (self.candidate_kernel, self.candidate_bias)]

    def advance(self, states, gates, inner):
        """The step from `h -> [x, h] W + b` and `r * h -> [x, r * h] V + d`."""
        (hidden,) = states
        r, u = ops.split(ops.sigmoid(gates(hidden)), 2, axis=-1)
        candidate = self.activate(inner(r * hidden))
        hidden = u * hidden + (1 - u) * candidate
        return hidden, [hidden]

    def obstacle(self, training=False):
        """Another activation than `tanh`."""
        return other_activation(self)

    def unroll(self, inputs, states, mask=None, memory=None, training=False):
        """A whole sequence, by `gru_sequence`."""
        tensors = [ops.cast(x, self.compute_dtype) for x in (inputs, *states)]
        outputs, hidden = gru_sequence(*tensors, *self.sequence_weights(), mask=mask)
        return outputs, [hidden]

    def sequence_weights(self):
        """The weights as `gru_sequence` takes them."""
        weights = self.gates_kernel, self.gates_bias, self.candidate_kernel, self.candidate_bias
        return [ops.cast(weight, self.compute_dtype) for weight in weights]


@keras.saving.register_keras_serializable("tfseq")
class ResetAfterGRUCell(GRUCell):
    """Gated recurrent unit whose reset gate acts behind the matrix product, as cuDNN has it.

        r, u = split(sigmoid([x, h] W + b))
        candidate = tanh(x V + d + r * (h U + e))
        h' = u * h + (1 - u) * candidate

    Args:
        units: Width of `h`.
        **kwargs: `activation` and the initializers of `GRUCell`; `kernel_initializer` is for `W`,
            `[depth + units, 2 * units]`, `V`, `[depth, units]`, and `U`, `[units, units]`,
            `candidate_bias_initializer` for `d` and `e`.

    Call arguments:
        inputs: `[batch, depth]`.
        states: `[h]`, `[batch, units]`.

    Reference: Cho et al., 2014, arXiv:1406.1078, whose first version has this form.
    """

    def build(self, inputs_shape):
        """Make a kernel and a bias for the gates, and two of each for the candidate."""
        depth = inputs_shape[-1]
        kernels = {
            "gates_kernel": (depth + self.units, 2 * self.units),
            "candidate_input_projection_kernel": (depth, self.units),
            "candidate_hidden_projection_kernel": (self.units, self.units),
        }
        biases = {
            "gates_bias": (2 * self.units, self.gates_bias_initializer),
            "candidate_input_projection_bias": (self.units, self.candidate_bias_initializer),
            "candidate_hidden_projection_bias": (self.units, self.candidate_bias_initializer),
        }
        shapes = {name: (shape, self.kernel_initializer) for name, shape in kernels.items()}
        shapes |= {name: ((width,), initializer) for name, (width, initializer) in biases.items()}
        for name, (shape, initializer) in shapes.items():
            setattr(self, name, self.add_weight(shape=shape, initializer=initializer, name=name))

    def call(self, inputs, states, training=False):
        """One step."""
        (hidden,) = states
        gates = ops.matmul(ops.concatenate([inputs, hidden], axis=-1), self.gates_kernel)
        r, u = ops.split(ops.sigmoid(gates + self.gates_bias), 2, axis=-1)
        own = ops.matmul(hidden, self.candidate_hidden_projection_kernel)
        own = r * (own + self.candidate_hidden_projection_bias)
        inner = ops.matmul(inputs, self.candidate_input_projection_kernel)
        candidate = self.activate(inner + self.candidate_input_projection_bias + own)
        hidden = u * hidden + (1 - u) * candidate
        return hidden, [hidden]

"""TensorFlow 1's cells with few gates or one state, and those with independent units."""

from tfseq import cells
from tfseq.tf1.cells import LibraryCell, LSTMLikeCell, options
from tfseq.tf1.core_cells import gru_options


class UGRNNCell(LibraryCell):
    """`tf.contrib.rnn.UGRNNCell`; the equation is in `tfseq.cells.UGRNNCell`.

    Args:
        num_units: Width of the state and the output.
        initializer: For the kernel.
        forget_bias: Added to the gate at each step.
        activation: Of the candidate.
        reuse: As for `LibraryCell`.
        name: As for `RNNCell`.

    Source: `UGRNNCell` in TensorFlow 1.15.
    """

    def __init__(
        self,
        num_units,
        initializer=None,
        forget_bias=1.0,
        activation="tanh",
        reuse=None,
        name=None,
    ):
        given = options(kernel_initializer=initializer)
        cell = cells.UGRNNCell(num_units, forget_bias, activation=activation, **given)
        super().__init__(cell, name, reuse=reuse)


class IntersectionRNNCell(LibraryCell):
    """`tf.contrib.rnn.IntersectionRNNCell`; see `tfseq.cells.IntersectionRNNCell`.

    Args:
        num_units: Width of the state and the output.
        num_in_proj: Width that inputs are projected to where they are not as wide as the cell;
            `num_units`, or nothing.
        initializer: For the kernels.
        forget_bias: Added to both gates at each step.
        y_activation: Of the output's candidate.
        reuse: As for `LibraryCell`.
        name: As for `RNNCell`.

    Raises:
        ValueError: Another `num_in_proj`, or inputs of another width without it.

    Source: `IntersectionRNNCell` in TensorFlow 1.15.
    """

    names = {
        "in_projection_kernel": "in_projection/kernel",
        "in_projection_bias": "in_projection/bias",
    }

    def __init__(
        self,
        num_units,
        num_in_proj=None,
        initializer=None,
        forget_bias=1.0,
        y_activation="relu",
        reuse=None,
        name=None,
    ):
        if num_in_proj not in (None, num_units):
            raise ValueError(
                "`num_in_proj` must be `num_units`: the inputs are mixed with the output. "
                f"Received: num_in_proj={num_in_proj}, num_units={num_units}"
            )
        self._projects = num_in_proj is not None
        given = options(kernel_initializer=initializer)
        cell = cells.IntersectionRNNCell(
            num_units, forget_bias, output_activation=y_activation, **given
        )
        super().__init__(cell, name, reuse=reuse)

    def build(self, inputs_shape):
        """Build the cell; without `num_in_proj` the inputs must be as wide as the cell."""
        if inputs_shape[-1] != self.output_size and not self._projects:
            raise ValueError(
                "`num_in_proj` must be given where the inputs are not as wide as the cell. "
                f"Received: inputs of shape {inputs_shape}, num_units={self.output_size}"
            )
        super().build(inputs_shape)


class MinimalRNNCell(LibraryCell):
    """`MinimalRNNCell` of `tf.contrib.rnn`'s module; see `tfseq.cells.MinimalRNNCell`.

    Args:
        units: Width of the state and the output.
        activation: Of the candidate.
        kernel_initializer: For the kernel.
        bias_initializer: For the bias of the gate.
        name: As for `RNNCell`.
        dtype: As for `RNNCell`.
        **kwargs: `trainable`.

    Source: `MinimalRNNCell` in TensorFlow 1.15.
    """

    def __init__(
        self,
        units,
        activation="tanh",
        kernel_initializer="glorot_uniform",
        bias_initializer="ones",
        name=None,
        dtype=None,
        **kwargs,
    ):
        cell = cells.MinimalRNNCell(
            units, bias_initializer, activation=activation, kernel_initializer=kernel_initializer
        )
        super().__init__(cell, name, dtype, **kwargs)


class CFNCell(LibraryCell):
    """`CFNCell` of `tf.contrib.rnn`'s module; the equation is in `tfseq.cells.CFNCell`.

    Args:
        units: Width of the state and the output.
        activation: Of the state and the candidate.
        kernel_initializer: For the kernels.
        bias_initializer: For the biases of the gates.
        name: As for `RNNCell`.
        dtype: As for `RNNCell`.
        **kwargs: `trainable`.

    Source: `CFNCell` in TensorFlow 1.15.
    """

    def __init__(
        self,
        units,
        activation="tanh",
        kernel_initializer="glorot_uniform",
        bias_initializer="ones",
        name=None,
        dtype=None,
        **kwargs,
    ):
        cell = cells.CFNCell(
            units, bias_initializer, activation=activation, kernel_initializer=kernel_initializer
        )
        super().__init__(cell, name, dtype, **kwargs)


class SRUCell(LibraryCell):
    """`tf.contrib.rnn.SRUCell`; the equation is in `tfseq.cells.SRUCell`.

    Args:
        num_units: Width of the state and the output.
        activation: Of the output; `None`: `tanh`.
        reuse: As for `LibraryCell`.
        name: As for `RNNCell`.
        **kwargs: `trainable`.

    Source: `SRUCell` in TensorFlow 1.15.
    """

    def __init__(self, num_units, activation=None, reuse=None, name=None, **kwargs):
        cell = cells.SRUCell(num_units, **options(activation=activation))
        super().__init__(cell, name, reuse=reuse, **kwargs)


class IndRNNCell(LibraryCell):
    """`tf.contrib.rnn.IndRNNCell`; the equation is in `tfseq.cells.IndRNNCell`.

    Args:
        num_units: Width of the state and the output.
        activation: Of the state; `None`: `tanh`.
        reuse: As for `LibraryCell`.
        name: As for `RNNCell`.
        dtype: As for `RNNCell`.

    Source: `IndRNNCell` in TensorFlow 1.15.
    """

    def __init__(self, num_units, activation=None, reuse=None, name=None, dtype=None):
        cell = cells.IndRNNCell(num_units, **options(activation=activation))
        super().__init__(cell, name, dtype, reuse)


class IndyGRUCell(LibraryCell):
    """`tf.contrib.rnn.IndyGRUCell`; the equation is in `tfseq.cells.IndyGRUCell`.

    Args:
        num_units: Width of the state and the output.
        activation: Of the candidate; `None`: `tanh`.
        reuse: As for `LibraryCell`.
        kernel_initializer: For the kernels of the inputs.
        bias_initializer: For both biases; `None`: 1 for those of the gates, 0 for the candidate's.
        name: As for `RNNCell`.
        dtype: As for `RNNCell`.

    Source: `IndyGRUCell` in TensorFlow 1.15.
    """

    names = {
        "gates_kernel_w": "gates/kernel_w",
        "gates_kernel_u": "gates/kernel_u",
        "gates_bias": "gates/bias",
        "candidate_kernel_w": "candidate/kernel",
        "candidate_kernel_u": "candidate/kernel_u",
        "candidate_bias": "candidate/bias",
    }

    def __init__(
        self,
        num_units,
        activation=None,
        reuse=None,
        kernel_initializer=None,
        bias_initializer=None,
        name=None,
        dtype=None,
    ):
        given = gru_options(activation, kernel_initializer, bias_initializer)
        super().__init__(cells.IndyGRUCell(num_units, **given), name, dtype, reuse)


class IndyLSTMCell(LSTMLikeCell):
    """`tf.contrib.rnn.IndyLSTMCell`; the equation is in `tfseq.cells.IndyLSTMCell`.

    Args:
        num_units: Width of `c`, `h` and the output.
        forget_bias: Added to the forget gate at each step.
        activation: Of the candidate and the output; `None`: `tanh`.
        reuse: As for `LibraryCell`.
        kernel_initializer: For the kernel of the inputs.
        bias_initializer: For the bias.
        name: As for `RNNCell`.
        dtype: As for `RNNCell`.

    Source: `IndyLSTMCell` in TensorFlow 1.15.
    """

    def __init__(
        self,
        num_units,
        forget_bias=1.0,
        activation=None,
        reuse=None,
        kernel_initializer=None,
        bias_initializer=None,
        name=None,
        dtype=None,
    ):
        given = options(
            activation=activation,
            kernel_initializer=kernel_initializer,
            bias_initializer=bias_initializer,
        )
        cell = cells.IndyLSTMCell(num_units, forget_bias=forget_bias, **given)
        super().__init__(cell, name=name, dtype=dtype, reuse=reuse)

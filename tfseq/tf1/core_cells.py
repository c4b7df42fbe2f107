"""The cells of `tf.nn.rnn_cell`, each a cell of `tfseq.cells` in TensorFlow 1's clothes.

Where an argument is `None` in TensorFlow 1, the default of the cell of `tfseq.cells` holds.
"""

from tfseq import cells
from tfseq.tf1.cells import LibraryCell, LSTMLikeCell, options


class BasicRNNCell(LibraryCell):
    """`tf.nn.rnn_cell.BasicRNNCell`; the equation is in `tfseq.cells.BasicRNNCell`.

    Args:
        num_units: Width of the state and the output.
        activation: Of the state; `None`: `tanh`.
        reuse: As for `LibraryCell`.
        name: As for `RNNCell`.
        dtype: As for `RNNCell`.
        **kwargs: `trainable`.

    Source: `BasicRNNCell` in TensorFlow 1.15.
    """

    def __init__(self, num_units, activation=None, reuse=None, name=None, dtype=None, **kwargs):
        cell = cells.BasicRNNCell(num_units, **options(activation=activation))
        super().__init__(cell, name, dtype, reuse, **kwargs)


class GRUCell(LibraryCell):
    """`tf.nn.rnn_cell.GRUCell`; the equation is in `tfseq.cells.GRUCell`.

    Args:
        num_units: Width of the state and the output.
        activation: Of the candidate; `None`: `tanh`.
        reuse: As for `LibraryCell`.
        kernel_initializer: For both kernels.
        bias_initializer: For both biases; `None`: 1 for those of the gates, 0 for the candidate's.
        name: As for `RNNCell`.
        dtype: As for `RNNCell`.
        **kwargs: `trainable`.

    Source: `GRUCell` in TensorFlow 1.15.
    """

    names = {
        "gates_kernel": "gates/kernel",
        "gates_bias": "gates/bias",
        "candidate_kernel": "candidate/kernel",
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
        **kwargs,
    ):
        given = gru_options(activation, kernel_initializer, bias_initializer)
        super().__init__(cells.GRUCell(num_units, **given), name, dtype, reuse, **kwargs)


class BasicLSTMCell(LSTMLikeCell):
    """`tf.nn.rnn_cell.BasicLSTMCell`; the equation is in `tfseq.cells.BasicLSTMCell`.

    Args:
        num_units: Width of `c`, `h` and the output.
        forget_bias: Added to the forget gate at each step; it is not part of the stored bias.
        state_is_tuple: Whether a state is `LSTMStateTuple(c, h)`, or `c` and `h` side by side.
        activation: Of the candidate and the output; `None`: `tanh`.
        reuse: As for `LibraryCell`.
        name: As for `RNNCell`.
        dtype: As for `RNNCell`.
        **kwargs: `trainable`.

    Source: `BasicLSTMCell` in TensorFlow 1.15.
    """

    def __init__(
        self,
        num_units,
        forget_bias=1.0,
        state_is_tuple=True,
        activation=None,
        reuse=None,
        name=None,
        dtype=None,
        **kwargs,
    ):
        given = options(forget_bias=forget_bias, activation=activation)
        cell = cells.BasicLSTMCell(num_units, **given)
        super().__init__(cell, state_is_tuple, name=name, dtype=dtype, reuse=reuse, **kwargs)


class LSTMCell(LSTMLikeCell):
    """`tf.nn.rnn_cell.LSTMCell`; the equation is in `tfseq.cells.LSTMCell`.

    Args:
        num_units: Width of `c`, and of `h` unless it is projected.
        use_peepholes: Whether the gates look at `c`.
        cell_clip: Keep `c` within this distance from 0.
        initializer: For kernel, peepholes and projection.
        num_proj: Width of the projected `h`; `None`: it is not projected.
        proj_clip: Keep the projected `h` within this distance from 0.
        num_unit_shards: Taken and not used: a kernel is one variable.
        num_proj_shards: Likewise.
        forget_bias: Added to the forget gate at each step; it is not part of the stored bias.
        state_is_tuple: Whether a state is `LSTMStateTuple(c, h)`, or `c` and `h` side by side.
        activation: Of the candidate and the output; `None`: `tanh`.
        reuse: As for `LibraryCell`.
        name: As for `RNNCell`.
        dtype: As for `RNNCell`.
        **kwargs: `trainable`.

    Raises:
        ValueError: `proj_clip` without `num_proj`, which would clip nothing.

    Source: `LSTMCell` in TensorFlow 1.15.
    """

    names = {"projection_kernel": "projection/kernel"}

    def __init__(
        self,
        num_units,
        use_peepholes=False,
        cell_clip=None,
        initializer=None,
        num_proj=None,
        proj_clip=None,
        num_unit_shards=None,
        num_proj_shards=None,
        forget_bias=1.0,
        state_is_tuple=True,
        activation=None,
        reuse=None,
        name=None,
        dtype=None,
        **kwargs,
    ):
        given = lstm_options(initializer, num_proj, proj_clip, cell_clip, activation)
        cell = cells.LSTMCell(
            num_units, use_peepholes=use_peepholes, forget_bias=forget_bias, **given
        )
        super().__init__(cell, state_is_tuple, name=name, dtype=dtype, reuse=reuse, **kwargs)


def lstm_options(initializer, num_proj, proj_clip, cell_clip=None, activation=None):
    """Options of an `LSTMCell` by the names that they have in `tfseq.cells`."""
    return options(
        kernel_initializer=initializer,
        projection_units=num_proj,
        projection_clip=proj_clip,
        cell_clip=cell_clip,
        activation=activation,
    )


def gru_options(activation, kernel_initializer, bias_initializer):
    """Options of a GRU, whose one initializer of biases is for the gates' and the candidate's."""
    return options(
        activation=activation,
        kernel_initializer=kernel_initializer,
        gates_bias_initializer=bias_initializer,
        candidate_bias_initializer=bias_initializer,
    )

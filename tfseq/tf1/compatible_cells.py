"""TensorFlow 1's cells that shared their numbers with fused kernels: block and cuDNN cells."""

from tfseq import cells
from tfseq.tf1.cells import LibraryCell, LSTMLikeCell, options
from tfseq.tf1.core_cells import GRUCell


class LSTMBlockCell(LSTMLikeCell):
    """`tf.contrib.rnn.LSTMBlockCell`: the variables and numbers of `LSTMCell`.

    Args:
        num_units: Width of `c`, `h` and the output.
        forget_bias: Added to the forget gate at each step.
        cell_clip: Keep `c` within this distance from 0; the gradient passes it, as in the kernel.
        use_peephole: Whether the gates look at `c`.
        dtype: As for `RNNCell`.
        reuse: As for `LibraryCell`.
        name: As for `RNNCell`.

    Source: `LSTMBlockCell` in TensorFlow 1.15; the equation is in `tfseq.cells.LSTMCell`.
    """

    def __init__(
        self,
        num_units,
        forget_bias=1.0,
        cell_clip=None,
        use_peephole=False,
        dtype=None,
        reuse=None,
        name="lstm_cell",
    ):
        cell = cells.LSTMCell(
            num_units,
            use_peepholes=use_peephole,
            cell_clip=cell_clip,
            clip_passes_gradient=True,
            forget_bias=forget_bias,
        )
        super().__init__(cell, name=name, dtype=dtype, reuse=reuse)


class GRUBlockCell(LibraryCell):
    """`tf.contrib.rnn.GRUBlockCell`: `GRUCell` with other names of its variables.

    Args:
        num_units: Width of the state and the output.
        cell_size: An older name of `num_units`.
        reuse: As for `LibraryCell`.
        name: As for `RNNCell`.

    Raises:
        ValueError: Neither `num_units` nor `cell_size`, or both.

    Source: `GRUBlockCell` in TensorFlow 1.15; the equation is in `tfseq.cells.GRUCell`.
    """

    names = {
        "gates_kernel": "w_ru",
        "gates_bias": "b_ru",
        "candidate_kernel": "w_c",
        "candidate_bias": "b_c",
    }

    def __init__(self, num_units=None, cell_size=None, reuse=None, name="gru_cell"):
        if (num_units is None) == (cell_size is None):
            raise ValueError(
                "`num_units` must be given, or `cell_size`, its older name. "
                f"Received: num_units={num_units}, cell_size={cell_size}"
            )
        super().__init__(cells.GRUCell(num_units or cell_size), name, reuse=reuse)


class GRUBlockCellV2(GRUBlockCell):
    """`tf.contrib.rnn.GRUBlockCellV2`: `GRUCell`, its variables' names included.

    Its arguments are those of `GRUBlockCell`.
    """

    names = GRUCell.names


class CudnnCompatibleLSTMCell(LSTMLikeCell):
    """`tf.contrib.cudnn_rnn.CudnnCompatibleLSTMCell`: no forget bias beside the stored one.

    Args:
        num_units: Width of `c`, `h` and the output.
        reuse: As for `LibraryCell`.
        name: As for `RNNCell`.

    Source: the class of that name in TensorFlow 1.15; the equation is in `tfseq.cells.LSTMCell`.
    """

    def __init__(self, num_units, reuse=None, name=None):
        super().__init__(cells.LSTMCell(num_units, forget_bias=0.0), name=name, reuse=reuse)


class CudnnCompatibleGRUCell(LibraryCell):
    """`tf.contrib.cudnn_rnn.CudnnCompatibleGRUCell`; see `tfseq.cells.ResetAfterGRUCell`.

    Args:
        num_units: Width of the state and the output.
        reuse: As for `LibraryCell`.
        kernel_initializer: For all kernels.
        name: As for `RNNCell`.

    Source: the class of that name in TensorFlow 1.15.
    """

    names = {
        "gates_kernel": "gates/kernel",
        "gates_bias": "gates/bias",
        **{
            f"candidate_{side}_projection_{kind}": f"candidate/{side}_projection/{kind}"
            for side in ("input", "hidden")
            for kind in ("kernel", "bias")
        },
    }

    def __init__(self, num_units, reuse=None, kernel_initializer=None, name=None):
        given = options(kernel_initializer=kernel_initializer)
        super().__init__(cells.ResetAfterGRUCell(num_units, **given), name, reuse=reuse)

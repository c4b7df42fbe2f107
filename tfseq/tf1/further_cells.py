"""TensorFlow 1's further cells: what `tf.contrib.rnn` and `tf.contrib.cudnn_rnn` had."""

from typing import Any

import keras

from tfseq import cells
from tfseq.tf1.cells import GRUCell, LibraryCell, LSTMCell, LSTMLikeCell, options


class LayerNormBasicLSTMCell(LSTMLikeCell):
    """`tf.contrib.rnn.LayerNormBasicLSTMCell`; see `tfseq.cells.LayerNormBasicLSTMCell`."""

    names = {
        f"{gate}_{kind}": f"{gate}/{kind}"
        for gate in ("input", "transform", "forget", "output", "state")
        for kind in ("gamma", "beta")
    }

    def __init__(
        self,
        num_units,
        forget_bias=1.0,
        input_size=None,
        activation="tanh",
        layer_norm=True,
        norm_gain=1.0,
        norm_shift=0.0,
        dropout_keep_prob=1.0,
        dropout_prob_seed=None,
        reuse=None,
        name=None,
    ):
        cell = cells.LayerNormBasicLSTMCell(
            num_units,
            layer_norm=layer_norm,
            rate=1 - dropout_keep_prob,
            seed=dropout_prob_seed,
            forget_bias=forget_bias,
            activation=activation,
            **_norms(norm_gain, norm_shift),
        )
        super().__init__(cell, name=name, reuse=reuse)


class LayerNormLSTMCell(LSTMLikeCell):
    """`LayerNormLSTMCell` of `tf.contrib.rnn`'s module; see `tfseq.cells.LayerNormLSTMCell`.

    TensorFlow 1 made a bias that it never added; it is not made here.
    """

    names = {**LayerNormBasicLSTMCell.names, **LSTMCell.names}

    def __init__(
        self,
        num_units,
        use_peepholes=False,
        cell_clip=None,
        initializer=None,
        num_proj=None,
        proj_clip=None,
        forget_bias=1.0,
        activation=None,
        layer_norm=False,
        norm_gain=1.0,
        norm_shift=0.0,
        reuse=None,
        name=None,
    ):
        given = options(
            cell_clip=cell_clip,
            kernel_initializer=initializer,
            projection_units=num_proj,
            projection_clip=proj_clip,
            activation=activation,
        )
        kind = cells.LayerNormLSTMCell if layer_norm else cells.LSTMCell
        given |= _norms(norm_gain, norm_shift) if layer_norm else {}
        cell = kind(num_units, use_peepholes=use_peepholes, forget_bias=forget_bias, **given)
        super().__init__(cell, name=name, reuse=reuse)


class WeightNormLSTMCell(LSTMLikeCell):
    """`WeightNormLSTMCell` of `tf.contrib.rnn`'s module; see `tfseq.cells.WeightNormLSTMCell`."""

    names = {
        **{name: f"wn_lstm_cell/{name}" for name in ("kernel", "bias", "norm_0", "norm_1")},
        "projection_kernel": "projection/kernel",
        "projection_norm": "projection/norm_0",
    }

    def __init__(
        self,
        num_units,
        norm=True,
        use_peepholes=False,
        cell_clip=None,
        initializer=None,
        num_proj=None,
        proj_clip=None,
        forget_bias=1.0,
        activation=None,
        reuse=None,
        name="wn_lstm_cell",
    ):
        given = options(
            cell_clip=cell_clip,
            kernel_initializer=initializer,
            projection_units=num_proj,
            projection_clip=proj_clip,
            activation=activation,
        )
        kind = cells.WeightNormLSTMCell if norm else cells.LSTMCell
        cell = kind(num_units, use_peepholes=use_peepholes, forget_bias=forget_bias, **given)
        super().__init__(cell, name=name, reuse=reuse)


class LSTMBlockCell(LSTMLikeCell):
    """`tf.contrib.rnn.LSTMBlockCell`: the variables and numbers of `LSTMCell`."""

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


class CudnnCompatibleLSTMCell(LSTMLikeCell):
    """`tf.contrib.cudnn_rnn.CudnnCompatibleLSTMCell`: no forget bias beside the stored one."""

    def __init__(self, num_units, reuse=None, name=None):
        super().__init__(cells.LSTMCell(num_units, forget_bias=0.0), name=name, reuse=reuse)


class CudnnCompatibleGRUCell(LibraryCell):
    """`tf.contrib.cudnn_rnn.CudnnCompatibleGRUCell`; see `tfseq.cells.ResetAfterGRUCell`."""

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


class GRUBlockCell(LibraryCell):
    """`tf.contrib.rnn.GRUBlockCell`: `GRUCell` with other names of its variables."""

    names = {
        "gates_kernel": "w_ru",
        "gates_bias": "b_ru",
        "candidate_kernel": "w_c",
        "candidate_bias": "b_c",
    }

    def __init__(self, num_units=None, cell_size=None, reuse=None, name="gru_cell"):
        super().__init__(cells.GRUCell(num_units or cell_size), name, reuse=reuse)


class GRUBlockCellV2(GRUBlockCell):
    """`tf.contrib.rnn.GRUBlockCellV2`: `GRUCell`, its variables' names included."""

    names = GRUCell.names


class NASCell(LSTMLikeCell):
    """`tf.contrib.rnn.NASCell`; see `tfseq.cells.NASCell`."""

    def __init__(self, num_units, num_proj=None, use_bias=False, reuse=None, name=None):
        cell = cells.NASCell(num_units, projection_units=num_proj, use_bias=use_bias)
        super().__init__(cell, name=name, reuse=reuse)


class UGRNNCell(LibraryCell):
    """`tf.contrib.rnn.UGRNNCell`; see `tfseq.cells.UGRNNCell`."""

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
    """`tf.contrib.rnn.IntersectionRNNCell`; see `tfseq.cells.IntersectionRNNCell`."""

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


class CoupledInputForgetGateLSTMCell(LSTMLikeCell):
    """`tf.contrib.rnn.CoupledInputForgetGateLSTMCell`; see the cell of `tfseq.cells`.

    Its `layer_norm` is not there. Shards are taken and not used.
    """

    names = {
        "kernel": "W_0",
        "bias": "B",
        "w_f_diag": "W_F_diag",
        "w_o_diag": "W_O_diag",
        "projection_kernel": "W_P_0",
    }

    def __init__(
        self,
        num_units,
        use_peepholes=False,
        initializer=None,
        num_proj=None,
        proj_clip=None,
        num_unit_shards=1,
        num_proj_shards=1,
        forget_bias=1.0,
        state_is_tuple=True,
        activation="tanh",
        reuse=None,
        layer_norm=False,
        name=None,
    ):
        if layer_norm:
            raise ValueError(
                "`layer_norm` is not there for coupled gates. Received: layer_norm=True"
            )
        given = options(
            kernel_initializer=initializer, projection_units=num_proj, projection_clip=proj_clip
        )
        cell = cells.CoupledInputForgetGateLSTMCell(
            num_units,
            use_peepholes=use_peepholes,
            forget_bias=forget_bias,
            activation=activation,
            **given,
        )
        super().__init__(cell, state_is_tuple, name=name, reuse=reuse)


class GLSTMCell(LSTMLikeCell):
    """`tf.contrib.rnn.GLSTMCell`; see `tfseq.cells.GLSTMCell`."""

    def __init__(
        self,
        num_units,
        initializer=None,
        num_proj=None,
        number_of_groups=1,
        forget_bias=1.0,
        activation="tanh",
        reuse=None,
        name=None,
    ):
        given = options(kernel_initializer=initializer, projection_units=num_proj)
        cell = cells.GLSTMCell(
            num_units,
            number_of_groups,
            forget_bias=forget_bias,
            activation=activation,
            **given,
        )
        self.names = self.names_for(number_of_groups)
        super().__init__(cell, name=name, reuse=reuse)

    @staticmethod
    def names_for(groups):
        """`names` of a cell with so many groups."""
        kernels = {f"group{group}_kernel": f"group{group}/kernel" for group in range(groups)}
        return {**kernels, **LSTMCell.names}


class PhasedLSTMCell(LSTMLikeCell):
    """`tf.contrib.rnn.PhasedLSTMCell`; see `tfseq.cells.PhasedLSTMCell`."""

    names = {
        f"{layer}_{kind}": f"{layer}/{kind}"
        for layer in ("mask_gates", "new_input", "output_gate")
        for kind in ("kernel", "bias")
    }

    def __init__(
        self,
        num_units,
        use_peepholes=False,
        leak=0.001,
        ratio_on=0.1,
        trainable_ratio_on=True,
        period_init_min=1.0,
        period_init_max=1000.0,
        reuse=None,
        name=None,
    ):
        cell = cells.PhasedLSTMCell(
            num_units,
            use_peepholes=use_peepholes,
            leak=leak,
            ratio_on=ratio_on,
            trainable_ratio_on=trainable_ratio_on,
            period_minimum=period_init_min,
            period_maximum=period_init_max,
        )
        super().__init__(cell, name=name, reuse=reuse)


class ConvLSTMCell(LSTMLikeCell):
    """`tf.contrib.rnn.ConvLSTMCell`; see `tfseq.cells.ConvLSTMCell`.

    Its `skip_connection` broke at the second step, and is refused.
    """

    def __init__(
        self,
        conv_ndims,
        input_shape,
        output_channels,
        kernel_shape,
        use_bias=True,
        skip_connection=False,
        forget_bias=1.0,
        initializers=None,
        name="conv_lstm_cell",
    ):
        if skip_connection or conv_ndims != len(input_shape) - 1:
            raise ValueError(
                "`input_shape` must have `conv_ndims` dimensions and the channels, and "
                "`skip_connection` never ran for two steps. "
                f"Received: conv_ndims={conv_ndims}, input_shape={input_shape}, "
                f"skip_connection={skip_connection}"
            )
        given = options(kernel_initializer=initializers)
        cell = cells.ConvLSTMCell(
            input_shape, output_channels, kernel_shape, use_bias, forget_bias, **given
        )
        super().__init__(cell, name=name)


class Conv1DLSTMCell(ConvLSTMCell):
    """`tf.contrib.rnn.Conv1DLSTMCell`."""

    def __init__(self, name="conv_1d_lstm_cell", **kwargs):
        super().__init__(conv_ndims=1, name=name, **kwargs)


class Conv2DLSTMCell(ConvLSTMCell):
    """`tf.contrib.rnn.Conv2DLSTMCell`."""

    def __init__(self, name="conv_2d_lstm_cell", **kwargs):
        super().__init__(conv_ndims=2, name=name, **kwargs)


class SRUCell(LibraryCell):
    """`tf.contrib.rnn.SRUCell`; see `tfseq.cells.SRUCell`."""

    def __init__(self, num_units, activation=None, reuse=None, name=None):
        super().__init__(
            cells.SRUCell(num_units, **options(activation=activation)), name, reuse=reuse
        )


class IndRNNCell(LibraryCell):
    """`tf.contrib.rnn.IndRNNCell`; see `tfseq.cells.IndRNNCell`."""

    def __init__(self, num_units, activation=None, reuse=None, name=None, dtype=None):
        cell = cells.IndRNNCell(num_units, **options(activation=activation))
        super().__init__(cell, name, dtype, reuse)


class IndyGRUCell(LibraryCell):
    """`tf.contrib.rnn.IndyGRUCell`; see `tfseq.cells.IndyGRUCell`."""

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
        given = options(
            activation=activation,
            kernel_initializer=kernel_initializer,
            gates_bias_initializer=bias_initializer,
            candidate_bias_initializer=bias_initializer,
        )
        super().__init__(cells.IndyGRUCell(num_units, **given), name, dtype, reuse)


class IndyLSTMCell(LSTMLikeCell):
    """`tf.contrib.rnn.IndyLSTMCell`; see `tfseq.cells.IndyLSTMCell`."""

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


class MinimalRNNCell(LibraryCell):
    """`MinimalRNNCell` of `tf.contrib.rnn`'s module; see `tfseq.cells.MinimalRNNCell`."""

    def __init__(
        self,
        units,
        activation="tanh",
        kernel_initializer="glorot_uniform",
        bias_initializer="ones",
        name=None,
        dtype=None,
    ):
        cell = cells.MinimalRNNCell(
            units, bias_initializer, activation=activation, kernel_initializer=kernel_initializer
        )
        super().__init__(cell, name, dtype)


class CFNCell(LibraryCell):
    """`CFNCell` of `tf.contrib.rnn`'s module; see `tfseq.cells.CFNCell`."""

    def __init__(
        self,
        units,
        activation="tanh",
        kernel_initializer="glorot_uniform",
        bias_initializer="ones",
        name=None,
        dtype=None,
    ):
        cell = cells.CFNCell(
            units, bias_initializer, activation=activation, kernel_initializer=kernel_initializer
        )
        super().__init__(cell, name, dtype)


def _norms(gain, shift) -> dict[str, Any]:
    """Initializers from constants."""
    return {
        "gamma_initializer": keras.initializers.Constant(gain),
        "beta_initializer": keras.initializers.Constant(shift),
    }

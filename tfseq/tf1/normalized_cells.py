"""TensorFlow 1's cells with normalised gates or weights, of `tf.contrib.rnn` and its module."""

from typing import Any

import keras

from tfseq import cells
from tfseq.tf1.cells import LSTMLikeCell
from tfseq.tf1.core_cells import LSTMCell, lstm_options

NORMS = {
    f"{gate}_{kind}": f"{gate}/{kind}"
    for gate in ("input", "transform", "forget", "output", "state")
    for kind in ("gamma", "beta")
}


def norms(gain, shift) -> dict[str, Any]:
    """Initializers of gains and shifts from constants."""
    return {
        "gamma_initializer": keras.initializers.Constant(gain),
        "beta_initializer": keras.initializers.Constant(shift),
    }


class LayerNormBasicLSTMCell(LSTMLikeCell):
    """`tf.contrib.rnn.LayerNormBasicLSTMCell`; see `tfseq.cells.LayerNormBasicLSTMCell`.

    Args:
        num_units: Width of `c`, `h` and the output.
        forget_bias: Added to the forget gate at each step.
        input_size: Taken and not used, as in TensorFlow 1.
        activation: Of the candidate and the output.
        layer_norm: Without it there is a bias instead, which starts at 0; TensorFlow 1 drew it.
        norm_gain: What gains start with.
        norm_shift: What shifts start with.
        dropout_keep_prob: Probability to keep an entry of the candidate.
        dropout_prob_seed: For the draws.
        reuse: As for `LibraryCell`.
        name: As for `RNNCell`.

    Source: `LayerNormBasicLSTMCell` in TensorFlow 1.15.
    """

    names = NORMS

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
            **norms(norm_gain, norm_shift),
        )
        super().__init__(cell, name=name, reuse=reuse)


class LayerNormLSTMCell(LSTMLikeCell):
    """`LayerNormLSTMCell` of `tf.contrib.rnn`'s module; see `tfseq.cells.LayerNormLSTMCell`.

    TensorFlow 1 made a bias that it never added where gates are normalised; it is not made here.

    Args:
        num_units: Width of `c`, and of `h` unless it is projected.
        use_peepholes: As for `LSTMCell`.
        cell_clip: As for `LSTMCell`.
        initializer: As for `LSTMCell`.
        num_proj: As for `LSTMCell`.
        proj_clip: As for `LSTMCell`.
        forget_bias: As for `LSTMCell`.
        activation: As for `LSTMCell`.
        layer_norm: Without it the cell is an `LSTMCell`.
        norm_gain: What gains start with.
        norm_shift: What shifts start with.
        reuse: As for `LibraryCell`.
        name: As for `RNNCell`.

    Source: `LayerNormLSTMCell` in TensorFlow 1.15.
    """

    names = {**NORMS, **LSTMCell.names}

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
        given = lstm_options(initializer, num_proj, proj_clip, cell_clip, activation)
        kind = cells.LayerNormLSTMCell if layer_norm else cells.LSTMCell
        given |= norms(norm_gain, norm_shift) if layer_norm else {}
        cell = kind(num_units, use_peepholes=use_peepholes, forget_bias=forget_bias, **given)
        super().__init__(cell, name=name, reuse=reuse)


class CoupledInputForgetGateLSTMCell(LSTMLikeCell):
    """`tf.contrib.rnn.CoupledInputForgetGateLSTMCell`; see the cells of `tfseq.cells`.

    They are `CoupledInputForgetGateLSTMCell`, and with `layer_norm`
    `LayerNormCoupledInputForgetGateLSTMCell`. Where gates are normalised TensorFlow 1 made a bias
    that it never added; it is not made here.

    Args:
        num_units: Width of `c`, and of `h` unless it is projected.
        use_peepholes: Whether the gates look at `c`.
        initializer: For kernel, peepholes and projection; TensorFlow 1 forgot to use it.
        num_proj: Width of the projected `h`; `None`: it is not projected.
        proj_clip: Keep the projected `h` within this distance from 0.
        num_unit_shards: Taken and not used: a kernel is one variable.
        num_proj_shards: Likewise.
        forget_bias: Added to the forget gate at each step.
        state_is_tuple: Whether a state is `LSTMStateTuple(c, h)`, or `c` and `h` side by side.
        activation: Of the candidate and the output.
        reuse: As for `LibraryCell`.
        layer_norm: Whether gates and `c` are normalised.
        norm_gain: What gains start with.
        norm_shift: What shifts start with.
        name: As for `RNNCell`.

    Source: `CoupledInputForgetGateLSTMCell` in TensorFlow 1.15.
    """

    names = {
        **NORMS,
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
        norm_gain=1.0,
        norm_shift=0.0,
        name=None,
    ):
        given = lstm_options(initializer, num_proj, proj_clip, activation=activation)
        kind = cells.CoupledInputForgetGateLSTMCell
        if layer_norm:
            kind = cells.LayerNormCoupledInputForgetGateLSTMCell
            given |= norms(norm_gain, norm_shift)
        cell = kind(num_units, use_peepholes=use_peepholes, forget_bias=forget_bias, **given)
        super().__init__(cell, state_is_tuple, name=name, reuse=reuse)


class WeightNormLSTMCell(LSTMLikeCell):
    """`WeightNormLSTMCell` of `tf.contrib.rnn`'s module; see `tfseq.cells.WeightNormLSTMCell`.

    Args:
        num_units: Width of `c`, and of `h` unless it is projected.
        norm: Without it the cell is an `LSTMCell`.
        use_peepholes: As for `LSTMCell`.
        cell_clip: As for `LSTMCell`.
        initializer: As for `LSTMCell`. Gains start at 1; TensorFlow 1 drew them by it.
        num_proj: As for `LSTMCell`.
        proj_clip: As for `LSTMCell`.
        forget_bias: As for `LSTMCell`.
        activation: As for `LSTMCell`.
        reuse: As for `LibraryCell`.
        name: As for `RNNCell`.

    Source: `WeightNormLSTMCell` in TensorFlow 1.15.
    """

    names = {
        name.replace("/", "_"): f"wn_lstm_cell/{name}"
        for name in (
            "kernel",
            "bias",
            "norm_0",
            "norm_1",
            "w_i_diag",
            "w_f_diag",
            "w_o_diag",
            "projection/kernel",
        )
    } | {"projection_norm": "wn_lstm_cell/projection/norm_0"}

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
        given = lstm_options(initializer, num_proj, proj_clip, cell_clip, activation)
        kind = cells.WeightNormLSTMCell if norm else cells.LSTMCell
        cell = kind(num_units, use_peepholes=use_peepholes, forget_bias=forget_bias, **given)
        super().__init__(cell, name=name, reuse=reuse)

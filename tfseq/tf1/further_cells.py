"""TensorFlow 1's LSTMs of other kinds, and the cell of a search: what `tf.contrib.rnn` had."""

from tfseq import cells
from tfseq.tf1.cells import LSTMLikeCell, options
from tfseq.tf1.core_cells import LSTMCell


class NASCell(LSTMLikeCell):
    """`tf.contrib.rnn.NASCell`; the equation is in `tfseq.cells.NASCell`.

    Args:
        num_units: Width of `c`, and of `h` unless it is projected.
        num_proj: Width of the projected `h`; `None`: it is not projected.
        use_bias: Whether there is a bias.
        reuse: As for `LibraryCell`.
        name: As for `RNNCell`.
        **kwargs: `trainable`.

    Source: `NASCell` in TensorFlow 1.15.
    """

    def __init__(self, num_units, num_proj=None, use_bias=False, reuse=None, name=None, **kwargs):
        cell = cells.NASCell(num_units, projection_units=num_proj, use_bias=use_bias)
        super().__init__(cell, name=name, reuse=reuse, **kwargs)


class GLSTMCell(LSTMLikeCell):
    """`tf.contrib.rnn.GLSTMCell`; the equation is in `tfseq.cells.GLSTMCell`.

    Args:
        num_units: Width of `c`, and of `h` unless it is projected.
        initializer: For the kernels; that of the projection too, where TensorFlow 1 forgot it.
        num_proj: Width of the projected `h`; `None`: it is not projected.
        number_of_groups: In how many groups inputs and state are read.
        forget_bias: Added to the forget gate at each step.
        activation: Of the candidate and the output.
        reuse: As for `LibraryCell`.
        name: As for `RNNCell`.

    Raises:
        ValueError: A width that is no multiple of `number_of_groups`.

    Source: `GLSTMCell` in TensorFlow 1.15.
    """

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
    """`tf.contrib.rnn.PhasedLSTMCell`; the equation is in `tfseq.cells.PhasedLSTMCell`.

    Its inputs are a pair: times `[batch, 1]`, and features `[batch, depth]`.

    Args:
        num_units: Width of `c`, `h` and the output.
        use_peepholes: Whether the gates look at `c`.
        leak: How much passes a gate that is shut.
        ratio_on: Share of its period that a unit is open.
        trainable_ratio_on: Whether that share is trained.
        period_init_min: Least period to start with.
        period_init_max: Greatest period to start with.
        reuse: As for `LibraryCell`.
        name: As for `RNNCell`.

    Source: `PhasedLSTMCell` in TensorFlow 1.15.
    """

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
    """`tf.contrib.rnn.ConvLSTMCell`; the equation is in `tfseq.cells.ConvLSTMCell`.

    Args:
        conv_ndims: How many dimensions an image has: 1 or 2.
        input_shape: Shape of the inputs without batch, channels last.
        output_channels: Channels of `c`, `h` and the output.
        kernel_shape: Of the kernel, in each dimension.
        use_bias: Whether there is a bias.
        skip_connection: Refused: it broke at the second step.
        forget_bias: Added to the forget gate at each step.
        initializers: Taken and not used, as in TensorFlow 1.
        name: As for `RNNCell`.

    Raises:
        ValueError: `skip_connection`, or an `input_shape` of other dimensions.

    Source: `ConvLSTMCell` in TensorFlow 1.15.
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
        cell = cells.ConvLSTMCell(input_shape, output_channels, kernel_shape, use_bias, forget_bias)
        super().__init__(cell, name=name)


class Conv1DLSTMCell(ConvLSTMCell):
    """`tf.contrib.rnn.Conv1DLSTMCell`: `ConvLSTMCell` for one dimension.

    Args:
        name: As for `RNNCell`.
        **kwargs: Those of `ConvLSTMCell`.
    """

    def __init__(self, name="conv_1d_lstm_cell", **kwargs):
        super().__init__(conv_ndims=1, name=name, **kwargs)


class Conv2DLSTMCell(ConvLSTMCell):
    """`tf.contrib.rnn.Conv2DLSTMCell`: `ConvLSTMCell` for two dimensions.

    Args:
        name: As for `RNNCell`.
        **kwargs: Those of `ConvLSTMCell`.
    """

    def __init__(self, name="conv_2d_lstm_cell", **kwargs):
        super().__init__(conv_ndims=2, name=name, **kwargs)

"""Long short-term memory: the plain cell, and the one with peepholes, clipping and projection."""

import functools
from typing import Any

import keras
from keras import ops

from tfseq.cells.ahead import ProductCell
from tfseq.cells.base import check_units
from tfseq.cells.basic import other_activation
from tfseq.cells.lstm_sequence import lstm_sequence


@keras.saving.register_keras_serializable("tfseq")
class BasicLSTMCell(ProductCell):
    """Long short-term memory without peepholes.

        i, j, f, o = split([x, h] W + b)
        c' = sigmoid(f + forget_bias) * c + sigmoid(i) * tanh(j)
        h' = sigmoid(o) * tanh(c')

    Args:
        units: Width of `h` and `c`.
        forget_bias: Added to `f`, so that the cell remembers at first. It is not part of `b`.
        activation: What stands for `tanh` above.
        kernel_initializer: For `W`, `[depth + units, 4 * units]`.
        bias_initializer: For `b`, `[4 * units]`.

    Call arguments:
        inputs: `[batch, depth]`.
        states: `[h, c]`, each `[batch, units]`.

    Reference: Zaremba et al., 2014, arXiv:1409.2329.
    """

    def __init__(
        self,
        units,
        forget_bias=1.0,
        activation="tanh",
        kernel_initializer="glorot_uniform",
        bias_initializer="zeros",
        **kwargs,
    ):
        super().__init__(**kwargs)
        self.units = check_units(units)
        self.forget_bias = forget_bias
        self.activation = activation
        self.activate = keras.activations.get(activation)
        self.kernel_initializer = kernel_initializer
        self.bias_initializer = bias_initializer

    @property
    def state_size(self):
        """`[h, c]`."""
        return [self.output_size, self.units]

    @property
    def output_size(self):
        """Width of `h`."""
        return self.units

    @property
    def state_is_carry(self):
        """Only the cell itself reads `c`."""
        return [False, True]

    def build(self, inputs_shape):
        """Make `kernel` and `bias`."""
        self.kernel = self.add_weight(
            shape=(inputs_shape[-1] + self.output_size, 4 * self.units),
            initializer=self.kernel_initializer,
            name="kernel",
        )
        self.bias = self.add_weight(
            shape=(4 * self.units,), initializer=self.bias_initializer, name="bias"
        )

    def gates(self, inputs, hidden):
        """`[i, j, f, o]`, side by side."""
        return ops.matmul(ops.concatenate([inputs, hidden], axis=-1), self.kernel) + self.bias

    def call(self, inputs, states, training=False):
        """One step."""
        return self.advance(states, functools.partial(self.gates, inputs))

    def weight_pairs(self):
        """`(W, b)`."""
        return [(self.kernel, self.bias)]

    def advance(self, states, gates):
        """The step from `h -> [i, j, f, o]`."""
        hidden, cell = states
        i, j, f, o = ops.split(gates(hidden), 4, axis=-1)
        cell = ops.sigmoid(f + self.forget_bias) * cell + ops.sigmoid(i) * self.activate(j)
        hidden = ops.sigmoid(o) * self.activate(cell)
        return hidden, [hidden, cell]

    def obstacle(self, training=False):
        """Another activation than `tanh`, or gates of a subclass."""
        if type(self).gates is not BasicLSTMCell.gates:
            return f"{type(self).__name__} has gates of its own"
        return other_activation(self)

    def unroll(self, inputs, states, mask=None, memory=None, training=False):
        """A whole sequence, by `lstm_sequence`."""
        weights = inputs, *states, self.kernel, self.bias, *self.further_weights()
        tensors: Any = keras.tree.map_structure(lambda x: ops.cast(x, self.compute_dtype), weights)
        outputs, *states = lstm_sequence(*tensors, forget_bias=self.forget_bias, mask=mask)
        return outputs, states

    def further_weights(self):
        """Peepholes and projection, as `lstm_sequence` takes them."""
        return ()


@keras.saving.register_keras_serializable("tfseq")
class LSTMCell(BasicLSTMCell):
    """Long short-term memory with peepholes, clipping and projection, each if asked for.

        i, j, f, o = split([x, h] W + b)
        c' = clip(sigmoid(f + w_f * c + forget_bias) * c + sigmoid(i + w_i * c) * tanh(j))
        h' = clip((sigmoid(o + w_o * c') * tanh(c')) P)

    The first clip is `cell_clip`, the second `projection_clip`. The output gate looks at `c'` after
    it is clipped.

    Args:
        units: Width of `c`, and of `h` unless it is projected.
        use_peepholes: Whether the gates look at `c`, through `w_i`, `w_f` and `w_o`, each
            `[units]`.
        cell_clip: Keep `c'` within this distance from 0.
        projection_units: Width of `h` after the product with `P`, `[units, projection_units]`.
        projection_clip: Keep the projected `h'` within this distance from 0.
        clip_passes_gradient: Whether the gradient of `c'` passes the clip as if it were not there,
            as in the fused kernels of TensorFlow 1.
        forget_bias: Added to `f`, so that the cell remembers at first. It is not part of `b`.
        activation: What stands for `tanh` above.
        kernel_initializer: For `W`, `[depth + width of h, 4 * units]`, the peepholes and `P`.
        bias_initializer: For `b`, `[4 * units]`.

    Call arguments:
        inputs: `[batch, depth]`.
        states: `[h, c]`, `[batch, projection_units or units]` and `[batch, units]`.

    Raises:
        ValueError: `projection_clip` without `projection_units`.

    Reference: Sak et al., 2014, arXiv:1402.1128.
    """

    def __init__(
        self,
        units,
        use_peepholes=False,
        cell_clip=None,
        projection_units=None,
        projection_clip=None,
        clip_passes_gradient=False,
        **kwargs,
    ):
        super().__init__(units, **kwargs)
        if projection_units is not None:
            check_units(projection_units, "projection_units")
        elif projection_clip is not None:
            raise ValueError(
                "`projection_clip` needs `projection_units`: it clips what is projected. "
                f"Received: projection_clip={projection_clip!r}"
            )
        self.use_peepholes = use_peepholes
        self.cell_clip = cell_clip
        self.projection_units = projection_units
        self.projection_clip = projection_clip
        self.clip_passes_gradient = clip_passes_gradient

    @property
    def output_size(self):
        """Width of `h`."""
        return self.projection_units or self.units

    def build(self, inputs_shape):
        """Make `kernel`, `bias`, and what the options ask for."""
        super().build(inputs_shape)
        self.add_options("ifo")

    def add_options(self, gates):
        """Make the peepholes of these gates and the projection, if asked for."""
        if self.use_peepholes:
            for gate in gates:
                weight = self.add_weight(
                    shape=(self.units,),
                    initializer=self.kernel_initializer,
                    name=f"w_{gate}_diag",
                )
                setattr(self, f"w_{gate}_diag", weight)
        if self.projection_units:
            self.projection_kernel = self.add_weight(
                shape=(self.units, self.projection_units),
                initializer=self.kernel_initializer,
                name="projection_kernel",
            )

    def advance(self, states, gates):
        """The step from `h -> [i, j, f, o]`."""
        hidden, cell = states
        i, j, f, o = ops.split(gates(hidden), 4, axis=-1)
        if self.use_peepholes:
            i = i + self.w_i_diag * cell
            f = f + self.w_f_diag * cell
        cell = ops.sigmoid(f + self.forget_bias) * cell + ops.sigmoid(i) * self.activate(j)
        cell = self.settle(cell)
        if self.use_peepholes:
            o = o + self.w_o_diag * cell
        hidden = self.project(ops.sigmoid(o) * self.activate(cell))
        return hidden, [hidden, cell]

    def settle(self, cell):
        """`c'` from the sum of what is kept and what is new."""
        clipped = clip(cell, self.cell_clip)
        return cell + ops.stop_gradient(clipped - cell) if self.clip_passes_gradient else clipped

    def project(self, hidden):
        """`h'` from the output gate's product."""
        if not self.projection_units:
            return hidden
        return clip(ops.matmul(hidden, self.projection_kernel), self.projection_clip)

    def obstacle(self, training=False):
        """A clip, or what is in the way of a `BasicLSTMCell`."""
        for name in ("cell_clip", "projection_clip"):
            limit = getattr(self, name)
            if limit is not None:
                return f"`{name}` is {limit}"
        return super().obstacle(training)

    def unroll(self, inputs, states, mask=None, memory=None, training=False):
        """A whole sequence, by `lstm_sequence`."""
        return super().unroll(inputs, states, mask)

    def further_weights(self):
        """Peepholes and projection, where there are such."""
        names = ("w_i_diag", "w_f_diag", "w_o_diag") if self.use_peepholes else ()
        peepholes = [getattr(self, name) for name in names]
        return (peepholes, *([self.projection_kernel] if self.projection_units else ()))


def clip(values, limit):
    """Values kept within a distance from 0, if one is given."""
    return values if limit is None else ops.clip(values, -limit, limit)

"""From the simple recurrent cell to the LSTM, one idea at a time.

    h' = tanh([x, h] W + b)                          BasicRNNCell: the state is made anew each step
    h' = h + u                                       AdditiveRNNCell: it is added to, so that
                                                     gradients come back through time unshrunk
    h' = f * h + (1 - f) * u                         UGRNNCell: a gate forgets as much as it lets in
    h' = f * h + i * u                               TwoGateRNNCell: two gates, one for each
    c' = f * c + i * u,    h' = o * tanh(c')         BasicLSTMCell: and one for what is shown

Reference: Hochreiter & Schmidhuber, 1997, "Long short-term memory"; Gers et al., 2000, "Learning to
forget".
"""

import keras
from keras import ops

from tfseq.cells.basic import BasicRNNCell


@keras.saving.register_keras_serializable("tfseq")
class AdditiveRNNCell(BasicRNNCell):
    """Recurrent cell that adds to its state: a residual connection through time.

        u = tanh([x, h] W + b)
        h' = h + u

    Args:
        units: Width of `h`.
        **kwargs: `activation` and the initializers of `BasicRNNCell`.

    Call arguments:
        inputs: `[batch, depth]`.
        states: `[h]`, `[batch, units]`.
    """

    def call(self, inputs, states, training=False):
        """One step."""
        (hidden,) = states
        inner = ops.matmul(ops.concatenate([inputs, hidden], axis=-1), self.kernel)
        hidden = hidden + self.activate(inner + self.bias)
        return hidden, [hidden]


@keras.saving.register_keras_serializable("tfseq")
class TwoGateRNNCell(BasicRNNCell):
    """Recurrent cell with a gate that forgets and a gate that writes.

        i, j, f = split([x, h] W + b)
        h' = sigmoid(f + forget_bias) * h + sigmoid(i) * tanh(j)

    Args:
        units: Width of `h`.
        forget_bias: Added to `f`, so that the cell remembers at first. It is not part of `b`.
        **kwargs: `activation` and the initializers of `BasicRNNCell`.

    Call arguments:
        inputs: `[batch, depth]`.
        states: `[h]`, `[batch, units]`.
    """

    def __init__(self, units, forget_bias=1.0, **kwargs):
        super().__init__(units, **kwargs)
        self.forget_bias = forget_bias

    def build(self, inputs_shape):
        """Make `kernel` and `bias`."""
        self.add_kernel(inputs_shape[-1] + self.units, 3 * self.units)

    def call(self, inputs, states, training=False):
        """One step."""
        (hidden,) = states
        inner = ops.matmul(ops.concatenate([inputs, hidden], axis=-1), self.kernel)
        i, j, f = ops.split(inner + self.bias, 3, axis=-1)
        kept = ops.sigmoid(f + self.forget_bias) * hidden
        hidden = kept + ops.sigmoid(i) * self.activate(j)
        return hidden, [hidden]

"""From TensorFlow 1's kernels to Keras's: the order of gates, split kernels, the forget bias.

                    TensorFlow 1                          Keras
    rows            [x; h], one kernel                    kernel, recurrent_kernel
    LSTM            i, j, f, o; forget_bias in the step   i, f, c = j, o; nothing in the step
    GRU             r, u; candidate apart                 z = u, r, h

This is the one place where either is turned into the other. Each function takes
`{TF1 name: array}` and the forget bias, which only the LSTM has.
"""

import numpy as np


def split_rows(kernel, units):
    """`(kernel, recurrent_kernel)`: the rows of the inputs, those of the state."""
    return kernel[:-units], kernel[-units:]


def simple_rnn(weights, forget_bias=None):
    """`BasicRNNCell` -> `[kernel, recurrent_kernel, bias]` of `keras.layers.SimpleRNN`."""
    kernel, bias = weights["kernel"], weights["bias"]
    return [*split_rows(kernel, kernel.shape[1]), bias]


def lstm(weights, forget_bias):
    """`LSTMCell` -> `[kernel, recurrent_kernel, bias]` of `keras.layers.LSTM`."""
    i, j, f, o = np.split(weights["kernel"], 4, axis=1)
    b_i, b_j, b_f, b_o = np.split(weights["bias"], 4)
    b_f = b_f + np.asarray(forget_bias, b_f.dtype)
    kernels = split_rows(np.concatenate([i, f, j, o], axis=1), i.shape[1])
    return [*kernels, np.concatenate([b_i, b_f, b_j, b_o])]


def gru(weights, forget_bias=None):
    """`GRUCell` -> the weights of `keras.layers.GRU(reset_after=False)`."""
    r, u = np.split(weights["gates/kernel"], 2, axis=1)
    b_r, b_u = np.split(weights["gates/bias"], 2)
    kernel = np.concatenate([u, r, weights["candidate/kernel"]], axis=1)
    bias = np.concatenate([b_u, b_r, weights["candidate/bias"]])
    return [*split_rows(kernel, r.shape[1]), bias]


def reset_after_gru(weights, forget_bias=None):
    """`CudnnCompatibleGRUCell` -> the weights of `keras.layers.GRU(reset_after=True)`.

    Its gates have one bias, Keras's two that are added: the second is zero there.
    """
    units = weights["candidate/hidden_projection/kernel"].shape[1]
    r, u = np.split(weights["gates/kernel"], 2, axis=1)
    b_r, b_u = np.split(weights["gates/bias"], 2)
    own, recurrent = split_rows(np.concatenate([u, r], axis=1), units)
    zeros = np.zeros_like(np.concatenate([b_u, b_r]))
    biases = [
        np.concatenate([b_u, b_r, weights["candidate/input_projection/bias"]]),
        np.concatenate([zeros, weights["candidate/hidden_projection/bias"]]),
    ]
    return [
        np.concatenate([own, weights["candidate/input_projection/kernel"]], axis=1),
        np.concatenate([recurrent, weights["candidate/hidden_projection/kernel"]], axis=1),
        np.stack(biases),
    ]

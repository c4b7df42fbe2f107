"""Steps of a loop with the same weights, as decoding takes them: what can be done ahead is.

    [x, h] W + b  =  (x Wx + b) + h Wh

What the inputs add is a product of its own. In a loop that feeds words back, a table of it for all
words makes of that product a row to be read. And the matrices are laid out once as products like
them. A cell says that it can be run so by four methods:

    loop_obstacle() -> what is in the way, in words; "" for nothing
    loop_weights() -> a nest of tensors: the weights, laid out
    loop_inputs(weights, inputs, last) -> a nest: what the first entries of the inputs add, with the
        biases, for `[..., depth]`; or what the last entries add to that
    loop_step(weights, added, states, memory) -> (output, new_states)

`ahead_obstacle` asks. A class that has a `call` of its own and inherits these has other steps.
"""

import tensorflow as tf
from keras import ops

from tfseq.cells.base import RNNCell
from tfseq.cells.scan import spaced


def ahead_obstacle(cell):
    """Why a loop must take the cell's own steps, in words; "" if the four methods are there."""
    for parent in type(cell).__mro__:
        if {"advance", "loop_step"} & vars(parent).keys():
            return cell.loop_obstacle()
        if {"call", "gates"} & vars(parent).keys():
            break
    return f"{type(cell).__name__} has steps of its own"


def products_of(inputs, kernels):
    """For each `(W, b)` a function `h -> [x, h] W + b`."""
    return [
        lambda rows, kernel=kernel, bias=bias: (
            ops.matmul(ops.concatenate([inputs, rows], axis=-1), kernel) + bias
        )
        for kernel, bias in kernels
    ]


class ProductCell(RNNCell):
    """A cell whose step begins with products `[x, h] W + b`.

    A subclass has `weight_pairs() -> [(W, b), ...]` and `advance(states, *products)`, the step when
    for each of these a function `h -> [x, h] W + b` is given; its `call` is such an `advance`.
    """

    def weight_pairs(self):
        """Each `W` with its `b`."""
        raise NotImplementedError("A cell of products must define `weight_pairs()`.")

    def advance(self, states, *products):
        """The step."""
        raise NotImplementedError("A cell of products must define `advance(states, *products)`.")

    def loop_obstacle(self):
        """Computing in another dtype than that of the weights."""
        if self.compute_dtype != self.variable_dtype:
            return f"{type(self).__name__} computes in {self.compute_dtype}"
        return ""

    def loop_weights(self):
        """`(Wx, b, Wh)` of each product."""
        weights = [[tf.convert_to_tensor(x) for x in pair] for pair in self.weight_pairs()]
        cut = -self.output_size
        return [(spaced(kernel[:cut]), bias, spaced(kernel[cut:])) for kernel, bias in weights]

    def loop_inputs(self, weights, inputs, last=False):
        """`x Wx + b` of all products, side by side."""
        depth = inputs.shape[-1]
        rows = slice(-depth, None) if last else slice(depth)
        added = [_product(inputs, kernel[rows], bias) for kernel, bias, _ in weights]
        if not last:
            added = [part + bias for part, (_, bias, _) in zip(added, weights, strict=True)]
        return added[0] if len(added) == 1 else tf.concat(added, axis=-1)

    def loop_step(self, weights, added, states, memory=None):
        """One step, from what the inputs add."""
        parts = [added]
        if len(weights) > 1:
            parts = tf.split(added, [bias.shape[0] for _, bias, _ in weights], axis=-1)
        products = [
            lambda rows, part=part, kernel=kernel, bias=bias: part + _product(rows, kernel, bias)
            for part, (_, bias, kernel) in zip(parts, weights, strict=True)
        ]
        return self.advance(states, *products)


def _product(rows, kernel, bias):
    """`rows kernel`, as wide as the bias: without the columns that only space it."""
    product = tf.matmul(rows, kernel)
    width = bias.shape[0]
    return product if kernel.shape[1] == width else product[:, :width]

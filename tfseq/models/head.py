"""The softmax over words as its weights: for losses that do without the scores of all words."""

import dataclasses
from typing import Any

import keras
from keras import ops

from tfseq.linear_losses import linear_cross_entropy
from tfseq.losses import cross_entropy


@dataclasses.dataclass(frozen=True)
class Head:
    """`softmax(o W + b)`.

    Attributes:
        kernel: `W`, `[width, vocabulary]`; `[vocabulary, width]` where it is `tied`.
        bias: `b`, `[vocabulary]`.
        dtype: What products are computed in.
        tied: Whether the kernel is that of an embedding.
    """

    kernel: keras.Variable
    bias: keras.Variable
    dtype: str
    tied: bool = False

    def cross_entropy(self, outputs, targets, weights, label_smoothing=0.0, training=False):
        """As `tfseq.cross_entropy` of the scores of `outputs`, `[batch, time, width]`.

        In training the gradient is computed along with the loss, which no one else need pay for.
        """
        outputs, kernel = (ops.cast(x, self.dtype) for x in (outputs, self.kernel))
        if training:
            return linear_cross_entropy(
                outputs, kernel, self.bias.value, targets, weights, label_smoothing, tied=self.tied
            )
        scores: Any = ops.matmul(outputs, ops.transpose(kernel) if self.tied else kernel)
        scores = ops.cast(scores, "float32") + ops.cast(self.bias, "float32")
        return cross_entropy(scores, targets, weights, label_smoothing)


def dense_head(layer):
    """The `Head` that a `keras.layers.Dense` is."""
    return Head(layer.kernel, layer.bias, layer.compute_dtype)

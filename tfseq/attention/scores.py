"""The scores: how well a position of the memory fits a query."""

import math

import keras
from keras import ops

from tfseq.attention.mechanism import AttentionMechanism


@keras.saving.register_keras_serializable("tfseq")
class LuongAttention(AttentionMechanism):
    """The query against a projection of the memory.

        keys = values W
        score = g query . key        (g is 1 without `scale`)

    Args:
        units: Width of the keys, and of the query.
        scale: Whether to learn a factor `g` (`attention_g`), 1 at first.
        probability: As in `AttentionMechanism`.

    Reference: Luong et al., 2015, arXiv:1508.04025 ("general").
    """

    def __init__(self, units, scale=False, probability="softmax", **kwargs):
        super().__init__(units, probability, **kwargs)
        self.scale = scale
        self.memory_layer = self.project("memory_layer")

    def build(self, query_shape):
        """Make `attention_g`."""
        super().build(query_shape)
        _check_width(self, query_shape, self.units)
        if self.scale:
            self.attention_g = self.add_weight(shape=(), initializer="ones", name="attention_g")

    def score(self, query, keys):
        """`[batch, k, time]`."""
        scores = products(query, keys)
        return self.attention_g * scores if self.scale else scores

    def get_config(self):
        """The constructor's arguments."""
        return {**super().get_config(), "scale": self.scale}


@keras.saving.register_keras_serializable("tfseq")
class BahdanauAttention(AttentionMechanism):
    """A perceptron over the query and a position of the memory.

        keys = values W
        score = v . tanh(key + query U)
        score = g v / |v| . tanh(key + query U + b)        with `normalize`

    Args:
        units: Width of the keys and of the hidden layer.
        normalize: Whether the length of `v` is learned apart from its direction, as `g`
            (`attention_g`), sqrt(1 / units) at first, and a bias `b` (`attention_b`) is learned.
        probability: As in `AttentionMechanism`.

    Reference: Bahdanau et al., 2014, arXiv:1409.0473; Salimans and Kingma, 2016, arXiv:1602.07868.
    """

    def __init__(self, units, normalize=False, probability="softmax", **kwargs):
        super().__init__(units, probability, **kwargs)
        self.normalize = normalize
        self.memory_layer = self.project("memory_layer")
        self.query_layer = self.project("query_layer")

    def build(self, query_shape):
        """Make the query layer and `attention_v`; to normalize, `attention_g` and `attention_b`."""
        super().build(query_shape)
        self.query_layer.build((None, query_shape[-1]))
        self.attention_v = self.add_weight(
            shape=(self.units,), initializer="glorot_uniform", name="attention_v"
        )
        if self.normalize:
            self.attention_g = self.add_weight(
                shape=(),
                initializer=keras.initializers.Constant(math.sqrt(1 / self.units)),
                name="attention_g",
            )
            self.attention_b = self.add_weight(
                shape=(self.units,), initializer="zeros", name="attention_b"
            )

    def score(self, query, keys):
        """`[batch, k, time]`."""
        query, v = self.query_layer(query), self.attention_v
        if self.normalize:
            query = query + self.attention_b
            v = self.attention_g * v / ops.sqrt(ops.sum(ops.square(v)))
        hidden = ops.tanh(keys[:, None] + query[:, :, None])  # [batch, k, time, units]
        return ops.matmul(hidden, v)

    def get_config(self):
        """The constructor's arguments."""
        return {**super().get_config(), "normalize": self.normalize}


def products(query, keys):
    """The inner product of each query with each key, `[batch, k, time]`."""
    return ops.einsum("bku,btu->bkt", query, keys)


def _check_width(mechanism, query_shape, width):
    if query_shape[-1] != width:
        raise ValueError(
            f"{type(mechanism).__name__} takes the product of query and keys, which must be "
            f"equally wide. Received: a query of width {query_shape[-1]}, keys of width {width}"
        )

"""The scores: how well a position of the memory fits a query.

To add one: a class with `score(query, keys)`, one line in `ATTENTIONS`, one test against its
equation in NumPy.
"""

import math

import keras
from keras import ops

from tfseq.attention.mechanism import AttentionMechanism


@keras.saving.register_keras_serializable("tfseq")
class DotAttention(AttentionMechanism):
    """The query against the memory itself.

        score = query . value                        value . query / sqrt(depth) with `scale`

    Nothing is learned; query and memory must be equally wide.

    Args:
        units: Depth of the memory; by default what it turns out to be.
        scale: Whether to divide by the square root of the depth, so that wide vectors do not make
            the softmax all or nothing.
        probability: As in `AttentionMechanism`.

    Reference: Luong et al., 2015, arXiv:1508.04025 ("dot"); Vaswani et al., 2017, arXiv:1706.03762
    (scaled).
    """

    def __init__(self, units=None, scale=False, probability="softmax", **kwargs):
        super().__init__(units, probability, **kwargs)
        self.scale = scale

    def build(self, query_shape):
        """Nothing to make."""
        super().build(query_shape)
        _check_width(self, self.depth)

    def score(self, query, keys):
        """`[batch, k, time]`."""
        return products(query / math.sqrt(self.depth) if self.scale else query, keys)

    def get_config(self):
        """The constructor's arguments."""
        return {**super().get_config(), "scale": self.scale}


@keras.saving.register_keras_serializable("tfseq")
class LuongAttention(AttentionMechanism):
    """The query against a projection of the memory.

        keys = values W
        score = g query . key        (g is 1 without `scale`)

    The projection is on the side of the memory, and is made once for each source.

    Args:
        units: Width of the keys, and of the query.
        scale: Whether to learn a factor `g` (`attention_g`), 1 at first.
        probability: As in `AttentionMechanism`.

    Reference: Luong et al., 2015, arXiv:1508.04025 ("general").
    """

    def __init__(self, units, scale=False, probability="softmax", **kwargs):
        super().__init__(units, probability, **kwargs)
        self.scale = scale
        self.memory_layer = self.project(units, "memory_layer")

    def build(self, query_shape):
        """Make `attention_g`."""
        super().build(query_shape)
        _check_width(self, self.units)
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
class BilinearAttention(AttentionMechanism):
    """A projection of the query against the memory itself.

        score = query U . value

    It is the same function as `LuongAttention` with `U` for the transpose of `W`. The projection is
    on the side of the query, at each step: the keys are the values, so a long source costs no
    further memory, and the query may be of any width.

    Args:
        units: Depth of the memory; by default what it turns out to be.
        probability: As in `AttentionMechanism`.

    Reference: Luong et al., 2015, arXiv:1508.04025 ("general").
    """

    def build(self, query_shape):
        """Make the query layer."""
        super().build(query_shape)
        self.query_layer = self.project(self.depth, "query_layer")
        self.query_layer.build((None, None, query_shape[-1]))

    def score(self, query, keys):
        """`[batch, k, time]`."""
        return products(self.query_layer(query), keys)


@keras.saving.register_keras_serializable("tfseq")
class BahdanauAttention(AttentionMechanism):
    """A perceptron over the query and a position of the memory.

        keys = values W
        score = v . tanh(key + query U + b)
        score = g v / |v| . tanh(key + query U + b)        with `normalize`

    `W` and `U` are the two parts of one matrix over `[query; value]`, of which that of the memory
    is applied once for each source. So this is also Luong's "concat" score.

    Args:
        units: Width of the keys and of the hidden layer.
        normalize: Whether the length of `v` is learned apart from its direction, as `g`
            (`attention_g`), sqrt(1 / units) at first.
        use_bias: Whether to learn `b` (`attention_b`); by default with `normalize` only.
        probability: As in `AttentionMechanism`.

    Reference: Bahdanau et al., 2014, arXiv:1409.0473; Salimans and Kingma, 2016, arXiv:1602.07868
    (normalized); Luong et al., 2015, arXiv:1508.04025 ("concat").
    """

    def __init__(self, units, normalize=False, use_bias=None, probability="softmax", **kwargs):
        super().__init__(units, probability, **kwargs)
        self.normalize = normalize
        self.use_bias = normalize if use_bias is None else use_bias
        self.memory_layer = self.project(units, "memory_layer")
        self.query_layer = self.project(units, "query_layer")

    def build(self, query_shape):
        """Make the query layer, `attention_v`, and as asked for `attention_g`, `attention_b`."""
        super().build(query_shape)
        self.query_layer.build((None, None, query_shape[-1]))
        self.attention_v = self.add_weight(
            shape=(self.units,), initializer="glorot_uniform", name="attention_v"
        )
        if self.normalize:
            length = keras.initializers.Constant(math.sqrt(1 / self.units))
            self.attention_g = self.add_weight(shape=(), initializer=length, name="attention_g")
        if self.use_bias:
            self.attention_b = self.add_weight(
                shape=(self.units,), initializer="zeros", name="attention_b"
            )

    def score(self, query, keys):
        """`[batch, k, time]`."""
        query, v = self.query_layer(query), self.attention_v
        if self.use_bias:
            query = query + self.attention_b
        if self.normalize:
            v = self.attention_g * v / ops.norm(v)
        # `expand_dims`, since the gradient of an index with a new axis is a slow copy.
        hidden = ops.expand_dims(keys, 1) + ops.expand_dims(query, 2)  # [batch, k, time, units]
        hidden = ops.tanh(hidden)
        return ops.matmul(hidden, v)

    def get_config(self):
        """The constructor's arguments."""
        return {**super().get_config(), "normalize": self.normalize, "use_bias": self.use_bias}


def products(query, keys):
    """The inner product of each query with each key, `[batch, k, time]`."""
    return ops.einsum("bku,btu->bkt", query, keys)


def _check_width(mechanism, width):
    if width is not None and mechanism.query_depth != width:
        raise ValueError(
            f"{type(mechanism).__name__} takes the product of query and keys, which must be "
            f"equally wide. Received: a query of width {mechanism.query_depth}, "
            f"keys of width {width}"
        )

"""From the encoder to the decoder: how the writer starts from what the reader knows."""

import keras
from keras import ops

from tfseq.models.pooling import mean_annotation


class Bridge(keras.Layer):
    """Gives the decoder's cell its first states.

    Args:
        state_size: Nest of integers: the states of the decoder's cell.

    Call arguments:
        states: What `Encoder` returns: for each layer the last states of its ways.
        annotations: `[batch, time, depth]`, zeros where masked.
        mask: `[batch, time]` booleans or `None`.

    Returns:
        A nest like `state_size` of `[batch, size]`.
    """

    def __init__(self, state_size, **kwargs):
        super().__init__(**kwargs)
        self.state_size = state_size

    @property
    def sizes(self):
        """The widths of the decoder's states, in flat order."""
        return keras.tree.flatten(self.state_size)

    def pack(self, tensors):
        """A flat list in the structure of the decoder's states."""
        return keras.tree.pack_sequence_as(self.state_size, tensors)

    def build(self, annotations_shape=None):
        """Nothing of its own: the parts are built when they are first called."""
        self.built = True

    def get_config(self):
        return {**super().get_config(), "state_size": self.state_size}


def joined_states(states):
    """A flat list: the states of all layers, those of the two ways of a layer side by side."""
    return [
        ops.concatenate(both, axis=-1) if len(both) > 1 else both[0]
        for ways in states
        for both in zip(*[keras.tree.flatten(way) for way in ways], strict=True)
    ]


@keras.saving.register_keras_serializable("tfseq")
class CopyBridge(Bridge):
    """The encoder's last states are the decoder's first; those of two ways stand side by side.

    Reference: Sutskever et al., 2014, arXiv:1409.3215.
    """

    def call(self, states, annotations, mask=None):
        joined = joined_states(states)
        widths = [state.shape[-1] for state in joined]
        if widths != self.sizes:
            raise ValueError(
                "A copied state needs an encoder with as many states as the decoder's cell, "
                "equally wide (both ways of it together). "
                f"Received: {widths} of the encoder for {self.sizes} of the decoder"
            )
        return self.pack(joined)


@keras.saving.register_keras_serializable("tfseq")
class DenseBridge(Bridge):
    """Each first state is a function of all of the encoder's last states.

    s_i = tanh([all last states] W_i + b_i)
    """

    def __init__(self, state_size, **kwargs):
        super().__init__(state_size, **kwargs)
        self.layers = [keras.layers.Dense(size, activation="tanh") for size in self.sizes]

    def call(self, states, annotations, mask=None):
        joined = ops.concatenate(joined_states(states), axis=-1)
        return self.pack([layer(joined) for layer in self.layers])


@keras.saving.register_keras_serializable("tfseq")
class MeanBridge(DenseBridge):
    """Each first state is a function of the mean annotation.

        s_i = tanh(mean_t(a_t) W_i + b_i)

    Reference: Sennrich et al., 2017, arXiv:1703.04357.
    """

    def call(self, states, annotations, mask=None):
        mean = mean_annotation(annotations, mask)
        return self.pack([layer(mean) for layer in self.layers])


@keras.saving.register_keras_serializable("tfseq")
class ZeroBridge(Bridge):
    """The decoder starts from zeros; it knows the source by its attention alone."""

    def call(self, states, annotations, mask=None):
        batch = ops.shape(annotations)[0]
        return self.pack([ops.zeros((batch, size), annotations.dtype) for size in self.sizes])


BRIDGES = {"copy": CopyBridge, "dense": DenseBridge, "mean": MeanBridge, "zero": ZeroBridge}


def make_bridge(name, state_size):
    """The bridge of that name, into states of those sizes."""
    if name not in BRIDGES:
        raise ValueError(
            f"`name` must be one of {', '.join(sorted(BRIDGES))}. Received: name={name!r}"
        )
    return BRIDGES[name](state_size)

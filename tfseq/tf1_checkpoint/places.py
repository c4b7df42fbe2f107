"""Where weights go: the variables of any target by TensorFlow 1's names."""

from collections.abc import Mapping

import keras
import tensorflow as tf

from tfseq import tf1
from tfseq.models import Decoder, Encoder, LanguageModel, Seq2Seq
from tfseq.tf1_checkpoint.cell_places import of_cell, of_layer, plain


def places_of(target):
    """The places of a target, each variable in one.

    Names are TensorFlow 1's, from the target's own scope on:
    `multi_rnn_cell/cell_0/lstm_cell/kernel`. Those of a mapping's items begin with its keys; a
    list is a stack.

    Args:
        target: See `load`.

    Returns:
        A list of `Place`.

    Raises:
        TypeError: `target` is nothing that has weights.
        ValueError: Its weights are not made yet.
    """
    found, seen = [], set()
    for place in _places(target, ""):
        if not seen & {id(variable) for variable in place.variables}:
            found.append(place)
            seen |= {id(variable) for variable in place.variables}
    if not found:
        raise ValueError(
            "`target` must have its weights: build it, or call it once, before it is filled. "
            f"Received: target={target!r}"
        )
    return found


def _places(target, scope):
    if isinstance(target, Mapping):
        for key, item in target.items():
            if isinstance(item, (tf.Variable, keras.Variable)):
                yield plain(scope, key, item)
            else:
                yield from _places(item, f"{scope}{key}/")
    elif isinstance(target, (list, tuple)):
        yield from _of_stack(target, scope)
    elif hasattr(target, "named_variables"):
        yield from _of_face(target, scope)
    elif isinstance(target, keras.Layer):
        yield from _of_layer(target, scope)
    else:
        raise TypeError(
            "`target` must be a cell, a layer, a model, an object of `tfseq.tf1`, a list of such, "
            f"or a mapping from names to such or to variables. Received: target={target!r}"
        )


def _of_stack(layers, scope):
    both_ways = all(isinstance(layer, keras.layers.Bidirectional) for layer in layers)
    stack = "stack_bidirectional_rnn" if both_ways else "multi_rnn_cell"
    for position, layer in enumerate(layers):
        yield from _places(layer, f"{scope}{stack}/cell_{position}/")


def _of_layer(layer, scope):
    if isinstance(layer, LanguageModel):
        yield from _of_language_model(layer, scope)
    elif isinstance(layer, Seq2Seq):
        for name in ("encoder", "decoder", "bridge"):
            yield from _of_layer(getattr(layer, name), f"{scope}{name}/")
    elif isinstance(layer, Encoder):
        yield from _of_encoder(layer, scope)
    elif isinstance(layer, Decoder):
        yield from _of_embedding(layer.embedding, scope)
        yield from of_cell(layer.cell, scope)
        yield from _of_dense({"readout": layer.readout, "softmax": layer.softmax}, scope)
    elif isinstance(layer, keras.layers.Bidirectional):
        for way, one in (("fw", layer.forward_layer), ("bw", layer.backward_layer)):
            yield from _of_layer(one, f"{scope}bidirectional_rnn/{way}/")
    elif isinstance(layer, keras.layers.RNN):
        yield from of_cell(layer.cell, scope)
    elif hasattr(layer, "output_size"):
        yield from of_cell(layer, scope)
    elif isinstance(layer, keras.Model):
        for inner in layer.layers:
            yield from _of_layer(inner, f"{scope}{inner.name}/")
    else:
        yield from of_layer(layer, scope)


def _of_language_model(model, scope):
    if not model.built:
        model.build((None, None))
    yield from _of_embedding(model.embedding, scope)
    yield from of_cell(model.cell, scope)
    yield from _of_dense({"projection": model.projection, "softmax": model.softmax}, scope)


def _of_encoder(encoder, scope):
    yield from _of_embedding(encoder.embedding, scope)
    for layer, ways in enumerate(encoder.ways):
        below = f"{scope}stack_bidirectional_rnn/cell_{layer}/" if len(encoder.ways) > 1 else scope
        for way in ways:
            side = f"bidirectional_rnn/{'bw' if way.go_backwards else 'fw'}/"
            yield from of_cell(way.cell, below + (side if len(ways) > 1 else ""))


def _of_embedding(embedding, scope):
    """The word vectors, and what the softmax adds where it shares them."""
    if embedding.built:
        yield plain(scope, "embedding", embedding.embeddings)
        if embedding.tied:
            yield plain(scope, "softmax/bias", embedding.bias)


def _of_dense(layers, scope):
    for name, layer in layers.items():
        for variable in [] if layer is None else layer.weights:
            yield plain(scope, f"{name}/{variable.name}", variable)


def _of_face(target, scope):
    """An object of `tfseq.tf1`."""
    forget_biases = {
        id(variable.value): layer.forget_bias
        for layer in _layers_below(target)
        if hasattr(layer, "forget_bias")
        for variable in layer.weights
    }
    for name, variable in tf1.variables_by_name(target).items():
        yield plain(scope, name, variable, forget_biases.get(id(variable)))


def _layers_below(face):
    """The layers that an object of `tfseq.tf1` stands for."""
    for inner in ("cell", "wrapper", "_cell", "_inner"):
        below = getattr(face, inner, None)
        if isinstance(below, keras.Layer):
            yield from below._flatten_layers()
        elif hasattr(below, "named_variables"):
            yield from _layers_below(below)

"""A language model of TensorFlow 1 as one of ours."""

from tfseq.cells import CELLS, MultiRNNCell, ResidualWrapper
from tfseq.models import LanguageModel
from tfseq.tf1_checkpoint.loading import load
from tfseq.tf1_checkpoint.parts import roles_of, stacks_of
from tfseq.tf1_checkpoint.weights import Weights


def language_model(
    path,
    *,
    forget_bias=None,
    activation=None,
    cell_clip=None,
    projection_clip=None,
    residual_from=None,
    rename=None,
    scope="",
    average=False,
):
    """A `LanguageModel` with the sizes and the weights of a checkpoint of TensorFlow 1.

    Sizes are read off the shapes: one embedding, one cell or one `MultiRNNCell`, and one dense
    layer over the vocabulary (or its bias alone, where the embedding is its matrix too). What a
    checkpoint does not hold is an argument.

    Args:
        path: See `load`.
        forget_bias: Of the LSTM cells, whose default was 1.0. Due for them, but for cuDNN's.
        activation: What stands for `tanh` in the cells, if anything.
        cell_clip: Of `LSTMCell`.
        projection_clip: Of `LSTMCell`.
        residual_from: First layer, from 0, that was in a `ResidualWrapper`.
        rename: See `load`. The parts are recognised by their new names.
        scope: See `load`.
        average: See `load`.

    Returns:
        A built `LanguageModel`.

    Raises:
        ValueError: The checkpoint holds no such model, or more than one; or as `load`.
    """
    parts, left = Weights(path, rename, scope, average).parts()
    given = {"forget_bias": forget_bias, "activation": activation}
    given |= {"cell_clip": cell_clip, "projection_clip": projection_clip}
    cell = _cell(_only_stack(parts, scope), given, residual_from)
    roles = {role: name for name, role in roles_of(parts, left).items()}
    if not {"embedding", "softmax/bias"} <= set(roles):
        raise ValueError(
            "`rename` must say which variables are embedding, softmax/kernel and softmax/bias. "
            f"Received: only {', '.join(roles) or 'none of them'} recognised among "
            f"{', '.join([*(p.scope for p in parts if not p.cell), *left])}"
        )
    (embedding,) = [part for part in parts if part.kind == "embedding"]
    model = LanguageModel(
        embedding.options["vocabulary_size"],
        cell,
        embedding.options["units"],
        tied="softmax/kernel" not in roles,
    )
    load(path, model, rename=rename, scope=scope, average=average, forget_bias=forget_bias)
    return model


def _only_stack(parts, scope):
    """The cells of the one recurrent network."""
    stacks = stacks_of(parts)
    if len(stacks) != 1:
        raise ValueError(
            "`scope` must hold one cell or one stack of cells, as a language model has. "
            f"Received: scope={scope!r} with {', '.join(stacks) or 'none'}"
        )
    return next(iter(stacks.values()))


def _cell(parts, given, residual_from):
    """The cell, or the stack, that the parts were."""
    if residual_from is not None and residual_from not in range(len(parts)):
        raise ValueError(
            f"`residual_from` must be one of the {len(parts)} layers, from 0. "
            f"Received: residual_from={residual_from}"
        )
    clips = given["cell_clip"], given["projection_clip"]
    if clips != (None, None) and all(part.kind != "lstm" for part in parts):
        raise ValueError(
            "`cell_clip` and `projection_clip` are for LSTMCell. "
            f"Received: {clips} for {', '.join(str(part) for part in parts)}"
        )
    layers = [_layer(part, given) for part in parts]
    if residual_from is not None:
        layers[residual_from:] = [ResidualWrapper(layer) for layer in layers[residual_from:]]
    return MultiRNNCell(layers) if parts[0].stack else layers[0]


def _layer(part, given):
    if part.kind not in CELLS:
        raise ValueError(
            f"`path` must hold cells of `tfseq.CELLS`. Received: {part.kind} in {part.scope}"
        )
    forgets = part.cell.forgets
    if forgets and not part.is_cudnn and given["forget_bias"] is None:
        raise ValueError(
            "`forget_bias` must be given: no checkpoint holds it. TensorFlow 1's default was 1.0. "
            f"Received: forget_bias=None for {part}"
        )
    names = ["activation"] + ["forget_bias"] * forgets
    names += ["cell_clip", "projection_clip"] if part.kind == "lstm" else []
    options = {name: given[name] for name in names if given[name] is not None}
    if part.is_cudnn:
        options["forget_bias"] = 0.0
    return CELLS[part.kind](**part.options, **options)

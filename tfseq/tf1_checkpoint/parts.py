"""What the variables of a model belong to: cells, attention, embeddings, dense layers."""

import dataclasses
import re
from collections.abc import Mapping
from typing import Any

from tfseq.tf1_checkpoint.kinds import KIND_OF_SCOPE, Kind
from tfseq.tf1_checkpoint.names import CUDNN, canonical

STACKED = re.compile(r"(?P<stack>(.*/)?multi_rnn_cell(_\d+)?)/cell_(?P<layer>\d+)/[^/]+")
ATTENTION = re.compile(
    r"(?P<scope>(.*/)?(?P<kind>(luong|bahdanau)(_monotonic)?_attention)(_\d+)?)/.+"
)
LAYERS_OF_ATTENTION = re.compile(
    r"(?P<scope>(.*/)?(?P<kind>memory_layer|attention_layer)(_\d+)?)/.+"
)
WRAPPERS = re.compile(
    r"(?P<scope>(.*/)?(?P<kind>(input_projection|output_projection|embedding|attention_cell)"
    r"_wrapper))/.+|(?P<around>.*/)?(carry|transform)_[wb]"
)
# How the two variables of a dense layer were written: frameworks' names, then people's.
DENSE = (
    ("/kernel", "/bias"),
    ("/weights", "/biases"),
    ("_w", "_b"),
    ("_W", "_b"),
    ("/W", "/b"),
    ("/w", "/b"),
    ("weights", "biases"),
    ("weight", "bias"),
)


@dataclasses.dataclass(frozen=True, eq=False)
class Part:
    """Something of a model, and the variables that are its own.

    Attributes:
        kind: A name of `tfseq.CELLS` or of another cell; `luong_attention` and the like,
            `memory_layer`, `attention_layer`; the scope of a wrapper; `embedding`; `dense`.
        scope: What stands before its variables' names.
        shapes: Its variables, `{name: shape}`.
        options: What the shapes say of the arguments of its constructor.
        depth: Width of the inputs; `None` where the shapes do not say.
        cell: The `Kind`, if it is a cell.
    """

    kind: str
    scope: str
    shapes: Mapping[str, tuple[int, ...]]
    options: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    depth: int | None = None
    cell: Kind | None = None

    @property
    def stack(self):
        """`(scope of the stack, layer)` of a cell of a `MultiRNNCell`, otherwise `None`."""
        found = STACKED.fullmatch(self.scope)
        return (found["stack"], int(found["layer"])) if found and self.cell else None

    @property
    def is_cudnn(self):
        """Whether it is cuDNN's LSTM, whose forget bias is in its bias."""
        return CUDNN in self.scope

    def __str__(self):
        facts = [f"{name}={value}" for name, value in self.options.items()]
        facts += [] if self.depth is None else [f"inputs={self.depth}"]
        return f"{' '.join([self.kind, *facts])}  in {self.scope or '.'}"


def parts_of(shapes):
    """`(parts, {name: shape} of the variables that are of none)`.

    Args:
        shapes: `{name: shape}` of the weights.
    """
    left = dict(shapes)
    parts = [*_cells(left), *_matched(left, ATTENTION), *_matched(left, LAYERS_OF_ATTENTION)]
    parts += _matched(left, WRAPPERS)
    widths = [part.depth for part in parts if part.cell]
    parts += [*_dense_pairs(left), *_named_embeddings(left), *_lone_kernels(left)]
    parts += _embeddings(left, widths, [part for part in parts if part.kind == "dense"])
    return sorted(parts, key=lambda part: _in_order(part.scope)), left


def roles_of(parts, left):
    """What of a language model's is not recurrent: `{name: name in tfseq.LanguageModel}`.

    The only embedding, and the only dense layer with as many classes; where that embedding is the
    softmax's matrix too, a bias alone.

    Args:
        parts: Of `parts_of`.
        left: Likewise.
    """
    embeddings = [part for part in parts if part.kind == "embedding"]
    if len(embeddings) != 1:
        return {}
    classes = embeddings[0].options["vocabulary_size"]
    dense = [part for part in parts if part.kind == "dense" and part.options["units"] == classes]
    shapes = dense[0].shapes if len(dense) == 1 else {}
    if not dense:
        biases = {name: shape for name, shape in left.items() if shape == (classes,)}
        shapes = biases if len(biases) == 1 else {}
    ends = {2: "softmax/kernel", 1: "softmax/bias"}
    roles = {name: ends[len(shape)] for name, shape in shapes.items()}
    return {embeddings[0].scope: "embedding", **roles}


def stacks_of(parts):
    """`{scope: cells from the lowest up}`; a cell that is in no stack has its own scope."""
    found: dict[str, list[Part]] = {}
    for part in parts:
        if part.cell:
            found.setdefault(part.stack[0] if part.stack else part.scope, []).append(part)
    return {scope: tuple(sorted(s, key=lambda p: _in_order(p.scope))) for scope, s in found.items()}


def _in_order(scope):
    """Scopes sort with `cell_10` after `cell_9`."""
    return [int(p) if p.isdecimal() else p for p in re.split(r"(\d+)", scope)]


def _take(left, names):
    return {name: left.pop(name) for name in names}


def _cells(left):
    """The cells, by the scopes that TensorFlow 1 gave them."""
    scopes: dict[str, dict[str, str]] = {}
    for name in left:
        scope = _cell_scope(name)
        if scope is not None:
            scopes.setdefault(scope, {})[_local(name, scope)] = name
    for scope, names in scopes.items():
        kind = KIND_OF_SCOPE[canonical(f"{scope}/.").split("/")[-2]]
        shapes = {local: left[name] for local, name in names.items()}
        if kind.name == "layer_norm_lstm" and "input/gamma" not in shapes:
            kind = KIND_OF_SCOPE["lstm_cell"]
        if kind.gates in shapes and (kind.inputs is None or kind.inputs in shapes):
            options, depth = kind.sizes(shapes)
            name = _name(kind, scope)
            yield Part(name, scope, _take(left, names.values()), options, depth, kind)


def _name(kind, scope):
    """The scope tells a BasicLSTMCell from an LSTMCell of the same variables."""
    return "basic_lstm" if re.search(r"(^|/)basic_lstm_cell(_\d+)?$", scope) else kind.name


def _cell_scope(name):
    """The name up to the cell's scope, the outer one of two that are alike; `None` without one."""
    own, segments = name.split("/"), canonical(name).split("/")
    depths = [n for n, segment in enumerate(segments[:-1]) if segment in KIND_OF_SCOPE]
    if not depths:
        return None
    last = depths[-1]
    if last and segments[last - 1] == segments[last]:
        last -= 1
    return "/".join(own[: last + 1])


def _local(name, scope):
    """A variable's name within its cell, as `Kind` has it."""
    segments = canonical(name).split("/")[scope.count("/") + 1 :]
    return "/".join(segments).removeprefix("wn_lstm_cell/")


def _matched(left, pattern):
    """Parts by a pattern of their variables' names."""
    scopes: dict[tuple[str, str], list[str]] = {}
    for name in left:
        if found := pattern.fullmatch(name):
            groups = found.groupdict()
            scope = groups["scope"] or (groups.get("around") or "").rstrip("/")
            scopes.setdefault((groups["kind"] or "highway_wrapper", scope), []).append(name)
    for (kind, scope), names in scopes.items():
        shapes = _take(left, names)
        yield Part(kind, scope, shapes, _facts(kind, shapes))


def _facts(kind, shapes):
    last = {name.split("/")[-1]: shape for name, shape in shapes.items()}
    if kind in ("memory_layer", "attention_layer"):
        return {"units": last["kernel"][-1]} if "kernel" in last else {}
    if kind.startswith("luong"):
        return {"scale": "attention_g" in last}
    if kind.startswith("bahdanau") and "attention_v" in last:
        return {"units": last["attention_v"][0], "normalize": "attention_b" in last}
    return {}


def _named_embeddings(left):
    """Matrices that are called so, or are all of a scope that is."""
    for name, shape in list(left.items()):
        if len(shape) == 2 and "embed" in "/".join(name.lower().split("/")[-2:]):
            yield _embedding(left, name)


def _embeddings(left, widths, dense):
    """A matrix with a row for each class of a dense layer, as wide as what a cell reads."""
    classes = {part.options["units"] for part in dense}
    for name, shape in list(left.items()):
        if len(shape) == 2 and shape[0] in classes and shape[1] in widths:
            yield _embedding(left, name)


def _embedding(left, name):
    rows, width = left[name]
    options = {"vocabulary_size": rows, "units": width}
    return Part("embedding", name, _take(left, [name]), options)


def _dense_pairs(left):
    """Matrices with a vector as wide, by the ways in which their names were written."""
    for name, shape in list(left.items()):
        for end, bias_end in DENSE:
            scope = name.removesuffix(end)
            fits = len(shape) == 2 and left.get(scope + bias_end) == shape[-1:]
            if name in left and name.endswith(end) and fits:
                yield _dense(left, scope, name, scope + bias_end)


def _lone_kernels(left):
    """Dense layers without a bias."""
    for name, shape in list(left.items()):
        if len(shape) == 2 and name.endswith("/kernel"):
            yield _dense(left, name.removesuffix("/kernel"), name)


def _dense(left, scope, kernel, *bias):
    depth, units = left[kernel]
    return Part("dense", scope, _take(left, [kernel, *bias]), {"units": units}, depth)

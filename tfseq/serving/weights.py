"""The weights of an export: whether all are there, and what is there that need not be."""

import collections
import hashlib
import re
from typing import NamedTuple

import tensorflow as tf

from tfseq.serving.errors import plain
from tfseq.serving.layout import VARIABLES

BOOKKEEPING = "_CHECKPOINTABLE_OBJECT_GRAPH"  # an entry of each checkpoint that is no variable
OPTIMIZER = re.compile(r"OPTIMIZER_SLOT|(^|/|\.)_?optimizer(/|$)", re.IGNORECASE)
NAMES = ("SaveV2/", "RestoreV2/")  # the variables' names stand before what writes and reads them
SMALL = 1024  # bytes; two zero biases are no waste


class Look(NamedTuple):
    """What was seen of the weights.

    Attributes:
        count: Variables.
        bytes: In all of them.
        notes: What wastes room.
        problems: What is missing.
    """

    count: int
    bytes: int
    notes: list
    problems: list


def look_at(version, graph):
    """Read every variable once, as loading does."""
    prefix = version / VARIABLES
    index = prefix.with_name(f"{prefix.name}.index")
    if not index.is_file():
        needed = any(node.op == "VarHandleOp" for node in graph.graph_def.node)
        problem = f"{index.relative_to(version)} is missing, and the graph has variables."
        return Look(0, 0, [], [problem] if needed else [])
    try:
        arrays = read(str(prefix))
    except (tf.errors.OpError, RuntimeError, ValueError) as error:
        return Look(0, 0, [], [f"The variables cannot be read: {plain(str(error))}"])
    total = sum(len(content) for content in arrays.values())
    return Look(len(arrays), total, notes_of(arrays, constants_of(graph)), [])


def read(prefix):
    """`{name: bytes}` of a checkpoint."""
    reader = tf.train.load_checkpoint(prefix)
    names = sorted(reader.get_variable_to_shape_map())
    tensors = {name: reader.get_tensor(name) for name in names if name != BOOKKEEPING}
    return {name: content_of(value) for name, value in tensors.items()}


def content_of(value):
    """The bytes of an array, or of a string."""
    return value.tobytes() if hasattr(value, "tobytes") else bytes(value)


def constants_of(graph):
    """`{name: bytes}` of the larger constants in a graph and its functions."""
    nodes = [("", node) for node in graph.graph_def.node]
    for function in graph.graph_def.library.function:
        nodes += ((f"{function.signature.name}/", node) for node in function.node_def)
    tensors = {
        place + node.name: node.attr["value"].tensor
        for place, node in nodes
        if node.op == "Const"
        and not node.name.startswith(NAMES)
        and node.attr["value"].tensor.ByteSize() > SMALL
    }
    return {
        name: tensor.tensor_content or tensor.SerializeToString()  # numbers, or strings
        for name, tensor in tensors.items()
    }


def notes_of(arrays, constants):
    """Lines about what is there twice, and about what training alone needs."""
    places = collections.defaultdict(list)
    for name, content in [*arrays.items(), *constants.items()]:
        if len(content) > SMALL:
            places[hashlib.sha256(content).digest()].append((name, len(content)))
    notes = [
        f"{len(same)} times the same {same[0][1]:,} bytes: {', '.join(name for name, _ in same)}."
        for same in places.values()
        if len(same) > 1
    ]
    slots = [name for name in arrays if OPTIMIZER.search(name)]
    if slots:
        size = sum(len(arrays[name]) for name in slots)
        notes.append(
            f"{len(slots)} variables of an optimizer, {size:,} bytes, which no answer needs: "
            f"{slots[0]}, ..."
        )
    return notes

"""The operations of a graph: whose they are, and since when TensorFlow has them."""

import importlib

import tensorflow as tf
from tensorflow.core.protobuf import saved_model_pb2
from tensorflow.python.framework import op_def_registry  # there is no public face of it

from tfseq.serving.layout import GRAPH
from tfseq.serving.since import OLDEST, SINCE

# The stock server has these operations linked in; a process of Python imports the module.
LINKED = {"tensorflow_text": "tensorflow-text"}


def read_graphs(version):
    """The `SavedModel` message of a version."""
    return saved_model_pb2.SavedModel.FromString((version / GRAPH).read_bytes())


def operations_of(meta_graph):
    """The names of all operations in a graph and its functions."""
    library = meta_graph.graph_def.library.function
    functions = {function.signature.name for function in library}
    used = {node.op for node in meta_graph.graph_def.node}
    for function in library:
        used |= {node.op for node in function.node_def}
    return used - functions


def is_known(operation):
    """Whether this process can run an operation."""
    return op_def_registry.get(operation) is not None


def import_missing(version):
    """Import what a version needs beside TensorFlow, where it is installed.

    Returns:
        `{module: its operations}` for what was imported.
    """
    graphs = read_graphs(version).meta_graphs
    used = set().union(*(operations_of(graph) for graph in graphs))
    foreign = {name for name in used if not hasattr(tf.raw_ops, name)}
    found = {}
    for module in LINKED if foreign else ():
        before = {name for name in foreign if is_known(name)}
        try:
            importlib.import_module(module)
        except ModuleNotFoundError:
            continue
        found[module] = {name for name in foreign if is_known(name)} - before
    return found


def servers_that_know(used):
    """Which releases have all these operations of TensorFlow, and so which servers."""
    newer = [version for version, names in SINCE.items() if used & set(names.split())]
    oldest = max(newer, key=lambda version: int(version.split(".")[1]), default=OLDEST)
    bound = f"{oldest} on" if newer else f"{oldest} on, and perhaps older ones"
    return f"known to TensorFlow and its server from {bound}"

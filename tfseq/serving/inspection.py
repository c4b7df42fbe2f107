"""An export read as a model server reads it, part by part, until something is missing.

The rules are those of TensorFlow Serving: which folders are versions, which graph is loaded, what
must be beside it, what warm-up requests do, and what batching and the REST interface need of a
signature.
"""

import collections
import time

import tensorflow as tf
from google.protobuf import json_format, message

from tfseq.serving import graphs, operations, saved_model_session, weights
from tfseq.serving.errors import plain
from tfseq.serving.layout import GRAPH, WARM_UP, is_version, newest_version
from tfseq.serving.signatures import signatures_of
from tfseq.serving.warm_up import read_warm_up

DEFAULT = "serving_default"
FAILURES = (tf.errors.OpError, OSError, RuntimeError, TypeError, ValueError, KeyError)


class Inspection:
    """What was found.

    Attributes:
        title: The version that was looked at.
        facts: Lines about it.
        notes: What a server takes, and a person should know.
        problems: Why a server would not load it, or would not answer rightly.
    """

    def __init__(self, title):
        self.title = title
        self.facts = []
        self.notes = []
        self.problems = []

    def fact(self, name, text):
        """Add a line."""
        self.facts.append(f"  {name:<12}{text}")


def inspect(export):
    """The `Inspection` of an export: the newest version below a folder, or that version itself."""
    version = newest_version(export)
    found = Inspection(str(version or export))
    if version is None:
        found.problems.append(
            "There is no version: a server looks for folders named 1, 2, ... below the one it is "
            "given."
        )
        return found
    look_at_name(found, version)
    graph = read_graph(found, version)
    if graph is not None:
        look_at_graph(found, graph)
        look_at_operations(found, graph, version)
        look_at_files(found, graph, version)
        if not found.problems:
            run_warm_up(found, version)
    return found


def look_at_name(found, version):
    """A version is a folder with a number for a name."""
    if not is_version(version.resolve()):
        found.problems.append(
            f"The folder is named {version.resolve().name}: a server takes folders named 1, 2, ... "
            "for versions."
        )


def read_graph(found, version):
    """The graph that a server loads, or None."""
    try:
        graphs_there = operations.read_graphs(version).meta_graphs
    except (OSError, message.DecodeError) as error:
        reason = "there is none" if isinstance(error, FileNotFoundError) else plain(str(error))
        found.problems.append(f"{GRAPH} cannot be read: {reason}.")
        return None
    for graph in graphs_there:
        if list(graph.meta_info_def.tags) == ["serve"]:
            return graph
    tags = ", ".join("+".join(graph.meta_info_def.tags) or "nothing" for graph in graphs_there)
    found.problems.append(f"No graph is tagged `serve` and nothing else; the tags are: {tags}.")
    return None


def look_at_graph(found, graph):
    """Who wrote it, and what can be asked."""
    versions = graph.graph_def.versions
    found.fact(
        "written by",
        f"TensorFlow {graph.meta_info_def.tensorflow_version}; graph version {versions.producer}, "
        f"for readers from {versions.min_consumer} on",
    )
    if not graph.meta_info_def.stripped_default_attrs:
        found.notes.append(
            "Attributes with default values are written out: older servers may not know them."
        )
    signatures = signatures_of(
        {
            name: json_format.MessageToDict(definition, preserving_proto_field_name=True)
            for name, definition in graph.signature_def.items()
        }
    )
    for name, signature in signatures.items():
        found.fact("signature", f"{name} {signature}")
        found.problems += graphs.problems_of_shapes(name, signature)
        found.problems += graphs.problems_of_state(name, graph)
    found.notes += graphs.notes_of_randomness(signatures, graph)
    if DEFAULT not in signatures:
        known = ", ".join(signatures) or "none"
        found.problems.append(
            f"There is no signature `{DEFAULT}`, which answers where none is named; there is: "
            f"{known}."
        )


def look_at_operations(found, graph, version):
    """Which operations there are, and who knows them."""
    used = operations.operations_of(graph)
    foreign = operations.import_missing(version)
    unknown = sorted(name for name in used if not operations.is_known(name))
    found.fact("operations", f"{len(used)} kinds; {operations.servers_that_know(used)}")
    for module, names in foreign.items():
        found.notes.append(
            f"{', '.join(sorted(names))} of {operations.LINKED[module]}: linked into the stock "
            f"server; a process of Python has to import {module} first."
        )
    if unknown:
        found.problems.append(
            f"Neither TensorFlow {tf.__version__} nor what a stock server has linked in knows: "
            f"{', '.join(unknown)}."
        )


def look_at_files(found, graph, version):
    """What lies on the disk, part by part, and the weights in it."""
    sizes = collections.Counter()
    for path in version.rglob("*"):
        if path.is_file():
            sizes[path.relative_to(version).parts[0]] += path.stat().st_size
    parts = ", ".join(f"{name} {in_units(size)}" for name, size in sizes.most_common())
    found.fact("size", f"{in_units(sizes.total())}: {parts}")
    look = weights.look_at(version, graph)
    found.fact("weights", f"{look.count} variables, {in_units(look.bytes)}")
    found.notes += look.notes
    found.problems += look.problems


def run_warm_up(found, version):
    """Load the model as a server does, and run what a server runs before it says it is ready."""
    start = time.perf_counter()
    try:
        session, signatures = saved_model_session.opened(str(version))
    except FAILURES as error:
        found.problems.append(f"It cannot be loaded: {plain(str(error))}")
        return
    found.fact("loading", f"{time.perf_counter() - start:.1f} s in a session")
    if not (version / WARM_UP).is_file():
        found.notes.append(f"There is no {WARM_UP}: the first requests will be slow.")
        return
    counts = collections.Counter()
    try:
        for name, inputs in list(read_warm_up(version)):  # all of them, before any runs
            counts[name] += 1
            answer(session, signatures, name, inputs)
    except FAILURES as error:
        found.problems.append(
            f"{WARM_UP.name}, which a server runs while it loads: {plain(str(error))}"
        )
    finally:
        session.close()
    asked = ", ".join(f"{count} of {name}" for name, count in counts.items())
    found.fact("warm-up", f"{counts.total()} requests: {asked}")


def answer(session, signatures, name, inputs):
    """Run a request by the server's rules: a signature that is there, all its inputs, no other."""
    if name not in signatures:
        raise ValueError(f"a request asks for `{name}`, which is no signature.")
    if inputs.keys() != signatures[name].inputs.keys():
        needed = ", ".join(sorted(signatures[name].inputs))
        raise ValueError(f"a request of `{name}` must hold {needed}. Received: {', '.join(inputs)}")
    saved_model_session.run(session, signatures[name], inputs)


def in_units(size):
    """Bytes for people."""
    for unit, many in {"MB": 1e6, "kB": 1e3}.items():
        if size >= many:
            return f"{size / many:.1f} {unit}"
    return f"{size} bytes"

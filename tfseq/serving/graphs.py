"""What in a graph keeps a signature from being served: shapes, state, Python."""

import re

# A row's answer may depend on the row alone: any replica answers any request.
WRITES = re.compile(
    r"Assign|ResourceApply|ResourceSparseApply|ResourceScatter|ResourceStridedSliceAssign"
    r"|LookupTable(Insert|Import|Remove)|Mutable(Dense)?HashTable|.*Queue|RngReadAndSkip"
    r"|Stateful(Uniform|StandardNormal|TruncatedNormal|Random)|RngSkip"
)
PYTHON = re.compile("(Eager)?PyFunc")
DRAWS = re.compile(
    "Random(Uniform|StandardNormal|Gamma|Poisson|Shuffle)|TruncatedNormal|Multinomial"
)


def problems_of_shapes(name, signature):
    """Lines about inputs and outputs whose first axis is not that of an open batch."""
    problems = []
    for kind, tensors in {"input": signature.inputs, "output": signature.outputs}.items():
        for key, tensor in tensors.items():
            if tensor.shape is not None and (not tensor.shape or tensor.shape[0] is not None):
                problems.append(
                    f"The {kind} `{key}` of `{name}` is {tensor}: batching and REST need an open "
                    "number of rows first."
                )
    return problems


def problems_of_state(name, graph):
    """Lines about operations that a signature runs and a server cannot have run there."""
    problems = []
    used = operations_below(name, graph)
    if writes := sorted(filter(WRITES.match, used)):
        problems.append(
            f"`{name}` keeps state between requests ({', '.join(writes)}): answers depend on what "
            "was asked before, and on which replica."
        )
    if python := sorted(filter(PYTHON.fullmatch, used)):
        problems.append(f"`{name}` calls Python ({', '.join(python)}): a server has none.")
    return problems


def notes_of_randomness(signatures, graph):
    """Lines about signatures that draw anew in each request."""
    drawn = {
        name: sorted(filter(DRAWS.match, operations_below(name, graph))) for name in signatures
    }
    return [
        f"`{name}` draws without a seed of the request's ({', '.join(names)}): asked again, it "
        "answers otherwise."
        for name, names in drawn.items()
        if names
    ]


def operations_below(name, graph):
    """The operations that run where a signature's outputs are asked for."""
    nodes = {node.name: node for node in graph.graph_def.node}
    functions = {function.signature.name: function for function in graph.graph_def.library.function}
    waiting = [node_of(info.name) for info in graph.signature_def[name].outputs.values()]
    seen, called, used = set(), [], set()
    while waiting:
        key = waiting.pop()
        if key not in seen and key in nodes:
            seen.add(key)
            waiting += map(node_of, nodes[key].input)
            used.add(nodes[key].op)
            called += functions_of(nodes[key])
    seen = set()
    while called:
        key = called.pop()
        if key not in seen and key in functions:
            seen.add(key)
            for node in functions[key].node_def:
                used.add(node.op)
                called += functions_of(node)
    return used - functions.keys()


def node_of(tensor):
    """`^name` or `name:1` -> `name`."""
    return tensor.removeprefix("^").partition(":")[0]


def functions_of(node):
    """The functions a node may call."""
    yield node.op
    for attribute in node.attr.values():
        if attribute.HasField("func"):
            yield attribute.func.name
        yield from (function.name for function in attribute.list.func)

"""The table of imports: what each part of the house may use of the house."""

import ast
import pathlib

ROOT = pathlib.Path(__file__).resolve().parents[1]

# A part is a package or a module; it may import from itself and from those named here.
FLOORS = {
    "tfseq.files": set(),  # below all others: how a file is written without being half-written
    "tfseq.products": set(),  # below all others: the precision of products is one for all
    "tfseq.cells": {"tfseq.products"},
    "tfseq.attention": {"tfseq.cells"},  # a cell that attends is a cell around a cell
    "tfseq.steps": {"tfseq.cells"},  # who hands a memory to a cell is known to the cells
    "tfseq.recompute": set(),
    "tfseq.rnn": {
        "tfseq.cells",
        "tfseq.recompute",
        "tfseq.steps",
    },  # one loop for the layer and for dynamic_rnn
    "tfseq.unroll": {"tfseq.steps", "tfseq.cells"},
    "tfseq.decoding": set(),
    "tfseq.text": {"tfseq.files"},
    # It trains, and a run is checkpoints, on one host or several; it is served, and clients have
    # rules to keep.
    "tfseq.word2vec": {"tfseq.checkpoint", "tfseq.files", "tfseq.replicas", "tfseq.rules"},
    # It puts pieces together to words, and draws them.
    "tfseq.alignments": {"tfseq.files", "tfseq.text"},
    "tfseq.gradients": set(),
    "tfseq.losses": set(),
    "tfseq.linear_losses": {"tfseq.losses", "tfseq.products"},
    "tfseq.metrics": set(),
    "tfseq.updates": set(),
    "tfseq.optimizers": {"tfseq.updates"},
    "tfseq.chunks": set(),
    "tfseq.config": {"tfseq.files"},
    "tfseq.options": {"tfseq.config"},
    "tfseq.replicas": {"tfseq.config"},  # hosts that differ are an option's error
    "tfseq.cluster": {"tfseq.config"},
    "tfseq.launch": set(),
    "tfseq.watch": {"tfseq.cluster", "tfseq.config"},
    "tfseq.strategies": {"tfseq.cluster", "tfseq.config", "tfseq.replicas", "tfseq.watch"},
    "tfseq.gradient_step": {"tfseq.optimizers", "tfseq.replicas"},
    "tfseq.lazy": set(),
    "tfseq.derived": set(),
    "tfseq.rules": set(),
    "tfseq.usage": {"tfseq.config"},
    "tfseq.parsing": {"tfseq.config"},
    # Its errors are the options' errors.
    "tfseq.command": {"tfseq.config", "tfseq.parsing", "tfseq.usage"},
    # Whoever starts a process keeps it quiet; one that is lost is an option's error.
    "tfseq.processes": {"tfseq.command", "tfseq.config"},
    # From options to data larger than memory.
    "tfseq.prepared": {
        "tfseq.config",
        "tfseq.files",
        "tfseq.processes",
        "tfseq.runs",  # one process at a time works in a directory
        "tfseq.text",
    },
    # From options to what they name; what fails there is an option's error.
    "tfseq.runs": {
        "tfseq.config",
        "tfseq.metrics",  # what a file for a device has lost is said
        "tfseq.optimizers",
        "tfseq.products",
        "tfseq.replicas",  # one of them writes
        "tfseq.serving",
        "tfseq.word2vec",
    },
    # The same for the parts of a model.
    "tfseq.parts": {
        "tfseq.checkpoint",
        "tfseq.config",
        "tfseq.models",
        "tfseq.runs",
        "tfseq.text",
    },
    "tfseq.lines": {"tfseq.config", "tfseq.files"},  # what cannot be read is an option's error
    "tfseq.checkpoint": {"tfseq.files"},
    "tfseq.progress": {"tfseq.files", "tfseq.metrics", "tfseq.replicas"},
    # A run is its checkpoints.
    "tfseq.training": {
        "tfseq.checkpoint",
        "tfseq.gradient_step",
        "tfseq.metrics",
        "tfseq.optimizers",
        "tfseq.replicas",
    },
    "tfseq.serving": {
        "tfseq.command",
        "tfseq.config",
        "tfseq.lazy",
    },  # it has a command line of its own
    # A model knows its loss, which does without the scores of all words, and its rows.
    "tfseq.models": {
        "tfseq.cells",
        "tfseq.linear_losses",
        "tfseq.losses",
        "tfseq.replicas",
        "tfseq.rnn",
    },
    # A face over all of it.
    "tfseq.tf1": {
        "tfseq.attention",
        "tfseq.cells",
        "tfseq.decoding",
        "tfseq.losses",
        "tfseq.steps",
        "tfseq.unroll",
    },
    # Whatever has weights can be filled with those of TensorFlow 1.
    "tfseq.tf1_checkpoint": {
        "tfseq.attention",
        "tfseq.cells",
        "tfseq.checkpoint",  # how variables are named
        "tfseq.command",
        "tfseq.config",
        "tfseq.files",
        "tfseq.lazy",
        "tfseq.models",
        "tfseq.tf1",
    },
}
# These use everything in tfseq, and never each other but for what stands in ABOVE.
APPS = {
    "apps.classification",
    "apps.diagnostics",
    "apps.tagging",
    "apps.translation",
    "apps.tv_script",
    "apps.word2vec",
}
TOP = APPS | {"benchmarks"}
ABOVE = {
    # It measures what they have trained.
    "apps.diagnostics": APPS - {"apps.diagnostics", "apps.word2vec"},
    "benchmarks": APPS,
}


def part_of(module):
    """`tfseq.cells.lstm` -> `tfseq.cells`; None for what is not of this house."""
    names = module.split(".")
    if names[0] == "benchmarks":
        return "benchmarks"
    return ".".join(names[:2]) if names[0] in ("tfseq", "apps") else None


def imports_of(path):
    """The modules a file imports, also inside functions."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: imports are written in full"
            if node.module in ("tfseq", "apps"):
                yield from (f"{node.module}.{alias.name}" for alias in node.names)
            else:
                yield node.module


def edges():
    """`(part, imported part)` for the whole house."""
    for path in [
        *ROOT.glob("tfseq/**/*.py"),
        *ROOT.glob("apps/**/*.py"),
        *ROOT.glob("benchmarks/**/*.py"),
    ]:
        module = ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
        for imported in imports_of(path):
            part, other = part_of(module), part_of(imported)
            if other and part and other != part and part not in ("tfseq", "apps"):
                yield part, other


def test_each_part_imports_only_from_the_floors_below():
    house = set(edges())
    allowed = {(part, other) for part, others in FLOORS.items() for other in others}
    allowed |= {(top, other) for top in TOP for other in FLOORS}
    allowed |= {(part, other) for part, others in ABOVE.items() for other in others}
    assert house - allowed == set()


def test_each_part_of_the_house_stands_in_the_table():
    parts = {
        ".".join(path.relative_to(ROOT).with_suffix("").parts)
        for path in ROOT.glob("tfseq/*")
        if path.suffix == ".py" or (path.is_dir() and any(path.glob("*.py")))
    }
    assert parts - {"tfseq.__init__"} == set(FLOORS)


def test_a_forbidden_import_is_seen():
    assert part_of("tfseq.cells.lstm") == "tfseq.cells"
    assert ("tfseq.training", "tfseq.checkpoint") in set(edges())

"""Training steps of a language model: embedding, two LSTM layers, softmax, all gradients."""

import statistics

from benchmarks.speed import gemm, tasks
from benchmarks.speed.figures import Figure, ratios
from benchmarks.speed.race import race
from tfseq.products import has_bfloat16


def compare(options, threads):
    """The figures of each size."""
    for size in options.sizes:
        yield from of_size(size, options, threads)


def of_size(size, options, threads):
    """One size: beside each of the others, and beside the processor's limit."""
    shape = tasks.SIZES[size]
    goals = tasks.GOALS[size] if threads == 1 else {}
    times, contenders = race(sides(options), tasks.language_model(*shape), threads, options.rounds)
    what = f"training step, {size}"
    own = times.pop("tfseq")
    limit = times.pop("GEMM")
    for name, theirs in times.items():
        if name == "bfloat16":
            yield ratios(what + ", bfloat16", "float32", theirs, own, goals.get(name))
        else:
            yield ratios(what, name, own, theirs, goals.get(name), rates(shape, own, theirs))
    share = tasks.flops(*shape) / gemm.FLOPS
    values = tuple(share * product / mine for mine, product in zip(own, limit, strict=True))
    speed = gemm.FLOPS / statistics.median(limit) / 1e9
    memory = f"{contenders['tfseq'].megabytes:.0f} MB at most"
    note = f"{speed:.0f} GFLOP/s; {memory}"
    yield Figure(what, "product of matrices", values, goals.get("GEMM"), note)


def rates(shape, own, theirs):
    """Tokens by second of both."""
    _, _, rows, steps = shape
    mine, other = (rows * steps / statistics.median(times) for times in (own, theirs))
    return f"{mine:,.0f} / {other:,.0f} tokens/s"


def sides(options):
    """The contenders that there are interpreters for."""
    package = "benchmarks.speed."
    found = {"tfseq": (package + "tfseq_lstm", options.python)}
    found["Keras"] = (package + "keras_lstm", options.python)
    if options.torch_python:
        found["torch"] = (package + "torch_lstm", options.torch_python)
    if options.tf1_python:
        found["TensorFlow 1.15"] = (package + "tf1_lstm", options.tf1_python)
    if has_bfloat16():
        found["bfloat16"] = (package + "tfseq_bfloat16", options.python)
    found["GEMM"] = (package + "gemm", options.python)
    return found

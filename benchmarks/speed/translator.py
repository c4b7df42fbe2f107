"""A translator: bidirectional LSTM of 256, Luong's attention, 8,000 words, sentences of 15."""

import statistics

from benchmarks.speed import tasks
from benchmarks.speed.figures import ratios
from benchmarks.speed.race import race

PACKAGE = "benchmarks.speed."
WHAT = {  # rows, goal
    "greedy": (32, 2.7),
    "beam": (32, 2.7),
    "training": (64, 1.3),
}
NAMES = {
    "greedy": "translation, greedy",
    "beam": "translation, beam 5",
    "training": "training step of the translator",
}


def compare(options, threads):
    """The figures of both searches and of a training step."""
    if not options.torch_python:
        return
    sides = {
        "tfseq": (PACKAGE + "tfseq_translator", options.python),
        "torch": (PACKAGE + "torch_translator", options.torch_python),
    }
    for what, (rows, goal) in WHAT.items():
        times, _ = race(sides, tasks.translator(rows, what), threads, options.rounds)
        own, theirs = times["tfseq"], times["torch"]
        mine, other = (rows / statistics.median(x) for x in (own, theirs))
        note = f"{mine:,.0f} / {other:,.0f} sentences/s"
        name = f"{NAMES[what]}, batch {rows}"
        yield ratios(name, "torch", own, theirs, goal if threads == 1 else None, note)

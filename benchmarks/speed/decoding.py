"""Greedy words of a language model, two layers of 512, a vocabulary of 6,800."""

import statistics

from benchmarks.speed import tasks
from benchmarks.speed.figures import ratios
from benchmarks.speed.race import race

PACKAGE = "benchmarks.speed."
STEPS = 40
GOALS = {1: 3.5, 32: 2.7}  # to torch, by rows
PREDICT_GOAL = 100


def compare(options, threads):
    """The figures for one row and for many."""
    for rows, goal in GOALS.items():
        sides = {"tfseq": (PACKAGE + "tfseq_decode", options.python)}
        if options.torch_python:
            sides["torch"] = (PACKAGE + "torch_decode", options.torch_python)
        if rows == 1:
            sides["model.predict"] = (PACKAGE + "predict_decode", options.python)
        goals = {"torch": goal, "model.predict": PREDICT_GOAL} if threads == 1 else {}
        times, _ = race(sides, tasks.decoding(rows, STEPS), threads, options.rounds)
        own = times.pop("tfseq")
        for name, theirs in times.items():
            mine, other = (rows * STEPS / statistics.median(x) for x in (own, theirs))
            note = f"{mine:,.0f} / {other:,.0f} words/s"
            yield ratios(f"greedy words, batch {rows}", name, own, theirs, goals.get(name), note)

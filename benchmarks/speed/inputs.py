"""What is not the training step: text, vocabulary, batches, progress, draws of word vectors."""

import json
import os
import subprocess
import sys

from benchmarks.speed.figures import Figure
from benchmarks.speed.race import ROOT

MOST = 0.03  # of the training steps


def compare(options, threads):
    """Of the time that is allowed, how many times that taken."""
    processors = ",".join(map(str, sorted(os.sched_getaffinity(0))[-threads:]))
    words = ["taskset", "--cpu-list", processors, sys.executable]
    words += ["-m", "benchmarks.speed.shares", f"--threads={threads}"]
    runs = [
        subprocess.run(words, capture_output=True, text=True, check=True, cwd=ROOT)
        for _ in range(3)
    ]
    found = [json.loads(run.stdout.splitlines()[-1]) for run in runs]
    for application, shares in found[0].items():
        for what in shares:
            taken = [one[application][what] for one in found]
            values = tuple(MOST / max(share, 1e-6) for share in taken)
            note = f"{100 * sorted(taken)[1]:.2f} % of the training steps"
            yield Figure(f"{application}: {what}", f"{100 * MOST:g} %", values, 1.0, note)

"""How soon after `import tensorflow` the first training step is done, in a new process."""

import pathlib
import subprocess
import sys
import tempfile

import numpy as np

from benchmarks.speed import tasks
from benchmarks.speed.figures import Figure
from benchmarks.speed.race import ROOT

MOST = 3.0  # seconds
PROGRAM = """
import sys, time
import tensorflow
started = time.perf_counter()
import numpy as np
from benchmarks.speed.tfseq_lstm import make
with np.load(sys.argv[1]) as arrays:
    step = make(dict(arrays), int(sys.argv[2]))
step()
print(time.perf_counter() - started)
"""


def compare(options, threads):
    """The figures of each size: of the seconds that are allowed, how many times those taken."""
    for size in options.sizes:
        seconds = [first_step(tasks.SIZES[size], threads) for _ in range(3)]
        note = f"{sorted(seconds)[1]:.2f} s"
        values = tuple(MOST / taken for taken in seconds)
        yield Figure(f"first training step, {size}", f"{MOST:g} s", values, 1.0, note)


def first_step(shape, threads):
    """Seconds from import to the end of the first step."""
    with tempfile.TemporaryDirectory() as directory:
        file = pathlib.Path(directory, "task.npz")
        np.savez(file, **tasks.language_model(*shape))
        words = [sys.executable, "-c", PROGRAM, str(file), str(threads)]
        run = subprocess.run(words, capture_output=True, text=True, check=True, cwd=ROOT)
    return float(run.stdout.split()[-1])

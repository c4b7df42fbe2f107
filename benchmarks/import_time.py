"""What does `import tfseq` add to `import tensorflow`, and how soon is a training step done?

python -m benchmarks.import_time
"""

import argparse
import statistics
import subprocess
import sys

from benchmarks.timing import describe_machine

IMPORTS = """
import time
import tensorflow
started = time.perf_counter()
import tfseq
bare = time.perf_counter() - started
for name in tfseq.__all__:
    getattr(tfseq, name)
print(bare, time.perf_counter() - started)
"""

FIRST_STEP = """
import time
import tensorflow
started = time.perf_counter()
import numpy as np
from benchmarks.training_step import make_step
from tfseq.cells import stack_cells
from tfseq.models import LanguageModel
model = LanguageModel(2788, stack_cells("basic_lstm", 256, 3), 200)
make_step(model, 64, 20, 2788)()
print(time.perf_counter() - started)
"""


def medians(program, rounds):
    """The medians of the figures that a program prints, each round in a new process."""
    runs = [
        subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
        for _ in range(rounds)
    ]
    rows = [[float(figure) for figure in run.stdout.split()] for run in runs]
    return [statistics.median(column) for column in zip(*rows, strict=True)]


def main():
    """Print both answers."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    describe_machine("default")
    bare, everything = medians(IMPORTS, options.rounds)
    print(f"import tfseq adds            {bare:6.3f} s to import tensorflow")
    print(f"every public name used adds  {everything:6.3f} s")
    (first,) = medians(FIRST_STEP, options.rounds)
    print(f"first training step within   {first:6.3f} s of import tensorflow")


if __name__ == "__main__":
    main()

"""What does `import tfseq` add to `import tensorflow`?

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


def medians(program, rounds):
    """The medians of the figures that a program prints, each round in a new process."""
    runs = [
        subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
        for _ in range(rounds)
    ]
    rows = [[float(figure) for figure in run.stdout.split()] for run in runs]
    return [statistics.median(column) for column in zip(*rows, strict=True)]


def main():
    """Print the answer."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    describe_machine("default")
    bare, everything = medians(IMPORTS, options.rounds)
    print(f"import tfseq adds            {bare:6.3f} s to import tensorflow")
    print(f"every public name used adds  {everything:6.3f} s")


if __name__ == "__main__":
    main()

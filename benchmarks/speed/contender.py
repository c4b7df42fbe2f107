"""What each side of a race does, in a process of its own. Runs under Python 3.7, too.

It says what its first steps have come to, a loss or words, and then, for each number it reads, does
so many steps and says how many seconds they took.
"""

import argparse
import json
import resource
import sys
import time

import numpy as np

STEPS = 3  # whose losses are compared before any clock starts
CLIP = 5.0
RATE = 0.5


def serve(make):
    """Run a contender.

    Args:
        make: `make(task, threads) -> step`; `task` is a dictionary of arrays, and `step()` does
            one step and returns its loss; or the words that it has found, an array of integers.
    """
    parser = argparse.ArgumentParser()
    parser.add_argument("--task", required=True)
    parser.add_argument("--threads", type=int, required=True)
    options = parser.parse_args()
    with np.load(options.task) as arrays:
        step = make(dict(arrays), options.threads)
    say(answers=[np.asarray(step()).tolist() for _ in range(STEPS)])
    for line in sys.stdin:
        started = time.perf_counter()
        for _ in range(int(line)):
            step()
        seconds = time.perf_counter() - started
        say(seconds=seconds, megabytes=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)


def say(**message):
    """One line for the one who listens."""
    sys.stdout.write("\n" + json.dumps(message) + "\n")
    sys.stdout.flush()

"""Two workers with a core each against one process on one core, which has half the rows."""

import contextlib
import os
import pathlib
import statistics
import tempfile

import numpy as np

from benchmarks.speed.figures import Figure
from benchmarks.speed.race import Contender
from benchmarks.speed.tasks import SIZES, language_model
from tfseq.launch import environment_of, free_addresses

GOAL = 1.6
STEPS = 8  # of each turn


def compare(options, threads):
    """How many times as many words a second two workers read. With one thread for each only."""
    cores = sorted(os.sched_getaffinity(0))
    if threads != 1 or len(cores) < 2:
        return
    vocabulary, units, rows, steps = SIZES["tv512"]
    with contextlib.ExitStack() as stack:
        directory = pathlib.Path(stack.enter_context(tempfile.TemporaryDirectory()))
        for name, number in (("one", rows), ("two", 2 * rows)):
            np.savez(directory / f"{name}.npz", **language_model(vocabulary, units, number, steps))
        addresses = free_addresses(2)
        workers = [
            Contender(
                "benchmarks.speed.tfseq_worker",
                directory / "two.npz",
                1,
                processors=[cores[index]],
                variables={"TF_CONFIG": environment_of(addresses, index)["TF_CONFIG"]},
            )
            for index in range(2)
        ]
        alone = Contender(
            "benchmarks.speed.tfseq_lstm", directory / "one.npz", 1, processors=[cores[0]]
        )
        for contender in (*workers, alone):
            stack.callback(contender.close)
        first, second = (worker.answers for worker in workers)
        assert np.allclose(first, second, rtol=1e-6), (first, second)
        ratios, seconds = [], []
        assert alone.answers  # it has begun
        for _ in range(options.rounds):
            one = alone.run(STEPS)
            for worker in workers:
                worker.tell(STEPS)
            both = max(worker.seconds(STEPS) for worker in workers)
            ratios.append(2 * one / both)
            seconds.append((one, both))
        one, both = (statistics.median(column) for column in zip(*seconds, strict=True))
        note = f"{rows * steps / one:,.0f} and {2 * rows * steps / both:,.0f} words/s"
        yield Figure("two workers, tv512, twice the rows", "one", tuple(ratios), GOAL, note)

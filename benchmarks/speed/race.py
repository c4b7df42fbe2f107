"""Contenders in processes of their own, in turn, round after round."""

import functools
import json
import os
import pathlib
import subprocess
import sys
import tempfile

import numpy as np

ROOT = pathlib.Path(__file__).parents[2]


class Contender:
    """A process that does steps when it is told to.

    Args:
        module: A module that calls `contender.serve`.
        task: File of the task's arrays.
        threads: As many processors are its own, from the last one on.
        python: The interpreter.
        processors: Their numbers, where it is to have others.
        variables: Further variables of its environment.
    """

    def __init__(
        self, module, task, threads, python=sys.executable, processors=None, variables=None
    ):
        inherited = {name: v for name, v in os.environ.items() if name != "TF2_BEHAVIOR"}
        environment = {
            **inherited,
            "PYTHONPATH": str(ROOT),
            "TF_CPP_MIN_LOG_LEVEL": "3",
            "CUDA_VISIBLE_DEVICES": "-1",
            # Threads that have nothing to do must not take time from the others.
            "OMP_WAIT_POLICY": "passive",
            "OMP_NUM_THREADS": str(threads),
            **(variables or {}),
        }
        processors = processors or sorted(os.sched_getaffinity(0))[-threads:]
        processors = ",".join(map(str, processors))
        words = ["taskset", "--cpu-list", processors, python, "-W", "ignore", "-m", module]
        words += ["--task", str(task), "--threads", str(threads)]
        self.name = module
        self.complaints = tempfile.TemporaryFile("w+")  # noqa: SIM115 as long as the process
        self.process = subprocess.Popen(
            words,
            cwd=ROOT,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self.complaints,
            text=True,
        )
        self.megabytes = 0.0

    @functools.cached_property
    def answers(self):
        """What its first steps have come to; once they have."""
        return self.listen()["answers"]

    def run(self, steps):
        """Seconds for a step."""
        self.tell(steps)
        return self.seconds(steps)

    def tell(self, steps):
        """Let it do so many steps."""
        self.process.stdin.write(f"{steps}\n")
        self.process.stdin.flush()

    def seconds(self, steps):
        """Seconds for each of the steps that it was told to do."""
        said = self.listen()
        self.megabytes = said["megabytes"]
        return said["seconds"] / steps

    def listen(self):
        """The next message: a line of JSON among what libraries print."""
        for line in self.process.stdout:
            if line.startswith("{"):
                return json.loads(line)
        code = self.process.wait()
        self.complaints.seek(0)
        raise RuntimeError(f"{self.name} ended with {code}:\n{self.complaints.read()[-1000:]}")

    def close(self):
        """Let it end."""
        self.process.stdin.close()
        self.process.wait()


def race(modules, task, threads, rounds, seconds=0.5):
    """Seconds for a step of each contender, a list with one for each round.

    Args:
        modules: `{name: (module, interpreter)}`.
        task: `{name: array}`, given to all of them.
        threads: Threads of each.
        rounds: How often each has its turn.
        seconds: How long a turn is, about.

    Returns:
        `(times, contenders)`: `{name: [rounds]}`, and the closed processes.

    Raises:
        AssertionError: Their losses or words differ, so that they do not do the same.
    """
    with tempfile.TemporaryDirectory() as directory:
        file = pathlib.Path(directory, "task.npz")
        np.savez(file, **task)
        contenders = {
            name: Contender(module, file, threads, python)
            for name, (module, python) in modules.items()
        }
        check_answers({name: one.answers for name, one in contenders.items()})
        steps = {name: max(1, round(seconds / one.run(1))) for name, one in contenders.items()}
        times = {name: [] for name in contenders}
        for _ in range(rounds):
            for name, one in contenders.items():
                times[name].append(one.run(steps[name]))
        for one in contenders.values():
            one.close()
    return times, contenders


def check_answers(answers):
    """The same before any clock starts.

    Losses to five digits, of which the second and third tell of gradients; words all of them.
    """
    first = np.asarray(next(iter(answers.values())))
    for name, found in answers.items():
        if name in ("GEMM", "bfloat16"):
            continue  # does something else, and the same less exactly
        found = np.asarray(found)
        is_words = found.dtype.kind == "i"
        same = np.array_equal(found, first) if is_words else np.allclose(found, first, rtol=2e-5)
        assert same, f"other answers than the first one's: {name}"

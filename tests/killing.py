"""An application's training, killed in the middle and gone on with."""

import pathlib
import signal
import subprocess
import sys

from tfseq.checkpoint import Checkpoints, digest

ROOT = pathlib.Path(__file__).resolve().parents[1]
PROGRAM = """
import importlib, os, signal, sys

from tfseq import training
from tfseq.command import main

name, last, *words = sys.argv[1:]
verbs = importlib.import_module(f"apps.{name}.__main__").VERBS
step = training.Trainer.train_step


def train_step(self, batch, due):
    found = step(self, batch, due)
    if self.step == int(last):
        os.kill(os.getpid(), signal.SIGKILL)
    return found


training.Trainer.train_step = train_step
sys.exit(main(name, verbs, words))
"""


def assert_resumes(name, application, step, whole_run, killed_run, arguments):
    """A run killed behind a step and started again ends with the same weights, bit for bit.

    Args:
        name: The application's.
        application: A function that runs a command line of it.
        step: After which it is killed; best one inside the second epoch.
        whole_run: The directory of a run that was not killed.
        killed_run: A directory that is not there.
        arguments: Of `train`, those of the whole run.
    """
    words = ["train", f"--run_dir={killed_run}", *arguments]
    killed = subprocess.run(
        [sys.executable, "-c", PROGRAM, name, str(step), *words],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    assert application(*words) == 0
    whole, pieces = (Checkpoints(run / "checkpoints") for run in (whole_run, killed_run))
    assert digest(whole.latest().variables) == digest(pieces.latest().variables)
    assert digest(whole.weights("best").variables) == digest(pieces.weights("best").variables)

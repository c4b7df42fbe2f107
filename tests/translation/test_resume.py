"""A run that is killed and started again ends with the same weights, bit for bit."""

import pathlib
import signal
import subprocess
import sys

from tfseq.checkpoint import Checkpoints, digest

ROOT = pathlib.Path(__file__).resolve().parents[2]
PROGRAM = """
import os, signal, sys

from apps.translation.__main__ import VERBS
from tfseq import training
from tfseq.command import main

step = training.Trainer.train_step


def train_step(self, batch):
    step(self, batch)
    if self.step == 6:  # in the second epoch
        os.kill(os.getpid(), signal.SIGKILL)


training.Trainer.train_step = train_step
sys.exit(main("translation", VERBS, sys.argv[1:]))
"""


def test_a_killed_run_ends_as_one_that_was_not(run_dir, tmp_path, train_arguments, translation):
    words = ["train", f"--run_dir={tmp_path / 'killed'}", *train_arguments]
    killed = subprocess.run(
        [sys.executable, "-c", PROGRAM, *words], cwd=ROOT, capture_output=True, text=True
    )
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    assert translation(*words) == 0
    whole, pieces = (Checkpoints(d / "checkpoints") for d in (run_dir, tmp_path / "killed"))
    assert digest(whole.latest().variables) == digest(pieces.latest().variables)
    assert digest(whole.weights("best").variables) == digest(pieces.weights("best").variables)

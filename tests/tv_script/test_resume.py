"""A run that is killed at any moment and started again ends with the same weights, bit for bit."""

import pathlib
import signal
import subprocess
import sys

from tfseq.checkpoint import Checkpoints, digest

ROOT = pathlib.Path(__file__).resolve().parents[2]

PROGRAM = """
import os, signal, sys

from apps.tv_script.__main__ import VERBS
from tfseq import checkpoint, training
from tfseq.command import main

place, *words = sys.argv[1:]


def kill():
    os.kill(os.getpid(), signal.SIGKILL)


def inside_an_epoch(step=training.Trainer.train_step):
    def train_step(self, batch, due):
        found = step(self, batch, due)
        if self.step % self.batches.steps_per_epoch == 1:
            kill()
        return found

    training.Trainer.train_step = train_step


def during_a_checkpoint(write=checkpoint._write_archive):
    def write_archive(file, step, variables, state):
        write(file, step, variables, state)
        if step >= 4:
            file.truncate(file.tell() // 2)
            file.flush()
            kill()

    checkpoint._write_archive = write_archive


def at_an_epochs_end(save_best=checkpoint.Checkpoints.save_weights):
    def save(self, *arguments):
        save_best(self, *arguments)
        kill()

    checkpoint.Checkpoints.save_weights = save


if place != "nowhere":
    globals()[place]()
sys.exit(main("tv_script", VERBS, words))
"""


def train(place, *words):
    command = [sys.executable, "-c", PROGRAM, place, "train", *words]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True)


def test_a_run_that_is_killed_three_times_ends_as_one_that_was_not(
    run_dir, tmp_path, train_arguments
):
    arguments = [f"--run_dir={tmp_path / 'killed'}", *train_arguments]
    for place in ("inside_an_epoch", "during_a_checkpoint", "at_an_epochs_end"):
        killed = train(place, *arguments)
        assert killed.returncode == -signal.SIGKILL, (place, killed.stderr)
        half_written = list((tmp_path / "killed" / "checkpoints").glob("*.partial"))
        assert bool(half_written) == (place == "during_a_checkpoint")
    finished = train("nowhere", *arguments)
    assert finished.returncode == 0, finished.stderr
    assert "Going on after step" in finished.stderr

    assert not list((tmp_path / "killed" / "checkpoints").glob("*.partial"))
    whole, pieces = (Checkpoints(d / "checkpoints") for d in (run_dir, tmp_path / "killed"))
    assert digest(whole.latest().variables) == digest(pieces.latest().variables)
    assert digest(whole.weights("best").variables) == digest(pieces.weights("best").variables)


def test_a_finished_run_is_left_as_it_is(run_dir, train_arguments, tv_script):
    before = {path: path.read_bytes() for path in (run_dir / "checkpoints").iterdir()}
    assert tv_script("train", f"--run_dir={run_dir}", *train_arguments) == 0
    assert {path: path.read_bytes() for path in (run_dir / "checkpoints").iterdir()} == before

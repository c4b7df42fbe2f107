"""A run that is killed at any moment and started again ends with the same vectors, bit for bit."""

import pathlib
import signal
import subprocess
import sys

from tfseq.checkpoint import Checkpoints, digest

ROOT = pathlib.Path(__file__).resolve().parents[2]

PROGRAM = """
import os, signal, sys

from apps.word2vec.__main__ import VERBS
from tfseq import checkpoint
from tfseq.command import main
from tfseq.word2vec import training

place, *words = sys.argv[1:]

def kill():
    os.kill(os.getpid(), signal.SIGKILL)


def inside_an_epoch(step=training.VectorTrainer.train_step):
    def train_step(self):
        step(self)
        if self.step == self.steps_per_epoch + 2:
            kill()

    training.VectorTrainer.train_step = train_step


def during_a_checkpoint(write=checkpoint._write_archive):
    def write_archive(file, step, variables, state):
        write(file, step, variables, state)
        if step >= 5:
            file.truncate(file.tell() // 2)
            file.flush()
            kill()

    checkpoint._write_archive = write_archive


if place != "nowhere":
    globals()[place]()
make = training.VectorTrainer.__init__
training.VectorTrainer.__init__ = lambda *a, **k: make(*a, **k, segment=50)
sys.exit(main("word2vec", VERBS, words))
"""


def train(place, *words):
    command = [sys.executable, "-c", PROGRAM, place, "train", *words]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True)


def test_a_run_that_is_killed_twice_ends_as_one_that_was_not(tmp_path, train_arguments):
    whole, pieces = (tmp_path / name for name in ("whole.txt", "pieces.txt"))
    for place in ("inside_an_epoch", "during_a_checkpoint"):
        killed = train(place, f"--vectors={pieces}", *train_arguments)
        assert killed.returncode == -signal.SIGKILL, (place, killed.stderr)
        assert not pieces.exists()
    for path in (whole, pieces):
        finished = train("nowhere", f"--vectors={path}", *train_arguments)
        assert finished.returncode == 0, finished.stderr
    assert "Going on after step" in finished.stderr
    assert whole.read_bytes() == pieces.read_bytes()
    ends = [Checkpoints(f"{path}.run/checkpoints").latest() for path in (whole, pieces)]
    assert ends[0].step > 9
    assert digest(ends[0].variables) == digest(ends[1].variables)
    assert not list(pathlib.Path(f"{pieces}.run/checkpoints").glob("*.partial"))


def test_a_finished_run_writes_its_vectors_again_and_changes_nothing(
    vectors, train_arguments, word2vec
):
    files = [vectors, *pathlib.Path(f"{vectors}.run/checkpoints").iterdir()]
    before = {path: path.read_bytes() for path in files}
    vectors.unlink()
    assert word2vec("train", f"--vectors={vectors}", *train_arguments) == 0
    assert {path: path.read_bytes() for path in files} == before

"""A corpus of a gigabyte in less than two beside what TensorFlow takes itself. Minutes of work."""

import itertools
import pathlib
import subprocess
import sys

import numpy as np
import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
BYTES = 10**9
WORDS = 200_000  # different ones
LIMIT = 2 << 30

# Runs a command line in a process of its own and says how much memory it had at most, beyond what
# it had when TensorFlow was there.
MEASURED = """
import importlib, sys

def peak():
    with open("/proc/self/status") as file:
        (line,) = [line for line in file if line.startswith("VmHWM")]
    return int(line.split()[1]) << 10

import tensorflow as tf
from tfseq import training
from tfseq.command import main

tf.constant([1.0]) + 1.0
before = peak()
application, steps, *words = sys.argv[1:]
verbs = importlib.import_module(f"apps.{application}.__main__").VERBS
train_step = training.Trainer.train_step


def some_steps(self, batch, due):
    found = train_step(self, batch, due)
    if self.step + 1 == int(steps):
        print("beyond TensorFlow:", peak() - before, flush=True)
        sys.exit()
    return found


training.Trainer.train_step = some_steps
code = main(application, verbs, words)
print("beyond TensorFlow:", peak() - before, flush=True)
sys.exit(code)
"""


def beyond_tensorflow(application, *words, steps=0):
    """Bytes at most, of a command line in a process of its own."""
    command = [sys.executable, "-c", MEASURED, application, str(steps), *words]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-2000:]
    found = int(done.stdout.rsplit("beyond TensorFlow:", 1)[1])
    print(f"{application} {words[0]}: {found / 2**20:.0f} MiB beyond TensorFlow")
    return found


def write_text(path, size, lines_in_scene=20, seed=1):
    """A text of words as frequent as Zipf has it, in lines and scenes; some megabytes, repeated."""
    random = np.random.default_rng(seed)
    spelled = np.array([f"w{n:x}" for n in range(WORDS)])
    shares = 1 / np.arange(1, WORDS + 1)
    bounds = np.cumsum(shares / shares.sum())
    words = spelled[np.searchsorted(bounds, random.random(2_000_000))]
    lines = [" ".join(line) + "\n" for line in words.reshape(-1, 10).tolist()]
    ends = range(lines_in_scene - 1, len(lines), lines_in_scene) if lines_in_scene else ()
    for end in ends:
        lines[end] += "\n"
    text = "".join(lines)
    with open(path, "w") as file:
        while file.tell() < size:
            file.write(text)


@pytest.mark.slow
def test_documents_of_a_gigabyte(tmp_path):
    for part in range(4):
        write_text(tmp_path / f"{part}.txt", BYTES // 4, seed=part)
    data = f"--data_dir={tmp_path / 'data'}"
    texts = f"--text_files={tmp_path}/*.txt"
    form = ["--tokens=blanks", "--minimum_count=5", "--vocabulary_size=20000"]
    assert beyond_tensorflow("tv_script", "prepare", data, texts, *form) < LIMIT
    train = ["train", f"--run_dir={tmp_path / 'run'}", data, "--units=32", "--embedding_size=32"]
    train += ["--batch_size=128", "--window=16"]
    assert beyond_tensorflow("tv_script", *train, steps=200) < LIMIT


@pytest.mark.slow
def test_pairs_of_a_gigabyte(tmp_path):
    for seed, side in enumerate(("source", "target")):
        write_text(tmp_path / side, BYTES // 2, lines_in_scene=0, seed=seed)
    sides = [tmp_path / "source", tmp_path / "target"]
    fewest = min(side.read_bytes().count(b"\n") for side in sides)
    for side in sides:
        with side.open("rb") as lines, side.with_suffix(".txt").open("wb") as file:
            file.writelines(itertools.islice(lines, fewest))
        side.unlink()
    data = f"--data_dir={tmp_path / 'data'}"
    texts = [f"--{side}_files={tmp_path / side}.txt" for side in ("source", "target")]
    form = ["--tokens=blanks", "--minimum_count=5", "--vocabulary_size=20000"]
    assert beyond_tensorflow("translation", "prepare", data, *texts, *form) < LIMIT
    train = ["train", f"--run_dir={tmp_path / 'run'}", data, "--units=32", "--embedding_size=32"]
    train += ["--readout_units=32", "--stop_on=loss"]
    assert beyond_tensorflow("translation", *train, steps=200) < LIMIT

"""A text of a few lines, and one run on it that every test of the application may read."""

import pytest
import tensorflow as tf

from apps.word2vec.__main__ import VERBS
from tfseq.command import main

LINES = (
    "the cat sat on the mat and the dog sat on the log .",
    "a king and a queen saw the cat .",
    "",
    "the queen sat on the log and saw the king .",
)
TINY = ["--dim=6", "--window=3", "--min_count=2", "--epochs=3", "--sample=0.05"]


@pytest.fixture(scope="session")
def word2vec():
    """A function that runs a command line of the application and returns its exit code."""
    tf.config.list_physical_devices()  # says on stderr that there is no GPU, once
    return lambda *words: main("python -m apps.word2vec", VERBS, [str(word) for word in words])


@pytest.fixture(scope="session")
def text_file(tmp_path_factory):
    """A file with a few lines."""
    path = tmp_path_factory.mktemp("text") / "lines.txt"
    path.write_text("\n".join(LINES * 5) + "\n")
    return path


@pytest.fixture(scope="session")
def train_arguments(text_file):
    """A small training with a checkpoint after each step."""
    return [f"--text_file={text_file}", *TINY, "--save_seconds=1e-9"]


@pytest.fixture(scope="session")
def vectors(tmp_path_factory, train_arguments, word2vec):
    """The vectors of a finished run."""
    path = tmp_path_factory.mktemp("vectors") / "v.txt"
    assert word2vec("train", f"--vectors={path}", *train_arguments) == 0
    return path

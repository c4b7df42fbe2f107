"""A text of a few lines, and one run on it that every test of the application may read."""

import pytest
import tensorflow as tf

from apps.tv_script.__main__ import VERBS
from tests import tiny
from tfseq.command import main


@pytest.fixture(scope="session")
def tv_script():
    """A function that runs a command line of the application and returns its exit code."""
    tf.config.list_physical_devices()  # says on stderr that there is no GPU, once
    return lambda *words: main("python -m apps.tv_script", VERBS, [str(word) for word in words])


@pytest.fixture(scope="session")
def text_file(tmp_path_factory):
    """A file with a few scenes."""
    return tiny.write_script(tmp_path_factory.mktemp("text"))


@pytest.fixture(scope="session")
def train_arguments(text_file):
    """A small training with dropout everywhere, and a checkpoint after each step."""
    dropout = [
        "--novariational",
        "--input_rate=0.2",
        "--output_rate=0.2",
        "--state_rate=0.1",
        "--word_rate=0.1",
    ]
    return [
        f"--text_file={text_file}",
        *tiny.SCRIPT_OPTIONS,
        *dropout,
        "--average_decay=0.9",
        "--save_seconds=1e-9",
    ]


@pytest.fixture(scope="session")
def run_dir(finished_run, train_arguments, tv_script):
    """A finished run."""
    return finished_run(tv_script, *train_arguments)

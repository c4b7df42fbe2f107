"""Sentence pairs of a small language, and one run on them that every test may read."""

import pytest
import tensorflow as tf

from apps.translation.__main__ import VERBS
from tests import tiny as tiny_texts
from tfseq.command import main

DROPOUT = [
    "--embedding_rate=0.1",
    "--annotation_rate=0.1",
    "--readout_rate=0.1",
    "--input_rate=0.1",
    "--output_rate=0.1",
    "--state_rate=0.1",
]


@pytest.fixture(scope="session")
def translation():
    """A function that runs a command line of the application and returns its exit code."""
    tf.config.list_physical_devices()  # says on stderr that there is no GPU, once
    return lambda *words: main("python -m apps.translation", VERBS, [str(word) for word in words])


@pytest.fixture(scope="session")
def pairs():
    """All sentence pairs of the small language."""
    return tiny_texts.PAIRS


@pytest.fixture(scope="session")
def tiny():
    """Options that train in a moment."""
    return tiny_texts.PAIRS_OPTIONS


@pytest.fixture(scope="session")
def files(tmp_path_factory):
    """Source and target, line by line."""
    return tiny_texts.write_pairs(tmp_path_factory.mktemp("pairs"))


@pytest.fixture(scope="session")
def train_arguments(files):
    """A small training with dropout everywhere, and a checkpoint after each step."""
    source, target = files
    return [
        f"--source_file={source}",
        f"--target_file={target}",
        *tiny_texts.PAIRS_OPTIONS,
        *DROPOUT,
        "--average_decay=0.9",
        "--save_seconds=1e-9",
    ]


@pytest.fixture(scope="session")
def run_dir(finished_run, train_arguments, translation):
    """A finished run."""
    return finished_run(translation, *train_arguments)

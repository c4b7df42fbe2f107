"""A few labelled questions and orders, and one run on them that every test may read."""

import pytest
import tensorflow as tf

from apps.classification.__main__ import VERBS
from tfseq.command import main

THINGS = ("the soup", "a spoon", "his old dog", "tea", "my left shoe", "rain", "the red door")
EXAMPLES = [
    *(("where", f"where is {thing} ?") for thing in THINGS),
    *(("who", f"Who took {thing} ?") for thing in THINGS),
    *(("do", f"bring {thing} here , please .") for thing in THINGS),
]
TINY = ["--units=6", "--embedding_size=5", "--batch_size=4", "--epochs=2"]
DROPOUT = ["--input_rate=0.1", "--output_rate=0.1", "--state_rate=0.1", "--word_rate=0.1"]


def as_text(examples, between=" "):
    """Examples as lines of a file."""
    return "".join(f"{label}{between}{text}\n" for label, text in examples)


@pytest.fixture(scope="session")
def classification():
    """A function that runs a command line of the application and returns its exit code."""
    tf.config.list_physical_devices()  # says on stderr that there is no GPU, once
    return lambda *words: main(
        "python -m apps.classification", VERBS, [str(word) for word in words]
    )


@pytest.fixture(scope="session")
def files(tmp_path_factory):
    """Training and development files; labels apart by a blank here and by a tab there."""
    directory = tmp_path_factory.mktemp("examples")
    (directory / "train").write_text(as_text([row for n, row in enumerate(EXAMPLES) if n % 4]))
    (directory / "dev").write_text(as_text(EXAMPLES[::4], "\t"))
    return directory / "train", directory / "dev"


@pytest.fixture(scope="session")
def train_arguments(files):
    """A small training with dropout everywhere, and a checkpoint after each step."""
    train, development = files
    return [
        f"--train_file={train}",
        f"--development_file={development}",
        *TINY,
        *DROPOUT,
        "--average_epochs=2",
        "--label_smoothing=0.1",
        "--save_seconds=1e-9",
    ]


@pytest.fixture(scope="session")
def run_dir(finished_run, train_arguments, classification):
    """A finished run."""
    return finished_run(classification, *train_arguments)

"""A few sentences with their chunks, and one run on them that every test may read."""

import io

import pytest
import tensorflow as tf

from apps.tagging.__main__ import VERBS
from tfseq.command import main

NAMES = ("black cat", "small dog", "old horse", "white bird", "cat", "Zebra", "grey-eyed owl")
SENTENCES = [
    [word.partition("/")[::2] for word in words.split()]
    for name in NAMES
    for words in (
        f"the/B-NP {' '.join(f'{word}/I-NP' for word in name.split())} sleeps/B-VP ./O",
        f"{name.split()[-1]}/B-NP waits/B-VP for/B-PP Rome/B-NP",
        "Why/B-ADVP not/O ?/O",
    )
]
TINY = ["--units=7", "--embedding_size=5", "--batch_size=4", "--epochs=2"]
SPELLED = ["--character_units=3", "--character_size=4"]
DROPOUT = ["--input_rate=0.1", "--output_rate=0.1", "--state_rate=0.1", "--embedding_rate=0.1"]


def as_text(sentences):
    """Sentences in columns, a part of speech that nobody asks for between token and label."""
    return "\n".join(
        "".join(f"{token} X {label}\n" for token, label in sentence) for sentence in sentences
    )


@pytest.fixture(scope="session")
def tagging():
    """A function that runs a command line of the application and returns its exit code."""
    tf.config.list_physical_devices()  # says on stderr that there is no GPU, once
    return lambda *words: main("python -m apps.tagging", VERBS, [str(word) for word in words])


@pytest.fixture(scope="session")
def files(tmp_path_factory):
    """Training and development files."""
    directory = tmp_path_factory.mktemp("sentences")
    (directory / "train").write_text(as_text([row for n, row in enumerate(SENTENCES) if n % 4]))
    (directory / "dev").write_text(as_text(SENTENCES[::4]))
    return directory / "train", directory / "dev"


@pytest.fixture(scope="session")
def train_arguments(files):
    """A small training with dropout everywhere, and a checkpoint after each step."""
    train, development = files
    return [
        f"--train_file={train}",
        f"--development_file={development}",
        "--token_column=0",
        "--label_column=2",
        *TINY,
        *SPELLED,
        *DROPOUT,
        "--average_epochs=2",
        "--save_seconds=1e-9",
    ]


@pytest.fixture(scope="session")
def run_dir(finished_run, train_arguments, tagging):
    """A finished run."""
    return finished_run(tagging, *train_arguments)


@pytest.fixture
def predicted(tagging, run_dir, capsys, monkeypatch):
    """A function that labels lines of standard input, with options, by any run."""

    def run(text, *words, run_dir=run_dir):
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(text.encode())))
        capsys.readouterr()
        assert tagging("predict", f"--run_dir={run_dir}", *words) == 0
        return capsys.readouterr().out

    return run

"""What every test may ask for: the recorded numbers and the real corpora beside the project."""

import pathlib
import re

import numpy as np
import pytest
import tensorflow as tf
from xdist.scheduler import LoadScopeScheduling

SHARED = pathlib.Path(__file__).resolve().parents[2] / "shared"
TRAINED = "serving", "translation", "tv_script", "word2vec"  # their fixtures train, once a process


class Together(LoadScopeScheduling):
    """Which tests run in one process, under pytest-xdist: those of a file, or of such a folder."""

    def _split_scope(self, nodeid):
        file = nodeid.split("::", 1)[0]
        folder = file.removeprefix("tests/").split("/", 1)[0]
        return folder if folder in TRAINED else file


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    """Instead of a file at a time."""
    return Together(config, log)


@pytest.fixture(scope="session")
def shared():
    """A function from a path below `../shared` to the file, skipping where it is absent."""

    def find(relative_path):
        path = SHARED / relative_path
        if not path.exists():
            pytest.skip(
                f"../shared/{relative_path} is not there: recorded numbers and real corpora"
            )
        return path

    return find


@pytest.fixture(scope="session")
def oracle(shared):
    """A function from a name such as `cells_core` to the numbers recorded from TensorFlow 1.15."""
    return lambda name: np.load(shared(f"oracle/{name}.npz"))


@pytest.fixture(scope="session")
def finished_run(tmp_path_factory):
    """A function from an application and what stands behind `--run_dir` to the run it trains."""

    def train(application, *words):
        path = tmp_path_factory.mktemp("run") / "run"
        assert application("train", f"--run_dir={path}", *words) == 0
        return path

    return train


@pytest.fixture(scope="session")
def started_tensorflow():
    """TensorFlow has said on stderr that there is no GPU, which it says once."""
    tf.config.list_physical_devices()


@pytest.fixture
def complaint_of(started_tensorflow, capfd):
    """A function that runs a command line which must fail, and returns its one line.

    TensorFlow's own log, such as what a processor lacks, may come first, once in a process.
    """

    def run(application, *words):
        assert application(*words) == 2
        lines = capfd.readouterr().err.splitlines()
        (line,) = [line for line in lines if not re.match(r"[EWI]0000 ", line)]
        return line

    return run

"""The command line, and one small run of each application that it can measure."""

import pytest
import tensorflow as tf

from apps.classification.__main__ import VERBS as CLASSIFICATION
from apps.diagnostics.__main__ import VERBS
from apps.tagging.__main__ import VERBS as TAGGING
from apps.translation.__main__ import VERBS as TRANSLATION
from apps.tv_script.__main__ import VERBS as TV_SCRIPT
from tests import tiny
from tests.classification import conftest as texts
from tests.tagging import conftest as sentences
from tfseq.command import main

MEMORY = ["--length=2", "--units=6", "--batch_size=8", "--epochs=2"]


@pytest.fixture(scope="session")
def diagnostics():
    """A function that runs a command line of the application and returns its exit code."""
    tf.config.list_physical_devices()  # says on stderr that there is no GPU, once
    return lambda *words: main("python -m apps.diagnostics", VERBS, [str(word) for word in words])


@pytest.fixture
def printed(diagnostics, capsys):
    """A function that runs a verb and returns what it prints, line by line."""

    def run(*words):
        assert diagnostics(*words) == 0
        return capsys.readouterr().out.splitlines()

    return run


@pytest.fixture(scope="session")
def memory_run(tmp_path_factory, diagnostics):
    """A run of two layers on the adding problem."""
    path = tmp_path_factory.mktemp("memory") / "adding"
    assert diagnostics("memory", f"--run_dir={path}", "--layers=2", *MEMORY) == 0
    return path


@pytest.fixture(scope="session")
def script_run(tmp_path_factory):
    """A run of the generator."""
    path = tmp_path_factory.mktemp("script")
    words = [f"--run_dir={path / 'run'}", f"--text_file={tiny.write_script(path)}"]
    assert main("python -m apps.tv_script", TV_SCRIPT, ["train", *words, *tiny.SCRIPT_OPTIONS]) == 0
    return path / "run"


@pytest.fixture(scope="session")
def translation_run(tmp_path_factory):
    """A run of the translator."""
    path = tmp_path_factory.mktemp("pairs")
    source, target = tiny.write_pairs(path)
    words = [f"--run_dir={path / 'run'}", f"--source_file={source}", f"--target_file={target}"]
    words = ["train", *words, *tiny.PAIRS_OPTIONS]
    assert main("python -m apps.translation", TRANSLATION, words) == 0
    return path / "run"


@pytest.fixture(scope="session")
def classification_run(tmp_path_factory):
    """A run of the classifier: two layers, in which both ways read what both have said."""
    path = tmp_path_factory.mktemp("texts")
    (path / "file").write_text(texts.as_text(texts.EXAMPLES))
    words = [f"--run_dir={path / 'run'}", f"--train_file={path / 'file'}", *texts.TINY]
    words += ["--encoder=stacked_bidirectional", "--layers=2", "--residual_from=1"]
    words += ["--development_share=0.3", "--cell=basic_lstm"]
    assert main("python -m apps.classification", CLASSIFICATION, ["train", *words]) == 0
    return path / "run"


@pytest.fixture(scope="session")
def tagging_run(tmp_path_factory):
    """A run of the tagger, which spells words and ends in a CRF."""
    path = tmp_path_factory.mktemp("sentences")
    (path / "file").write_text(sentences.as_text(sentences.SENTENCES))
    words = [f"--run_dir={path / 'run'}", f"--train_file={path / 'file'}", *sentences.TINY]
    words += [*sentences.SPELLED, "--development_share=0.3"]
    assert main("python -m apps.tagging", TAGGING, ["train", *words]) == 0
    return path / "run"

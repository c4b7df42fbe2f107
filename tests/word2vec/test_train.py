"""`train`: every model learns, the vectors are written whole, wrong input is one line."""

import functools
import gzip

import numpy as np
import pytest

from tfseq.checkpoint import Checkpoints
from tfseq.runs import locked
from tfseq.word2vec import load_corpus, read_vectors
from tfseq.word2vec.settings import LOSSES, RATES, SCHEDULES, Settings
from tfseq.word2vec.training import MODELS, VectorTrainer
from tfseq.word2vec.updates import UPDATES


@pytest.fixture
def complaint(word2vec, complaint_of):
    """The one line of a command line of the application that must fail."""
    return functools.partial(complaint_of, word2vec)


def test_the_vectors_are_those_of_the_words_by_falling_count(vectors):
    words, values = read_vectors(vectors)
    assert words[:2] == ["the", "."]
    assert "mat" in words
    assert values.shape == (len(words), 6)
    saved = Checkpoints(f"{vectors}.run/checkpoints").latest()
    np.testing.assert_array_equal(values, saved.variables["inputs"])


CASES = [(model, loss, "sgd", 0.1) for model, loss in MODELS]
CASES += [("skipgram", "negative_sampling", "adagrad", 0.3)]


@pytest.mark.parametrize(("model", "loss", "optimizer", "rate"), CASES)
def test_every_model_learns(model, loss, optimizer, rate, vectors, tmp_path):
    corpus = load_corpus(f"{vectors}.run")
    settings = Settings(
        model, loss, 6, 3, sample=0, optimizer=optimizer, learning_rate=rate, epochs=12
    )
    history = VectorTrainer(corpus, settings, Checkpoints(tmp_path), segment=100).train()
    assert history[-1]["loss"] < 0.95 * history[0]["loss"]
    assert history[-1]["words"] == corpus.counts.sum()


def test_the_learning_rate_falls_in_a_line_or_stays(vectors, tmp_path):
    corpus = load_corpus(f"{vectors}.run")
    make = lambda **chosen: VectorTrainer(  # noqa: E731
        corpus, Settings(learning_rate=0.2, epochs=4, **chosen), Checkpoints(tmp_path), segment=60
    )
    falling, constant = make(schedule="linear"), make(schedule="constant")
    total = 4 * falling.steps_per_epoch
    assert falling.rate(0) == 0.2
    assert falling.rate(total // 2) == pytest.approx(0.1)
    assert falling.rate(total) == pytest.approx(0.2e-4)
    assert constant.rate(total) == 0.2


def test_what_follows_from_optimizer_and_model_is_known_for_each():
    assert set(SCHEDULES) == set(UPDATES)
    assert set(LOSSES) == {loss for _, loss in MODELS}
    assert set(RATES) == {(optimizer, model) for optimizer in UPDATES for model, _ in MODELS}
    chosen = Settings("cbow", optimizer="sgd")
    assert (chosen.first_rate, chosen.falls) == (RATES["sgd", "cbow"], True)
    chosen = Settings(optimizer="adagrad", learning_rate=0.3, schedule="linear")
    assert (chosen.first_rate, chosen.falls) == (0.3, True)
    assert not Settings(optimizer="adagrad").falls


def test_a_file_in_a_directory_packed_and_in_capitals_gives_the_same_vectors(
    vectors, text_file, train_arguments, tmp_path, word2vec
):
    (tmp_path / "texts").mkdir()
    text = text_file.read_text().upper()
    (tmp_path / "texts" / "a.gz").write_bytes(gzip.compress(text.encode(), mtime=0))
    words = [f"--text_file={tmp_path / 'texts'}", "--lower_case", *train_arguments[1:]]
    assert word2vec("train", f"--vectors={tmp_path / 'v.txt'}", *words) == 0
    assert (tmp_path / "v.txt").read_bytes() == vectors.read_bytes()


TEXTS = {
    "empty": (b"", "words"),
    "blank": (b"\n\n \n", "words"),
    "too few of each": (b"cat mat sat\n", "1. Received: minimum_count=2"),
    "one word": (b"cat cat cat\n", "two words"),
    "not UTF-8": (b"caf\xe9 cat cat\n", "UTF-8"),
    "cut gzip": (gzip.compress(b"cat mat sat\n" * 99)[:-9], "gzip"),
}


@pytest.mark.parametrize("kind", TEXTS)
def test_a_text_that_cannot_be_learnt_from_is_named(kind, complaint, tmp_path):
    content, rule = TEXTS[kind]
    (tmp_path / "t.txt").write_bytes(content)
    (tmp_path / "v.txt").write_text("mine")
    words = [f"--vectors={tmp_path / 'v.txt'}", f"--text_file={tmp_path / 't.txt'}"]
    line = complaint("train", *words, "--min_count=2")
    assert line.startswith("python -m apps.word2vec train: `--text_file`")
    assert rule in line
    assert sorted(path.name for path in tmp_path.iterdir()) == ["t.txt", "v.txt"]
    assert (tmp_path / "v.txt").read_text() == "mine"


@pytest.mark.parametrize(
    ("words", "parts"),
    [
        (["--text_file=nowhere.txt"], ["--text_file", "nowhere.txt"]),
        (["--model=skipgrams"], ["--model", "skipgram", "cbow"]),
        (["--vectors=/"], ["--vectors", "must name a file"]),
        (["--dim=0"], ["--dim", "at least 1"]),
        (["--learning_rate=0"], ["--learning_rate", "above 0"]),
    ],
)
def test_a_wrong_option_is_named_with_its_rule(words, parts, complaint, tmp_path, text_file):
    given = [f"--vectors={tmp_path / 'v.txt'}", f"--text_file={text_file}"]
    line = complaint("train", *given, *words)
    for part in parts:
        assert part in line
    assert not list(tmp_path.iterdir())


def test_a_run_of_other_options_is_not_touched(complaint, vectors, train_arguments):
    before = vectors.read_bytes()
    line = complaint("train", f"--vectors={vectors}", *train_arguments, "--dim=7")
    assert "`--run_dir`" in line
    assert "--dim=6" in line
    assert vectors.read_bytes() == before


def test_a_run_in_training_is_not_trained_by_another(complaint, vectors, train_arguments):
    with locked(f"{vectors}.run"):
        assert "another process" in complaint("train", f"--vectors={vectors}", *train_arguments)


def test_vectors_that_are_no_numbers_stop_the_training_and_the_last_good_ones_are_kept(
    word2vec, tmp_path, train_arguments, monkeypatch, capfd
):
    step = VectorTrainer.train_step

    def spoil(self):
        step(self)
        if len(self.history) == 2:
            self.inputs.assign(self.inputs * float("nan"))

    monkeypatch.setattr(VectorTrainer, "train_step", spoil)
    assert word2vec("train", f"--vectors={tmp_path / 'v.txt'}", *train_arguments) == 2
    *_, line = capfd.readouterr().err.splitlines()  # behind those of the epochs
    assert "`--learning_rate` is too high: try a lower one" in line
    assert "epoch 3" in line
    _, values = read_vectors(tmp_path / "v.txt")
    saved = Checkpoints(tmp_path / "v.txt.run" / "checkpoints").latest()
    assert saved.step == 2
    np.testing.assert_array_equal(values, saved.variables["inputs"])


def test_a_learning_rate_that_overflows_at_once_leaves_the_vectors_that_were_there(
    complaint, tmp_path, train_arguments
):
    (tmp_path / "v.txt").write_text("mine")
    words = [f"--vectors={tmp_path / 'v.txt'}", *train_arguments]
    line = complaint("train", *words, "--optimizer=adagrad", "--learning_rate=1e38")
    assert "`--learning_rate` is too high" in line
    assert (tmp_path / "v.txt").read_text() == "mine"

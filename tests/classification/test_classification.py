"""The whole path: labelled lines in, labels out, in order, alone and in batches."""

import csv
import io

import numpy as np
import pytest

from apps.classification import config
from apps.classification.data import load_examples, load_run
from apps.classification.model import load_model
from tests.classification.conftest import EXAMPLES, TINY, as_text
from tfseq.models import POOLINGS
from tfseq.word2vec import write_vectors

TEXTS = ["where is tea ?", "", "bring the very old red soup here , please , now .", "WHO took it"]


@pytest.fixture
def predicted(classification, run_dir, capsys, monkeypatch):
    """A function that labels lines of standard input, with options."""

    def run(text, *words):
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(text.encode())))
        capsys.readouterr()
        assert classification("predict", f"--run_dir={run_dir}", *words) == 0
        return capsys.readouterr().out

    return run


def test_a_run_holds_all_that_later_verbs_need(run_dir):
    with (run_dir / "metrics.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert [row["epoch"] for row in rows] == ["1", "2"]
    assert {"held_out_loss", "accuracy", "seconds"} <= rows[0].keys()
    run = load_run(run_dir)
    assert run.labels.names == ["do", "where", "who"]
    kept = [load_examples(run, part) for part in ("training", "development")]
    assert [len(part) for part in kept] == [15, 6]
    assert sorted((row.label, row.text) for part in kept for row in part) == sorted(EXAMPLES)
    report = (run_dir / "report.txt").read_text()
    assert "<- best, kept for predict" in report
    assert "texts/s." in report


def test_a_label_comes_out_for_each_line_in_the_same_order(predicted):
    lines = predicted("".join(f"{text}\n" for text in TEXTS)).split("\n")
    assert len(lines) == 5
    assert lines[1] == lines[4] == ""  # of nothing nothing is said
    for row, text in enumerate(TEXTS):
        assert predicted(f"{text}\n") == f"{lines[row]}\n"
        assert lines[row] in ("do", "where", "who", "")


def test_probabilities_stand_behind_the_labels_and_are_the_models_own(predicted, run_dir):
    lines = predicted("".join(f"{text}\n" for text in TEXTS), "--probabilities").splitlines()
    run = load_run(run_dir)
    model = load_model(run)
    for line, text, ids in zip(lines, TEXTS, run.ids(TEXTS, 99), strict=True):
        if not text:
            assert line == ""
            continue
        logits = model(ids[None]).numpy()[0]
        expected = np.exp(logits) / np.exp(logits).sum()
        label, probability = line.split("\t")
        assert label == run.labels.names[expected.argmax()]
        np.testing.assert_allclose(float(probability), expected.max(), atol=2e-4)


def test_nothing_in_nothing_out(predicted):
    assert predicted("") == ""


def test_files_are_read_and_written(classification, run_dir, tmp_path, predicted):
    (tmp_path / "in").write_text("tea ?\r\nwho\r\n")
    words = [f"--input_file={tmp_path / 'in'}", f"--output_file={tmp_path / 'out'}"]
    assert classification("predict", f"--run_dir={run_dir}", *words) == 0
    assert (tmp_path / "out").read_text() == predicted("tea ?\nwho\n")


def test_texts_that_are_typed_are_answered_one_by_one(predicted):
    assert predicted("tea ?\nwho\n", "--interactive") == predicted("tea ?\nwho\n")


def test_evaluation_counts_what_predict_writes(classification, run_dir, files, capsys, tmp_path):
    """By hand from the lines of `predict`; a file of such lines measures the same."""
    _, development = files
    rows = [line.split("\t") for line in development.read_text().splitlines()]
    (tmp_path / "texts").write_text("".join(f"{text}\n" for _, text in rows))
    run = f"--run_dir={run_dir}"
    labels = tmp_path / "labels"
    words = [f"--input_file={tmp_path / 'texts'}", f"--output_file={labels}"]
    assert classification("predict", run, *words) == 0
    found = labels.read_text().splitlines()
    capsys.readouterr()
    outputs = []
    for words in ([], [f"--file={development}"], [f"--label_file={labels}"]):
        assert classification("evaluate", run, *words) == 0
        outputs.append(capsys.readouterr().out)
    right = [label == name for (label, _), name in zip(rows, found, strict=True)]
    assert f"accuracy                {np.mean(right):.2%}\n" in outputs[0]
    assert outputs[1] == outputs[0]
    assert outputs[0].startswith(outputs[2])
    with (run_dir / "metrics.csv").open() as file:
        best = max(csv.DictReader(file), key=lambda row: float(row["accuracy"]))
    assert f"loss of a text          {float(best['held_out_loss']):.4f}" in outputs[0]


KINDS = {
    "last of a stack, summed, by loss": [
        "--encoder=stacked_bidirectional",
        "--merge=sum",
        "--layers=2",
        "--residual_from=1",
        "--pooling=last",
        "--stop_on=loss",
        "--patience=1",
    ],
    "mean of subwords, one way": [
        "--encoder=unidirectional",
        "--tokens=subwords",
        "--subword_vocabulary=120",
        "--pooling=mean",
        "--cell=lstm",
        "--variational",
        "--nolower_case",
    ],
}


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_reading_trains_and_predicts(kind, classification, files, tmp_path, capsys):
    run, text = f"--run_dir={tmp_path / 'run'}", f"--input_file={files[0]}"
    words = [f"--train_file={files[0]}", *TINY, "--epochs=1", *KINDS[kind]]
    assert classification("train", run, *words) == 0
    capsys.readouterr()
    assert classification("predict", run, text) == 0
    assert len(capsys.readouterr().out.splitlines()) == 15


def test_a_share_is_held_out_by_the_seed_and_no_text_stands_in_both(
    classification, tmp_path, capsys
):
    path = tmp_path / "all"
    path.write_text(as_text([*EXAMPLES, *EXAMPLES[:4]]))
    held_out = {}
    for seed in (1, 2):
        run_dir = tmp_path / f"run{seed}"
        words = [f"--train_file={path}", "--development_share=0.3", f"--seed={seed}", *TINY]
        assert classification("train", f"--run_dir={run_dir}", *words, "--epochs=1") == 0
        kept = [load_examples(load_run(run_dir), part) for part in ("training", "development")]
        texts, held_out[seed] = ({row.text for row in part} for part in kept)
        assert sum(map(len, kept)) == 25
        assert not texts & held_out[seed]
        assert 8 <= len(kept[1]) <= 12
    assert held_out[1] != held_out[2]


def test_it_starts_from_word_vectors_and_can_leave_them_as_they_are(
    classification, train_arguments, tmp_path, capsys
):
    vectors = np.random.default_rng(1).normal(size=(3, 5)).astype("f")
    write_vectors(tmp_path / "vectors", ["where", "who", "unheard"], vectors)
    words = [*train_arguments, f"--embeddings={tmp_path / 'vectors'}", "--freeze_embeddings"]
    assert classification("train", f"--run_dir={tmp_path / 'run'}", *words) == 0
    assert "entries begin with a trained vector" in capsys.readouterr().out
    run = load_run(tmp_path / "run")
    embeddings = load_model(run).encoder.embedding.embeddings.numpy()
    for word, vector in zip(("where", "who"), vectors, strict=False):
        np.testing.assert_array_equal(embeddings[run.vocabulary.words.index(word)], vector)


def test_the_choices_on_the_command_line_are_those_of_the_library():
    assert set(config.POOLINGS) == set(POOLINGS)

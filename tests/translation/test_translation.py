"""The whole path: pairs in, translations out, in order, alone and in batches."""

import csv
import gzip
import io
import json

import numpy as np
import pytest

from apps.translation.config import Train
from apps.translation.data import load_pairs, load_run, split_validation
from apps.translation.model import build_model
from apps.translation.presets import PRESETS
from tfseq.text import Parallel

SENTENCES = ["The black cat sleeps.", "", "A zebra waits.", "The small dog eats."]


@pytest.fixture
def translated(translation, run_dir, capsys, monkeypatch):
    """A function that translates lines of standard input, with options."""

    def run(text, *words):
        stdin = io.TextIOWrapper(io.BytesIO(text.encode()))
        monkeypatch.setattr("sys.stdin", stdin)
        capsys.readouterr()
        assert translation("translate", f"--run_dir={run_dir}", *words) == 0
        return capsys.readouterr().out

    return run


def test_a_run_holds_all_that_later_verbs_need(run_dir, pairs):
    with (run_dir / "metrics.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert [row["epoch"] for row in rows] == ["1", "2"]
    assert {"held_out_loss", "bleu", "seconds"} <= rows[0].keys()
    run = load_run(run_dir)
    training, validation = load_pairs(run, "training"), load_pairs(run, "validation")
    assert sorted(
        zip(
            training.sources + validation.sources,
            training.targets + validation.targets,
            strict=True,
        )
    ) == sorted(pairs)
    assert "<- best, kept for translate" in (run_dir / "report.txt").read_text()


def test_a_line_comes_out_for_each_line_in_the_same_order(translated):
    text = "".join(f"{sentence}\n" for sentence in SENTENCES)
    lines = translated(text).split("\n")
    assert len(lines) == 5
    assert lines[1] == lines[4] == ""
    for row, sentence in enumerate(SENTENCES[:2]):
        assert translated(f"{sentence}\n") == f"{lines[row]}\n"


@pytest.mark.parametrize("width", [1, 3])
def test_small_batches_give_what_large_ones_give(translated, pairs, width):
    text = "".join(f"{source}\n" for source, _ in pairs[:9])
    words = [f"--beam_width={width}", "--max_words=6"]
    assert translated(text, "--batch_size=2", *words) == translated(text, *words)


def test_nothing_in_nothing_out(translated):
    assert translated("") == ""


def test_n_best_are_sorted_and_the_first_is_the_best(translated):
    text = "The black cat sleeps.\nThe small dog eats.\n"
    lines = translated(text, "--n_best=3", "--beam_width=4", "--scores").splitlines()
    assert len(lines) == 6
    scores = np.array([float(line.split("\t")[0]) for line in lines]).reshape(2, 3)
    assert (np.diff(scores, axis=1) <= 0).all()
    best = translated(text, "--beam_width=4").splitlines()
    assert [line.split("\t")[2] for line in lines[::3]] == best


def test_files_are_read_and_written_whole(translation, translated, run_dir, tmp_path):
    text = "The black cat sleeps.\r\n\nThe small dog eats."
    (tmp_path / "in.gz").write_bytes(gzip.compress(text.encode()))
    words = [f"--input_file={tmp_path / 'in.gz'}", f"--output_file={tmp_path / 'out.txt'}"]
    assert translation("translate", f"--run_dir={run_dir}", *words) == 0
    assert (tmp_path / "out.txt").read_text() == translated(text)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in.gz", "out.txt"]


@pytest.mark.parametrize("width", [1, 3])
def test_alignments_have_a_line_for_each_translation(translated, tmp_path, width):
    path = tmp_path / "aligned"
    text = "".join(f"{sentence}\n" for sentence in SENTENCES)
    translated(text, f"--alignments_file={path}", f"--beam_width={width}", "--max_words=5")
    matrices = [json.loads(line) for line in (tmp_path / "aligned.json").read_text().splitlines()]
    points = path.read_text().split("\n")
    assert len(matrices) == len(points) - 1 == 4
    for matrix, line in zip(matrices, points, strict=False):
        weights = np.array(matrix["weights"])
        assert weights.size == len(matrix["source"]) * len(matrix["target"])
        assert weights.size == 0 or (weights.sum(axis=1) <= 1.001).all()
        assert len(line.split()) == len(matrix["target"])
    assert matrices[1] == {"source": [], "target": [], "weights": []}


def test_evaluate_prints_every_figure(translation, run_dir, capsys, tmp_path):
    words = ["--tokenised_bleu", f"--plot_alignments={tmp_path / 'pictures'}", "--beam_width=2"]
    assert translation("evaluate", f"--run_dir={run_dir}", *words) == 0
    out = capsys.readouterr().out
    for figure in ("BLEU ", "chrF", "tok:none", "exact match", "token accuracy", "perplexity"):
        assert figure in out
    assert "version:" in out


def test_pairs_of_one_file_apart_by_a_tab_are_the_same_pairs(
    translation, tmp_path, run_dir, pairs, tiny
):
    path = tmp_path / "pairs.tsv.gz"
    path.write_bytes(gzip.compress("".join(f"{s}\t{t}\n" for s, t in pairs).encode()))
    words = [f"--run_dir={tmp_path / 'run'}", f"--parallel_file={path}", *tiny, "--epochs=1"]
    assert translation("train", *words) == 0
    run, other = load_run(tmp_path / "run"), load_run(run_dir)
    assert load_pairs(run, "validation") == load_pairs(other, "validation")
    assert run.target_vocabulary.words == other.target_vocabulary.words


def test_no_source_sentence_validates_what_it_has_taught():
    sources = [f"s{i % 7}" for i in range(40)]
    pairs = Parallel(sources, [f"t{i}" for i in range(40)], 0)
    training, validation = split_validation(pairs, 0.3, seed=1)
    assert not set(training.sources) & set(validation.sources)
    assert len(training.sources) + len(validation.sources) == 40
    assert 12 <= len(validation.sources) <= 18
    again = split_validation(pairs, 0.3, seed=1)[1]
    assert again == validation
    assert split_validation(pairs, 0.3, seed=2)[1] != validation


KINDS = {
    "notes": ["--preset=notes"],
    "stacked, residual, one vocabulary, smoothed": [
        "--encoder=stacked_bidirectional",
        "--merge=sum",
        "--layers=2",
        "--residual_from=1",
        "--bridge=dense",
        "--cell=lstm",
        "--decoder=input_feeding",
        "--attention=normalized_bahdanau",
        "--tied=all",
        "--variational",
        "--state_rate=0.2",
        "--label_smoothing=0.1",
        "--average_epochs=2",
        "--stop_on=loss",
    ],
    "words, monotonic": [
        "--tokens=words",
        "--attention=luong_monotonic",
        "--decoder=input_feeding",
        "--attention_layer=7",
        "--bridge=zero",
        "--sampling=inverse_sigmoid",
        "--truth_decay=2",
        "--least_truth=0.1",
    ],
}


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_translator_trains_and_translates(
    kind, translation, files, tiny, tmp_path, capsys
):
    source, target = files
    words = [f"--source_file={source}", f"--target_file={target}", *tiny, "--epochs=1"]
    assert translation("train", f"--run_dir={tmp_path / 'run'}", *words, *KINDS[kind]) == 0
    options = [f"--input_file={source}", "--max_words=3", "--beam_width=2"]
    assert translation("translate", f"--run_dir={tmp_path / 'run'}", *options) == 0
    assert len(capsys.readouterr().out.splitlines()) >= 36


def test_presets_are_the_sizes_of_the_notes():
    notes = Train(run_dir="", **PRESETS["notes"])
    assert (notes.units, notes.layers, notes.embedding_size) == (256, 2, 256)
    assert (notes.batch_size, notes.epochs, notes.output_rate) == (128, 4, 0.3)
    assert notes.reverse_source
    assert notes.attention == "none"


def test_the_same_seed_gives_the_same_weights(run_dir):
    run = load_run(run_dir)
    first, second = build_model(run), build_model(run)
    for a, b in zip(first.weights, second.weights, strict=True):
        np.testing.assert_array_equal(a, b)

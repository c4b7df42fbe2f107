"""What the presets reach; the figures stand in benchmarks/RESULTS.md."""

import csv

import pytest

SMALL_VOCABULARY = "data/udacity_translation/small_vocab_{}.gz"


def best_bleu(run_dir):
    with (run_dir / "metrics.csv").open() as file:
        return max(float(row["bleu"]) for row in csv.DictReader(file))


@pytest.mark.slow
def test_the_demo_learns_the_built_in_sentences(tmp_path, translation):
    assert translation("train", f"--run_dir={tmp_path / 'run'}") == 0
    assert best_bleu(tmp_path / "run") >= 85


@pytest.mark.slow
def test_the_notes_preset_reaches_the_notes_accuracy(shared, tmp_path, translation, capsys):
    """Four epochs of an hour or more on two cores."""
    words = [
        f"--source_file={shared(SMALL_VOCABULARY.format('en'))}",
        f"--target_file={shared(SMALL_VOCABULARY.format('fr'))}",
        "--preset=notes",
    ]
    assert translation("train", f"--run_dir={tmp_path / 'run'}", *words) == 0
    capsys.readouterr()
    assert translation("evaluate", f"--run_dir={tmp_path / 'run'}", "--beam_width=1") == 0
    line = next(line for line in capsys.readouterr().out.splitlines() if "token accuracy" in line)
    assert float(line.split()[2]) >= 0.955

"""What the presets reach on real text; the figures stand in benchmarks/RESULTS.md."""

import csv

import pytest

TAVERN = "data/udacity_tv_script/moes_tavern_lines.txt"


def best_perplexity(run_dir):
    with (run_dir / "metrics.csv").open() as file:
        return min(float(row["held_out_perplexity"]) for row in csv.DictReader(file))


@pytest.mark.slow
def test_small_is_better_than_counting_on_the_tavern_lines(shared, tmp_path, tv_script):
    """A Kneser-Ney trigram has 57 to 58 on the same tokens; ten minutes of two cores."""
    words = [f"--text_file={shared(TAVERN)}", "--skip_characters=81", "--preset=small"]
    assert tv_script("train", f"--run_dir={tmp_path / 'run'}", *words) == 0
    assert best_perplexity(tmp_path / "run") <= 47


@pytest.mark.slow
def test_the_demo_learns_the_built_in_comedy(tmp_path, tv_script):
    assert tv_script("train", f"--run_dir={tmp_path / 'run'}") == 0
    assert best_perplexity(tmp_path / "run") <= 45

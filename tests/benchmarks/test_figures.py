"""Figures of speed: medians, goals, and the page they are written to."""

import pytest

from benchmarks.speed import figures
from benchmarks.speed.race import check_answers
from benchmarks.speed.tasks import SIZES, flops, language_model


def test_a_ratio_is_taken_round_by_round():
    found = figures.ratios("step", "torch", mine=[1.0, 2.0, 1.0], theirs=[2.0, 3.0, 4.0], goal=1.7)
    assert found.values == (2.0, 1.5, 4.0)
    assert found.median == 2.0
    assert found.is_reached
    assert found.line() == "| step | torch | **2.00** | 1.50 - 4.00 | 1.7 |  |"


def test_a_missed_goal_is_told():
    found = figures.Figure("step", "Keras", (1.0, 1.1, 1.2), 1.15)
    assert not found.is_reached
    assert "1.10, missed" in found.line()


def test_a_part_of_the_page_is_replaced_and_the_rest_kept(tmp_path, monkeypatch):
    page = tmp_path / "RESULTS.md"
    page.write_text("before\n")
    monkeypatch.setattr(figures, "RESULTS", page)
    figures.write("speed", "old")
    page.write_text(page.read_text() + "after\n")
    figures.write("speed", "new")
    words = " ".join(page.read_text().split())
    assert words == "before <!-- speed --> new <!-- end of speed --> after"


def test_sides_that_compute_something_else_are_not_raced():
    check_answers({"tfseq": [9.0, 8.0], "torch": [9.00001, 8.0], "GEMM": [1.0, 1.0]})
    with pytest.raises(AssertionError, match="other answers"):
        check_answers({"tfseq": [9.0, 8.0], "torch": [9.0, 8.001]})
    check_answers({"tfseq": [[4, 5]], "torch": [[4, 5]]})
    with pytest.raises(AssertionError, match="other answers"):
        check_answers({"tfseq": [[4, 5]], "torch": [[4, 6]]})


def test_the_task_is_the_plans():
    task = language_model(30, 4, 3, 5)
    assert task["ids"].shape == (3, 6)
    assert task["kernel_1"].shape == (8, 16)
    _, units, rows, steps = SIZES["small"]
    per_token = flops(*SIZES["small"]) / (rows * steps)
    assert per_token == 96 * units**2 + 6 * units * 10_000

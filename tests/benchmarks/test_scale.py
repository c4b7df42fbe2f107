"""The model of cost: against a ring that is played through, a model that is built, and its page."""

import pathlib
import shlex
import sys

import pytest

from benchmarks import costs, scale
from tfseq.cells import stack_cells
from tfseq.models import LanguageModel

PAGE = pathlib.Path(__file__).resolve().parents[2] / "docs" / "scale.md"


def bytes_by_worker(workers, size):
    """What each worker of a ring sends until all have the sum: `workers` pieces, turn by turn."""
    has = [[{worker} for _ in range(workers)] for worker in range(workers)]  # whose is summed up
    sent = [0.0] * workers
    turns = 0
    while any(len(piece) < workers for pieces in has for piece in pieces):
        moves = [(worker, (worker - turns) % workers) for worker in range(workers)]
        for worker, piece, found in [(w, p, set(has[w][p])) for w, p in moves]:
            has[(worker + 1) % workers][piece] |= found
            sent[worker] += size / workers
        turns += 1
    return sent, turns


@pytest.mark.parametrize("workers", [2, 5])
def test_a_sum_costs_what_a_ring_sends(workers):
    load, link = costs.Load(1.0, 3, dense=30, width=0), costs.Link(bandwidth=10.0, hop=0.0)
    sent, turns = bytes_by_worker(workers, load.dense_bytes)
    assert turns == 2 * (workers - 1)
    seconds = costs.parts(load, link, workers)
    assert [seconds["dense"] * link.bandwidth] * workers == pytest.approx(sent)


def test_one_worker_sends_nothing_and_the_ceiling_is_not_passed():
    load, link = costs.Load(0.5, 100, dense=1000, width=7), costs.Link(1e5, 1e-3)
    assert costs.speed(load, link, 1) == 200
    assert costs.speed(load, link, 1 << 20) == pytest.approx(costs.ceiling(load, link), rel=1e-3)
    most = costs.half(load, link)
    assert costs.efficiency(load, link, most) >= 0.5 > costs.efficiency(load, link, most + 1)


def test_the_parameters_are_those_of_the_model():
    load = costs.tv512(1.0)
    model = LanguageModel(6_800, stack_cells("basic_lstm", 512, 2), 512)
    model.build((None, None))
    assert load.dense + 6_800 * load.width == model.count_params()


def test_the_page_has_the_tables_that_its_command_prints(capsys, monkeypatch):
    page = PAGE.read_text()
    (command,) = [line for line in page.splitlines() if "--vector_speed=" in line]
    monkeypatch.setattr(sys, "argv", ["scale", *shlex.split(command)[3:]])
    scale.main()
    assert capsys.readouterr().out in page


def test_a_prediction_is_held_to_what_was_measured(capsys):
    load, link = costs.Load(1.0, 10, dense=25, width=0), costs.Link(400.0, 0.0)
    scale.check(load, link, one=10.0, two=15.0)
    # 100 bytes in 0.25 s: 20 words in 1.25 s are 1.6 times 10 in 1 s, 1/15 more than 1.5.
    out = capsys.readouterr().out
    assert "predicted 1.600 x one" in out
    assert "1.500 x: +6.7% from it" in out

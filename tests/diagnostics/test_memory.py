"""The verb `memory`: a cell, a task, and its error beside that of forgetting."""

import numpy as np
import pytest

from apps.diagnostics.config import Memory
from apps.diagnostics.memory import MEASURING, error_of
from apps.diagnostics.model import load_model
from apps.diagnostics.tasks import TASKS
from tests.diagnostics.conftest import MEMORY
from tfseq.options import CELLS
from tfseq.runs import load_options


def figure(lines, name):
    """The first number behind a name."""
    (line,) = [line for line in lines if line.startswith(f"{name} ")]
    return float(line[len(name) :].split()[0].replace(",", ""))


def test_a_cell_learns_what_it_need_not_remember(printed):
    lines = printed("memory", "--task=adding", "--cell=gru", *MEMORY)
    assert figure(lines, "remembering nothing") == 0.1667
    assert figure(lines, "error") < 0.03
    assert figure(lines, "learnt from") == 2 * 250 * 8


def test_copying_stands_beside_the_entropy_of_its_symbols(printed):
    lines = printed("memory", "--task=copy", "--length=3", "--units=6", "--epochs=1")
    assert figure(lines, "remembering nothing") == pytest.approx(10 * np.log(8) / 23, abs=1e-4)
    assert figure(lines, "error") < np.log(9)


def test_a_run_that_has_ended_is_only_read(memory_run, diagnostics, printed):
    before = (memory_run / "metrics.csv").read_text()
    lines = printed("memory", f"--run_dir={memory_run}", "--layers=2", *MEMORY)
    assert (memory_run / "metrics.csv").read_text() == before
    saved = load_options(Memory, memory_run)
    task = TASKS[saved.task](saved.length)
    error = error_of(load_model(saved, task), task, saved.seed, MEASURING)
    assert figure(lines, "error") == pytest.approx(error, abs=1e-4)
    assert len(before.splitlines()) == 1 + 2


@pytest.mark.slow
@pytest.mark.parametrize(("cell", "low", "high"), [("gru", 0, 0.01), ("basic_rnn", 0.1, 0.2)])
def test_gates_remember_a_hundred_steps_and_a_plain_cell_does_not(printed, cell, low, high):
    """Minutes each; the figures of three seeds stand in benchmarks/RESULTS.md."""
    assert low < figure(printed("memory", "--task=adding", f"--cell={cell}"), "error") < high


def test_what_does_not_fit_is_one_line(complaint_of, diagnostics, memory_run, tmp_path):
    line = complaint_of(diagnostics, "memory", "--cell=gru", "--forget_bias=2", *MEMORY)
    assert (
        "`--forget_bias` must not be given with --cell=gru, which has none. Received: 2.0" in line
    )
    line = complaint_of(diagnostics, "memory", f"--run_dir={memory_run}", *MEMORY, "--seed=9")
    assert "must be new, or hold the same options" in line
    line = complaint_of(diagnostics, "memory", "--length=1")
    assert "`--length` must be at least 2. Received: 1" in line
    (tmp_path / "file").write_text("")
    line = complaint_of(diagnostics, "memory", f"--run_dir={tmp_path / 'file' / 'run'}", *MEMORY)
    assert "`--run_dir` must be a directory that can be written" in line


def test_every_cell_can_be_asked_for(complaint_of, diagnostics):
    line = complaint_of(diagnostics, "memory", "--cell=nothing")
    assert all(cell in line for cell in CELLS)

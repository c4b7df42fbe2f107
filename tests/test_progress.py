"""What a run shows: the line on a terminal and on a pipe, the csv file, the curve."""

import io

import pytest

from tfseq.progress import MetricsFile, ProgressBar, clock, draw_loss_curve

ROW = {"epoch": 1, "step": 4, "loss": 1.5, "perplexity": 4.5, "held_out_perplexity": 9.25}


class Terminal(io.StringIO):
    def isatty(self):
        return True


def show(stream, steps=4, first_step=0, seconds=0.0):
    bar = ProgressBar(steps_per_epoch=4, epochs=2, stream=stream, seconds=seconds)
    bar.on_train_begin({"step": first_step})
    bar.on_epoch_begin(0, {"words": 0.0})
    for step in range(first_step, steps):
        bar.on_train_batch_end(step, {"loss": 2.0, "words": 10.0 * (step + 1)})
    bar.on_epoch_end(0, {**ROW, "words": 40.0})
    return stream.getvalue()


def test_a_terminal_shows_every_step_on_one_line():
    lines = show(Terminal()).split("\r")
    assert "[#####...............]" in lines[1]
    assert "epoch   1/2" in lines[1]
    assert "loss 2.000  perplexity 7.39" in lines[1]
    assert (
        lines[-1]
        .removeprefix("\x1b[K")
        .startswith("epoch   1/2 [####################] loss 1.500  perplexity 4.48")
    )
    assert lines[-1].endswith("held-out perplexity 9.25\n")
    assert "words/s" in lines[2]
    assert "left" in lines[2]


def test_a_pipe_shows_the_end_of_each_epoch_alone():
    assert show(io.StringIO()).count("\n") == 1
    assert "\r" not in show(io.StringIO())


def test_a_run_that_goes_on_says_where():
    assert show(io.StringIO(), first_step=2).startswith("Going on after step 2.\n")


@pytest.mark.parametrize(
    ("seconds", "text"), [(0, "0:00"), (59.6, "1:00"), (3599, "59:59"), (3661, "1:01:01")]
)
def test_seconds_are_written_as_a_clock(seconds, text):
    assert clock(seconds) == text


def test_the_file_of_figures_has_every_epoch_also_those_before_a_restart(tmp_path):
    history = [ROW]
    metrics = MetricsFile(tmp_path / "metrics.csv")
    metrics.on_train_begin({"history": history})
    history.append({**ROW, "epoch": 2})
    metrics.on_epoch_end(1, {})
    lines = (tmp_path / "metrics.csv").read_text().splitlines()
    assert lines[0].startswith("epoch,step,loss")
    assert [line[0] for line in lines[1:]] == ["1", "2"]


def test_the_curve_is_a_picture(tmp_path):
    pytest.importorskip("matplotlib", reason="pictures need matplotlib, the extra `plot`")
    draw_loss_curve([ROW, {**ROW, "epoch": 2}], tmp_path / "loss.png")
    assert (tmp_path / "loss.png").read_bytes().startswith(b"\x89PNG")

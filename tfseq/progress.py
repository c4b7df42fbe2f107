"""What a training run shows and leaves behind: a progress line, `metrics.csv`, a loss curve."""

import csv
import importlib.util
import sys
import time

import keras

from tfseq.files import written_aside
from tfseq.metrics import perplexity
from tfseq.replicas import is_chief

CLEAR = "\x1b[K"  # what an earlier, longer line has left behind


class ProgressBar(keras.callbacks.Callback):
    """One line that is rewritten while an epoch runs, and stays when it has ended.

    Where the stream is no terminal, only the line of each epoch's end is written.

    Args:
        steps_per_epoch: Steps of one epoch.
        epochs: Epochs of the whole run.
        stream: Where to write; default: standard error.
        seconds: The least time between two redraws.
        figures: Names of further figures of an epoch that its line ends with.
        unit: What the loss is a mean over.
    """

    WIDTH = 20

    def __init__(self, steps_per_epoch, epochs, stream=None, seconds=0.2, figures=(), unit="words"):
        super().__init__()
        self.steps_per_epoch = steps_per_epoch
        self.epochs = epochs
        self.stream = stream or sys.stderr
        self.seconds = seconds
        self.figures = figures
        self.unit = unit

    def on_train_begin(self, logs=None):
        self.first_step = int(logs["step"])
        if self.first_step:
            self.stream.write(f"Going on after step {self.first_step:,}.\n")
        self.started = self.drawn = time.monotonic()

    def on_epoch_begin(self, epoch, logs=None):
        self.epoch = epoch
        self.first_words = logs["words"]
        self.epoch_started = time.monotonic()

    def on_train_batch_end(self, batch, logs=None):
        now = time.monotonic()
        if self.stream.isatty() and now - self.drawn >= self.seconds:
            self.drawn = now
            self.stream.write(f"\r{self.line(batch + 1, logs)}{CLEAR}")
            self.stream.flush()

    def on_epoch_end(self, epoch, logs=None):
        line = self.line(int(logs["step"]), logs)
        start = f"\r{CLEAR}" if self.stream.isatty() else ""
        measured = self.measured(logs) | {name: f"{logs[name]:.2f}" for name in self.figures}
        end = "".join(f"  {name} {value}" for name, value in measured.items())
        self.stream.write(f"{start}{line}{end}\n")
        self.stream.flush()

    def measured(self, row):
        """What an epoch's line ends with, as text by name."""
        return {"held-out perplexity": f"{row['held_out_perplexity']:.2f}"}

    def shown(self, loss):
        """A training loss as text."""
        return f"loss {loss:.3f}  perplexity {perplexity(loss):.2f}"

    def line(self, steps, logs):
        """Epoch, bar, loss, perplexity, speed and the time left, as text."""
        done = (steps - 1) % self.steps_per_epoch + 1
        filled = self.WIDTH * done // self.steps_per_epoch
        bar = "#" * filled + "." * (self.WIDTH - filled)
        now = time.monotonic()
        left = self.epochs * self.steps_per_epoch - steps
        seconds_left = left * (now - self.started) / max(steps - self.first_step, 1)
        speed = (logs["words"] - self.first_words) / max(now - self.epoch_started, 1e-9)
        return (
            f"epoch {self.epoch + 1:>3}/{self.epochs} [{bar}] {self.shown(logs['loss'])}"
            f"  {speed:,.0f} {self.unit}/s  {clock(seconds_left)} left"
        )


class PairsProgress(ProgressBar):
    """The same for a loss that is no word's: there is no perplexity, and nothing is held out."""

    def measured(self, row):
        """Nothing."""
        return {}

    def shown(self, loss):
        """The loss of a pair."""
        return f"loss {loss:.3f}"


class MetricsFile(keras.callbacks.Callback):
    """A row of comma-separated values for each epoch, all of them, also those before a restart."""

    def __init__(self, path):
        super().__init__()
        self.path = path

    def on_train_begin(self, logs=None):
        self.history = logs["history"]  # the trainer's own list, which grows

    def on_epoch_end(self, epoch, logs=None):
        self.write()

    def on_train_end(self, logs=None):
        self.write()  # also the last row of a run that was killed before it could be written

    def write(self):
        """Write the whole history."""
        with written_aside(self.path) as file:
            writer = csv.DictWriter(file, fieldnames=list(self.history[0]), lineterminator="\n")
            writer.writeheader()
            writer.writerows(self.history)


class EpochBoard(keras.callbacks.TensorBoard):
    """Keras's TensorBoard for the figures of epochs.

    What it does at each step, for those who ask for figures or a profile of steps, takes a quarter
    of a millisecond.
    """

    def on_train_batch_begin(self, batch, logs=None):
        """Nothing."""

    def on_train_batch_end(self, batch, logs=None):
        """Nothing."""


def run_callbacks(directory, steps_per_epoch, epochs, figures=(), unit="words"):
    """Progress and `metrics.csv` always, TensorBoard where it is installed; the chief's alone.

    Args:
        directory: The run's.
        steps_per_epoch: Steps of one epoch.
        epochs: Epochs of the whole run.
        figures: As for `ProgressBar`.
        unit: As for `ProgressBar`.
    """
    if not is_chief():
        return []
    always = [
        ProgressBar(steps_per_epoch, epochs, figures=figures, unit=unit),
        MetricsFile(directory / "metrics.csv"),
    ]
    if importlib.util.find_spec("tensorboard") is None:
        return always
    return [*always, EpochBoard(directory / "tensorboard")]


def epochs_table(history, columns, best, kept_for, unit="words", rows=None):
    """The figures of each epoch side by side, which was the best, and how fast it went.

    Args:
        history: Rows of a `Trainer`.
        columns: `{title: (name of a figure, how it is formatted)}`.
        best: The row of the best epoch.
        kept_for: The verb that uses its weights.
        unit: What the loss is a mean over.
        rows: Those that are shown; default: all.
    """
    lines = ["", "   ".join(["epoch", *columns])]
    for row in history if rows is None else rows:
        figures = [f"{row[name]:>{len(title)}{form}}" for title, (name, form) in columns.items()]
        mark = f"  <- best, kept for {kept_for}" if row is best else ""
        lines.append("   ".join([f"{row['epoch']:>5}", *figures]) + mark)
    minutes = sum(row["seconds"] for row in history) / 60
    done = sum(row["words"] for row in history)
    lines += ["", f"{minutes:.1f} minutes, {done / minutes / 60:,.0f} {unit}/s."]
    return "\n".join(lines) + "\n"


def leave_report(report, history, directory):
    """Print a report, and leave it with the loss curve beside the checkpoints; the chief does."""
    if not is_chief():
        return
    with written_aside(directory / "report.txt") as file:
        file.write(report)
    print(report, end="")
    if importlib.util.find_spec("matplotlib"):
        draw_loss_curve(history, directory / "loss.png")


def draw_loss_curve(history, path):
    """A picture of training and held-out perplexity over the epochs; needs matplotlib."""
    from matplotlib.figure import Figure
    from matplotlib.ticker import MaxNLocator

    figure = Figure(figsize=(7, 4), layout="constrained")
    axes = figure.subplots()
    epochs = [row["epoch"] for row in history]
    for key, label in (("perplexity", "training"), ("held_out_perplexity", "held out")):
        axes.plot(epochs, [row[key] for row in history], label=label)
    axes.set(xlabel="epoch", ylabel="perplexity", yscale="log")
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.yaxis.set_major_formatter("{x:g}")
    axes.yaxis.set_minor_formatter("{x:g}")
    axes.grid(alpha=0.3, which="both")
    axes.legend()
    with written_aside(path, "wb") as file:
        figure.savefig(file, format="png", dpi=120)


def clock(seconds):
    """Seconds as `minutes:seconds`, or `hours:minutes:seconds`."""
    minutes, seconds = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"

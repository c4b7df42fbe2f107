"""The picture of `gradients`."""

import numpy as np

from tfseq.files import written_aside

INCHES = (6.5, 3.8)
DPI = 90
LOWEST = 1e-12  # what is below lies on the edge
LINES = ("-", "--", "-.", ":")


def draw_lengths(path, curves):
    """A PNG file with a line for each curve, over the steps that the gradient has gone back.

    Each line starts with 1, before the last step: what counts is how much is left of it. The scale
    is logarithmic, so a constant factor a step is a straight line.

    Args:
        path: Of the file.
        curves: `{name: [time]}`, the last entry being that before the last step.
    """
    from matplotlib.figure import Figure

    figure = Figure(INCHES, dpi=DPI, layout="constrained")
    axes = figure.subplots()
    for number, (name, curve) in enumerate(curves.items()):
        left = np.maximum(curve[::-1] / (curve[-1] or 1), LOWEST)
        axes.plot(np.arange(1, len(left) + 1), left, LINES[number // 10 % len(LINES)], label=name)
    axes.set(
        yscale="log",
        xlabel="steps back, T - t",
        ylabel="|d loss(T) / d state(t)|, share of the last",
    )
    axes.margins(x=0)
    axes.grid(alpha=0.3)
    axes.legend()
    with written_aside(path, "wb") as file:
        figure.savefig(file, format="png")

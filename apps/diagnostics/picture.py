"""The picture of `gradients`."""

import numpy as np

from tfseq.files import written_aside

INCHES = (6.5, 3.8)
DPI = 90
LOWEST = 1e-12  # what is below is not shown
LINES = ("-", "--", "-.", ":")


def draw_lengths(path, curves):
    """A PNG file with a line for each curve, over the steps that the gradient has gone back.

    The scale is logarithmic, so a constant factor a step is a straight line.

    Args:
        path: Of the file.
        curves: `{name: [time, 3]}`: how much is left of the gradient before the last step, to
            which the last row belongs. A line, with the ends of a band below and above it.
    """
    from matplotlib.figure import Figure

    figure = Figure(INCHES, dpi=DPI, layout="constrained")
    axes = figure.subplots()
    for number, (name, curve) in enumerate(curves.items()):
        back = np.arange(1, len(curve) + 1)
        # Far enough below, that a line leaves the picture and does not seem to go on in it.
        low, middle, high = np.maximum(curve[::-1], LOWEST**3).T
        (line,) = axes.plot(back, middle, LINES[number // 10 % len(LINES)], label=name)
        axes.fill_between(back, low, high, color=line.get_color(), alpha=0.15, linewidth=0)
    axes.set(
        yscale="log",
        xlabel="steps back, T - t",
        ylabel="|d loss(T) / d state(t)|, share of the last",
    )
    axes.margins(x=0)
    lowest = min(np.fmin.reduce(curve, axis=None) for curve in curves.values())
    axes.set_ylim(bottom=LOWEST if lowest < LOWEST else None)
    axes.grid(alpha=0.3)
    axes.legend()
    with written_aside(path, "wb") as file:
        figure.savefig(file, format="png")

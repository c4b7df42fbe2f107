"""A figure with its goal, and the page that figures are written to."""

import dataclasses
import pathlib
import statistics

RESULTS = pathlib.Path(__file__).parents[1] / "RESULTS.md"


@dataclasses.dataclass(frozen=True)
class Figure:
    """A ratio of one run.

    Attributes:
        what: What was measured.
        against: What it was measured against.
        values: The ratio of each round.
        goal: What the median should reach; `None`: nothing was asked.
        note: What else belongs beside it.
    """

    what: str
    against: str
    values: tuple[float, ...]
    goal: float | None = None
    note: str = ""

    @property
    def median(self):
        """The median of the rounds."""
        return statistics.median(self.values)

    @property
    def is_reached(self):
        """Whether the goal is reached, where there is one."""
        return self.goal is None or self.median >= self.goal

    def line(self):
        """A line of a table."""
        goal = "" if self.goal is None else f"{self.goal:g}"
        median = f"**{self.median:.2f}**" if self.is_reached else f"{self.median:.2f}, missed"
        spread = f"{min(self.values):.2f} - {max(self.values):.2f}"
        return f"| {self.what} | {self.against} | {median} | {spread} | {goal} | {self.note} |"


def ratios(what, against, mine, theirs, goal=None, note=""):
    """The figure of how many times as fast one is as the other, round by round."""
    values = tuple(b / a for a, b in zip(mine, theirs, strict=True))
    return Figure(what, against, values, goal, note)


def table(figures):
    """A table of figures."""
    head = "| what | against | ratio | least - greatest | goal | |\n|---|---|---:|---:|---:|---|"
    return "\n".join([head, *(figure.line() for figure in figures)])


def write(name, text):
    """Put a part into the page of results, in the place of the one before."""
    start, end = f"<!-- {name} -->", f"<!-- end of {name} -->"
    page = RESULTS.read_text()
    if start not in page:
        page += f"\n{start}\n{end}\n"
    before, _, rest = page.partition(start)
    _, _, after = rest.partition(end)
    RESULTS.write_text(f"{before}{start}\n{text}\n{end}{after}")

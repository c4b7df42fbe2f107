"""Every option of the diagnostics, with its default and its meaning."""

import dataclasses

from tfseq.config import option
from tfseq.options import CELLS, SEEDS, WithTraining, WithWeights

TASKS = ("adding", "copy")


@dataclasses.dataclass(frozen=True)
class WithCell:
    """The size of a cell that is made here."""

    units: int = option(64, "Units of each layer.", minimum=1)
    layers: int = option(1, "Recurrent layers.", minimum=1)
    forget_bias: float | None = option(
        None, "Added to the forget gates of cells that have it; default: the cell's own, 1."
    )


@dataclasses.dataclass(frozen=True)
class Gradients(WithCell, WithWeights):
    """Options of `gradients`."""

    run_dir: str = option(
        "",
        "Trained models: a run of the generator, the translator, the classifier, the tagger or "
        "`memory`, or several apart by commas.",
        metavar="DIR",
    )
    cell: str = option(
        "", "Cells as they start, in place of a run: a name, or several apart by commas."
    )
    length: int = option(100, "Steps that the gradient goes back.", minimum=1, maximum=1000)
    rows: int = option(32, "Sequences that are measured side by side.", minimum=1)
    steps: int = option(
        20, "Training batches of a run whose gradients are held against its bound.", minimum=1
    )
    text_file: str = option(
        "",
        "Text that a run of the generator reads; empty = the scenes that it held out.",
        metavar="FILE",
    )
    picture: str = option("", "A PNG file of the lengths against time.", metavar="FILE")
    table: int = option(10, "Rows of the table between the first step and the last.", minimum=1)
    seed: int = option(
        1, "Seed of the cells that are made and of what they read.", minimum=0, maximum=SEEDS
    )


@dataclasses.dataclass(frozen=True)
class Memory(WithTraining, WithCell):
    """Options of `memory`; where there is a run directory they are kept in it."""

    task: str = option(
        "adding",
        "Add two marked numbers of many, or say ten symbols again after a pause.",
        choices=TASKS,
    )
    cell: str = option("basic_lstm", "Recurrent cell.", choices=CELLS)
    length: int = option(100, "Numbers to read, or steps of the pause.", minimum=2, maximum=10_000)
    batch_size: int = option(32, "Sequences in a step.", minimum=1)
    epochs: int = option(20, "Times to learn from 250 batches, all of them new.", minimum=1)
    run_dir: str = option(
        "", "What is trained is kept here, for `gradients`; empty = nothing is kept.", metavar="DIR"
    )

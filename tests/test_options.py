"""Options of every application: their choices are what the library has."""

from tfseq import optimizers, options, products
from tfseq.cells import CELLS
from tfseq.models import ENCODERS, MERGES, objectives
from tfseq.text import TOKENIZERS


def test_the_choices_on_the_command_line_are_those_of_the_library():
    for written, registry in (
        (options.CELLS, CELLS),
        (options.TOKENIZERS, TOKENIZERS),
        (options.ENCODERS, ENCODERS),
        (options.MERGES, MERGES),
        (options.OPTIMIZERS, optimizers.OPTIMIZERS),
        (options.SCHEDULES, optimizers.SCHEDULES),
        (options.PRECISIONS, products.PRECISIONS),
        (options.OBJECTIVES, objectives.OBJECTIVES),
    ):
        assert set(written) == set(registry)

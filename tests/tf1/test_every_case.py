"""No recorded case is forgotten: what the tests of this folder walk is all that there is.

Each module's `WALKED` holds the cases that its tests are parametrised with.
"""

import pathlib

from tests.decoding import test_recorded_beams as beams
from tests.oracles.recorded import cases
from tests.tf1 import (
    test_recorded_addons,
    test_recorded_attention,
    test_recorded_cells,
    test_recorded_decoders,
    test_recorded_legacy,
    test_recorded_loops,
)

WALKING = (
    test_recorded_addons,
    test_recorded_attention,
    test_recorded_cells,
    test_recorded_decoders,
    test_recorded_legacy,
    test_recorded_loops,
)
ELSEWHERE = {
    # A step and its penalties, which TensorFlow 1 kept to itself.
    *(("beam_search", case) for case in (*beams.STEPS, *beams.PENALTIES)),
    # A checkpoint of TensorFlow 1's own, loaded down to the logits: see tests/tf1_checkpoint.
    ("tf1_checkpoint", "lm_basic_lstm2"),
}


def test_every_case_of_every_archive_is_walked(oracle, shared):
    archives = [path.stem for path in sorted(shared("oracle").glob("*.npz"))]
    recorded = {(name, case) for name in archives for case in cases(oracle(name))}
    walked = set().union(ELSEWHERE, *(module.WALKED for module in WALKING))
    assert walked == recorded
    assert len(recorded) == 188


def test_every_module_that_replays_records_is_counted():
    here = pathlib.Path(__file__).parent.glob("test_recorded_*.py")
    assert {path.stem for path in here} == {
        module.__name__.rpartition(".")[2] for module in WALKING
    }

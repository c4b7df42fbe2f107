"""A run that is killed and started again ends with the same weights, bit for bit."""

import pytest

from tests.killing import assert_resumes


@pytest.mark.slow  # the loop is that of the generator, whose killed runs are tested each time
def test_a_killed_run_ends_as_one_that_was_not(run_dir, tmp_path, train_arguments, classification):
    killed = tmp_path / "killed"
    assert_resumes(
        "classification", classification, 6, run_dir, killed, train_arguments
    )  # in the second epoch

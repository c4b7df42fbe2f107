"""A run that is killed and started again ends with the same weights, bit for bit."""

import pytest

from tests.killing import assert_resumes


@pytest.mark.slow  # the loop is that of the generator, whose killed runs are tested each time
def test_a_killed_run_ends_as_one_that_was_not(run_dir, tmp_path, train_arguments, tagging):
    """In the second epoch; characters, hidden words and dropout included."""
    assert_resumes("tagging", tagging, 6, run_dir, tmp_path / "killed", train_arguments)

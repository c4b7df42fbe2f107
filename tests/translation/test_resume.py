"""A run that is killed and started again ends with the same weights, bit for bit."""

from tests.killing import assert_resumes


def test_a_killed_run_ends_as_one_that_was_not(run_dir, tmp_path, train_arguments, translation):
    killed = tmp_path / "killed"
    assert_resumes(
        "translation", translation, 6, run_dir, killed, train_arguments
    )  # in the second epoch

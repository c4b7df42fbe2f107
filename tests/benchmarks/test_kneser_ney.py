"""The baseline's own figures."""

import subprocess
import sys

import pytest


@pytest.mark.parametrize(("discounts", "expected"), [("1", "57.19"), ("3", "56.97")])
def test_the_trigram_scores_what_the_results_say(shared, discounts, expected):
    path = shared("data/udacity_tv_script/moes_tavern_lines.txt")
    command = [sys.executable, "-m", "benchmarks.kneser_ney", f"--text_file={path}"]
    options = ["--skip_characters=81", f"--discounts={discounts}"]
    output = subprocess.run([*command, *options], capture_output=True, text=True, check=True).stdout
    assert expected in output
    assert "4870" in output.replace(",", "")

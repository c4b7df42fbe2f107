"""The command line of an application, run the way a user runs it."""

import pathlib
import signal
import subprocess
import sys

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[1]

FILES = {
    "__main__.py": '''
import dataclasses, os, sys
from tfseq import command
from tfseq.config import option

@dataclasses.dataclass(frozen=True)
class Train:
    """Options."""

    units: int = option(3, "Width of each layer.", minimum=1)

def kinds():
    os.write(2, b"I0000 00:00:1.0 1 x.cc:1] a note of start-up\\n")
    return ["plain", "gated"]

@dataclasses.dataclass(frozen=True)
class Cells:
    """An option whose choices are known to a module that talks."""

    kind: str = option("plain", "Kind of cell.", choices=kinds)

verbs = {
    name: command.Verb(Train, f"Does {name}.", f"mini.{name}")
    for name in ("train", "tell", "refuse", "wait", "fail", "network", "heavy", "report")
}
verbs["cells"] = command.Verb(Cells, "Does cells.", "mini.train")
sys.exit(command.main("python -m mini", verbs))
''',
    "train.py": "def run(options):\n    print(options)",
    "tell.py": "def run(options):\n    for line in range(100000):\n        print(line)",
    "refuse.py": """
from tfseq.config import OptionError
def run(options):
    raise OptionError("--units", "must suit the text", options.units)
""",
    "wait.py": """
import signal, sys, time, warnings
def run(options):
    signal.signal(signal.SIGINT, signal.default_int_handler)  # in the background it is ignored
    warnings.warn("this takes\\nlong")
    print("ready", flush=True)
    time.sleep(60)
""",
    "fail.py": "def run(options):\n    raise ZeroDivisionError('a bug')",
    "network.py": "def run(options):\n    raise BrokenPipeError('a socket')",
    "report.py": "def run(options):\n    return options.units",
    "heavy.py": """
import os, sys
import tensorflow as tf
os.write(2, b"E0000 00:00:1.0 1 x.cc:1] something real\\n")
def run(options):
    print(tf.config.list_logical_devices("CPU")[0].name)
    print("our line", file=sys.stderr)
""",
}


@pytest.fixture(scope="module")
def mini(tmp_path_factory):
    """A function that starts a small application with the given words."""
    folder = tmp_path_factory.mktemp("apps")
    (folder / "mini").mkdir()
    for name, text in FILES.items():
        (folder / "mini" / name).write_text(text)

    def start(*words):
        return subprocess.Popen(
            [sys.executable, "-m", "mini", *words],
            cwd=folder,
            env={"PYTHONPATH": f"{folder}:{ROOT}", "PATH": "/usr/bin:/bin"},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    return start


def finish(process):
    stdout, stderr = process.communicate(timeout=120)
    return process.returncode, stdout, stderr


def test_help_lists_the_verbs(mini):
    code, stdout, stderr = finish(mini())
    assert (code, stderr) == (0, "")
    assert "\n  train    Does train.\n" in stdout
    assert finish(mini("--help")) == finish(mini("-h")) == finish(mini("help")) == (0, stdout, "")


def test_help_of_a_verb_lists_its_options(mini):
    code, stdout, stderr = finish(mini("train", "--help"))
    assert (code, stderr) == (0, "")
    assert stdout.startswith("python -m mini train [--option=value ...]\n\nDoes train.\n")
    assert "--units=INTEGER  (default: 3; at least 1)" in stdout


def test_help_is_silent_where_choices_are_asked_for(mini):
    code, stdout, stderr = finish(mini("cells", "--help"))
    assert (code, stderr) == (0, "")
    assert "--kind=TEXT  (default: plain; one of: plain, gated)" in stdout


def test_a_verb_runs_with_its_options(mini):
    assert finish(mini("train", "--units=5")) == (0, "Train(units=5)\n", "")


def test_what_a_verb_returns_is_the_exit_code(mini):
    assert finish(mini("report", "--units=1")) == (1, "", "")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["train", "--unit=3"], " train: `--unit` is not an option; did you mean --units?"),
        (["train", "--units=0"], " train: `--units` must be at least 1. Received: 0"),
        (["refuse"], " refuse: `--units` must suit the text. Received: 3"),
        (
            ["trian"],
            ": `trian` is not a verb; did you mean train? The verbs are: "
            "train, tell, refuse, wait, fail, network, heavy, report, cells.",
        ),
        (["cells", "--kind=x"], " cells: `--kind` must be one of: plain, gated. Received: 'x'"),
    ],
)
def test_a_wrong_word_is_one_line_on_stderr_and_code_2(mini, words, message):
    assert finish(mini(*words)) == (2, "", f"python -m mini{message}\n")


def test_a_warning_and_an_interruption_are_one_line_each(mini):
    process = mini("wait")
    assert process.stdout.readline() == "ready\n"
    process.send_signal(signal.SIGINT)
    lines = "python -m mini wait: warning: this takes long\npython -m mini wait: interrupted\n"
    assert finish(process) == (130, "", lines)


def test_a_reader_that_leaves_is_no_error(mini):
    process = mini("tell")
    assert process.stdout.readline() == "0\n"
    process.stdout.close()
    assert process.stderr.read() == ""
    process.stderr.close()
    assert process.wait(timeout=60) == 141


@pytest.mark.parametrize(
    ("verb", "error"),
    [("fail", "ZeroDivisionError: a bug"), ("network", "BrokenPipeError: a socket")],
)
def test_a_bug_keeps_its_traceback(mini, verb, error):
    code, stdout, stderr = finish(mini(verb))
    assert (code, stdout) == (1, "")
    assert "Traceback" in stderr
    assert stderr.endswith(f"{error}\n")


def test_tensorflow_starts_in_silence_and_real_errors_come_through(mini):
    code, stdout, stderr = finish(mini("heavy"))
    assert (code, stdout) == (0, "/device:CPU:0\n")
    assert stderr == "E0000 00:00:1.0 1 x.cc:1] something real\nour line\n"

"""The same training on one device, on two, and by two processes; and what a killed one leaves."""

import csv
import errno
import signal
import socket
import subprocess
import sys
import time
import types

import numpy as np
import pytest

from apps.tv_script.__main__ import VERBS
from tests.killing import PROGRAM, ROOT
from tfseq.checkpoint import Checkpoints, digest
from tfseq.command import main
from tfseq.config import OptionError
from tfseq.launch import environment_of, free_addresses
from tfseq.strategies import check_batch
from tfseq.watch import GONE

TINY = ("--units=16", "--embedding_size=16", "--batch_size=16", "--window=12", "--epochs=2")
NO_NOISE = ("--input_rate=0", "--state_rate=0", "--output_rate=0")
SPOKEN = ("--word_rate=0", *TINY, *NO_NOISE)
TRANSLATED = ("--built_in_pairs=1900", "--epochs=2", "--batch_size=64", *NO_NOISE)
TRANSLATED += ("--annotation_rate=0", "--embedding_rate=0", "--readout_rate=0")
APPS = {"tv_script": SPOKEN, "translation": TRANSLATED}


def train(name, run, *words, program=(), environment=None):
    """A process that trains."""
    start = program or ("-m", f"apps.{name}")
    return subprocess.Popen(
        [sys.executable, *start, "train", f"--run_dir={run}", *words],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def workers(name, run, *words, killed_after=None):
    """Two processes that train one run; the second dies behind a step where one is given."""
    addresses = free_addresses(2)
    found = []
    for index in range(2):
        kills = killed_after is not None and index == 1
        program = ("-c", PROGRAM, name, str(killed_after)) if kills else ()
        environment = environment_of(addresses, index)
        words = ("--strategy=multi_worker", *words)
        found.append(train(name, run, *words, program=program, environment=environment))
    return found


def ended(processes, code=0):
    """What processes wrote to stderr, once they have ended well."""
    errors = [process.communicate(timeout=300)[1] for process in processes]
    assert [process.returncode for process in processes] == [code] * len(processes), errors
    return errors


def figures(run):
    with (run / "metrics.csv").open() as file:
        rows = list(csv.DictReader(file))
    return np.array([[float(row["loss"]), float(row["held_out_loss"])] for row in rows])


@pytest.fixture(
    scope="module", params=["tv_script", pytest.param("translation", marks=pytest.mark.slow)]
)
def runs(request, tmp_path_factory):
    """Runs of one application with nothing dropped: `one`, `mirrored`, `workers`."""
    name, directory = request.param, tmp_path_factory.mktemp(request.param)
    words = APPS[name]
    two = workers(name, directory / "workers", *words)
    mirrored = ("--strategy=mirrored", "--devices=2")
    others = [train(name, directory / "one", *words)]
    others += [train(name, directory / "mirrored", *mirrored, *words)]
    ended([*two, *others])
    return name, directory


def test_two_devices_and_two_processes_train_as_one_does(runs):
    _, directory = runs
    one = Checkpoints(directory / "one" / "checkpoints").latest()
    assert one.step >= 50
    for other in ("mirrored", "workers"):
        np.testing.assert_allclose(
            figures(directory / other), figures(directory / "one"), rtol=0, atol=1e-5
        )
        latest = Checkpoints(directory / other / "checkpoints").latest()
        assert latest.step == one.step
        for variable, array in one.variables.items():
            np.testing.assert_allclose(latest.variables[variable], array, rtol=0, atol=1e-4)


@pytest.mark.slow
def test_a_killed_worker_stops_the_other_and_both_go_on_to_the_same_bits(runs, tmp_path):
    name, directory = runs
    words = ("--save_seconds=0.01", *APPS[name])
    chief, other = workers(name, tmp_path / "run", *words, killed_after=35)
    assert other.wait(timeout=300) == -signal.SIGKILL
    killed = time.monotonic()
    (error,) = ended([chief], GONE)
    assert time.monotonic() - killed < 30
    assert "worker 0: worker 1 at 127.0.0.1:" in error
    assert "is gone. Start the same command again on each host" in error
    other.communicate()
    ended(workers(name, tmp_path / "run", *words))
    for weights in ("last", "best"):
        found, expected = (
            Checkpoints(run / "checkpoints").weights(weights)
            for run in (tmp_path / "run", directory / "workers")
        )
        assert digest(found.variables) == digest(expected.variables)


@pytest.mark.slow
def test_a_run_goes_on_with_another_number_of_workers(runs, tmp_path):
    name, directory = runs
    words = ("--save_seconds=0.01", *APPS[name])
    chief, _ = processes = workers(name, tmp_path / "run", *words, killed_after=35)
    for process in processes:
        process.communicate(timeout=300)
    assert chief.returncode == GONE
    (error,) = ended([train(name, tmp_path / "run", *words)])
    assert "Going on with 1 devices in place of 2" in error
    np.testing.assert_allclose(
        figures(tmp_path / "run"), figures(directory / "one"), rtol=0, atol=1e-5
    )


def test_hosts_with_different_options_say_so_and_make_nothing(tmp_path):
    addresses = free_addresses(2)
    processes = [
        train(
            "tv_script",
            tmp_path / "run",
            "--strategy=multi_worker",
            f"--seed={index}",
            environment=environment_of(addresses, index),
        )
        for index in range(2)
    ]
    errors = ended(processes, 2)
    assert errors[0] == errors[1]
    (line,) = errors[0].splitlines()
    assert "train: `--seed` must be the same on each host: worker 0 has 0, worker 1 has 1" in line
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("words", "text", "rule"),
    [
        ((), None, "`TF_CONFIG` must be JSON such as"),
        (("--worker_seconds=0",), None, "`--worker_seconds` must be above 0"),
        ((), environment_of(["127.0.0.1:1", "127.0.0.1:2"], 0)["TF_CONFIG"], "a port that is free"),
    ],
)
def test_a_cluster_that_cannot_be_is_one_line(words, text, rule, tmp_path, monkeypatch, capsys):
    monkeypatch.delenv("TF_CONFIG", raising=False)
    if text:
        monkeypatch.setenv("TF_CONFIG", text)
        monkeypatch.setattr(socket.socket, "bind", refuse)
    run = tmp_path / "run"
    words = ["train", f"--run_dir={run}", "--strategy=multi_worker", *words]
    assert main("tv_script", VERBS, words) == 2
    assert rule in capsys.readouterr().err
    assert not run.exists()


def refuse(*_):
    raise OSError(errno.EADDRINUSE, "in use")


def test_a_batch_that_the_devices_cannot_share_is_refused():
    options = types.SimpleNamespace(batch_size=33)
    check_batch(options, 3)
    with pytest.raises(OptionError, match=r"a multiple of the 2 devices.*Received: 33"):
        check_batch(options, 2)

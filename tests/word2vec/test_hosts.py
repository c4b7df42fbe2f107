"""Word vectors learnt by several processes: the same on each, and what a killed one leaves."""

import signal
import subprocess
import sys
import time

import numpy as np
import pytest

from tests.killing import ROOT
from tfseq.checkpoint import Checkpoints, digest
from tfseq.launch import environment_of, free_addresses
from tfseq.watch import GONE
from tfseq.word2vec import load_corpus
from tfseq.word2vec.settings import Settings
from tfseq.word2vec.training import VectorTrainer
from tfseq.word2vec.workers import next_words

PROGRAM = """
import os, signal, sys

import numpy as np

from apps.word2vec import train
from apps.word2vec.__main__ import VERBS
from tfseq.command import main
from tfseq.word2vec import training

last, kept, *words = sys.argv[1:]
make, step = training.VectorTrainer.__init__, training.VectorTrainer.train_step
save = train.save_vectors


def train_step(self):
    step(self)
    if self.step == int(last):
        os.kill(os.getpid(), signal.SIGKILL)


def save_vectors(options, corpus, vectors):
    np.save(kept, vectors)
    save(options, corpus, vectors)


training.VectorTrainer.__init__ = lambda *a, **k: make(*a, **k, segment=60)
training.VectorTrainer.train_step = train_step
train.save_vectors = save_vectors
sys.exit(main("word2vec", VERBS, ["train", "--strategy=multi_worker", *words]))
"""


def workers(directory, *words, killed_after=0):
    """Two processes that train `directory/v.txt`; the second dies behind a step."""
    addresses = free_addresses(2)
    return [
        subprocess.Popen(
            [
                *(sys.executable, "-c", PROGRAM, str(killed_after * index)),
                *(f"{directory}/{index}", f"--vectors={directory}/v.txt", *words),
            ],
            cwd=ROOT,
            env=environment_of(addresses, index),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for index in range(2)
    ]


def ended(processes):
    """What processes said, once they have ended."""
    said = [process.communicate(timeout=300) for process in processes]
    return [process.returncode for process in processes], said


@pytest.fixture(scope="module")
def words(train_arguments):
    """A training whose hosts meet several times in a segment, with squares to be averaged too."""
    return [*train_arguments, "--optimizer=adagrad", "--average_chunks=1", "--window=2"]


@pytest.fixture(scope="module")
def whole(tmp_path_factory, words):
    """The directory of a run of two workers, and what they said."""
    directory = tmp_path_factory.mktemp("whole")
    codes, said = ended(workers(directory, *words))
    assert codes == [0, 0], said
    return directory, said


def test_two_workers_end_with_the_same_vectors_and_the_chief_alone_writes(whole):
    directory, ((out, err), (other_out, other_err)) = whole
    vectors = [np.load(directory / f"{index}.npy") for index in range(2)]
    np.testing.assert_array_equal(vectors[0], vectors[1])
    assert "vectors of width 6" in out
    assert "epoch   3/3" in err
    assert other_out == ""
    assert "epoch" not in other_err
    history = Checkpoints(directory / "v.txt.run" / "checkpoints").latest().state["history"]
    corpus = load_corpus(directory / "v.txt.run")
    assert [row["words"] for row in history] == [corpus.counts.sum()] * 3
    assert history[-1]["loss"] < history[0]["loss"]


@pytest.mark.slow
def test_a_killed_worker_stops_the_other_and_both_go_on_to_the_same_bits(whole, words, tmp_path):
    directory, _ = whole
    chief, other = workers(tmp_path, *words, killed_after=6)
    assert other.wait(timeout=300) == -signal.SIGKILL
    killed = time.monotonic()
    (code, _), ((_, error), _) = ended([chief, other])
    assert time.monotonic() - killed < 30
    assert code == GONE
    assert "worker 0: worker 1 at 127.0.0.1:" in error
    assert not (tmp_path / "v.txt").exists()
    codes, said = ended(workers(tmp_path, *words))
    assert codes == [0, 0], said
    assert "Going on after step" in said[0][1]
    ends = [
        Checkpoints(run / "v.txt.run" / "checkpoints").latest() for run in (directory, tmp_path)
    ]
    assert digest(ends[0].variables) == digest(ends[1].variables)
    assert (tmp_path / "v.txt").read_bytes() == (directory / "v.txt").read_bytes()


def test_one_worker_that_stops_each_few_chunks_learns_the_same(vectors, tmp_path):
    corpus = load_corpus(f"{vectors}.run")
    ends = []
    for every in (0, 1, 2):
        settings = Settings(
            loss="hierarchical_softmax", dim=6, window=3, sample=0, epochs=2, average_chunks=every
        )
        trainer = VectorTrainer(corpus, settings, Checkpoints(tmp_path / str(every)))
        assert trainer.chunks >= 3
        history = trainer.train()
        ends.append((digest(trainer.variables), [row["loss"] for row in history]))
    assert ends[0] == ends[1] == ends[2]


def test_hosts_share_the_text_without_a_word_twice_or_never():
    # 23 words in segments of 5: two rounds of two hosts, and 3 words for both.
    rounds = [[next_words(place, 23, 5, host, 2) for host in range(2)] for place in (0, 2, 4)]
    assert rounds == [
        [(0, 5, 2), (5, 10, 2)],
        [(10, 15, 4), (15, 20, 4)],
        [(20, 21, 5), (21, 23, 5)],
    ]

"""Small texts and pairs, written as data for the tests to read."""

import numpy as np

from tfseq.text import (
    Shards,
    WhitespaceTokenizer,
)
from tfseq.text.corpora import Documents, Pairs
from tfseq.text.preparing import Preparation, Source
from tfseq.text.vocabularies import Choice

WORDS = [f"w{n}" for n in range(30)]


def one_by_one(function, jobs):
    return map(function, jobs)


def a_text(count=60, seed=3):
    random = np.random.default_rng(seed)
    lines = [" ".join(random.choice(WORDS, random.integers(1, 9))) for _ in range(count)]
    return "".join(f"{line}\n\n" for line in lines)


def documents_in(tmp_path, name="data", text=None, size=180, run=one_by_one, read=None):
    """Data of documents in several shards, cut at blanks."""
    path = tmp_path / "text"
    if text or not path.exists():
        path.write_text(text or a_text())
    source = Source(
        Documents(), [(str(path),)], {"tokenizer": "blanks", "lower_case": False}, size, 0.1, 100
    )
    work = Preparation(tmp_path / name, source, {"minimum_count": 2}, run, lambda line: None)
    work.prepare(Choice(lambda counts: WhitespaceTokenizer(), minimum_count=2), read)
    return Shards(tmp_path / name, "documents")


def pairs_in(tmp_path, tokenizer=None, size=300, count=100, most_tokens=0, joint=False):
    """Data of pairs: `w3 w5` with `v3 v5`, and now and then a word more or less."""
    random = np.random.default_rng(5)
    rows = [random.choice(30, random.integers(1, 9)) for _ in range(count)]
    sides = [
        "".join(" ".join(f"{letter}{n}" for n in row[: len(row) - cut]) + "\n" for row in rows)
        for letter, cut in (("w", 0), ("v", 0))
    ]
    files = tuple(str(tmp_path / name) for name in ("source", "target"))
    for path, side in zip(files, sides, strict=True):
        with open(path, "w") as file:
            file.write(side)
    config = {"tokenizer": "blanks", "lower_case": False}
    subwords = {"tokenizer": "subwords", "lower_case": False, "spacing": "exact"}
    source = Source(
        Pairs(), [files], subwords if tokenizer else config, size, 0.1, 100, most_tokens=most_tokens
    )
    work = Preparation(tmp_path / "data", source, {}, one_by_one, lambda line: None)
    work.prepare(Choice(tokenizer or (lambda counts: WhitespaceTokenizer()), 1, None, joint))
    kept = [
        tuple(side.split("\n")[n] for side in sides)
        for n in range(count)
        if not Pairs().holds_out(work.rule, n, (sides[0].split("\n")[n].encode(),))
    ]
    return Shards(tmp_path / "data", "pairs"), kept


def content(directory):
    return {path.name: path.read_bytes() for path in directory.iterdir() if path.is_file()}


def epoch_of(batches, epoch):
    steps = range(epoch * batches.steps_per_epoch, (epoch + 1) * batches.steps_per_epoch)
    return [batches.batch(step) for step in steps]

"""What a process does for one unit of a corpus: read its text, and write its shard."""

import functools
import json
import pathlib
import shutil
from typing import Any, NamedTuple

import numpy as np
import tensorflow as tf

from tfseq.files import written_aside
from tfseq.text.base import Tokenizer
from tfseq.text.corpora import Documents, Pairs, Unit
from tfseq.text.readings import Reading, cut_words, load_reading, read_unit, sides_of
from tfseq.text.shards import Shard, write_shard
from tfseq.text.subwords import SubwordTokenizer, words_of
from tfseq.text.tokenizers import load_tokenizer, make_tokenizer
from tfseq.text.vocabulary import Vocabulary


class Job(NamedTuple):
    """All that a process needs to know about a unit.

    Attributes:
        directory: Of the data.
        work: Where what is done so far stands.
        number: The unit's.
        unit: The unit.
        corpus: What it is made of.
        rule: Which items are held out; empty: none.
        tokenizer: The tokenizer's configuration; of subwords without the pieces.
        most_tokens: Longer sides are cut; 0 = none.
    """

    directory: pathlib.Path
    work: pathlib.Path
    number: int
    unit: Unit
    corpus: Documents | Pairs
    rule: dict[str, Any]
    tokenizer: dict[str, Any]
    most_tokens: int

    @property
    def reading(self) -> pathlib.Path:
        """The directory of the reading."""
        return self.work / f"unit-{self.number:05}"

    @property
    def written(self) -> pathlib.Path:
        """The file that tells of the finished shard."""
        return self.work / f"shard-{self.number:05}.json"

    @property
    def counts(self) -> pathlib.Path:
        """The file with the counts of its ids."""
        return self.work / f"counts-{self.number:05}.npz"


def vocabulary_file(side: str) -> str:
    """The name of a side's vocabulary."""
    return "vocabulary.txt" if side == "text" else f"{side}_vocabulary.txt"


def read_job(job: Job) -> int:
    """Read a unit; return its number."""
    cut = cutter(json.dumps(job.tokenizer))
    read_unit(job.reading, job.unit, job.corpus, job.rule, cut)
    return job.number


@functools.cache
def cutter(tokenizer: str):
    """`cut_words` of a configuration, traced once in a process."""
    return cut_words(word_tokenizer(json.loads(tokenizer)).tokenize)


def word_tokenizer(config: dict[str, Any]) -> Tokenizer:
    """What cuts text into words: the tokenizer itself, or what the words of subwords are."""
    if config["tokenizer"] == "subwords":
        return words_of(config["spacing"], config["lower_case"])
    return make_tokenizer(config)


def shard_job(job: Job) -> int:
    """Write the shard of a unit; return its number."""
    if not job.reading.is_dir():  # a shard is made again that was damaged later
        read_job(job)
    reading = load_reading(job.reading)
    tokenizer = load_tokenizer(job.directory / "tokenizer.json")
    sides = job.corpus.sides
    vocabularies = [Vocabulary.load(job.directory / vocabulary_file(side)) for side in sides]
    ids, lengths = encoded(reading, tokenizer, vocabularies)
    ids, lengths, cut = cut_sides(ids, lengths, job.most_tokens)
    side = sides_of(lengths)
    counts = [
        np.bincount(ids[side == place], minlength=len(vocabulary))
        for place, vocabulary in enumerate(vocabularies)
    ]
    with written_aside(job.counts, "wb") as file:
        np.savez_compressed(file, **dict(zip(sides, counts, strict=True)))
    shard = write_shard(job.directory, job.number, ids, lengths) if len(ids) else None
    held_out = json.loads((job.reading / "held_out.json").read_text(encoding="utf-8"))
    content = {"shard": shard and shard._asdict(), "cut": cut, "held_out": held_out}
    with written_aside(job.written) as file:
        json.dump(content, file, ensure_ascii=False)
    shutil.rmtree(job.reading)
    return job.number


def written_shard(job: Job) -> tuple[Shard | None, list[int], list[list[str]]]:
    """What `shard_job` has told: the shard, how many sides were cut, the items held out."""
    content = json.loads(job.written.read_text(encoding="utf-8"))
    shard = content["shard"] and Shard(**content["shard"])
    return shard, content["cut"], content["held_out"]


def encoded(
    reading: Reading, tokenizer: Tokenizer, vocabularies: list[Vocabulary]
) -> tuple[np.ndarray, np.ndarray]:
    """Numbers as ids: `(ids, lengths)`, as `write_shard` takes them."""
    words = tf.constant(reading.spelled(), tf.string)
    numbers, lengths = reading.numbers, np.asarray(reading.lengths)
    if not isinstance(tokenizer, SubwordTokenizer):
        tables = [vocabulary.ids(words).numpy() for vocabulary in vocabularies]
        return _by_side(tables, numbers, sides_of(lengths)), lengths
    pieces = tokenizer.cut(words)
    tables = [vocabulary.ids(pieces.flat_values).numpy() for vocabulary in vocabularies]
    sizes = pieces.row_lengths().numpy()[numbers]  # of each word, in pieces
    ends = np.cumsum(sizes)
    places = np.repeat(pieces.row_starts().numpy()[numbers] - (ends - sizes), sizes)
    places += np.arange(len(places))
    side = np.repeat(sides_of(lengths), sizes)
    before = np.concatenate([[0], ends])[np.concatenate([[0], np.cumsum(lengths.ravel())])]
    return _by_side(tables, places, side), np.diff(before).reshape(lengths.shape)


def _by_side(tables, numbers, side):
    ids = tables[0][numbers]
    for place, table in enumerate(tables[1:], start=1):
        ids[side == place] = table[numbers[side == place]]
    return ids


def cut_sides(ids, lengths, most: int) -> tuple[np.ndarray, np.ndarray, list[int]]:
    """Each side with its first `most` tokens alone, and how many sides were longer."""
    longer = lengths > (most or np.iinfo(np.int32).max)
    if not longer.any():
        return ids, lengths, longer.sum(axis=0).tolist()
    flat = lengths.ravel()
    places = np.arange(len(ids)) - np.repeat(np.cumsum(flat) - flat, flat)
    return ids[places < most], np.minimum(lengths, most), longer.sum(axis=0).tolist()

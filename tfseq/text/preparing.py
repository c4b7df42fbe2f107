"""From files of text to shards: read, choose the vocabulary, write; in parallel, and resumable.

What is finished stays. A directory is data when its manifest is there, which is written last; until
then `preparing/` holds what has been done so far.
"""

import json
import pathlib
import shutil
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np

from tfseq.files import written_aside
from tfseq.text.corpora import Documents, Pairs, Unit, numbered
from tfseq.text.encoding import Job, read_job, shard_job, vocabulary_file, written_shard
from tfseq.text.readings import kept, load_reading
from tfseq.text.shards import check_shard, sha256, write_manifest
from tfseq.text.streams import state_of
from tfseq.text.tokenizers import save_tokenizer
from tfseq.text.vocabularies import Choice, choose

PREPARING = "preparing"
PLAN = "plan.json"
TOKENIZER = "tokenizer.json"
SAMPLE = 100  # items of the text that stay readable
AFTERWARDS = ("minimum_count", "subword_vocabulary", "vocabulary_size")  # matter behind reading

Run = Callable[[Callable, Sequence], Iterator]


class Source(NamedTuple):
    """What is prepared.

    Attributes:
        corpus: What it is made of.
        files: Each file, or each pair of files.
        tokenizer: The tokenizer's configuration, as `save_tokenizer` writes it; of subwords
            without the pieces.
        size: Bytes of text in a shard.
        share: What is held out of the corpus to measure by.
        most: Items that are held out, at most.
        held_out: Such items from elsewhere; nothing is then held out of the corpus.
        most_tokens: Longer sides are cut; 0 = none.
    """

    corpus: Documents | Pairs
    files: list[tuple[str, ...]]
    tokenizer: dict[str, Any]
    size: int
    share: float
    most: int
    held_out: list[tuple[str, ...]] = []
    most_tokens: int = 0


class OtherSettingsError(ValueError):
    """The work in a directory was begun with other settings."""


class Preparation:
    """The work in one directory.

    Args:
        directory: Where the data goes.
        source: A `Source`.
        settings: All options that the data depends on; they stand in the manifest.
        run: `run(function, jobs)` yields what the function returns for each job, in any order.
        say: Called with a line where something is done.
    """

    def __init__(self, directory, source: Source, settings: dict, run: Run, say: Callable = print):
        self.directory = pathlib.Path(directory)
        self.work = self.directory / PREPARING
        self.source = source
        self.settings = settings
        self.run = run
        self.say = say
        self.units: list[Unit] = []
        self.rule: dict[str, Any] = {}
        self.kind = type(source.corpus).__name__.lower()

    def prepare(self, choice: Choice, read: Callable | None = None) -> None:
        """Do all that is not done yet.

        Args:
            choice: How the vocabularies are chosen.
            read: Reads units in another way, from `[Job, ...]`; yields the number of each that it
                has read. The others are read here.

        Raises:
            OSError: A file cannot be read or written.
            OtherSettingsError: What stands in the directory was begun in another way.
            ValueError: A file holds something else than such text, or there is too little.
        """
        self.clear()
        plan = self.plan()
        if not (self.work / PLAN).is_file() or plan != self.begun():
            with written_aside(self.work / PLAN) as file:
                json.dump(plan, file, ensure_ascii=False)
        if not self.has_vocabularies():
            unread = [n for n in range(len(self.units)) if not self.job(n).reading.is_dir()]
            if read and unread:
                unread = self.each("read", unread, read)
                self.say(f"{len(unread):,} units did not come back whole and are read here")
            self.each("read", unread, lambda jobs: self.run(read_job, jobs))
            self.choose(choice)
        unwritten = [n for n in range(len(self.units)) if not self.is_written(n)]
        self.each("written", unwritten, lambda jobs: self.run(shard_job, jobs))
        self.finish()

    def clear(self) -> None:
        """Remove what a process that was killed has left half-written."""
        for path in (*self.work.glob("*.partial"), *self.directory.glob("*.partial")):
            shutil.rmtree(path) if path.is_dir() else path.unlink()

    def job(self, number: int) -> Job:
        """What a process needs to know about a unit."""
        source, unit = self.source, self.units[number]
        rest = source.corpus, self.rule, source.tokenizer, source.most_tokens
        return Job(self.directory, self.work, number, unit, *rest)

    def each(self, what: str, numbers: list[int], run: Callable) -> list[int]:
        """Run jobs for units, saying how far it is; return those that were not done."""
        left = list(numbers)
        for number in run([self.job(number) for number in numbers]) if numbers else ():
            left.remove(number)
            done = len(self.units) - len(left)
            self.say(f"{what}: {done:,} of {len(self.units):,} units of text")
        return left

    # The plan

    def plan(self) -> dict[str, Any]:
        """Find the units, or take those found before; nothing is written yet.

        Raises:
            OSError: A file cannot be read.
            OtherSettingsError: What stands in the directory was begun with other settings.
            ValueError: A file is not UTF-8, or holds too little, or has changed.
        """
        begun = self.begun()
        files = {name: state_of(name) for files in self.source.files for name in files}
        plan = {"settings": self.settings, "files": files}
        if begun is not None:
            self.check_begun(begun, plan)
            self.units = [_unit(*unit) for unit in begun["units"]]
            self.rule = begun["rule"]
        elif not self.units:
            self.find_units()
        return json.loads(json.dumps({**plan, "units": self.units, "rule": self.rule}))

    def begun(self) -> dict[str, Any] | None:
        """The plan that was written before, if there is one."""
        path = self.work / PLAN
        return json.loads(path.read_text(encoding="utf-8")) if path.is_file() else None

    def find_units(self) -> None:
        """Read all text once to find where units begin, and what cannot be read."""
        source = self.source
        found = dict(self.run(_plan, [*enumerate((source, files) for files in source.files)]))
        self.units = numbered([unit for number in sorted(found) for unit in found[number]])
        items = sum(unit.items for unit in self.units)
        if items < 2:
            raise ValueError(f"There must be two items, to hold one out. Received: {items}")
        if not source.held_out:
            self.rule = source.corpus.rule(source.share, source.most, items)

    def check_begun(self, begun: dict, plan: dict) -> None:
        """Refuse to go on with other settings or other text."""
        before, now = begun["settings"], json.loads(json.dumps(self.settings))
        free = () if self.has_vocabularies() else AFTERWARDS
        names = [name for name in now if before.get(name) != now[name] and name not in free]
        if names:
            raise OtherSettingsError(*(_written(names, settings) for settings in (before, now)))
        for name, state in plan["files"].items():
            if begun["files"].get(name) != state:
                raise ValueError(f"A text must not change on the way. Received: {name}, changed")

    # Vocabularies

    def has_vocabularies(self) -> bool:
        """Whether tokenizer and vocabularies are chosen; the tokenizer is written last."""
        return (self.directory / TOKENIZER).is_file()

    def choose(self, choice: Choice) -> None:
        """Choose and write them."""
        readings = [load_reading(self.job(n).reading) for n in range(len(self.units))]
        is_pieces = self.source.tokenizer["tokenizer"] == "subwords"
        tokenizer, vocabularies = choose(choice, readings, is_pieces)
        for side, vocabulary in zip(self.source.corpus.sides, vocabularies, strict=True):
            vocabulary.save(self.directory / vocabulary_file(side))
        save_tokenizer(tokenizer, self.directory / TOKENIZER)

    # Shards

    def is_written(self, number: int) -> bool:
        """Whether a unit's shard is there as it was written; if it was and is not, that is said."""
        job = self.job(number)
        if not job.written.is_file() or not job.counts.is_file():
            return False
        shard = written_shard(job)[0]
        try:
            if shard:
                check_shard(self.directory, shard)
        except (OSError, ValueError) as error:
            self.say(f"{error}; it is written again")
            return False
        return True

    # The end

    def finish(self) -> None:
        """Write texts, counts and manifest."""
        source, sides = self.source, self.source.corpus.sides
        jobs = [self.job(number) for number in range(len(self.units))]
        shards, cut, held_out = zip(*map(written_shard, jobs), strict=True)
        held_out = [*source.held_out, *(item for items in held_out for item in items)]
        shards = [shard for shard in shards if shard]
        if not held_out or not shards:
            raise ValueError(
                "There must be items to learn from and items held out. Received: "
                f"{sum(shard.items for shard in shards):,} and {len(held_out):,}"
            )
        names = [TOKENIZER, *map(vocabulary_file, sides)]
        names += self.write_texts("held_out", held_out) + self.write_texts("sample", self.sample())
        names += self.write_counts(jobs)
        manifest = {
            "kind": self.kind,
            "sides": sides,
            "settings": self.settings,
            "cut": np.sum(cut, axis=0).tolist(),
            "files": {name: sha256(self.directory / name) for name in names},
        }
        write_manifest(self.directory, manifest, shards)

    def sample(self) -> list[tuple[str, ...]]:
        """The first items that are not held out."""
        found = []
        for unit in self.units:
            items = self.source.corpus.items(unit)
            for item in kept(items, unit, self.source.corpus, self.rule, []):
                found.append(tuple(text.decode() for text in item))
                if len(found) == SAMPLE:
                    return found
        return found

    def write_texts(self, part: str, items: list) -> list[str]:
        """Write a readable file for each side; return their names."""
        names = []
        for place, side in enumerate(self.source.corpus.sides):
            names.append(f"{part}.txt" if side == "text" else f"{part}.{side}.txt")
            with written_aside(self.directory / names[-1]) as file:
                file.writelines(self.source.corpus.written(item[place]) for item in items)
        return names

    def write_counts(self, jobs: list[Job]) -> list[str]:
        """Write how often each id stands on each side; return the names of the files."""
        sums = {}
        for job in jobs:
            with np.load(job.counts) as counts:
                sums = {side: sums.get(side, 0) + counts[side] for side in counts.files}
        for side, counts in sums.items():
            with written_aside(self.directory / f"{side}.counts.npy", "wb") as file:
                np.save(file, counts)
        return [f"{side}.counts.npy" for side in sums]


def _plan(job):
    number, (source, files) = job
    return number, source.corpus.plan(files, source.size)


def _unit(files, spans, first, items):
    return Unit(tuple(files), tuple(map(tuple, spans)), first, items)


def _written(names, settings):
    """Settings as they are written on a command line."""
    values = {name: settings.get(name) for name in names}
    flat = {k: ",".join(map(str, v)) if isinstance(v, list) else v for k, v in values.items()}
    return ", ".join(f"--{name}={value}" for name, value in flat.items())

"""Data that `prepare` writes and `train` reads: from options to shards, and what can be wrong."""

import contextlib
import dataclasses
import json
import pathlib
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from tfseq.config import OptionError
from tfseq.files import written_aside
from tfseq.processes import side_by_side
from tfseq.runs import locked
from tfseq.text import SPECIALS, UNK
from tfseq.text.preparing import PREPARING, OtherSettingsError, Preparation, Source
from tfseq.text.service import check_service, read_by_service
from tfseq.text.shards import Shards
from tfseq.text.streams import find_files
from tfseq.text.vocabularies import Choice

LINK = "data.json"  # in a run's directory: which data it was begun with
NOT_OF_DATA = ("data_dir", "processes", "data_service")  # options that change nothing in it


@contextlib.contextmanager
def data_errors(option: str = "--data_dir") -> Iterator[None]:
    """What is wrong with data, as an error of the option that names it."""
    try:
        yield
    except OptionError:
        raise
    except (OSError, ValueError) as error:
        raise OptionError(option, "must be whole data of `prepare`", str(error)) from error


def open_shards(options: Any, kind: str, elsewhere: Sequence[str]) -> Shards | None:
    """The data that `options.FromData` names; `None` where it names none.

    Args:
        options: Of `train`.
        kind: `documents` or `pairs`.
        elsewhere: The options that name text; with data none of them may be given.
    """
    if not options.data_dir:
        return None
    for name in elsewhere:
        if getattr(options, name):
            rule = "must not be given with --data_dir"
            raise OptionError(f"--{name}", rule, getattr(options, name))
    with data_errors():
        return Shards(options.data_dir, kind)


def taken_over(options: Any, shards: Shards | None, presets: Mapping[str, Mapping]) -> Any:
    """Options of `train` with what the data was prepared with; any other that is given is wrong.

    Args:
        options: Of `train`.
        shards: The data.
        presets: Of `train`: what they say about text gives way to the data.
    """
    if shards is None:
        return options
    settings, values = shards.manifest["settings"], {}
    for field in dataclasses.fields(options):
        if field.name in settings:
            given = getattr(options, field.name)
            usual = (field.default, presets[options.preset].get(field.name, field.default))
            if given not in (*usual, settings[field.name]):
                rule = f"must be as the data was prepared: {settings[field.name]}"
                raise OptionError(f"--{field.name}", rule, given)
            values[field.name] = settings[field.name]
    return dataclasses.replace(options, **values)


def check_same(directory: str | pathlib.Path, shards: Shards | None) -> None:
    """Refuse to go on with a run under other data than it was begun with."""
    path = pathlib.Path(directory) / LINK
    if shards is None or not path.is_file():
        return
    begun = json.loads(path.read_text(encoding="utf-8"))["digest"]
    if begun != shards.digest:
        rule = f"must be the data that the run was begun with, of digest {begun[:12]}"
        raise OptionError("--data_dir", rule, f"{shards.directory}, {shards.digest[:12]}")


def take_along(shards: Shards, aside: pathlib.Path, names: Mapping[str, str]) -> None:
    """Copy what later verbs need into a new run's directory: everything but the corpus.

    Args:
        shards: The data.
        aside: The directory.
        names: Of the files there, and what they are called here.
    """
    with data_errors():
        for there, here in names.items():
            shutil.copyfile(shards.directory / there, aside / here)
    with written_aside(aside / LINK) as file:
        json.dump({"digest": shards.digest}, file)


def found_files(option: str, names: str) -> list[str]:
    """The files of an option that lists some."""
    try:
        found = find_files(names)
    except OSError as error:
        raise OptionError(option, "must name files that are there", str(error)) from error
    if not found:
        raise OptionError(option, "must name a file at least")
    return found


def prepare(options: Any, option: str, source: Source, choice: Choice, files: Mapping) -> None:
    """Write data, or go on where it stood; say what there is.

    Args:
        options: With those of `options.ToData` among them.
        option: The one that names the text.
        source: What is prepared.
        choice: How the vocabularies are chosen.
        files: The lists of files that options mean, by the options' names.
    """
    directory = pathlib.Path(options.data_dir)
    there = {path.name for path in directory.iterdir()} if directory.is_dir() else set()
    if there and PREPARING not in there:
        raise OptionError("--data_dir", "must be a new directory or data", str(directory))
    if 0 < options.vocabulary_size <= len(SPECIALS):
        rule = f"must leave room for a token beside the {len(SPECIALS)} special ones"
        raise OptionError("--vocabulary_size", rule, options.vocabulary_size)
    settings = {**dataclasses.asdict(options), **files}
    settings = {name: settings[name] for name in settings if name not in NOT_OF_DATA}
    read, run = reader(options), side_by_side(options.processes)
    work = Preparation(directory, source, settings, run, lambda line: print(line, flush=True))
    with _errors(option):
        work.plan()  # before anything is written: what cannot be read leaves nothing behind
        (directory / PREPARING).mkdir(parents=True, exist_ok=True)
        with locked(directory / PREPARING, "--data_dir", "in preparation"):
            work.prepare(choice, read)
    print(described(Shards(directory, work.kind)))


def reader(options: Any) -> Callable | None:
    """What reads units elsewhere, where that is asked for."""
    if not options.data_service:
        return None
    try:
        check_service(options.data_service)
    except (OSError, ValueError) as error:
        rule = "must be the dispatcher of a tf.data service that answers"
        raise OptionError("--data_service", rule, str(error)) from error
    return lambda jobs: read_by_service(options.data_service, jobs)


def described(shards: Shards) -> str:
    """What there is in data, in some lines."""
    manifest, sides = shards.manifest, shards.manifest["sides"]
    lines = [
        f"{shards.directory}: {shards.items:,} {manifest['kind']} in {len(shards.shards):,} shards,"
        f" digest {shards.digest[:12]}"
    ]
    for side, tokens, cut in zip(sides, shards.tokens, manifest["cut"], strict=True):
        counts = shards.counts(side)
        longer = f", {cut:,} cut at --most_tokens" if cut else ""
        lines.append(
            f"{side}: {tokens:,} tokens, {len(counts):,} entries in the vocabulary, "
            f"{counts[UNK] / max(tokens, 1):.1%} unknown{longer}"
        )
    return "\n".join(lines)


@contextlib.contextmanager
def _errors(option):
    try:
        yield
    except OptionError:
        raise
    except OtherSettingsError as error:
        before, now = error.args
        rule = f"must be new, or begun with the same options; it was begun with {before}"
        raise OptionError("--data_dir", rule, now) from error
    except (PermissionError, NotADirectoryError, FileExistsError) as error:
        rule = "must be a directory that can be written"
        raise OptionError("--data_dir", rule, str(error)) from error
    except (OSError, ValueError) as error:
        raise OptionError(option, "must name readable UTF-8 text", str(error)) from error

"""From sentence pairs to ids, and what a run directory keeps of them."""

import pathlib
from typing import NamedTuple

import numpy as np

from apps.translation.config import Train
from apps.translation.presets import PRESETS
from tfseq import runs
from tfseq.config import OptionError
from tfseq.files import written_aside
from tfseq.parts import make_tokenizer
from tfseq.prepared import check_same, open_shards, take_along, taken_over
from tfseq.text import (
    Parallel,
    Tokenizer,
    Vocabulary,
    count_tokens,
    cut,
    load_tokenizer,
    read_parallel,
    read_parallel_file,
    save_tokenizer,
    split_at_random,
)

SIDES = ("source", "target")
PARTS = ("training", "validation")
# Of data that `prepare` has written the run keeps all but the corpus; of that, the first pairs.
FROM_DATA = {f"sample.{side}.txt": f"sample.{side}.txt" for side in SIDES}
FROM_DATA |= {f"held_out.{side}.txt": f"validation.{side}.txt" for side in SIDES}
FROM_DATA |= {f"{side}_vocabulary.txt": f"{side}_vocabulary.txt" for side in SIDES}
FROM_DATA["tokenizer.json"] = "tokenizer.json"
TEXTS = ("source_file", "target_file", "parallel_file")
TEXTS += ("validation_source_file", "validation_target_file")


class Run(NamedTuple):
    """All that the verbs after `train` need to know: options, and how a text becomes ids."""

    directory: pathlib.Path
    options: Train
    tokenizer: Tokenizer
    source_vocabulary: Vocabulary
    target_vocabulary: Vocabulary

    def source_ids(self, sentences):
        """The ids of each source sentence, an int32 array each, and how many were cut."""
        return self._ids(sentences, self.source_vocabulary)

    def target_ids(self, sentences):
        """The ids of each target sentence, and how many were cut."""
        return self._ids(sentences, self.target_vocabulary)

    def _ids(self, sentences, vocabulary):
        ids = vocabulary.ids(self.tokenizer.tokenize(sentences))
        rows = np.split(ids.flat_values.numpy(), ids.row_splits.numpy()[1:-1])
        return cut(rows, self.options.most_tokens)


def read_pairs(options):
    """The sentence pairs that the options name, or an error that says what is wrong with them."""
    names = ("--source_file", "--target_file")
    if options.parallel_file:
        if options.source_file or options.target_file:
            raise OptionError("--parallel_file", f"must not be given with {' or '.join(names)}")
        return _read("--parallel_file", read_parallel_file, options.parallel_file)
    if options.source_file or options.target_file:
        return read_files(names, options.source_file, options.target_file)
    from apps.translation.corpus import sentence_pairs  # its grammar is for a first run only

    sources, targets = zip(*sentence_pairs(options.built_in_pairs, options.seed), strict=True)
    return Parallel(list(sources), list(targets), 0)


def read_validation(options):
    """The pairs of the validation files, or `None` where none are given."""
    paths = options.validation_source_file, options.validation_target_file
    if not any(paths):
        return None
    return read_files(("--validation_source_file", "--validation_target_file"), *paths)


def read_files(names, *paths):
    """The pairs of two files that two options name."""
    for name, other, path in zip(names, names[::-1], paths, strict=True):
        if not path:
            raise OptionError(name, f"must be given together with {other}")
    return _read(" and ".join(names), read_parallel, *paths)


def _read(names, reader, *paths):
    try:
        return reader(*paths)
    except (OSError, ValueError) as error:
        raise OptionError(names, "must name readable UTF-8 text", str(error)) from error


def split_validation(pairs, share, seed):
    """Training and validation pairs; no source sentence stands in both.

    Args:
        pairs: A `Parallel`.
        share: Of the pairs, drawn at random, to validate.
        seed: Which are drawn.
    """
    try:
        training, validation = split_at_random(pairs.sources, share, seed)
    except ValueError as error:
        raise OptionError(
            "--validation_share", "must leave pairs to learn from", f"{len(pairs.sources)} pairs"
        ) from error

    def part(rows):
        return Parallel([pairs.sources[i] for i in rows], [pairs.targets[i] for i in rows], 0)

    return part(training), part(validation)


def make_run(options):
    """A new run, not yet written, with its pairs: `(run, training, validation)`."""
    pairs = read_pairs(options)
    validation = read_validation(options)
    dropped = pairs.dropped + (validation.dropped if validation else 0)
    if dropped:
        print(f"{dropped:,} pairs with an empty side are left out.")
    if validation is None:
        pairs, validation = split_validation(pairs, options.validation_share, options.seed)
    sentences = pairs.sources + pairs.targets
    tokenizer = make_tokenizer(options, sentences, lower_case=options.lower_case, spacing="exact")
    vocabularies = make_vocabularies(options, tokenizer, pairs)
    run = Run(pathlib.Path(options.run_dir), options, tokenizer, *vocabularies)
    return run, pairs, validation


def make_vocabularies(options, tokenizer, pairs):
    """A vocabulary for each side, or the same one twice where all word vectors are shared."""
    counts = [count_tokens(tokenizer.tokenize(side)) for side in (pairs.sources, pairs.targets)]
    if options.tied == "all":
        counts = [counts[0] + counts[1]] * 2
    vocabularies = [Vocabulary.build(count, options.minimum_count) for count in counts]
    return vocabularies[0], vocabularies[0 if options.tied == "all" else 1]


def save_run(run, training, validation, shards=None):
    """Write a new run directory; it is there as a whole or not at all."""
    if not runs.is_new(run.options):
        return
    with runs.new_run(run.options) as aside:
        if shards is not None:
            take_along(shards, aside, FROM_DATA)
            return
        for part, pairs in zip(PARTS, (training, validation), strict=True):
            for side, sentences in zip(SIDES, (pairs.sources, pairs.targets), strict=True):
                with written_aside(aside / f"{part}.{side}.txt") as file:
                    file.writelines(f"{sentence}\n" for sentence in sentences)
        save_tokenizer(run.tokenizer, aside / "tokenizer.json")
        run.source_vocabulary.save(aside / "source_vocabulary.txt")
        run.target_vocabulary.save(aside / "target_vocabulary.txt")


def load_run(directory):
    """Read what `save_run` wrote, but for the pairs."""
    options = runs.load_options(Train, directory)
    return read_run(options, pathlib.Path(directory), pathlib.Path(directory))


def read_run(options, directory, source):
    """A run whose tokenizer and vocabularies stand in a directory: its own, or the data's."""
    vocabularies = [Vocabulary.load(source / f"{side}_vocabulary.txt") for side in SIDES]
    if options.tied == "all":
        vocabularies[1] = vocabularies[0]
    return Run(directory, options, load_tokenizer(source / "tokenizer.json"), *vocabularies)


def load_pairs(run, part):
    """The `training` or `validation` pairs of a run; of one on data, a sample of the first."""
    part = "sample" if part == "training" and run.options.data_dir else part
    return read_parallel(*(run.directory / f"{part}.{side}.txt" for side in SIDES))


def open_run(options, shards=None):
    """The run of `train` and its pairs: a new one, or the one there under the same options."""
    if not runs.is_new(options):
        check_same(options.run_dir, shards)
        run = load_run(options.run_dir)
        return run, load_pairs(run, "training"), load_pairs(run, "validation")
    if shards is None:
        return make_run(options)
    run = read_run(options, pathlib.Path(options.run_dir), shards.directory)
    parts = (
        read_parallel(*(shards.directory / f"{part}.{side}.txt" for side in SIDES))
        for part in ("sample", "held_out")
    )
    return run, *parts


def open_data(options):
    """The data that the options name, if any, and the options with what it was prepared with."""
    shards = open_shards(options, "pairs", TEXTS)
    options = taken_over(options, shards, PRESETS)
    if shards and options.tied == "all" and not shards.manifest["settings"]["joint_vocabulary"]:
        raise OptionError("--tied", "may be all for data of `prepare --joint_vocabulary`", "all")
    return options, shards

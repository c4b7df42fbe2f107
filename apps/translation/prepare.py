"""`prepare`: sentence pairs larger than memory, written as ids to train on."""

from apps.translation.data import read_validation
from tfseq.config import OptionError
from tfseq.parts import make_tokenizer
from tfseq.prepared import found_files, prepare
from tfseq.text.corpora import Pairs
from tfseq.text.preparing import Source
from tfseq.text.vocabularies import Choice

SIDES = ("source_files", "target_files")


def run(options):
    """Write the data, or go on where it stood."""
    names = find(options)
    validation = read_validation(options)
    source = Source(
        Pairs(),
        list(zip(*names.values(), strict=True)),
        tokenizer_config(options),
        round(options.shard_megabytes * 1e6),
        options.validation_share,
        options.most_held_out,
        list(zip(validation.sources, validation.targets, strict=True)) if validation else [],
        options.most_tokens,
    )
    choice = Choice(
        lambda counts: make_tokenizer(
            options, counts, lower_case=options.lower_case, spacing="exact"
        ),
        options.minimum_count,
        options.vocabulary_size or None,
        options.joint_vocabulary,
    )
    prepare(options, " and ".join(f"--{name}" for name in names), source, choice, names)


def find(options):
    """The files by the options that list them: one option, or two with as many files."""
    if options.parallel_files:
        if options.source_files or options.target_files:
            rule = "must not be given with --source_files or --target_files"
            raise OptionError("--parallel_files", rule)
        return {"parallel_files": found_files("--parallel_files", options.parallel_files)}
    for name, other in zip(SIDES, SIDES[::-1], strict=True):
        if not getattr(options, name):
            raise OptionError(f"--{name}", f"must be given, together with --{other}")
    found = {name: found_files(f"--{name}", getattr(options, name)) for name in SIDES}
    sources, targets = map(len, found.values())
    if sources != targets:
        raise OptionError(
            "--target_files", f"must be as many as --source_files, {sources}", targets
        )
    return found


def tokenizer_config(options):
    """The tokenizer's configuration, but for the pieces of subwords."""
    config = {"tokenizer": options.tokens, "lower_case": options.lower_case}
    return {**config, "spacing": "exact"} if options.tokens == "subwords" else config

"""`prepare`: texts larger than memory, written as ids to train on."""

from tfseq.parts import make_tokenizer
from tfseq.prepared import found_files, prepare
from tfseq.text.corpora import Documents
from tfseq.text.preparing import Source
from tfseq.text.vocabularies import Choice


def run(options):
    """Write the data, or go on where it stood."""
    files = found_files("--text_files", options.text_files)
    source = Source(
        Documents(options.skip_characters),
        [(path,) for path in files],
        tokenizer_config(options),
        round(options.shard_megabytes * 1e6),
        options.held_out_share,
        options.most_held_out,
    )
    choice = Choice(
        lambda counts: make_tokenizer(options, counts),
        options.minimum_count,
        options.vocabulary_size or None,
    )
    prepare(options, "--text_files", source, choice, {"text_files": files})


def tokenizer_config(options):
    """The tokenizer's configuration, but for the pieces of subwords."""
    if options.tokens == "subwords":
        return {"tokenizer": "subwords", "lower_case": True, "spacing": "printed"}
    return {"tokenizer": options.tokens, **make_tokenizer(options, ()).get_config()}

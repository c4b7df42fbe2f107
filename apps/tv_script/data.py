"""From a text to ids, and what a run directory keeps of it."""

import pathlib
from typing import NamedTuple

import numpy as np

from apps.tv_script.config import BUILT_IN_CORPUS, Train
from tfseq import runs
from tfseq.config import OptionError
from tfseq.files import read_text, written_aside
from tfseq.parts import make_tokenizer
from tfseq.prepared import check_same, take_along
from tfseq.text import (
    SubwordTokenizer,
    Tokenizer,
    Vocabulary,
    count_tokens,
    load_tokenizer,
    save_tokenizer,
    scenes,
    split_held_out,
)

# Of data that `prepare` has written the run keeps all but the corpus; of that, the first scenes.
FROM_DATA = {name: name for name in ("sample.txt", "held_out.txt", "tokenizer.json")}
FROM_DATA["vocabulary.txt"] = "vocabulary.txt"


class Run(NamedTuple):
    """All that the verbs after `train` need to know: options, texts, and how a text becomes ids."""

    directory: pathlib.Path
    options: Train
    training: list[str]  # scenes; under --data_dir a sample of them
    held_out: list[str]
    tokenizer: Tokenizer
    vocabulary: Vocabulary

    def ids(self, documents):
        """The ids of each document, an int32 array each; the whole corpus in one call."""
        ids = self.vocabulary.ids(self.tokenizer.tokenize(documents))
        return np.split(ids.flat_values.numpy(), ids.row_splits.numpy()[1:-1])

    def words(self, documents):
        """The tokens of all documents in a row, as they are spelled, known or not."""
        return self.tokenizer.tokenize(documents).flat_values.numpy().astype("S")

    @property
    def context(self):
        """The ids of a scene break: what the model reads before a scene begins."""
        scene = self.training[0]
        (ids,) = self.ids([scene[len(scene.rstrip()) :]])
        return ids


def read_scenes(options):
    """The scenes of `--text_file`, or an error that says what is wrong with it."""
    path = options.text_file or BUILT_IN_CORPUS
    try:
        text = read_text(path)[options.skip_characters :].lstrip("\r\n")
    except (OSError, ValueError) as error:
        raise OptionError("--text_file", "must name a readable UTF-8 text", str(error)) from error
    documents = scenes(text if text.endswith("\n") else text + "\n")
    if not text.strip():
        raise OptionError("--text_file", "must hold text behind --skip_characters", str(path))
    return documents


def make_run(options):
    """Read the text, learn vocabulary and tokenizer from the training scenes alone."""
    documents = read_scenes(options)
    if len(documents) < 2:
        raise OptionError(
            "--text_file",
            "must hold at least two scenes, apart by a blank line: the last ones are held out",
            f"{options.text_file or BUILT_IN_CORPUS} with {len(documents)}",
        )
    training, held_out = split_held_out(documents, options.held_out_share)
    tokenizer = make_tokenizer(options, training)
    tokens = tokenizer.tokenize(training)
    size = len(tokens.flat_values)
    if size <= options.window:
        raise OptionError(
            "--text_file", f"must be longer than one --window of {options.window} tokens", size
        )
    if isinstance(tokenizer, SubwordTokenizer):
        vocabulary = Vocabulary(tokenizer.pieces)
    else:
        vocabulary = Vocabulary.build(count_tokens(tokens), options.minimum_count)
    directory = pathlib.Path(options.run_dir)
    return Run(directory, options, list(training), list(held_out), tokenizer, vocabulary)


def save_run(run, shards=None):
    """Write a new run directory; it is there as a whole or not at all."""
    if not runs.is_new(run.options):
        return
    with runs.new_run(run.options) as aside:
        if shards is not None:
            take_along(shards, aside, FROM_DATA)
            return
        for name, documents in (("training", run.training), ("held_out", run.held_out)):
            with written_aside(aside / f"{name}.txt") as file:
                file.write("".join(documents))
        save_tokenizer(run.tokenizer, aside / "tokenizer.json")
        run.vocabulary.save(aside / "vocabulary.txt")


def load_run(directory):
    """Read what `save_run` wrote."""
    options = runs.load_options(Train, directory)
    return read_run(options, pathlib.Path(directory), pathlib.Path(directory))


def read_run(options, directory, source):
    """A run whose texts, tokenizer and vocabulary stand in a directory: its own, or the data's."""
    training = "sample.txt" if options.data_dir else "training.txt"
    return Run(
        directory,
        options,
        scenes(read_text(source / training)),
        scenes(read_text(source / "held_out.txt")),
        load_tokenizer(source / "tokenizer.json"),
        Vocabulary.load(source / "vocabulary.txt"),
    )


def open_run(options, shards=None):
    """The run of `train`: a new one, not yet written, or the one there under the same options."""
    if not runs.is_new(options):
        check_same(options.run_dir, shards)
        return load_run(options.run_dir)
    if shards is None:
        return make_run(options)
    if shards.tokens[0] <= options.window:
        rule = f"must hold more than one --window of {options.window} tokens"
        raise OptionError("--data_dir", rule, shards.tokens[0])
    return read_run(options, pathlib.Path(options.run_dir), shards.directory)

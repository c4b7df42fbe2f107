"""From labelled sentences to numbers, and what a run directory keeps of them."""

import pathlib
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import tensorflow as tf

from apps.tagging.config import Train
from apps.tagging.lexicon import Lexicon, looked_up, split_characters
from tfseq import runs
from tfseq.config import OptionError
from tfseq.files import written_aside
from tfseq.parts import parted
from tfseq.text import (
    SPECIALS,
    Labels,
    Sentence,
    Vocabulary,
    count_tokens,
    read_columns,
    read_conllu,
    write_columns,
)
from tfseq.word2vec import read_vectors

PARTS = ("training", "development")


class Run(NamedTuple):
    """All that the verbs after `train` need to know: options, and how tokens and labels are ids."""

    directory: pathlib.Path
    options: Train
    lexicon: Lexicon
    labels: Labels

    def label_ids(self, sentences: Sequence[Sentence], option: str) -> list[np.ndarray]:
        """The numbers of the labels of each sentence; one that training did not have is an error.

        Args:
            sentences: As they were read.
            option: The option that names their file.
        """
        for sentence in sentences:
            self.check_labels(sentence.labels, sentence.lines, option)
        return [self.labels.ids(sentence.labels) for sentence in sentences]

    def check_labels(self, labels: Sequence[str], lines: Sequence[int], option: str) -> None:
        """Refuse a label that training did not have, with the line where it stands."""
        for label, line in zip(labels, lines, strict=True):
            if label not in self.labels:
                rule = f"must have labels that training had: {', '.join(self.labels.names)}"
                raise OptionError(option, rule, f"line {line:,}: {label}")


def read_sentences(options: Train, path: str | pathlib.Path, option: str) -> list[Sentence]:
    """The labelled sentences of a file that is written as the options of `train` say.

    Args:
        options: Those of `train`.
        path: The file.
        option: The option that names it.
    """
    try:
        if options.format == "conllu":
            return read_conllu(path)
        return read_columns(path, options.token_column, options.label_column)
    except (OSError, ValueError) as error:
        rule = f"must name sentences with labels in --format={options.format}"
        raise OptionError(option, rule, str(error)) from error


def check_lengths(lengths: Sequence[int], lines: Sequence[int], most_tokens: int) -> None:
    """Refuse a text that is too long, with the line where it begins."""
    for length, line in zip(lengths, lines, strict=True):
        if length > most_tokens:
            rule = f"must be at least {length}, the tokens of the text from line {line:,} on"
            raise OptionError("--most_tokens", rule, most_tokens)


def check_sentences(sentences: Sequence[Sentence], most_tokens: int) -> None:
    """The same for sentences that were read."""
    lengths = [len(sentence.tokens) for sentence in sentences]
    check_lengths(lengths, [sentence.lines[0] for sentence in sentences], most_tokens)


def make_run(options: Train) -> tuple[Run, list[Sentence], list[Sentence]]:
    """A new run, not yet written, with its sentences: `(run, training, development)`."""
    training = read_sentences(options, options.train_file, "--train_file")
    try:
        labels = Labels.build(label for sentence in training for label in sentence.labels)
    except ValueError as error:
        rule = "must have at least two different labels"
        raise OptionError("--train_file", rule, f"all are {training[0].labels[0]}") from error
    if options.development_file:
        development = read_sentences(options, options.development_file, "--development_file")
    else:
        texts = ["\t".join(sentence.tokens) for sentence in training]
        names = [sentence.labels for sentence in training]
        training, development = parted(options, training, texts, names, "sentences")
    lexicon = make_lexicon(options, training)
    return Run(pathlib.Path(options.run_dir), options, lexicon, labels), training, development


def make_lexicon(options: Train, training: list[Sentence]) -> Lexicon:
    """The tokens and characters of the training sentences, and words that have a vector."""
    tokens = tf.constant([token for sentence in training for token in sentence.tokens])
    counts = count_tokens(looked_up(tokens, options.lower_case))
    vocabulary = Vocabulary.build(counts, options.minimum_count)
    if options.vector_words:
        words = dict.fromkeys([*vocabulary.words, *vector_words(options)])
        vocabulary = Vocabulary([word for word in words if word not in SPECIALS])
    characters = None
    if options.character_units:
        characters = Vocabulary.build(count_tokens(split_characters(tokens)))
    return Lexicon(vocabulary, characters, options.lower_case, options.most_characters)


def vector_words(options: Train) -> list[str]:
    """The words that `--embeddings` has."""
    if not options.embeddings:
        raise OptionError("--vector_words", "is for a start from --embeddings")
    try:
        return read_vectors(options.embeddings)[0]
    except (OSError, ValueError) as error:
        rule = "must name word vectors in word2vec's format"
        raise OptionError("--embeddings", rule, str(error)) from error


def save_run(run: Run, *parts: list[Sentence]) -> None:
    """Write a new run directory; it is there as a whole or not at all."""
    if not runs.is_new(run.options):
        return
    with runs.new_run(run.options) as aside:
        for part, sentences in zip(PARTS, parts, strict=True):
            with written_aside(aside / f"{part}.txt") as file:
                write_columns(sentences, file)
        run.lexicon.vocabulary.save(aside / "vocabulary.txt")
        if run.lexicon.characters is not None:
            run.lexicon.characters.save(aside / "characters.txt")
        run.labels.save(aside / "labels.txt")


def load_run(directory: str | pathlib.Path) -> Run:
    """Read what `save_run` wrote, but for the sentences."""
    options, directory = runs.load_options(Train, directory), pathlib.Path(directory)
    characters = Vocabulary.load(directory / "characters.txt") if options.character_units else None
    lexicon = Lexicon(
        Vocabulary.load(directory / "vocabulary.txt"),
        characters,
        options.lower_case,
        options.most_characters,
    )
    return Run(directory, options, lexicon, Labels.load(directory / "labels.txt"))


def load_sentences(run: Run, part: str) -> list[Sentence]:
    """The `training` or `development` sentences of a run."""
    return read_columns(run.directory / f"{part}.txt")


def open_run(options: Train) -> tuple[Run, list[Sentence], list[Sentence]]:
    """The run of `train` and its sentences: a new one, or the one there with the same options."""
    if runs.is_new(options):
        return make_run(options)
    run = load_run(options.run_dir)
    return run, load_sentences(run, "training"), load_sentences(run, "development")

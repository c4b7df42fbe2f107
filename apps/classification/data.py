"""From labelled lines to ids, and what a run directory keeps of them."""

import itertools
import pathlib
import re
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from apps.classification.config import Train
from tfseq import runs
from tfseq.config import OptionError
from tfseq.files import written_aside
from tfseq.lines import read_lines
from tfseq.parts import make_tokenizer, parted
from tfseq.text import (
    Labels,
    Tokenizer,
    Vocabulary,
    count_tokens,
    load_tokenizer,
    save_tokenizer,
)

PARTS = ("training", "development")
LABELLED = re.compile(r"(\S+)[ \t]+(.*\S.*)")


class Example(NamedTuple):
    """A labelled text, and the line of the file that it stands in."""

    line: int
    label: str
    text: str


class Run(NamedTuple):
    """All that the verbs after `train` need to know: options, and how texts and labels are ids."""

    directory: pathlib.Path
    options: Train
    tokenizer: Tokenizer
    vocabulary: Vocabulary
    labels: Labels

    def ids(
        self, texts: Sequence[str], most_tokens: int, lines: Sequence[int] | None = None
    ) -> list[np.ndarray]:
        """The ids of each text, an int32 array each; one that is too long is an error.

        Args:
            texts: As they are written.
            most_tokens: The option of the verb.
            lines: Where they stand; default: one after the other.
        """
        ids = self.vocabulary.ids(self.tokenizer.tokenize(texts))
        rows = np.split(ids.flat_values.numpy(), ids.row_splits.numpy()[1:-1])
        rows = rows[: len(texts)]  # of nothing the split is one piece, too
        for line, row in zip(lines or itertools.count(1), rows, strict=False):
            if len(row) > most_tokens:
                raise OptionError(
                    "--most_tokens",
                    f"must be at least {len(row)}, the tokens of line {line:,}",
                    most_tokens,
                )
        return rows

    def labelled(
        self, examples: Sequence[Example], option: str, most_tokens: int
    ) -> tuple[list[np.ndarray], np.ndarray]:
        """The ids of the examples' texts, and the numbers of their labels."""
        texts, lines = [row.text for row in examples], [row.line for row in examples]
        labels = self.label_ids([row.label for row in examples], option, lines)
        return self.ids(texts, most_tokens, lines), labels

    def label_ids(
        self, names: Sequence[str], option: str, lines: Sequence[int] | None = None
    ) -> np.ndarray:
        """The numbers of labels; one that training did not have is an error.

        Args:
            names: The labels.
            option: The option that names their file.
            lines: Where they stand; default: one after the other.
        """
        for line, name in zip(lines or itertools.count(1), names, strict=False):
            if name not in self.labels:
                rule = f"must have labels that training had: {', '.join(self.labels.names)}"
                raise OptionError(option, rule, f"line {line:,}: {name}")
        return self.labels.ids(names)


def read_examples(path: str | pathlib.Path, option: str) -> list[Example]:
    """The labelled texts of a file: in each line a label, blanks or tabs, and the text.

    Args:
        path: A UTF-8 file, plain or gzip.
        option: The option that names it.
    """
    examples = []
    for number, line in enumerate(read_lines(str(path), option), start=1):
        found = LABELLED.fullmatch(line)
        if not found:
            raise OptionError(
                option,
                "must have a label, a blank or tab, and a text in each line",
                f"{path} with line {number:,}: {line[:80]}",
            )
        examples.append(Example(number, *found.groups()))
    return examples


def make_run(options: Train) -> tuple[Run, list[Example], list[Example]]:
    """A new run, not yet written, with its examples: `(run, training, development)`."""
    training = read_examples(options.train_file, "--train_file")
    try:
        labels = Labels.build(example.label for example in training)
    except ValueError as error:
        rule = "must have examples of at least two labels"
        raise OptionError("--train_file", rule, f"all are {training[0].label}") from error
    if options.development_file:
        development = read_examples(options.development_file, "--development_file")
    else:
        texts = [example.text for example in training]
        names = [[example.label] for example in training]
        training, development = parted(options, training, texts, names, "examples")
    texts = [example.text for example in training]
    tokenizer = make_tokenizer(options, texts, lower_case=options.lower_case)
    counts = count_tokens(tokenizer.tokenize(texts))
    vocabulary = Vocabulary.build(counts, options.minimum_count)
    run = Run(pathlib.Path(options.run_dir), options, tokenizer, vocabulary, labels)
    return run, training, development


def save_run(run: Run, *examples: list[Example]) -> None:
    """Write a new run directory; it is there as a whole or not at all."""
    if not runs.is_new(run.options):
        return
    with runs.new_run(run.options) as aside:
        for part, rows in zip(PARTS, examples, strict=True):
            with written_aside(aside / f"{part}.txt") as file:
                file.writelines(f"{row.label}\t{row.text}\n" for row in rows)
        save_tokenizer(run.tokenizer, aside / "tokenizer.json")
        run.vocabulary.save(aside / "vocabulary.txt")
        run.labels.save(aside / "labels.txt")


def load_run(directory: str | pathlib.Path) -> Run:
    """Read what `save_run` wrote, but for the examples."""
    options, directory = runs.load_options(Train, directory), pathlib.Path(directory)
    return Run(
        directory,
        options,
        load_tokenizer(directory / "tokenizer.json"),
        Vocabulary.load(directory / "vocabulary.txt"),
        Labels.load(directory / "labels.txt"),
    )


def load_examples(run: Run, part: str) -> list[Example]:
    """The `training` or `development` examples of a run."""
    return read_examples(run.directory / f"{part}.txt", "--run_dir")


def open_run(options: Train) -> tuple[Run, list[Example], list[Example]]:
    """The run of `train` and its examples: a new one, or the one there under the same options."""
    if runs.is_new(options):
        return make_run(options)
    run = load_run(options.run_dir)
    return run, load_examples(run, "training"), load_examples(run, "development")

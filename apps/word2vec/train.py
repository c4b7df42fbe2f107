"""`train`: learn vectors from text, and go on where a killed run stood."""

import dataclasses
import pathlib
import time

from tfseq import runs
from tfseq.checkpoint import Checkpoints
from tfseq.config import OptionError
from tfseq.progress import MetricsFile, PairsProgress
from tfseq.replicas import is_chief
from tfseq.strategies import on_hosts
from tfseq.text import TOKENIZERS
from tfseq.word2vec import load_corpus, make_corpus, text_files, write_vectors
from tfseq.word2vec.settings import Settings
from tfseq.word2vec.training import VectorTrainer

POLL = 0.2  # seconds


def run(options):
    """Train on the hosts of the options."""
    with on_hosts(options):
        train_run(resolved(options))


def train_run(options):
    """Train, and write the vectors."""
    corpus = open_corpus(options)
    size = f"{corpus.counts.sum():,} words of text"
    print(f"{size}; {len(corpus.words):,} words in the vocabulary.", flush=True)
    directory = pathlib.Path(options.run_dir)
    with runs.locked(directory):
        trainer = make_trainer(options, corpus, directory)
        try:
            runs.train(trainer)
        except OptionError as error:
            raise kept_vectors(error, options, corpus, trainer) from error
        save_vectors(options, corpus, trainer.inputs.numpy())


def resolved(options):
    """The options, with the run directory that follows from the vectors' name."""
    if not options.vectors or pathlib.Path(options.vectors).is_dir():
        raise OptionError("--vectors", "must name a file", options.vectors)
    return dataclasses.replace(options, run_dir=options.run_dir or f"{options.vectors}.run")


def open_corpus(options):
    """The ids of the text: made now, or those of the run that is there under the same options.

    Where there are several hosts, the chief makes them and the others wait.
    """
    while not is_chief() and runs.is_new(options):
        time.sleep(POLL)
    if not runs.is_new(options):
        return load_corpus(options.run_dir)
    with runs.new_run(options) as aside:
        tokenize = TOKENIZERS[options.tokens](lower_case=options.lower_case).tokenize
        try:
            files = text_files(filter(None, options.text_file.split(",")))
            corpus = make_corpus(files, tokenize, options.min_count, aside)
        except (OSError, ValueError) as error:
            rule = "must name readable UTF-8 text with words seen at least --min_count times"
            raise OptionError("--text_file", rule, str(error)) from error
        if len(corpus.words) < 2:
            raise OptionError(
                "--text_file", "must hold two words or more", f"only {corpus.words[0]!r}"
            )
    return load_corpus(options.run_dir)


def make_trainer(options, corpus, directory):
    """The run's corpus, settings and checkpoints, put together."""
    names = [field.name for field in dataclasses.fields(Settings)]
    settings = Settings(**{name: getattr(options, name) for name in names})
    trainer = VectorTrainer(
        corpus, settings, Checkpoints(directory / "checkpoints"), save_seconds=options.save_seconds
    )
    if is_chief():
        trainer.callbacks += [
            PairsProgress(trainer.steps_per_epoch, options.epochs),
            MetricsFile(directory / "metrics.csv"),
        ]
    return trainer


def kept_vectors(error, options, corpus, trainer):
    """The error of a training that failed, once the last good vectors are written."""
    saved = trainer.checkpoints.latest()
    if saved is None or not isinstance(error.__cause__, FloatingPointError) or not is_chief():
        return error
    save_vectors(options, corpus, saved.variables["inputs"])
    return OptionError(
        "--learning_rate",
        f"is too high: try a lower one. {error.__cause__}. {options.vectors} holds the vectors "
        f"of step {saved.step}, the last good ones",
    )


def save_vectors(options, corpus, vectors):
    """Write the vectors, the most frequent words first; the chief does."""
    if not is_chief():
        return
    try:
        write_vectors(options.vectors, corpus.words, vectors)
    except OSError as error:
        raise OptionError("--vectors", "must be a file that can be written", str(error)) from error
    print(f"{options.vectors}: {len(corpus.words):,} vectors of width {vectors.shape[1]}.")

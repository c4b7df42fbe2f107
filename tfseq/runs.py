"""A run's directory: made whole, opened again by the same options, trained by one at a time."""

import contextlib
import fcntl
import os
import pathlib
import re
import shutil
import tempfile
from collections.abc import Iterator
from typing import Any

from tfseq import config, serving
from tfseq.config import OptionError
from tfseq.metrics import perplexity
from tfseq.optimizers import make_optimizer
from tfseq.products import has_bfloat16, set_matmul_precision
from tfseq.replicas import is_chief
from tfseq.serving import lite
from tfseq.word2vec import start_embedding, write_embedding

OPTIONS = "config.json"


def load_options(options_class: type, directory: str | pathlib.Path) -> Any:
    """The options that a run was made with."""
    path = pathlib.Path(directory) / OPTIONS
    if not path.is_file():
        raise OptionError("--run_dir", "must be a run that `train` has made", str(directory))
    return config.load(options_class, path)


def is_new(options: Any) -> bool:
    """Whether `options.run_dir` is yet to be made: free, and not this run already.

    Raises:
        OptionError: The directory holds something else, or a run with other options.
    """
    directory = pathlib.Path(options.run_dir)
    if not (directory / OPTIONS).is_file():
        if directory.is_dir() and any(directory.iterdir()):
            raise OptionError("--run_dir", "must be a new directory or a run", str(directory))
        return True
    saved = load_options(type(options), directory)
    if names := config.differences(saved, options):
        changed = ", ".join(f"--{name}={getattr(saved, name)}" for name in names)
        raise OptionError(
            "--run_dir",
            f"must be new, or hold the same options; {directory} was made with {changed}",
            ", ".join(f"--{name}={getattr(options, name)}" for name in names),
        )
    return False


@contextlib.contextmanager
def new_run(options: Any) -> Iterator[pathlib.Path]:
    """A directory to write a new run into; it then gets the run's name, whole or not at all.

    Where a run has several hosts, the chief's does; the others write theirs for nothing.
    """
    if not is_chief():
        with tempfile.TemporaryDirectory() as elsewhere:
            yield pathlib.Path(elsewhere)
        return
    directory = pathlib.Path(options.run_dir)
    aside = directory.with_name(f"{directory.name}.{os.getpid()}.partial")
    try:
        aside.mkdir(parents=True)
        yield aside
        config.save(options, aside / OPTIONS)
        aside.rename(directory)
    except OSError as error:
        raise OptionError(
            "--run_dir", "must be a directory that can be written", str(error)
        ) from error
    finally:
        shutil.rmtree(aside, ignore_errors=True)  # gone already where all went well


@contextlib.contextmanager
def locked(
    directory: str | pathlib.Path, option: str = "--run_dir", work: str = "in training"
) -> Iterator[None]:
    """Keep a second process from doing the same work in the same directory at the same time.

    The hosts of one run count as one.
    """
    if not is_chief():
        yield
        return
    with (pathlib.Path(directory) / "lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise OptionError(
                option, f"must not be {work} by another process", str(directory)
            ) from error
        yield


@contextlib.contextmanager
def fitting_parts() -> Iterator[None]:
    """While a model is built from options: what does not fit together is told in one line.

    Keras puts the reason between its own words about the layer, the call and its arguments.
    """
    try:
        yield
    except ValueError as error:
        reason = str(error)
        while found := re.search(r"\x1b\[1m(.*)\x1b\[0m", reason, re.DOTALL):
            reason = found[1]
        rule = f"and the options beside it must give parts that fit. {reason}"
        raise OptionError("--preset", rule) from error


def optimizer_of(options: Any, steps_per_epoch: int) -> Any:
    """The optimizer that `options.WithTraining` describes, for all epochs of a run.

    What it trains is traced later, in the precision that is chosen here.
    """
    if options.matmul_precision == "bfloat16" and not has_bfloat16():
        raise OptionError(
            "--matmul_precision",
            "may be bfloat16 where the processor has instructions for it",
            options.matmul_precision,
        )
    set_matmul_precision(options.matmul_precision)
    if options.clip_norm and options.clip_value:
        raise OptionError("--clip_value", "must be 0 where --clip_norm is used", options.clip_value)
    return make_optimizer(
        options.optimizer,
        options.learning_rate,
        schedule=options.schedule,
        total_steps=options.epochs * steps_per_epoch,
        warmup_steps=options.warmup_steps,
        weight_decay=options.weight_decay,
        clip_norm=options.clip_norm,
        clip_value=options.clip_value,
        average_decay=options.average_decay,
        scales_loss=options.precision == "mixed_float16",
    )


def export(module, signatures, directory, examples, operations=(), defaults=None):
    """Write the next version below `directory` and say what can be asked of it.

    The arguments are those of `serving.export`; a directory that cannot be written is an option.
    """
    try:
        version = serving.export(module, signatures, directory, examples, operations, defaults)
    except OSError as error:
        raise OptionError(
            "--export_dir", "must be a directory that can be written", str(error)
        ) from error
    print(f"{version}: signatures {', '.join(signatures)}; checked in a clean session")


def export_lite(function, rows, options):
    """Write a LiteRT file and say what its numbers cost, in perplexity on text it has not seen.

    Args:
        function: A `tf.function` with the input `max_words`, as `lite.convert` takes it; of what a
            row gives it, it returns the `log_probability`, in nats.
        rows: Its other inputs and their number of tokens: `[(inputs, tokens), ...]`.
        options: An `options.ToDevice`.
    """
    content = lite.convert(function, options.int8)
    perplexities = []
    for model in (function, lite.Lite(content)):
        losses = (-float(model(max_words=1, **row)["log_probability"][0]) for row, _ in rows)
        perplexities.append(perplexity(sum(losses) / sum(tokens for _, tokens in rows)))
    try:
        pathlib.Path(options.lite).write_bytes(content)
    except OSError as error:
        raise OptionError("--lite", "must be a file that can be written", str(error)) from error
    before, after = perplexities
    print(f"{options.lite}: {len(content) / 1e6:.2f} MB, {'int8' if options.int8 else 'float'}")
    print(
        f"perplexity per token {after:.3f}, of the model itself {before:.3f}: "
        f"{after / before - 1:+.2%}, on {sum(tokens for _, tokens in rows):,} tokens"
    )


def start_from_vectors(
    embedding: Any, words: list[str] | None, options: Any, name: str, size: float = 0.0
) -> None:
    """Put the word vectors of option `name` into an embedding, and freeze it where asked.

    Args:
        embedding: A `tfseq.models.Embedding`.
        words: What its rows stand for; `None` for a run that goes on, whose vectors are there.
        options: The run's, with the option `name` and `freeze_embeddings`.
        name: The option that names the file. What was found in it is printed.
        size: What the vectors are scaled to, as for `start_embedding`.
    """
    if words is not None:
        try:
            start = start_embedding(embedding.embeddings, words, getattr(options, name), size)
        except (OSError, ValueError) as error:
            rule = f"must name word2vec vectors as wide as --embedding_size={embedding.units}"
            raise OptionError(f"--{name}", rule, str(error)) from error
        print(f"--{name}: {start}")
    embedding.embeddings.trainable = not options.freeze_embeddings


def write_vectors(path: str, words: list[str], embedding: Any) -> None:
    """Write an embedding to the file that `options.ToVectors` names, and say what it holds."""
    try:
        left_out = write_embedding(path, words, embedding)
    except (OSError, ValueError) as error:
        raise OptionError("--vectors", "must be a file that can be written", str(error)) from error
    blank = f"; {left_out} left out, which hold a blank" if left_out else ""
    print(f"{path}: {len(words) - left_out:,} vectors of width {embedding.shape[1]}{blank}")


def train(trainer: Any) -> list[dict]:
    """The history of a `Trainer`'s training; what makes it fail is an option."""
    try:
        return trainer.train()
    except FloatingPointError as error:
        raise OptionError("--learning_rate", f"is too high. {error}") from error
    except OSError as error:
        rule = "must be a directory that can be written"
        raise OptionError("--run_dir", rule, str(error)) from error


def written(option: str, writer: Any, path: str, *content: Any) -> Any:
    """What `writer(path, *content)` returns; what stops it is an error of the option.

    Without matplotlib, which only pictures need, the option says how to get it.
    """
    try:
        return writer(path, *content)
    except OSError as error:
        raise OptionError(option, "must be a place that can be written", str(error)) from error
    except ImportError as error:
        raise OptionError(option, "needs matplotlib: pip install 'tfseq[plot]'") from error

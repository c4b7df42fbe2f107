"""A run's directory: made whole, opened again by the same options, trained by one at a time."""

import contextlib
import fcntl
import os
import pathlib
import shutil
from collections.abc import Iterator
from typing import Any

from tfseq import config
from tfseq.config import OptionError
from tfseq.optimizers import make_optimizer

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
    names = [name for name in config.differences(saved, options) if name != "run_dir"]
    if names:
        changed = ", ".join(f"--{name}={getattr(saved, name)}" for name in names)
        raise OptionError(
            "--run_dir",
            f"must be new, or hold the same options; {directory} was made with {changed}",
            ", ".join(f"--{name}={getattr(options, name)}" for name in names),
        )
    return False


@contextlib.contextmanager
def new_run(options: Any) -> Iterator[pathlib.Path]:
    """A directory to write a new run into; it then gets the run's name, whole or not at all."""
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
def locked(directory: str | pathlib.Path) -> Iterator[None]:
    """Keep a second process from training the same run at the same time."""
    with (pathlib.Path(directory) / "lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise OptionError(
                "--run_dir", "must not be in training by another process", str(directory)
            ) from error
        yield


def optimizer_of(options: Any, steps_per_epoch: int) -> Any:
    """The optimizer that `options.WithTraining` describes, for all epochs of a run."""
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
    )


def train(trainer: Any) -> list[dict]:
    """The history of a `Trainer`'s training; what makes it fail is an option."""
    try:
        return trainer.train()
    except FloatingPointError as error:
        raise OptionError("--learning_rate", f"is too high. {error}") from error
    except OSError as error:
        rule = "must be a directory that can be written"
        raise OptionError("--run_dir", rule, str(error)) from error

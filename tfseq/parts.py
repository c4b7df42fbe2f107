"""From the options of a run to the parts they name: tokenizer, cells, encoder, trained weights."""

import pathlib
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from tfseq import runs
from tfseq.checkpoint import Checkpoints, raw_variables, restore
from tfseq.config import OptionError
from tfseq.models import Encoder, encoder_cells
from tfseq.text import TOKENIZERS, SubwordTokenizer, Tokenizer, split_at_random


def make_tokenizer(
    options: Any, texts: Sequence[str] | Mapping[str, int], **rest: Any
) -> Tokenizer:
    """The tokenizer that `options.WithTokens` names, learnt from texts where it learns.

    Args:
        options: The run's.
        texts: What it learns from, or how often each word of it occurs.
        **rest: Further arguments of the tokenizer, such as `lower_case`; `spacing` is for subwords.
    """
    if options.tokens == "subwords":
        try:
            if isinstance(texts, Mapping):
                return SubwordTokenizer.learn_from_counts(texts, options.subword_vocabulary, **rest)
            return SubwordTokenizer.learn(texts, options.subword_vocabulary, **rest)
        except ValueError as error:
            raise OptionError("--subword_vocabulary", f"is too small: {error}") from error
    rest.pop("spacing", None)
    return TOKENIZERS[options.tokens](**rest)


def operations(options: Any) -> list[str]:
    """Modules that a process must import before it loads a model with that tokenizer."""
    return ["tensorflow_text"] if options.tokens == "subwords" else []


def cell_dropout(options: Any) -> dict[str, Any]:
    """The dropout of `options.WithCells`, as `stack_cells` takes it."""
    names = ("input_rate", "state_rate", "output_rate", "variational")
    return {name: getattr(options, name) for name in names}


def make_encoder(options: Any, embedding: Any, *, reverse: bool = False) -> Encoder:
    """The encoder that `options.WithEncoder` describes, over an embedding."""
    cells = encoder_cells(
        options.encoder,
        options.cell,
        options.units,
        options.layers,
        reverse=reverse,
        residual_from=options.residual_from,
        seed=options.seed,
        **cell_dropout(options),
    )
    return Encoder(
        embedding,
        cells,
        merge=options.merge,
        residual_from=options.residual_from if options.encoder == "stacked_bidirectional" else None,
        rate=options.annotation_rate,
        seed=options.seed,
    )


def checkpoints_of(directory: str | pathlib.Path) -> Checkpoints:
    """The checkpoints of a run."""
    return Checkpoints(pathlib.Path(directory) / "checkpoints")


def start_from_words(
    embedding: Any, words: list[str] | None, options: Any, name: str = "embeddings"
) -> None:
    """Begin with the word vectors of `options.WithVectors`, if there are any.

    Args:
        embedding: A `tfseq.models.Embedding`.
        words: What its rows stand for.
        options: The run's. A run that goes on has the vectors in its checkpoint.
        name: The option that names the file.
    """
    if getattr(options, name):
        begun = checkpoints_of(options.run_dir).latest() is not None
        words = None if begun else words
        runs.start_from_vectors(embedding, words, options, name, options.embedding_deviation)
        return
    for option in ("freeze_embeddings", "embedding_deviation"):
        if getattr(options, option):
            raise OptionError(f"--{option}", f"is for a start from --{name}")


def load_weights(model: Any, directory: str | pathlib.Path, weights: str) -> None:
    """Put a run's weights of its best epoch, or of its last, into its model."""
    found = checkpoints_of(directory).weights(weights)
    if found is None:
        raise OptionError("--run_dir", "must hold a checkpoint that can be read", str(directory))
    try:
        restore(raw_variables(model), found.variables, allow_unknown=True)
    except ValueError as error:
        rule = f"must hold vocabularies and options that fit its checkpoint: {error}"
        raise OptionError("--run_dir", rule, str(directory)) from error


def parted(
    options: Any, items: list, texts: list[str], labels: Sequence[Iterable[str]], what: str
) -> tuple[list, list]:
    """Items to learn from and items to choose the best epoch by; no text stands in both.

    Args:
        options: With `development_share` and `seed`.
        items: What is parted.
        texts: The text of each.
        labels: The labels of each; of those that are learnt from there must be two.
        what: What they are called.
    """
    try:
        parts = split_at_random(texts, options.development_share, options.seed)
    except ValueError as error:
        found = f"{len(set(texts))} texts"
        raise OptionError(
            "--development_share", f"must leave {what} to learn from", found
        ) from error
    left = {label for row in parts[0] for label in labels[row]}
    if len(left) < 2:
        rule = f"must leave {what} of at least two labels to learn from"
        raise OptionError("--development_share", rule, f"all are {left.pop()}")
    training, development = ([items[row] for row in rows] for rows in parts)
    return training, development

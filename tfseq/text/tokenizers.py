"""The tokenizers by name, and how a run keeps the one it was trained with."""

import json
import pathlib

from tfseq.files import read_text, written_aside
from tfseq.text.base import Tokenizer
from tfseq.text.blanks import WhitespaceTokenizer
from tfseq.text.characters import CharacterTokenizer
from tfseq.text.subwords import SubwordTokenizer
from tfseq.text.words import WordTokenizer

TOKENIZERS: dict[str, type[Tokenizer]] = {
    "words": WordTokenizer,
    "blanks": WhitespaceTokenizer,
    "characters": CharacterTokenizer,
    "subwords": SubwordTokenizer,
}


def save_tokenizer(tokenizer: Tokenizer, path: str | pathlib.Path) -> None:
    """Write a tokenizer's name and configuration as JSON."""
    name = next(name for name, kind in TOKENIZERS.items() if type(tokenizer) is kind)
    saved = {"tokenizer": name, **tokenizer.get_config()}
    with written_aside(path) as file:
        file.write(json.dumps(saved, ensure_ascii=False, indent=1) + "\n")


def load_tokenizer(path: str | pathlib.Path) -> Tokenizer:
    """Read what `save_tokenizer` wrote."""
    config = json.loads(read_text(path))
    name = config.get("tokenizer")
    if name not in TOKENIZERS:
        raise ValueError(
            f"`path` must name one of the tokenizers {sorted(TOKENIZERS)}. "
            f"Received: {path} with tokenizer={name!r}"
        )
    return make_tokenizer(config)


def make_tokenizer(config: dict) -> Tokenizer:
    """The tokenizer that is named by `tokenizer`, from the rest of its configuration."""
    rest = {name: value for name, value in config.items() if name != "tokenizer"}
    return TOKENIZERS[config["tokenizer"]].from_config(rest)

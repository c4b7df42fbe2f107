"""The text of `--help`, from the same fields that say what an option is."""

import dataclasses
import textwrap
from typing import Any

from tfseq.config import BOUNDS, Presets, choices_of, is_unnamed, typed_fields, written

WIDTH = 96


def help_text(options_class: type, title: str, presets: Presets | None = None) -> str:
    """Every option with its type, default, rule and meaning, in the order of the fields."""
    lines = [title, ""]
    for field, kind, _ in typed_fields(options_class):
        lines += _wrap(f"{_usage(field, kind)}  ({'; '.join(_facts(field))})", indent=2)
        lines += _wrap(field.metadata["help"], indent=8)
    for name, values in (presets or {}).items():
        settings = " ".join(f"--{key}={_shown(value)}" for key, value in values.items())
        lines += [
            "",
            *_wrap(f"--preset={name}  stands for", indent=2),
            *_wrap(settings or "the defaults", indent=8),
        ]
    return "\n".join(lines) + "\n"


def _usage(field: dataclasses.Field, kind: type) -> str:
    if is_unnamed(field):
        return written(field)
    if kind is bool:
        return f"--[no]{field.name}"
    value = field.metadata["metavar"] or {str: "TEXT", int: "INTEGER", float: "NUMBER"}[kind]
    return f"--{field.name}={value}"


def _facts(field: dataclasses.Field) -> list[str]:
    if "numbers" in field.metadata:
        return [field.metadata["numbers"][2]]
    required = field.default is dataclasses.MISSING
    facts = ["required" if required else f"default: {_shown(field.default)}"]
    facts += [f"{BOUNDS[name][1]} {limit}" for name, limit in field.metadata["bounds"].items()]
    choices = choices_of(field)
    return [*facts, f"one of: {', '.join(choices)}"] if choices else facts


def _shown(value: Any) -> str:
    if isinstance(value, bool) or value is None:
        return str(value).lower()
    return str(value) or '""'


def _wrap(text: str, indent: int) -> list[str]:
    margin = " " * indent
    return textwrap.wrap(
        text,
        WIDTH,
        initial_indent=margin,
        subsequent_indent=margin if indent > 2 else margin * 3,
        break_long_words=False,
        break_on_hyphens=False,
    )

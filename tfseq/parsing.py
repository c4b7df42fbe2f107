"""A command line as options: the dataclasses of `tfseq.config`, read by absl."""

import dataclasses
import difflib
import re
from collections.abc import Mapping, Sequence
from typing import Any

from absl import flags

from tfseq.config import KINDS, OptionError, Presets, check, is_unnamed, typed_fields, written


def parse(options_class: type, argv: Sequence[str], presets: Presets | None = None) -> Any:
    """Reads a command line.

    Args:
        options_class: The dataclass of the options.
        argv: The words after the verb: `--name=value`, `--name value`, `--flag`, `--noflag`.
        presets: Named sets of values, chosen by the option `preset`. A flag that is given wins
            over the preset, and the preset over the field's default.

    Returns:
        The checked options.
    """
    given = _given(options_class, argv)
    values = {**_preset(options_class, given, presets), **given}
    for field in dataclasses.fields(options_class):
        if field.default is dataclasses.MISSING and field.name not in values:
            raise OptionError(written(field), "is required")
    options = options_class(**values)
    check(options)
    return options


def positional_names(options_class: type) -> list[str]:
    """What stands for the options that need no name, in their order: `["IN", "OUT"]`."""
    return [written(field) for field in dataclasses.fields(options_class) if is_unnamed(field)]


def _preset(options_class: type, given: dict, presets: Presets | None) -> Mapping[str, Any]:
    if not presets:
        return {}
    name = given.get("preset", getattr(options_class, "preset", None))
    if name is None:
        return {}
    if name not in presets:
        raise OptionError("--preset", f"must be one of: {', '.join(presets)}", name)
    return presets[name]


def _given(options_class: type, argv: Sequence[str]) -> dict[str, Any]:
    """The options that stand on the command line, as values of their types.

    absl reads the syntax. Numbers are read here, so that every complaint is worded alike.
    """
    argv, pairs = _others_apart(options_class, argv)
    parsed = flags.FlagValues()
    parsed.set_gnu_getopt(True)  # options may also stand behind the words
    kinds = {field.name: kind for field, kind, _ in typed_fields(options_class)}
    named = [name for name in kinds if kinds[name] is not tuple]
    for name in named:
        define = flags.DEFINE_boolean if kinds[name] is bool else flags.DEFINE_string
        define(name, None, name, flag_values=parsed)
    try:
        rest = parsed(["", *argv])[1:]
    except (flags.Error, ValueError) as error:
        raise _syntax_error(error, options_class) from error
    present = {name: parsed[name].value for name in named if parsed[name].present}
    free = [
        field.name
        for field in dataclasses.fields(options_class)
        if field.metadata["positional"] and field.name not in present
    ]
    present |= zip(free, rest, strict=False)
    values = {name: _read(name, kinds[name], value) for name, value in present.items()}
    more = tuple(rest[len(free) :])
    unnamed = [name for name in kinds if kinds[name] is tuple and name not in pairs]
    if more and not unnamed:
        raise OptionError(more[0], "is not an option; options are written --name=value")
    return {**values, **pairs, **dict.fromkeys(unnamed, more)}


def _others_apart(options_class: type, argv: Sequence[str]) -> tuple[list[str], dict[str, tuple]]:
    """The command line without what the field of `others` is for, and that field's pairs."""
    fields = dataclasses.fields(options_class)
    found = [field.name for field in fields if "others" in field.metadata]
    if not found:
        return list(argv), {}
    known = {prefix + field.name for field in fields for prefix in ("", "no")}
    rest, pairs, following = [], [], iter(argv)
    for word in following:
        name, equals, value = word.removeprefix("--").partition("=")
        if not word.startswith("--") or name in known:
            rest.append(word)
        elif equals or (value := next(following, None)) is not None:
            pairs.append((name, value))
        else:
            raise OptionError(word, "must have a value")
    return rest, {found[0]: tuple(pairs)}


def _read(name: str, kind: type, value: Any) -> Any:
    try:
        return kind(value)
    except ValueError as error:
        raise OptionError(f"--{name}", f"must be {KINDS[kind]}", value) from error


def _syntax_error(error: Exception, options_class: type) -> OptionError:
    if isinstance(error, flags.UnrecognizedFlagError):
        name = error.flagname
        names = [field.name for field in dataclasses.fields(options_class)]
        close = difflib.get_close_matches(name, names, n=1)
        hint = f"did you mean --{close[0]}?" if close else "--help lists the options"
        return OptionError(f"--{name}", f"is not an option; {hint}")
    if wrong := re.match(r"flag --(\w+)=(.*?): ", str(error)):  # only a bool is read by absl
        return OptionError(f"--{wrong[1]}", f"must be {KINDS[bool]}", wrong[2])
    named = re.search(r"--\w+", str(error))
    return OptionError(named[0] if named else "--", f"cannot be read: {error}")

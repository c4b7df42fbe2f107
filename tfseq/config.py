"""Options: each is written once, as a field of a frozen dataclass, and everything else follows.

    @dataclasses.dataclass(frozen=True)
    class TrainOptions:
        run_dir: str = option(help="Where the run is kept.", metavar="DIR")
        units: int = option(256, "Width of each layer.", minimum=1)
        rate: float = option(0.0, "Probability to drop an input.", minimum=0, below=1)
        seed: int | None = option(None, "Makes the run repeatable.")

From these lines come the absl flags and the sentence about a wrong value (`parse`, `check`), the
text of `--help` (`tfseq.usage`), and the JSON in the run directory (`save`, `load`). Every
complaint is one line.
"""

import dataclasses
import difflib
import json
import math
import operator
import os
import pathlib
import re
import types
import typing
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from absl import flags

from tfseq.files import written_aside

KINDS = {str: "text", int: "an integer", float: "a finite number", bool: "true or false"}
BOUNDS = {
    "minimum": (operator.ge, "at least"),
    "above": (operator.gt, "above"),
    "maximum": (operator.le, "at most"),
    "below": (operator.lt, "below"),
}
_ABSENT: Any = dataclasses.MISSING

Presets = Mapping[str, Mapping[str, Any]]


class OptionError(ValueError):
    """One line about one option: which it is, the rule, and what came.

    Args:
        option: The option as it is written, `--top_p`, or the file that holds options.
        rule: What must hold, as the rest of the sentence.
        received: What came instead; left out where nothing came.
    """

    def __init__(self, option: str, rule: str, received: Any = _ABSENT):
        came = "" if received is _ABSENT else f" Received: {received!r}"
        end = "" if rule.endswith((".", "?")) else "."
        super().__init__(" ".join(f"`{option}` {rule}{end}{came}".split()))


def option(
    default: Any = _ABSENT,
    help: str = "",
    *,
    choices: Iterable[str] | Callable[[], Iterable[str]] | None = None,
    minimum: float | None = None,
    maximum: float | None = None,
    above: float | None = None,
    below: float | None = None,
    metavar: str | None = None,
    positional: bool = False,
) -> Any:
    """A dataclass field that is an option.

    Args:
        default: Its value where none is given. Without a default the option is required.
        help: Its meaning, for `--help`.
        choices: The values it may have, or a function that lists them when they are needed.
        minimum: The smallest value.
        maximum: The largest value.
        above: A bound that the value itself must not reach.
        below: The same from the other side.
        metavar: What stands for the value in `--help`, such as `FILE`.
        positional: Whether the value may stand without the option's name, in the order of such
            fields: `convert IN OUT` for `convert --in=IN --out=OUT`.
    """
    limits = {"minimum": minimum, "above": above, "maximum": maximum, "below": below}
    bounds = {name: limit for name, limit in limits.items() if limit is not None}
    listed = choices if callable(choices) else lambda: choices or ()
    metadata = {"help": help, "choices": listed, "bounds": bounds, "metavar": metavar}
    metadata["positional"] = positional
    return dataclasses.field(default=default, kw_only=True, metadata=metadata)


def words(help: str, metavar: str, least: int, most: int | None = None) -> Any:
    """A dataclass field for the words that stand on the command line without a name.

        words: tuple[str, ...] = words("What is to C as A is to B?", "A B C", least=3, most=3)

    Args:
        help: Their meaning, for `--help`.
        metavar: What stands for them there and in complaints.
        least: How few there may be.
        most: How many there may be; default: any number.
    """
    rule = f"at least {least} words" if most is None else f"{least} to {most} words"
    rule = f"{least} words" if most == least else rule
    numbers = (least, most or math.inf, rule)
    metadata = {"help": help, "choices": tuple, "bounds": {}, "metavar": metavar}
    metadata |= {"positional": False, "numbers": numbers}
    return dataclasses.field(kw_only=True, metadata=metadata)


def others(help: str, metavar: str) -> Any:
    """A dataclass field for options whose names are not known before: pairs of name and value.

        inputs: tuple[tuple[str, str], ...] = others("An input of the model.", "--INPUT=VALUE ...")

    Args:
        help: Their meaning, for `--help`.
        metavar: What stands for them there.
    """
    return dataclasses.field(
        kw_only=True, metadata={**words(help, metavar, 0).metadata, "others": True}
    )


def check(options: Any) -> None:
    """Raises `OptionError` for the first option that breaks its rule."""
    for field, kind, optional in typed_fields(type(options)):
        value = getattr(options, field.name)
        if not (optional and value is None):
            _check(field, kind, value)


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
        if field.default is _ABSENT and field.name not in values:
            raise OptionError(written(field), "is required")
    options = options_class(**values)
    check(options)
    return options


def positional_names(options_class: type) -> list[str]:
    """What stands for the options that need no name, in their order: `["IN", "OUT"]`."""
    return [written(field) for field in dataclasses.fields(options_class) if is_unnamed(field)]


def save(options: Any, path: str | os.PathLike) -> None:
    """Writes the options as JSON in the order of the fields: the file is whole or not there."""
    with written_aside(path) as file:
        file.write(json.dumps(dataclasses.asdict(options), indent=2, ensure_ascii=False) + "\n")


def load(options_class: type, path: str | os.PathLike) -> Any:
    """Reads what `save` wrote; raises `OptionError` naming the file and the option otherwise.

    An option that is not there, since it is newer than the file, has its default.
    """
    source = os.fspath(path)
    try:
        values = json.loads(pathlib.Path(path).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise OptionError(source, f"must be a readable JSON file: {error}") from error
    if not isinstance(values, dict):
        raise OptionError(source, "must hold a JSON object of options", values)
    fields = dataclasses.fields(options_class)
    if unknown := [key for key in values if key not in [field.name for field in fields]]:
        raise OptionError(source, f"holds an unknown option: `{unknown[0]}`")
    if missing := [f.name for f in fields if f.name not in values and f.default is _ABSENT]:
        raise OptionError(source, f"lacks the option `{missing[0]}`")
    options = options_class(
        **{k: tuple(v) if isinstance(v, list) else v for k, v in values.items()}
    )
    try:
        check(options)
    except OptionError as error:
        raise OptionError(source, f"holds a wrong value: {error}") from error
    return options


def differences(a: Any, b: Any) -> list[str]:
    """The names of the options in which two sets of options differ."""
    names = [field.name for field in dataclasses.fields(a)]
    return [name for name in names if getattr(a, name) != getattr(b, name)]


def typed_fields(options_class: type) -> Iterator[tuple[dataclasses.Field, type, bool]]:
    """Yields each field with its type and whether it may be None: `int | None` is int, True."""
    hints = typing.get_type_hints(options_class)
    for field in dataclasses.fields(options_class):
        hint = hints[field.name]
        members = [member for member in typing.get_args(hint) if member is not types.NoneType]
        if typing.get_origin(hint) is tuple:
            yield field, tuple, False
        else:
            yield field, (members or [hint])[0], bool(members)


def _check(field: dataclasses.Field, kind: type, value: Any) -> None:
    name = f"--{field.name}"
    if kind is tuple:
        least, most, rule = field.metadata["numbers"]
        if not least <= len(value) <= most:
            raise OptionError(field.metadata["metavar"], f"must be {rule}", " ".join(value))
        return
    whole = isinstance(value, int) and not isinstance(value, bool)
    fits = whole if kind is int else isinstance(value, kind) or (kind is float and whole)
    if not fits or (kind is float and not math.isfinite(value)):
        raise OptionError(name, f"must be {KINDS[kind]}", value)
    for bound, limit in field.metadata["bounds"].items():
        holds, words = BOUNDS[bound]
        if not holds(value, limit):  # also refuses NaN, which compares with nothing
            raise OptionError(name, f"must be {words} {limit}", value)
    choices = choices_of(field)
    if choices and value not in choices:
        raise OptionError(name, f"must be one of: {', '.join(choices)}", value)


def choices_of(field: dataclasses.Field) -> list[str]:
    """The values that an option may have; none where any will do."""
    return list(field.metadata["choices"]())


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


def is_unnamed(field: dataclasses.Field) -> bool:
    """Whether a value of the option stands on the command line without the option's name."""
    return field.metadata["positional"] or "numbers" in field.metadata


def written(field: dataclasses.Field) -> str:
    """How an option is named where it stands alone: `--name`, or `NAME` where it needs no name."""
    if "numbers" in field.metadata:
        return field.metadata["metavar"]
    return field.name.upper() if field.metadata["positional"] else f"--{field.name}"

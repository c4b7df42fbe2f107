"""Options: each is written once, as a field of a frozen dataclass, and everything else follows.

    @dataclasses.dataclass(frozen=True)
    class TrainOptions:
        run_dir: str = option(help="Where the run is kept.", metavar="DIR")
        units: int = option(256, "Width of each layer.", minimum=1)
        rate: float = option(0.0, "Probability to drop an input.", minimum=0, below=1)
        seed: int | None = option(None, "Makes the run repeatable.")

From these lines come the sentence about a wrong value (`check`), the command line
(`tfseq.parsing`), the text of `--help` (`tfseq.usage`), and the JSON in the run directory (`save`,
`load`). Every complaint is one line.
"""

import dataclasses
import json
import math
import operator
import os
import pathlib
import types
import typing
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

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
    lasting: bool = True,
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
        lasting: Whether it belongs to what is made, and not to where it is done: a run may go on
            with another value of an option that does not last.
    """
    limits = {"minimum": minimum, "above": above, "maximum": maximum, "below": below}
    bounds = {name: limit for name, limit in limits.items() if limit is not None}
    listed = choices if callable(choices) else lambda: choices or ()
    metadata = {"help": help, "choices": listed, "bounds": bounds, "metavar": metavar}
    metadata |= {"positional": positional, "lasting": lasting}
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
    """The names of the lasting options in which two sets of options differ."""
    return [name for name in lasting(a) if getattr(a, name) != getattr(b, name)]


def lasting(options: Any) -> list[str]:
    """The names of the options that belong to what is made, and not to where it is done."""
    fields = dataclasses.fields(options)
    return [field.name for field in fields if field.metadata.get("lasting", True)]


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


def is_unnamed(field: dataclasses.Field) -> bool:
    """Whether a value of the option stands on the command line without the option's name."""
    return field.metadata["positional"] or "numbers" in field.metadata


def written(field: dataclasses.Field) -> str:
    """How an option is named where it stands alone: `--name`, or `NAME` where it needs no name."""
    if "numbers" in field.metadata:
        return field.metadata["metavar"]
    return field.name.upper() if field.metadata["positional"] else f"--{field.name}"

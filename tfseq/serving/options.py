"""The options of `python -m tfseq.serving`, each with its default and its meaning."""

import dataclasses

from tfseq.config import option, others


@dataclasses.dataclass(frozen=True)
class Check:
    """Options of `check`."""

    export: str = option(
        help="An export: the folder of the versions 1, 2, ..., or one of them.", positional=True
    )


@dataclasses.dataclass(frozen=True)
class Ask:
    """Options of the verbs that ask a model."""

    target: str = option(
        help="An export, http://HOST:8501/v1/models/NAME or grpc://HOST:8500/v1/models/NAME; "
        "/versions/2 or /labels/stable behind the name is another version than the newest.",
        positional=True,
    )
    inputs: tuple[tuple[str, str], ...] = others(
        "An input of the signature, --text=Yes for instance. Given more than once: more rows. What "
        "has a default can be left out. Text is text, all else JSON.",
        "--INPUT=VALUE ...",
    )
    signature: str = option("serving_default", "What to ask for.", metavar="NAME")
    timeout: float = option(60.0, "Seconds to wait for an answer.", above=0)
    batch_size: int = option(32, "Most rows of one request; more go as several.", minimum=1)


@dataclasses.dataclass(frozen=True)
class Call(Ask):
    """Options of `call`."""

    json: bool = option(False, "Print the whole answer as JSON.")
    stream: bool = option(
        False, "Show one row as it is written, by the signatures `start` and `step`."
    )


@dataclasses.dataclass(frozen=True)
class Bench(Ask):
    """Options of `bench`."""

    concurrency: int = option(
        8, "Requests that are under way at the same time.", minimum=1, maximum=1000
    )
    seconds: float = option(20.0, "How long to ask.", above=0, maximum=3600)

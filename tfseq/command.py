"""The command line of an application: `python -m apps.NAME VERB --option=value ...`.

`main` finds the verb, reads its options, imports the verb's module and calls its `run(options)`.
Nothing heavy is imported before that, so `--help` and a mistyped option answer at once. What goes
wrong with an option is one line on stderr and exit code 2.
"""

import contextlib
import dataclasses
import difflib
import importlib
import os
import select
import subprocess
import sys
import warnings
from collections.abc import Iterator, Mapping, Sequence

from tfseq.config import OptionError, Presets
from tfseq.parsing import parse, positional_names
from tfseq.usage import help_text

# Lines that TensorFlow writes below Python before and while it looks for a GPU, whatever its log
# level: notes and warnings of start-up, and "no driver" as an error on a machine without a GPU.
# The filter is a process of its own, so that the last words before a crash still come through.
START_UP_FILTER = r"""
import re, sys
chatter = re.compile(
    rb"WARNING: All log messages before absl::InitializeLog|[IW]\d{4} \d\d:\d\d:"
    rb"|E\d{4} .*cuInit: (UNKNOWN ERROR \(303\)|CUDA_ERROR_NO_DEVICE)"
)
for line in sys.stdin.buffer:
    if not chatter.match(line):
        sys.stderr.buffer.write(line)
        sys.stderr.flush()
"""


@dataclasses.dataclass(frozen=True)
class Verb:
    """One verb of an application.

    Args:
        options: The dataclass of its options.
        summary: What it does, in a line.
        module: The module whose `run(options)` does it; imported only when the verb runs. What it
            returns, if not None, is the exit code.
        presets: Named sets of values for the option `preset`.
    """

    options: type
    summary: str
    module: str
    presets: Presets | None = None


def main(program: str, verbs: Mapping[str, Verb], argv: Sequence[str] | None = None) -> int:
    """Runs one command line and returns its exit code, for `sys.exit`.

    Args:
        program: What stands before the verb, `python -m apps.tv_script`; named in each message.
        verbs: The verbs by name.
        argv: The words after the program, by default those of this process.

    Returns:
        0 when done, or what the verb returned; 2 for a wrong verb or option, 130 when interrupted,
        141 when the reader of our output has gone (`| head`). Other exceptions are bugs and keep
        their traceback.
    """
    words = list(sys.argv[1:] if argv is None else argv)
    name = words[0] if words and words[0] in verbs else None
    speaker = f"{program} {name}" if name else program
    try:
        code = _answer(program, verbs, words)
        sys.stdout.flush()
    except OptionError as error:
        print(f"{speaker}: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print(f"{speaker}: interrupted", file=sys.stderr)
        return 130
    except BrokenPipeError:
        if not _reader_has_gone():
            raise
        return 141
    return code


def typed_lines(greeting: str) -> Iterator[str]:
    """The lines a person types, until the input ends; those of a pipe likewise, unasked."""
    by_hand = sys.stdin.isatty()
    if by_hand:
        print(greeting)
    while True:
        try:
            yield input("> " if by_hand else "")
        except EOFError:
            return


def _answer(program: str, verbs: Mapping[str, Verb], words: list[str]) -> int:
    if not words or words[0] in ("help", "--help", "-h"):
        print(_overview(program, verbs), end="")
        return 0
    name, *words = words
    if name not in verbs:
        close = difflib.get_close_matches(name, verbs, n=1)
        hint = f"did you mean {close[0]}? " if close else ""
        raise OptionError(name, f"is not a verb; {hint}The verbs are: {', '.join(verbs)}")
    verb = verbs[name]
    with _plain_warnings(f"{program} {name}"):
        with quiet_start():  # from here on: an option's choices may be known to a layer only
            if "--help" in words or "-h" in words:
                usage = " ".join([program, name, *positional_names(verb.options)])
                title = f"{usage} [--option=value ...]\n\n{verb.summary}"
                print(help_text(verb.options, title, verb.presets), end="")
                return 0
            options = parse(verb.options, words, verb.presets)
            module = importlib.import_module(verb.module)
        return module.run(options) or 0


def _overview(program: str, verbs: Mapping[str, Verb]) -> str:
    width = max(map(len, verbs))
    lines = [f"{program} VERB [--option=value ...]", ""]
    lines += [f"  {name:<{width}}  {verb.summary}" for name, verb in verbs.items()]
    return "\n".join([*lines, "", f"{program} VERB --help lists the options of a verb.", ""])


@contextlib.contextmanager
def _plain_warnings(speaker: str) -> Iterator[None]:
    """Shows a warning as one line, without the place in the code and its source."""

    def show(message, *_place):
        print(f"{speaker}: warning: {' '.join(str(message).split())}", file=sys.stderr)

    with warnings.catch_warnings():
        warnings.showwarning = show
        yield


@contextlib.contextmanager
def quiet_start() -> Iterator[None]:
    """Holds back what TensorFlow says where it starts; `TF_CPP_MIN_LOG_LEVEL=0` shows it all.

    A verb's module is imported so. A verb that imports TensorFlow later does it in here.
    """
    level = os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    if level == "0" or "tensorflow" in sys.modules:
        yield
        return
    command = [sys.executable, "-I", "-S", "-c", START_UP_FILTER]
    # A session of its own: Ctrl-C ends us and leaves the filter to pass on what we say about it.
    reader = subprocess.Popen(command, stdin=subprocess.PIPE, start_new_session=True)
    stderr = os.dup(2)
    assert reader.stdin is not None
    os.dup2(reader.stdin.fileno(), 2)
    try:
        yield
        _find_devices()
    finally:
        os.dup2(stderr, 2)
        os.close(stderr)
        reader.stdin.close()
        reader.wait()


def _find_devices() -> None:
    """Lets TensorFlow look for GPUs now, while what it says about having none is held back."""
    if "tensorflow" in sys.modules:
        sys.modules["tensorflow"].config.list_physical_devices()


def _reader_has_gone() -> bool:
    """Whether stdout is the pipe that broke; what is left to write then goes nowhere."""
    stdout = select.poll()
    stdout.register(1, 0)
    gone = any(event & select.POLLERR for _, event in stdout.poll(0))
    if gone:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    return gone

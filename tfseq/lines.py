"""Lines in and lines out: what a verb reads from standard input or a file, and writes there."""

import sys
from collections.abc import Iterable

from tfseq.config import OptionError
from tfseq.files import read_text, written_aside


def read_lines(path: str = "", option: str = "--input_file") -> list[str]:
    """The lines of a UTF-8 file, plain or gzip, or of standard input where no file is named.

    Only a newline ends a line; a carriage return before it is not part of the line.

    Args:
        path: The file.
        option: The option that names it.
    """
    try:
        text = read_text(path) if path else sys.stdin.buffer.read().decode()
    except (OSError, ValueError) as error:
        raise OptionError(option, "must be readable UTF-8 text", str(error)) from error
    return [line.removesuffix("\r") for line in text.removesuffix("\n").split("\n")] if text else []


def write_lines(lines: Iterable[str], path: str = "", option: str = "--output_file") -> None:
    """Write lines to a file, which is there as a whole or not at all, or to standard output.

    Args:
        lines: Without their ends. Standard output has each as soon as it comes.
        path: The file; empty: standard output.
        option: The option that names it.
    """
    if not path:
        for line in lines:
            print(line, flush=True)
        return
    lines = list(lines)
    try:
        with written_aside(path) as file:
            file.writelines(f"{line}\n" for line in lines)
    except OSError as error:
        raise OptionError(option, "must name a file that can be written", str(error)) from error

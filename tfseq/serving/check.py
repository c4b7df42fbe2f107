"""`check`: what is in an export, and what a server would say against it."""

import pathlib

from tfseq.config import OptionError
from tfseq.serving.inspection import inspect


def run(options):
    """Print what there is; the exit code is 1 where a server would refuse it."""
    if not pathlib.Path(options.export).is_dir():
        raise OptionError("EXPORT", "must be a folder", options.export)
    found = inspect(options.export)
    print("\n".join([found.title, *found.facts]))
    print("\n".join(f"note: {note}" for note in found.notes), end="\n" if found.notes else "")
    if not found.problems:
        print("A server takes it.")
        return 0
    print("A server refuses it, or what it answers is wrong:")
    print("\n".join(f"- {problem}" for problem in found.problems))
    return 1

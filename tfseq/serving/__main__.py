"""`python -m tfseq.serving VERB`: check, call, bench."""

import os
import sys

from tfseq.command import Verb, main
from tfseq.serving import options

VERBS = {
    "check": Verb(
        options.Check,
        "Say what is in an export, and whether a server would take it: exit code 1 if not.",
        "tfseq.serving.check",
    ),
    "call": Verb(
        options.Call,
        "Ask an export or a server; without an input, say what can be asked.",
        "tfseq.serving.call",
    ),
    "bench": Verb(
        options.Bench,
        "Ask again and again: how long an answer takes, and how many there are a second.",
        "tfseq.serving.bench",
    ),
}

if __name__ == "__main__":
    # oneDNN calls it an error that a processor has no fast kernel; what fails is raised.
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    sys.exit(main("python -m tfseq.serving", VERBS))

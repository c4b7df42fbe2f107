"""`python -m apps.diagnostics VERB`: gradients, memory."""

import sys

from apps.diagnostics import config
from tfseq.command import Verb, main

VERBS = {
    "gradients": Verb(
        config.Gradients,
        "Measure and draw how gradients come back through time.",
        "apps.diagnostics.gradients",
    ),
    "memory": Verb(
        config.Memory,
        "Train a cell on a task that only memory solves, beside what forgetting costs.",
        "apps.diagnostics.memory",
    ),
}

if __name__ == "__main__":
    sys.exit(main("python -m apps.diagnostics", VERBS))

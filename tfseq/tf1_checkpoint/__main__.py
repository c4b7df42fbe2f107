"""`python -m tfseq.tf1_checkpoint VERB`: inspect, convert."""

import sys

from tfseq.command import Verb, main
from tfseq.tf1_checkpoint import options

VERBS = {
    "inspect": Verb(
        options.Inspect,
        "Say what is in a checkpoint of TensorFlow 1: inspect CHECKPOINT.",
        "tfseq.tf1_checkpoint.inspection",
    ),
    "convert": Verb(
        options.Convert,
        "Write the language model in it to a file that Keras reads: convert CHECKPOINT OUTPUT.",
        "tfseq.tf1_checkpoint.conversion",
    ),
}

if __name__ == "__main__":
    sys.exit(main("python -m tfseq.tf1_checkpoint", VERBS))

"""`python -m apps.tagging VERB`: train, predict, evaluate, export."""

import sys

from apps.tagging import config
from tfseq.command import Verb, main

VERBS = {
    "train": Verb(
        config.Train,
        "Learn from labelled sentences; go on where a killed run stood.",
        "apps.tagging.train",
        config.PRESETS,
    ),
    "predict": Verb(
        config.Predict,
        "Label texts whose tokens stand apart by blanks, a line for each line.",
        "apps.tagging.predict",
    ),
    "evaluate": Verb(
        config.Evaluate,
        "Measure accuracy; of chunks precision, recall and F1, too.",
        "apps.tagging.evaluate",
    ),
    "export": Verb(
        config.Export, "Write a SavedModel for TensorFlow Serving.", "apps.tagging.export"
    ),
}

if __name__ == "__main__":
    sys.exit(main("python -m apps.tagging", VERBS))

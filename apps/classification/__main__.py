"""`python -m apps.classification VERB`: train, predict, evaluate, export."""

import sys

from apps.classification import config
from tfseq.command import Verb, main

VERBS = {
    "train": Verb(
        config.Train,
        "Learn from labelled texts; go on where a killed run stood.",
        "apps.classification.train",
        config.PRESETS,
    ),
    "predict": Verb(
        config.Predict,
        "Label texts, a line for each line.",
        "apps.classification.predict",
    ),
    "evaluate": Verb(
        config.Evaluate,
        "Measure accuracy, and precision and recall of each label.",
        "apps.classification.evaluate",
    ),
    "export": Verb(
        config.Export, "Write a SavedModel for TensorFlow Serving.", "apps.classification.export"
    ),
}

if __name__ == "__main__":
    sys.exit(main("python -m apps.classification", VERBS))

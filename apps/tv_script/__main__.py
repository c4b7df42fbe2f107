"""`python -m apps.tv_script VERB`: prepare, train, generate, evaluate, embeddings, export."""

import sys

from apps.tv_script import config
from tfseq.command import Verb, main

VERBS = {
    "prepare": Verb(
        config.Prepare,
        "Write texts larger than memory as data to train on; go on where a killed one stood.",
        "apps.tv_script.prepare",
    ),
    "train": Verb(
        config.Train,
        "Learn from a text or from data; go on where a killed run stood.",
        "apps.tv_script.train",
        config.PRESETS,
    ),
    "generate": Verb(config.Generate, "Write scenes, word by word.", "apps.tv_script.generate"),
    "evaluate": Verb(
        config.Evaluate,
        "Measure perplexity, unknown words and copying.",
        "apps.tv_script.evaluate",
    ),
    "embeddings": Verb(
        config.Embeddings, "Write the model's word vectors.", "apps.tv_script.embeddings"
    ),
    "export": Verb(
        config.Export, "Write a SavedModel for TensorFlow Serving.", "apps.tv_script.export"
    ),
}

if __name__ == "__main__":
    sys.exit(main("python -m apps.tv_script", VERBS))

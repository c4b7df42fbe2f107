"""`python -m apps.translation VERB`: prepare, train, translate, evaluate, embeddings, export."""

import sys

from apps.translation import config
from apps.translation.presets import PRESETS
from tfseq.command import Verb, main

VERBS = {
    "prepare": Verb(
        config.Prepare,
        "Write pairs larger than memory as data to train on; go on where a killed one stood.",
        "apps.translation.prepare",
    ),
    "train": Verb(
        config.Train,
        "Learn from sentence pairs or from data; go on where a killed run stood.",
        "apps.translation.train",
        PRESETS,
    ),
    "translate": Verb(
        config.Translate,
        "Translate sentences, a line for each line.",
        "apps.translation.translate",
    ),
    "evaluate": Verb(
        config.Evaluate,
        "Measure BLEU, chrF, exact match, accuracy and perplexity.",
        "apps.translation.evaluate",
    ),
    "embeddings": Verb(
        config.Embeddings, "Write the model's word vectors.", "apps.translation.embeddings"
    ),
    "export": Verb(
        config.Export, "Write a SavedModel for TensorFlow Serving.", "apps.translation.export"
    ),
}

if __name__ == "__main__":
    sys.exit(main("python -m apps.translation", VERBS))

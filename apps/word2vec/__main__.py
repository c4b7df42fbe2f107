"""`python -m apps.word2vec VERB`: train vectors, look at them, measure, export."""

import sys

from apps.word2vec import config
from tfseq.command import Verb, main

VERBS = {
    "train": Verb(
        config.Train,
        "Learn vectors from text; go on where a killed run stood.",
        "apps.word2vec.train",
    ),
    "nearest": Verb(config.Nearest, "Show a word's nearest neighbours.", "apps.word2vec.nearest"),
    "analogy": Verb(config.Analogy, "Solve `A is to B as ? is to C`.", "apps.word2vec.analogy"),
    "odd": Verb(config.OddOneOut, "Find the odd one out.", "apps.word2vec.odd"),
    "clusters": Verb(config.Clusters, "Put like words into groups.", "apps.word2vec.clusters"),
    "evaluate": Verb(
        config.Evaluate, "Measure similarities and analogies.", "apps.word2vec.evaluate"
    ),
    "plot": Verb(config.Plot, "Draw words, or show them in TensorBoard.", "apps.word2vec.plot"),
    "export": Verb(
        config.Export, "Write a SavedModel for TensorFlow Serving.", "apps.word2vec.export"
    ),
}

if __name__ == "__main__":
    sys.exit(main("python -m apps.word2vec", VERBS))

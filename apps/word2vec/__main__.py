"""`python -m apps.word2vec VERB`: train."""

import sys

from apps.word2vec import config
from tfseq.command import Verb, main

VERBS = {
    "train": Verb(
        config.Train,
        "Learn vectors from text; go on where a killed run stood.",
        "apps.word2vec.train",
    ),
}

if __name__ == "__main__":
    sys.exit(main("python -m apps.word2vec", VERBS))

"""`clusters`: words in groups, each shown by the words nearest to its centre."""

import numpy as np

from apps.word2vec.vectors import load
from tfseq.config import OptionError
from tfseq.word2vec import cluster


def run(options):
    """Print a group a line, the largest first."""
    words, vectors = load(options)
    found = make_clusters(options, vectors)
    for label, size in enumerate(np.bincount(found.labels)):
        members = np.flatnonzero(found.labels == label)
        nearest = members[np.argsort(-found.cosines[members], kind="stable")][: options.count]
        print(f"{size:6,} words: {' '.join(words[row] for row in nearest)}")


def make_clusters(options, vectors):
    """The `--clusters` groups of vectors."""
    if options.clusters > len(vectors):
        rule = f"must be at most the number of words, {len(vectors)}"
        raise OptionError("--clusters", rule, options.clusters)
    return cluster(vectors, options.clusters, options.seed)

"""`nearest`: the nearest neighbours of a word by cosine."""

from apps.word2vec.vectors import neighbours, show


def run(options):
    """Print them, the nearest first."""
    with neighbours(options, "--word") as words:
        show(words.nearest([options.word], options.count)[0])

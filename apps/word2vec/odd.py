"""`odd`: the word that does not belong to the others."""

from apps.word2vec.vectors import neighbours


def run(options):
    """Print it."""
    with neighbours(options, "WORD ...") as words:
        print(words.odd_one_out(list(options.words)))

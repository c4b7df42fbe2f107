"""`analogy`: what is to C as A is to B?"""

from apps.word2vec.vectors import neighbours, show


def run(options):
    """Print the answers, the best first."""
    with neighbours(options, "A B C") as words:
        show(words.analogy([options.words], options.count, options.method)[0])

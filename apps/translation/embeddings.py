"""`embeddings`: the word vectors of a trained model, in the format that other programs read."""

from apps.translation.data import load_run
from apps.translation.model import load_model, sides
from tfseq import runs


def run(options):
    """Write those of one side and say how many."""
    translation_run = load_run(options.run_dir)
    model = load_model(translation_run, options.weights)
    for side, embedding, vocabulary in sides(model, translation_run):
        if side == options.side:
            runs.write_vectors(options.vectors, vocabulary.words, embedding.embeddings)

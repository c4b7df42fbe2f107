"""`embeddings`: the word vectors of a trained model, in the format that other programs read."""

from apps.tv_script.data import load_run
from apps.tv_script.model import load_model
from tfseq import runs


def run(options):
    """Write them and say how many."""
    tv_run = load_run(options.run_dir)
    embedding = load_model(tv_run, options.weights).embedding
    runs.write_vectors(options.vectors, tv_run.vocabulary.words, embedding.embeddings)

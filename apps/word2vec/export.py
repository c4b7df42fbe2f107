"""`export`: a SavedModel for TensorFlow Serving, words in and words out."""

from apps.word2vec.vectors import load
from tfseq import runs
from tfseq.word2vec.served import DEFAULT_COUNT, ServedVectors


def run(options):
    """Write the next version and say what can be asked of it."""
    words, vectors = load(options)
    served = ServedVectors(words, vectors)
    requests = examples(words)
    signatures = {name: getattr(served, name) for name in requests}
    defaults = {"nearest": {"count": DEFAULT_COUNT}}
    runs.export(served, signatures, options.export_dir, requests, defaults=defaults)


def examples(words):
    """Requests that check the export and warm the server up: one word, and one it cannot know."""
    asked = [words[0], f"{words[0]} {words[-1]}"]
    return {
        "serving_default": {"word": asked},
        "nearest": {"word": asked, "count": [3, 5]},
        "vector": {"word": asked},
    }

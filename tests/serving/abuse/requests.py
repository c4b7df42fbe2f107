"""A plain request of one row for each signature that takes text."""

import numpy as np

GENERATE = {
    "prompt": "Ada: Is",
    "seed": 3,
    "temperature": 0.8,
    "top_k": 0,
    "top_p": 0.9,
    "repetition_penalty": 1.1,
    "max_words": 6,
}
BEAM = {"text": "The cat.", "length_penalty": 1.0, "coverage_penalty": 0.1, "max_words": 6}
REQUESTS = {
    ("tv_script", "serving_default"): {"prompt": "Ada: Is"},
    ("tv_script", "generate"): GENERATE,
    ("tv_script", "score"): {"text": "Ada: Yes."},
    ("translation", "serving_default"): {"text": "The cat."},
    ("translation", "translate"): {"text": "The cat.", "max_words": 6},
    ("translation", "translate_beam"): BEAM,
    ("translation", "score"): {"source": "The cat.", "target": "Le chat."},
    ("translation", "align"): {"text": "The cat."},
    ("word2vec", "serving_default"): {"word": "soup"},
    ("word2vec", "nearest"): {"word": "soup", "count": 2},
    ("word2vec", "vector"): {"word": "soup"},
}
TYPES = {str: object, int: "i4", float: "f4"}


def column(value, rows=1):
    """One value for each row, as its type is sent."""
    kind = bytes if isinstance(value, bytes) else type(value)
    return np.full([rows], value, TYPES.get(kind, object))


def batch(request, rows=1, **other):
    """The inputs of some rows, all alike but for `other`."""
    return {name: column(other.get(name, value), rows) for name, value in request.items()}


def with_text(request, text, rows=1):
    """The inputs with `text` in place of each text."""
    texts = {name: text for name, value in request.items() if isinstance(value, str)}
    return batch(request, rows, **texts)

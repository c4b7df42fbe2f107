"""`export`: a SavedModel for TensorFlow Serving, texts in, labels and probabilities out."""

import pathlib

from apps.tagging.data import load_run, load_sentences
from apps.tagging.labeller import Labeller
from tfseq import runs


def run(options):
    """Write the next version and say what can be asked of it."""
    this_run = load_run(options.run_dir)
    labeller = Labeller(this_run, options.weights)
    directory = pathlib.Path(options.export_dir or this_run.directory / "export")
    texts = [" ".join(sentence.tokens) for sentence in load_sentences(this_run, "training")]
    examples = {"text": [texts[0], "", texts[-1]]}
    requests = dict.fromkeys(("serving_default", "tag"), examples)
    signatures = {name: getattr(labeller, name) for name in requests}
    runs.export(labeller, signatures, directory, requests)

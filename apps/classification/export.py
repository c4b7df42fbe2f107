"""`export`: a SavedModel for TensorFlow Serving, texts in, labels and probabilities out."""

import pathlib

from apps.classification.data import load_examples, load_run
from apps.classification.labeller import Labeller
from tfseq import runs
from tfseq.parts import operations


def run(options):
    """Write the next version and say what can be asked of it."""
    this_run = load_run(options.run_dir)
    labeller = Labeller(this_run, options.weights)
    directory = pathlib.Path(options.export_dir or this_run.directory / "export")
    first, *_, last = load_examples(this_run, "training")
    requests = {
        name: {"text": [first.text, "", last.text]} for name in ("serving_default", "classify")
    }
    signatures = {name: getattr(labeller, name) for name in requests}
    runs.export(labeller, signatures, directory, requests, operations(this_run.options))

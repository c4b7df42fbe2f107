"""`export`: a SavedModel for TensorFlow Serving, strings in and strings out; or a LiteRT file."""

import pathlib

from apps.translation import lite
from apps.translation.config import Translate
from apps.translation.data import load_pairs, load_run
from apps.translation.model import load_model
from apps.translation.translator import OPTIONS, Translator
from tfseq import runs
from tfseq.parts import operations


def run(options):
    """Write the next version and say what can be asked of it, or the file for a device."""
    translation_run = load_run(options.run_dir)
    model = load_model(translation_run, options.weights)
    if options.lite:
        runs.export_lite(lite.writer(model), lite.validation(translation_run), options)
        return
    translator = Translator(translation_run, model, options.beam_width, is_final=True)
    directory = pathlib.Path(options.export_dir or translation_run.directory / "export")
    requests = examples(translation_run, translator.attends)
    signatures = {name: getattr(translator, name) for name in requests}
    defaults = {name: getattr(Translate, name) for name in OPTIONS}
    runs.export(
        translator,
        signatures,
        directory,
        requests,
        operations(translation_run.options),
        {"translate": {"max_words": defaults["max_words"]}, "translate_beam": defaults},
    )


def examples(translation_run, attends):
    """Requests that check the export and warm the server up, one for each signature."""
    pairs = load_pairs(translation_run, "validation")
    text = [pairs.sources[0], "", pairs.sources[-1]]
    requests = {
        "serving_default": {"text": text},
        "translate": {"text": text, "max_words": [0, 5, 1]},
        "translate_beam": {
            "text": text,
            "length_penalty": [1.0, 0.0, 0.6],
            "coverage_penalty": [0.0, 0.0, 0.2],
            "max_words": [0, 0, 8],
        },
        "score": {"source": text, "target": [pairs.targets[0], "", pairs.targets[-1]]},
    }
    return {**requests, "align": {"text": text}} if attends else requests

"""`export`: a SavedModel for TensorFlow Serving, strings in and strings out; or a LiteRT file."""

import pathlib

import numpy as np
import tensorflow as tf

from apps.tv_script import lite
from apps.tv_script.config import Generate
from apps.tv_script.data import load_run
from apps.tv_script.generator import OPTIONS, PIECE, Generator, defaults
from apps.tv_script.model import load_model
from tfseq import runs
from tfseq.parts import operations


def run(options):
    """Write the next version and say what can be asked of it, or the file for a device."""
    tv_run = load_run(options.run_dir)
    model = load_model(tv_run, options.weights)
    if options.lite:
        runs.export_lite(lite.writer(tv_run, model), lite.held_out(tv_run), options)
        return
    generator = Generator(tv_run, model, is_final=True)
    directory = pathlib.Path(options.export_dir or tv_run.directory / "export")
    signatures = {
        "serving_default": generator.serving_default,
        "generate": generator.generate,
        "score": generator.score,
        "start": generator.start,
        "step": generator.step_signature(),
    }
    harmless = {name: getattr(Generate, name) for name in OPTIONS}
    runs.export(
        generator,
        signatures,
        directory,
        examples(tv_run, generator),
        operations(tv_run.options),
        {"generate": harmless, "step": {**harmless, "words": PIECE}},
    )


def examples(tv_run, generator):
    """Requests that check the export and warm the server up."""
    first_line = tv_run.training[0].split("\n")[0]
    prompts = ["", first_line[:20]]
    options = as_arrays(defaults(2, seed=[1, 2], max_words=[30, 20]))
    started = as_arrays(generator.start(tf.constant(prompts)))
    del started["text"]
    return {
        "serving_default": {"prompt": prompts},
        "generate": {"prompt": prompts, **options},
        "score": {"text": [first_line, "Nobody_Else: zzz?"]},
        "start": {"prompt": prompts},
        "step": {**started, **options, "words": np.array([PIECE, 3], np.int32)},
    }


def as_arrays(tensors):
    """`{name: array}`."""
    return {name: tensor.numpy() for name, tensor in tensors.items()}

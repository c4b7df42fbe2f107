"""Sentences/s of greedy search and of beam 5, against torch with the same sizes and weights.

Each side translates all sentences in batches of like length; torch's translations are made as long
as ours, so that both do the same number of steps. Needs torch (see `benchmarks.torch_translator`).

    python -m benchmarks.translation --run_dir=RUN --source_file=test.en.gz

The run is one of the preset `captions`.
"""

import argparse

import numpy as np
import tensorflow as tf
import torch  # pyright: ignore[reportMissingImports]

from apps.translation.data import load_run
from apps.translation.model import load_model
from apps.translation.translator import Translator
from benchmarks import torch_translator
from benchmarks.timing import describe_machine, interleaved, report
from tfseq.files import read_text
from tfseq.text import batches_of_like_length

ROUNDS = 3


def main():
    """Translate and print."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--run_dir", required=True)
    parser.add_argument("--source_file", required=True)
    parser.add_argument("--batch_size", type=int, default=64)
    parser.add_argument("--beam_width", type=int, default=5)
    parser.add_argument("--sentences", type=int, default=1000)
    parser.add_argument("--threads", type=int, default=1)
    options = parser.parse_args()
    set_threads(options.threads)
    run = load_run(options.run_dir)
    model = load_model(run)
    translator = Translator(run, model, options.beam_width)
    lines = read_text(options.source_file).removesuffix("\n").split("\n")[: options.sentences]
    ids, _ = run.source_ids(lines)
    batches = [source for _, source in batches_of_like_length(ids, options.batch_size)]
    describe_machine(options.threads)
    print(f"{len(ids)} sentences in batches of {options.batch_size}")
    for name, ours, theirs in searches(translator, torch_model(model), options.beam_width):
        ends = [lengths_of(ours(source)) for source in batches]
        candidates = {
            f"tfseq, {name}": lambda ours=ours: [ours(source) for source in batches],
            f"torch, {name}": lambda theirs=theirs, ends=ends: [
                theirs(source, int(end.max()) + 1, end)
                for source, end in zip(batches, ends, strict=True)
            ],
        }
        seconds = interleaved(candidates, ROUNDS)
        report(seconds, f"torch, {name}", "sentences/s", len(ids))


def set_threads(threads):
    """The same number of threads on both sides."""
    tf.config.threading.set_intra_op_parallelism_threads(threads)
    tf.config.threading.set_inter_op_parallelism_threads(1)
    torch.set_num_threads(threads)


def torch_model(model):
    """The same model in torch."""
    vocabularies = model.encoder.embedding.vocabulary_size, model.decoder.embedding.vocabulary_size
    units = model.decoder.cell.first.output_size
    theirs = torch_translator.TorchTranslator(*vocabularies, model.encoder.embedding.units, units)
    theirs.set_weights(torch_translator.arrays_of(model))
    return theirs


def searches(translator, theirs, width):
    """`(name, ours, theirs)` for greedy and for beam search."""
    greedy = tf.function(translator.greedy, autograph=False, reduce_retracing=True)

    @tf.function(autograph=False, reduce_retracing=True)
    def beam(source):
        return translator.beam(source, 1.0, n_best=1)

    yield (
        "greedy",
        lambda source: greedy(tf.constant(source)),
        lambda source, steps, ends: torch_translator.greedy(theirs, source, steps, ends),
    )
    yield (
        f"beam {width}",
        lambda source: beam(tf.constant(source)),
        lambda source, steps, ends: torch_translator.beam(
            theirs, source, steps, width, end_at=ends
        ),
    )


def lengths_of(found):
    """The step, from 0, at which each sentence's best translation ends."""
    return np.asarray(found.lengths[:, 0])


if __name__ == "__main__":
    main()

"""Sentences/s of greedy search and of beam 5, against torch with the same sizes and weights.

Torch translates twice: in the order of the file, as a straightforward program does, and in our
batches, whose sentences are of like length. Its translations are made as long as ours, so that all
sides write the same number of words. Needs torch (see `benchmarks.torch_translator`).

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
from benchmarks.timing import describe_machine, interleaved, ratio, report
from tfseq.files import read_text
from tfseq.text import END, batches_of_like_length, padded

ROUNDS = 3


def main():
    """Translate and print."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--run_dir", required=True)
    parser.add_argument("--source_file", required=True)
    parser.add_argument("--batch_size", type=int, default=128)
    parser.add_argument("--beam_width", type=int, default=5)
    parser.add_argument("--sentences", type=int, default=1000)
    parser.add_argument("--threads", type=int, default=1)
    options = parser.parse_args()
    set_threads(options.threads)
    run = load_run(options.run_dir)
    model = load_model(run)
    translator = Translator(run, model, options.beam_width, is_final=True)
    lines = read_text(options.source_file).removesuffix("\n").split("\n")[: options.sentences]
    ids, _ = run.source_ids(lines)
    batches = list(batches_of_like_length(ids, options.batch_size))
    describe_machine(options.threads)
    print(f"{len(ids)} sentences in batches of {options.batch_size}")
    for name, ours, theirs in searches(translator, torch_model(model), options.beam_width):
        ends = np.zeros(len(ids), np.int64)
        for rows, source in batches:
            ends[rows] = lengths_of(ours(source))
        candidates = {
            f"tfseq, {name}": lambda ours=ours: [ours(source) for _, source in batches],
            f"torch, {name}, our batches": run_torch(theirs, batches, ends),
            f"torch, {name}": run_torch(theirs, in_order(ids, options.batch_size), ends),
        }
        seconds = interleaved(candidates, ROUNDS)
        mine, sorted_torch, torch_alone = candidates
        report(seconds, torch_alone, "sentences/s", len(ids))
        print(f"in equal batches{'':40} {ratio(seconds, mine, sorted_torch):6.2f} x")


def in_order(ids, batch_size):
    """Batches in the order of the sentences: `(rows, source)`."""
    for first in range(0, len(ids), batch_size):
        rows = np.arange(first, min(first + batch_size, len(ids)))
        yield rows, padded([np.append(ids[row], END) for row in rows])


def run_torch(translate, batches, ends):
    """A function that translates all batches to the given lengths."""
    batches = list(batches)
    return lambda: [
        translate(source, int(ends[rows].max()) + 1, ends[rows]) for rows, source in batches
    ]


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

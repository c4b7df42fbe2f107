"""`predict`: a line of labels out for each line of tokens in, in the same order."""

import tensorflow as tf

from apps.tagging.data import check_lengths, load_run
from apps.tagging.labeller import Labeller, split_tokens
from tfseq.command import typed_lines
from tfseq.lines import read_lines, write_lines


def run(options):
    """Label what comes in, or each text that is asked for."""
    labeller = Labeller(load_run(options.run_dir), options.weights)

    def label(texts):
        sentences = split_tokens(tf.constant(texts, tf.string)).to_list()
        lengths = [len(tokens) for tokens in sentences]
        check_lengths(lengths, range(1, len(texts) + 1), options.most_tokens)
        for row in zip(*labeller.of_sentences(sentences), strict=True):
            yield " ".join(shown(*one, options.probabilities) for one in zip(*row, strict=True))

    if options.interactive:
        for text in typed_lines("A text to label in each line; Ctrl-D ends."):
            write_lines(label([text]))
        return
    write_lines(label(read_lines(options.input_file)), options.output_file)


def shown(label, probability, with_probability):
    """A label as it is written."""
    return f"{label}/{probability:.4f}" if with_probability else label

"""`evaluate`: accuracy, and what of the chunks is right, of any file or the run's own."""

import numpy as np
import tensorflow as tf

from apps.tagging.data import check_sentences, load_run, load_sentences, read_sentences
from apps.tagging.labeller import Labeller
from tfseq.chunks import are_bio, score_chunks
from tfseq.config import OptionError
from tfseq.lines import read_lines
from tfseq.text import UNK


def run(options):
    """Print the figures, one a line."""
    this_run = load_run(options.run_dir)
    if options.file:
        sentences = read_sentences(this_run.options, options.file, "--file")
    else:
        sentences = load_sentences(this_run, "development")
    check_sentences(sentences, options.most_tokens)
    this_run.label_ids(sentences, "--file")  # so that an unknown one is told
    if options.label_file:
        found = read_labels(this_run, options.label_file, sentences)
    else:
        labeller = Labeller(this_run, options.weights)
        found, _ = labeller.of_sentences([sentence.tokens for sentence in sentences])
    print_figures(this_run, sentences, found)


def read_labels(this_run, path, sentences):
    """The rows of labels in a file, a line for each sentence."""
    rows = [line.split() for line in read_lines(path, "--label_file")]
    if len(rows) != len(sentences):
        rule = f"must have a line for each of the {len(sentences):,} sentences"
        raise OptionError("--label_file", rule, f"{path} with {len(rows):,}")
    for number, (row, sentence) in enumerate(zip(rows, sentences, strict=True), start=1):
        if len(row) != len(sentence.tokens):
            rule = f"must have a label for each of the {len(sentence.tokens)} tokens"
            raise OptionError("--label_file", rule, f"line {number:,} with {len(row)}")
        this_run.check_labels(row, [number] * len(row), "--label_file")
    return rows


def print_figures(this_run, sentences, found):
    """Accuracy, and where the labels mark chunks, a line for each type of them."""
    tokens = [token for sentence in sentences for token in sentence.tokens]
    truth = [sentence.labels for sentence in sentences]
    right = np.concatenate(truth) == np.concatenate(found)
    unknown = this_run.lexicon.ids(tf.constant(tokens)).numpy() == UNK
    print(f"sentences               {len(sentences):,}")
    print(f"tokens                  {len(tokens):,}")
    print(f"accuracy                {np.mean(right):.2%}")
    print(f"unknown tokens          {np.mean(unknown):.2%}")
    if unknown.any():
        print(f"accuracy on those       {np.mean(right[unknown]):.2%}")
    if are_bio(this_run.labels.names):
        print_chunks(*score_chunks(truth, found))


def print_chunks(total, by_type):
    """Precision, recall and F1 of the chunks, as conlleval prints them."""
    print(f"\n{total.real:,} chunks, {total.found:,} found, {total.right:,} of them right\n")
    width = max(len("chunks"), *map(len, by_type))
    print(f"{'chunks':<{width}}  precision   recall       F1   found")
    for name, score in (*by_type.items(), ("all", total)):
        print(
            f"{name:<{width}}  {score.precision:>9.2%}  {score.recall:>7.2%}  {score.f1:>7.2%}  "
            f"{score.found:>6,}"
        )

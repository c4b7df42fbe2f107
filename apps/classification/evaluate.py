"""`evaluate`: accuracy, and precision and recall of each label, of any file or the run's own."""

import numpy as np

from apps.classification.data import load_examples, load_run, read_examples
from apps.classification.labeller import Labeller
from tfseq.config import OptionError
from tfseq.lines import read_lines
from tfseq.metrics import label_scores


def run(options):
    """Print the figures, one a line."""
    this_run = load_run(options.run_dir)
    if options.file:
        examples = read_examples(options.file, "--file")
    else:
        examples = load_examples(this_run, "development")
    ids, truth = this_run.labelled(examples, "--file", options.most_tokens)
    if options.label_file:
        given = read_labels(this_run, options.label_file, len(examples))
        print_figures(this_run.labels.names, given, truth)
        return
    found = Labeller(this_run, options.weights).of_ids(ids)
    print_figures(this_run.labels.names, found.argmax(axis=1), truth)
    of_truth = np.maximum(found[np.arange(len(truth)), truth], np.finfo(np.float32).tiny)
    print(f"\nloss of a text          {-np.mean(np.log(of_truth)):.4f}")


def read_labels(this_run, path, count):
    """The numbers of the labels in a file, a line for each of so many examples."""
    names = read_lines(path, "--label_file")
    if len(names) != count:
        rule = f"must have a line for each of the {count:,} examples"
        raise OptionError("--label_file", rule, f"{path} with {len(names):,}")
    return this_run.label_ids(names, "--label_file")


def print_figures(names, found, truth):
    """Accuracy, and a line for each label."""
    scores = label_scores(found, truth, len(names))
    print(f"texts                   {len(truth):,}")
    print(f"accuracy                {np.mean(found == truth):.2%}")
    print(f"mean F1 of the labels   {scores.f1.mean():.2%}\n")
    width = max(len("label"), *map(len, names))
    print(f"{'label':<{width}}  precision   recall       F1   texts")
    for name, *row, count in zip(names, *scores, strict=True):
        print(f"{name:<{width}}  {row[0]:>9.2%}  {row[1]:>7.2%}  {row[2]:>7.2%}  {count:>6,}")

"""`predict`: a label out for each line in, in the same order."""

from apps.classification.data import load_run
from apps.classification.labeller import Labeller
from tfseq.command import typed_lines
from tfseq.lines import read_lines, write_lines


def run(options):
    """Label what comes in, or each text that is asked for."""
    this_run = load_run(options.run_dir)
    labeller = Labeller(this_run, options.weights)

    def label(texts):
        found = labeller.of_ids(this_run.ids(texts, options.most_tokens))
        for name, row in zip(labeller.names(found), found, strict=True):
            yield f"{name}\t{row.max():.4f}" if options.probabilities and name else name

    if options.interactive:
        for text in typed_lines("A text to label in each line; Ctrl-D ends."):
            write_lines(label([text]))
        return
    write_lines(label(read_lines(options.input_file)), options.output_file)

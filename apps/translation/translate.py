"""`translate`: a line out for each line in, in the same order."""

import itertools

from apps.translation.data import load_run
from apps.translation.search import Search
from tfseq.alignments import json_line, pharaoh_line
from tfseq.command import typed_lines
from tfseq.config import OptionError
from tfseq.files import written_aside
from tfseq.lines import read_lines, write_lines

CHUNK = 2000  # sentences that are sorted by length together; their lines are then written


def run(options):
    """Translate what comes in, or each sentence that is asked for."""
    search = Search(load_run(options.run_dir), options, options.n_best, options.replace_unknown)
    if options.alignments_file:
        search.require_attention("--alignments_file")
    if options.interactive:
        for sentence in typed_lines("A sentence to translate in each line; Ctrl-D ends."):
            for translation in search([sentence])[0]:
                print(line(translation, options.scores), flush=True)
        return
    aligned = []

    def lines():
        for translation in translate(search, read_lines(options.input_file)):
            aligned.append(translation)
            yield line(translation, options.scores)

    write_lines(lines(), options.output_file)
    write_alignments_file(options, aligned)


def translate(search, sentences):
    """Yield the translations of all sentences, in their order."""
    for start in range(0, len(sentences), CHUNK):
        yield from itertools.chain.from_iterable(search(sentences[start : start + CHUNK]))


def line(translation, with_scores):
    """A translation as it is written, in one line."""
    if not with_scores:
        return translation.text
    return f"{translation.score:.4f}\t{translation.log_probability:.4f}\t{translation.text}"


def write_alignments_file(options, translations):
    """Write `--alignments_file` where one is asked for, and all weights beside it."""
    if not options.alignments_file:
        return
    try:
        for path, write in (
            (options.alignments_file, pharaoh_line),
            (f"{options.alignments_file}.json", json_line),
        ):
            with written_aside(path) as file:
                for one in translations:
                    file.write(f"{write(one.source_tokens, one.target_tokens, one.weights)}\n")
    except OSError as error:
        rule = "must name a file that can be written"
        raise OptionError("--alignments_file", rule, str(error)) from error

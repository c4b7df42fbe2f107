"""`generate`: write scenes, word by word."""

import sys

from apps.tv_script.data import load_run
from apps.tv_script.generator import OPTIONS, Generator
from apps.tv_script.model import load_model
from tfseq.command import typed_lines
from tfseq.metrics import copying
from tfseq.options import SEEDS


def run(options):
    """Print scenes for one prompt, or for each prompt that is asked for."""
    tv_run = load_run(options.run_dir)
    generator = Generator(tv_run, load_model(tv_run, options.weights), is_final=True)
    if options.interactive:
        greeting = "A prompt for each scene, such as a speaker's name and a colon; Ctrl-D ends."
        for prompt in typed_lines(greeting):
            write_scenes(tv_run, generator, prompt, options)
    else:
        write_scenes(tv_run, generator, options.prompt, options)


def write_scenes(tv_run, generator, prompt, options):
    """Print each scene as it is written, and below it how much of it is copied."""
    chosen = {name: getattr(options, name) for name in OPTIONS}
    for sample in range(options.samples):
        if sample:
            print("\n" + "-" * 40)
        chosen["seed"] = (options.seed + sample) % (SEEDS + 1)
        pieces = []
        for piece in generator.stream(prompt, **chosen):
            print(piece, end="", flush=True)
            pieces.append(piece)
        print(flush=True)  # before the line on the other stream
        print(copy_report(tv_run, "".join(pieces[1:])), file=sys.stderr)


def copy_report(tv_run, written):
    """A line that says how much of what was written stands word for word in the training text."""
    found = copying(tv_run.words([written]), tv_run.words(tv_run.training))
    text = "first scenes of the data" if tv_run.options.data_dir else "training text"
    return (
        f"[longest run copied from the {text}: {found.longest_run} tokens; "
        f"{found.ngram_share:.0%} of the 8-grams stand there]"
    )

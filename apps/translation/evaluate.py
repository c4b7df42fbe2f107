"""`evaluate`: BLEU, chrF, exact match, accuracy and perplexity, of any pairs or the run's own."""

import pathlib

import numpy as np

from apps.translation.data import load_pairs, load_run, read_files
from apps.translation.objective import Validation
from apps.translation.scores import bleu, chrf, exact_match, token_accuracy, tokenised_bleu
from apps.translation.search import Search
from tfseq.alignments import by_word, draw_alignment
from tfseq.config import OptionError
from tfseq.metrics import perplexity
from tfseq.text import END, UNK

PICTURES = 10


def run(options):
    """Print the figures, one a line, and draw what is asked for."""
    translation_run = load_run(options.run_dir)
    search = Search(translation_run, options)
    if options.plot_alignments:
        search.require_attention("--plot_alignments")
    pairs = read_pairs(translation_run, options)
    found = [best for (best,) in search(pairs.sources)]
    print_figures(translation_run, search, pairs, found, options)
    if options.plot_alignments:
        both = zip(pairs.sources, found, strict=True)
        draw([pair for pair in both if pair[1].text][:PICTURES], options.plot_alignments)


def read_pairs(translation_run, options):
    """The pairs of the options' files, or those that the run validates by."""
    if options.source_file or options.reference_file:
        names = ("--source_file", "--reference_file")
        return read_files(names, options.source_file, options.reference_file)
    return load_pairs(translation_run, "validation")


def print_figures(translation_run, search, pairs, found, options):
    """All figures of the translations that were found."""
    texts = [translation.text for translation in found]
    print(f"pairs                   {len(texts):,}")
    print(f"search                  {described(options)}")
    show("BLEU", bleu(texts, pairs.targets))
    show("chrF", chrf(texts, pairs.targets))
    if options.tokenised_bleu:
        show("BLEU, tokens as they are", tokenised_bleu(texts, pairs.targets))
    print(f"exact match             {exact_match(texts, pairs.targets):.2%}")
    targets, _ = translation_run.target_ids(pairs.targets)
    accuracy = token_accuracy(
        [np.append(one.ids, END) for one in found], [np.append(ids, END) for ids in targets]
    )
    print(f"token accuracy          {accuracy.padded:.4f} padding counted, as the notes print it")
    print(f"                        {accuracy.real:.4f} on real tokens")
    loss = Validation(translation_run, search.model, pairs, with_bleu=False)()["held_out_loss"]
    print(f"perplexity per token    {perplexity(loss):.3f}")
    unknown = np.mean(np.concatenate(targets) == UNK)
    print(f"unknown target tokens   {unknown:.2%}")


def described(options):
    """The search in a few words."""
    if options.beam_width == 1:
        return "greedy"
    return (
        f"beam {options.beam_width}, length penalty {options.length_penalty}, "
        f"coverage penalty {options.coverage_penalty}"
    )


def show(name, score):
    """A score of sacrebleu, with what it was counted by."""
    print(f"{name:<23} {score.score:.2f}  [{score.signature}]")


def draw(pairs, directory):
    """A picture for each sentence and its translation, and the three of them printed."""
    directory = pathlib.Path(directory)
    try:
        directory.mkdir(parents=True, exist_ok=True)
        for number, (sentence, one) in enumerate(pairs, start=1):
            path = directory / f"alignment-{number:02}.png"
            draw_alignment(*by_word(one.source_tokens, one.target_tokens, one.weights), path)
            print(f"\n{sentence}\n{one.text}\n    looked at: {path}")
    except OSError as error:
        raise OptionError(
            "--plot_alignments", "must be a directory that can be written", str(error)
        ) from error
    except ImportError as error:
        rule = "needs matplotlib: pip install 'tfseq[plot]'"
        raise OptionError("--plot_alignments", rule) from error

"""`evaluate`: perplexity, unknown words and copying, on the held-out scenes or on any text."""

import numpy as np

from apps.tv_script.data import load_run, read_scenes
from apps.tv_script.generator import Generator, defaults
from apps.tv_script.model import Measure, load_model
from tfseq.metrics import copying, perplexity
from tfseq.options import SEEDS
from tfseq.text import UNK, WordTokenizer

SCENE = 200  # tokens of a scene that is written to measure copying


def run(options):
    """Print the figures, one a line."""
    tv_run = load_run(options.run_dir)
    model = load_model(tv_run, options.weights)
    scenes = read_scenes(options) if options.text_file else tv_run.held_out
    documents = tv_run.ids(scenes)
    losses, count = Measure(model, tv_run.context)(documents)
    words = len(WordTokenizer().tokenize(scenes).flat_values)
    tokens = np.concatenate(documents)
    print(f"text                    {options.text_file or 'the held-out scenes'}")
    print(f"scenes                  {len(documents):,}")
    print(f"words                   {words:,}")
    print(f"perplexity per word     {perplexity(losses / words):.2f}")
    if tv_run.options.tokens != "words":
        print(f"{tv_run.options.tokens:<23} {len(tokens):,}")
        print(f"perplexity per token    {perplexity(losses / count):.2f}")
    print(f"unknown rate            {np.mean(tokens == UNK):.2%}")
    source = tv_run.words(tv_run.training)
    if tv_run.options.data_dir:
        print(f"copying is measured on the first {len(tv_run.training)} scenes of the data alone")
    print_copying("copied, this text", [tv_run.words(scenes)], source)
    if options.samples:
        written = write(tv_run, Generator(tv_run, model, is_final=True), options)
        print_copying("copied, generated", written, source)


def write(tv_run, generator, options):
    """Words of scenes that the model writes with the default options."""
    seeds = (options.seed + np.arange(options.samples)) % (SEEDS + 1)
    texts = generator.generate(
        prompt=[""] * options.samples, **defaults(options.samples, seed=seeds, max_words=SCENE)
    )["text"]
    return [tv_run.words([text]) for text in texts.numpy()]


def print_copying(title, texts, source):
    """The longest run and the share of 8-grams found in the training text."""
    found = [copying(text, source) for text in texts]
    ngrams = np.array([max(len(text) - 7, 0) for text in texts])
    share = ngrams @ [f.ngram_share for f in found] / max(ngrams.sum(), 1)
    longest = max(f.longest_run for f in found)
    print(f"{title:<23} {share:.2%} of 8-grams, longest run {longest} tokens")

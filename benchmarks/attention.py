"""What is each score of attention worth in the same small translator, and where does it look?

Trains one translator for each score and seed on the built-in English-French corpus, all else
alike: a GRU reads both ways, a conditional GRU of twice the units writes, since the plain product
needs queries as wide as the memory. Prints BLEU on the pairs that training has not seen, and draws
one sentence by each score.

    python -m benchmarks.attention --run_dir=RUNS --seeds=1,2,3 --pictures=docs/attention

All other options are those of the translator's verb `train`. Runs that have ended are only read.
"""

import argparse
import pathlib
import statistics

import numpy as np

from apps.translation.config import ATTENTIONS, Translate
from apps.translation.data import load_pairs, load_run
from apps.translation.scores import bleu, exact_match
from apps.translation.search import Search
from benchmarks.presets import rows_of, runner
from benchmarks.timing import describe_machine
from tfseq.alignments import by_word, draw_alignment

SENTENCE = "My old aunt does not wait for the black cats in the big garden."
SIZES = {"units": 64, "decoder_units": 128, "built_in_pairs": 10_000, "epochs": 8}
SIZES |= {"validation_share": 0.05}


def main():
    """Train each score with each seed, and print their figures side by side."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0], allow_abbrev=False)
    parser.add_argument("--run_dir", required=True, help="parent of the runs")
    parser.add_argument("--seeds", default="1", help="apart by commas")
    parser.add_argument("--attentions", default=",".join(("none", *ATTENTIONS)))
    parser.add_argument("--pictures", help="directory for a picture of each score, first seed")
    options, rest = parser.parse_known_args()
    run = runner("translation")
    names, seeds = options.attentions.split(","), options.seeds.split(",")
    found = {name: [] for name in names}
    for seed in seeds:  # the scores in turn, so that a cut comes to all alike
        for name in names:
            directory = pathlib.Path(options.run_dir) / f"{name}-{seed}"
            sizes = [f"--{size}={value}" for size, value in SIZES.items()]
            words = [f"--run_dir={directory}", f"--attention={name}", f"--seed={seed}"]
            run("train", *sizes, *words, *rest)
            picture = seed == seeds[0] and name != "none" and options.pictures
            path = pathlib.Path(options.pictures) / f"{name}.png" if picture else None
            found[name].append(measured(directory, path))
    describe_machine("default")
    show(found, seeds)


def measured(directory, picture):
    """BLEU, the share of exact translations, how sharp the weights are, and minutes of training."""
    translation_run = load_run(directory)
    attends = translation_run.options.attention != "none"
    asked = Translate(
        run_dir=str(directory), beam_width=1, alignments_file="weights" if attends else ""
    )
    search = Search(translation_run, asked)
    pairs = load_pairs(translation_run, "validation")
    found = [best for (best,) in search(pairs.sources)]
    texts = [one.text for one in found]
    if picture:
        picture.parent.mkdir(parents=True, exist_ok=True)
        ((one,),) = search([SENTENCE])
        draw_alignment(*by_word(one.source_tokens, one.target_tokens, one.weights), picture)
    greatest = [row.max() for one in found for row in one.weights] if attends else [np.nan]
    return {
        "BLEU": bleu(texts, pairs.targets, quiet=True).score,
        "exact %": 100 * exact_match(texts, pairs.targets),
        "greatest weight": float(np.mean(greatest)),
        "minutes": sum(row["seconds"] for row in rows_of(directory)) / 60,
    }


def show(found, seeds):
    """A line for each score: the means over the seeds, and the BLEU of each."""
    columns = list(next(iter(found.values()))[0])
    print(f"{'score':<20}" + "".join(f"{column:>17}" for column in columns) + "  BLEU of each seed")
    for name, runs in found.items():
        means = [statistics.fmean(figures[column] for figures in runs) for column in columns]
        each = " ".join(f"{figures['BLEU']:.2f}" for figures in runs)
        print(f"{name:<20}" + "".join(f"{mean:>17.2f}" for mean in means) + f"  {each}")
    print(f"greedy, seeds {', '.join(seeds)}; the greatest weight of each target token, its mean")


if __name__ == "__main__":
    main()

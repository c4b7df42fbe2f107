"""What do several processes make of word vectors, a core each, beside one process on one core?

    python -m benchmarks.word2vec_hosts --text_file=a.txt.gz,b.txt.gz --held_out=valid.txt.gz \
        --similarity WORDSIM SIMLEX --average_chunks 0 256

Each line is a training of its own by `apps.word2vec`, in turn: words of the text by second of the
wall clock, of all epochs but the first, which compiles, the median and the best; then the quality
of what came out, as `benchmarks.word2vec` measures it.
"""

import argparse
import csv
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile

from benchmarks.timing import describe_machine
from benchmarks.word2vec import encode, measure
from tfseq.checkpoint import Checkpoints
from tfseq.launch import environment_of, free_addresses
from tfseq.text import WhitespaceTokenizer
from tfseq.word2vec import load_corpus
from tfseq.word2vec.held_out import held_out_loss


def train(run, options, workers, average_chunks):
    """Train vectors by so many processes, each on a core of those that this one may use."""
    cores = sorted(os.sched_getaffinity(0))
    words = [f"--text_file={options.text_file}", f"--vectors={run}.bin", f"--run_dir={run}"]
    words += [f"--model={options.model}", f"--epochs={options.epochs}", f"--seed={options.seed}"]
    words += ["--lower_case", "--save_seconds=1e9", f"--average_chunks={average_chunks}"]
    words += ["--strategy=multi_worker"] if workers > 1 else []
    addresses = free_addresses(workers)
    threads = {f"TF_NUM_{kind}OP_THREADS": "1" for kind in ("INTRA", "INTER")}
    processes = [
        subprocess.Popen(
            [sys.executable, "-m", "apps.word2vec", "train", *words],
            env=environment_of(addresses, index) | threads,
            preexec_fn=lambda index=index: os.sched_setaffinity(0, {cores[index % len(cores)]}),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        for index in range(workers)
    ]
    errors = [process.communicate()[1] for process in processes]
    if any(process.returncode for process in processes):
        raise SystemExit("\n".join(errors))


def speeds(run):
    """Words by second of each epoch but the first."""
    with (run / "metrics.csv").open() as file:
        return [float(row["words"]) / float(row["seconds"]) for row in csv.DictReader(file)][1:]


def quality(run, options):
    """Held-out loss, of skip-gram, and rank correlations."""
    corpus = load_corpus(run)
    latest = Checkpoints(run / "checkpoints").latest()
    inputs, outputs = (latest.variables[name] for name in ("inputs", "outputs"))
    figures = {}
    if options.held_out and options.model == "skipgram":
        numbers = {word: i for i, word in enumerate(corpus.words)}
        ids = encode(options.held_out, WhitespaceTokenizer(lower_case=True), numbers)
        figures["held-out loss"] = held_out_loss(ids, corpus.counts, inputs, outputs)
    return figures | measure(options, corpus, inputs)


def main():
    """Print a line for each candidate and round."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--text_file", required=True)
    parser.add_argument("--held_out", default="")
    parser.add_argument("--similarity", nargs="*", default=[])
    parser.add_argument("--analogies", default="")
    parser.add_argument("--model", default="skipgram", choices=("skipgram", "cbow"))
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--average_chunks", nargs="+", type=int, default=[0])
    parser.add_argument("--epochs", type=int, default=5)
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    describe_machine(1)
    base = None
    for number in range(options.rounds):
        for workers, every in [(1, 0), *((options.workers, n) for n in options.average_chunks)]:
            with tempfile.TemporaryDirectory() as directory:
                run = pathlib.Path(directory, "run")
                train(run, options, workers, every)
                rates, figures = speeds(run), quality(run, options)
            median, best = statistics.median(rates), max(rates)
            base = (median, best) if workers == 1 else base
            shown = "  ".join(f"{key} {value:.4f}" for key, value in figures.items())
            print(
                f"round {number + 1}  {workers} processes, together each {every or 'segment'}"
                f"{' chunks' if every else ''}: {median:,.0f} words/s ({median / base[0]:.2f} x), "
                f"at best {best:,.0f} ({best / base[1]:.2f} x)  load {os.getloadavg()[0]:.1f}  "
                f"{shown}",
                flush=True,
            )


if __name__ == "__main__":
    main()

"""What do several processes make of word vectors, a core each, beside one process on one core?

    python -m benchmarks.word2vec_hosts --text_file=a.txt.gz,b.txt.gz --held_out=valid.txt.gz \
        --similarity WORDSIM SIMLEX --average_chunks 0 256

Each line is a training of its own by what `apps.word2vec` is made of, in turn: words of the text by
second, of all epochs but the first, which compiles: the median by the wall clock, the best, and by
the processor's seconds of the process that needed most, since other work may share the cores. Then
the quality of what came out, as `benchmarks.word2vec` measures it.
"""

import argparse
import json
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

import keras

from apps.word2vec import train
from apps.word2vec.config import Train
from benchmarks.timing import describe_machine
from benchmarks.word2vec import encode, measure
from tfseq.checkpoint import Checkpoints
from tfseq.launch import environment_of, free_addresses
from tfseq.strategies import on_hosts
from tfseq.text import WhitespaceTokenizer
from tfseq.word2vec import load_corpus
from tfseq.word2vec.held_out import held_out_loss


class Clocks(keras.callbacks.Callback):
    """Words, wall clock and processor's seconds of each epoch of this process."""

    def __init__(self):
        super().__init__()
        self.epochs = []

    def on_epoch_begin(self, epoch, logs=None):
        self.started = time.perf_counter(), time.process_time()

    def on_epoch_end(self, epoch, logs=None):
        now = time.perf_counter(), time.process_time()
        seconds = [end - start for start, end in zip(self.started, now, strict=True)]
        self.epochs.append([int(logs["words"]), *seconds])


def work(words):
    """Train in this process, one of those of a run, and leave its clocks."""
    run, index, options = words
    options = Train(vectors=f"{run}.bin", run_dir=run, **json.loads(options))
    clocks = Clocks()
    with on_hosts(options):
        trainer = train.make_trainer(options, train.open_corpus(options), pathlib.Path(run))
        trainer.callbacks.append(clocks)
        trainer.train()
    pathlib.Path(f"{run}.{index}.json").write_text(json.dumps(clocks.epochs))


def start(run, options, workers, average_chunks):
    """Train vectors by so many processes, each on a core of those that this one may use."""
    cores = sorted(os.sched_getaffinity(0))
    chosen = {
        **{name: getattr(options, name) for name in ("text_file", "model", "epochs", "seed")},
        "lower_case": True,
        "save_seconds": 1e9,
        "average_chunks": average_chunks,
        "strategy": "multi_worker" if workers > 1 else "one",
    }
    addresses = free_addresses(workers)
    threads = {f"TF_NUM_{kind}OP_THREADS": "1" for kind in ("INTRA", "INTER")}
    command = [sys.executable, "-m", "benchmarks.word2vec_hosts", "work", str(run)]
    processes = [
        subprocess.Popen(
            [*command, str(index), json.dumps(chosen)],
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
    return [json.loads(pathlib.Path(f"{run}.{index}.json").read_text()) for index in range(workers)]


def speeds(clocks):
    """Median and best by the wall clock, median by the processor's seconds."""
    walls, processors = [], []
    for epoch in list(zip(*clocks, strict=True))[1:]:
        words, *seconds = zip(*epoch, strict=True)
        walls.append(words[0] / max(seconds[0]))
        processors.append(words[0] / max(seconds[1]))
    return statistics.median(walls), max(walls), statistics.median(processors)


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


def compare(options):
    """Print a line for each candidate and round."""
    describe_machine(1)
    base = ()
    for number in range(options.rounds):
        for workers, every in [(1, 0), *((options.workers, n) for n in options.average_chunks)]:
            with tempfile.TemporaryDirectory() as directory:
                run = pathlib.Path(directory, "run")
                rates = speeds(start(run, options, workers, every))
                figures = quality(run, options)
            base = base if workers > 1 else rates
            often = f"each {every} chunks" if every else "each segment"
            shown = [
                f"{name} {rate:,.0f} ({rate / one:.2f} x)"
                for name, rate, one in zip(("wall", "best", "processor"), rates, base, strict=True)
            ]
            shown += [f"{name} {value:.4f}" for name, value in figures.items()]
            print(f"round {number + 1}  {workers} processes, together {often}: words/s", end=" ")
            print(*shown, f"load {os.getloadavg()[0]:.1f}", sep="  ", flush=True)


def main():
    """Compare, or be one of the processes that are compared."""
    if sys.argv[1:2] == ["work"]:
        work(sys.argv[2:])
        return
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
    compare(parser.parse_args())


if __name__ == "__main__":
    main()

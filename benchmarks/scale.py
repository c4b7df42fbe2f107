"""What do more workers bring? A model of a training step's cost, and what it is made from.

    taskset -c 0 python -m benchmarks.scale step
    python -m tfseq.launch --workers=2 -- python -m benchmarks.scale link
    python -m benchmarks.scale tables --step_seconds=S --bandwidth=B --vector_speed=V \
        [--one=WORDS/S --two=WORDS/S]

`step`: seconds of a training step of the generator (tv512: 6,800 words, two LSTM layers of 512, 128
rows of 16 words) and the memory that it takes. `link`: what `Replicas.sum` takes for dense
gradients, rows of an embedding and single numbers, two processes on a core each. `tables`: those of
docs/scale.md, from these figures and the speed that `benchmarks.word2vec_hosts` shows; with the
words by second that one process and two have shown, how far the prediction is from them.
"""

import argparse
import dataclasses
import json
import os
import resource
import statistics
import time

import tensorflow as tf

from benchmarks.costs import (
    Link,
    accumulated,
    ceiling,
    efficiency,
    half,
    memory,
    parts,
    speed,
    tv512,
    vectors,
    whole_rows_from,
)
from benchmarks.speed import tasks
from benchmarks.speed.own import set_threads
from benchmarks.timing import describe_machine

GIGABIT = 1e9 / 8
WORKERS = (1, 8, 64)
LINKS = (1, 10, 100)
CORPORA = tuple(10**power for power in range(7, 12))


def tables(options):
    """Print all of them."""
    vocabulary = tasks.SIZES["tv512"][0]
    load = tv512(options.step_seconds)
    print(
        f"dense gradients {load.dense_bytes / 1e6:.1f} MB, rows of the embedding "
        f"{load.sparse_bytes / 1e6:.2f} MB, {load.tokens:,} words a step and worker"
    )
    slow = {
        f"{gigabits} Gbit/s": Link(min(gigabits * GIGABIT, options.bandwidth), options.hop_seconds)
        for gigabits in LINKS
    }
    fast = {
        f"{gigabits} Gbit/s": Link(gigabits * GIGABIT, options.fast_hop_seconds)
        for gigabits in LINKS
    }
    quick = dataclasses.replace(load, seconds=load.seconds / options.faster)
    show(
        f"Workers of one core, gRPC's ring (at most {options.bandwidth / 1e6:,.0f} MB/s)",
        load,
        slow,
    )
    show(f"Workers {options.faster:g} times as fast, links used whole", quick, fast)
    print(
        f"\nFrom {whole_rows_from(load, vocabulary)} workers on the whole gradient of the "
        "embedding is less to send than a row for each word."
    )
    show_pieces((("one core", load, slow), ("fast", quick, fast)), vocabulary)
    show_vectors(options.vector_speed, slow)
    show_memory(load, vocabulary)
    if options.one:
        check(load, Link(options.bandwidth, options.hop_seconds), options.one, options.two)


def show_pieces(kinds, vocabulary):
    """What is gained where a batch is read in pieces and sent once, for kinds of workers."""
    print("\n### Pieces of a batch (`--pieces`), 64 workers\n")
    print("| workers | link | pieces | rows of a step | words/s | computing |")
    print("|---|---|---:|---:|---:|---:|")
    for name, base, links in kinds:
        for pieces in (1, 4, 16):
            now = accumulated(base, pieces, vocabulary) if pieces > 1 else base
            rows = 64 * tasks.SIZES["tv512"][2] * pieces
            for gigabits, link in links.items():
                print(
                    f"| {name} | {gigabits} | {pieces} | {rows:,} "
                    f"| {speed(now, link, 64):,.0f} | {efficiency(now, link, 64):.0%} |"
                )


def show_vectors(vector_speed, links):
    """Words of word vectors by second, for vocabularies of several sizes."""
    print("\n### Word vectors of width 100, put together each 262,144 words of a worker\n")
    print(
        "| vocabulary | link | MB | workers | words/s | computing |\n|---:|---|---:|---:|---:|---:|"
    )
    for words in (27_110, 100_000, 1_000_000):
        now = vectors(vector_speed, words)
        for gigabits, link in list(links.items())[:2]:
            for workers in WORKERS[1:]:
                print(
                    f"| {words:,} | {gigabits} | {now.dense_bytes / 1e6:.0f} | {workers} "
                    f"| {speed(now, link, workers):,.0f} | {efficiency(now, link, workers):.0%} |"
                )


def show_memory(load, vocabulary):
    """What a worker needs memory for."""
    print("\n### Memory of a worker, MB\n")
    names = list(memory(load, 1, vocabulary))
    print(f"| workers | {' | '.join(names)} | sum |\n|---:|{'---:|' * (len(names) + 1)}")
    for workers in WORKERS:
        sizes = memory(load, workers, vocabulary).values()
        print(f"| {workers} | {' | '.join(f'{x:,.0f}' for x in (*sizes, sum(sizes)))} |")


def show(title, load, links):
    """Seconds, speeds and hours of an epoch for each link and number of workers."""
    columns = ["ms: compute", *list(parts(load, Link(1, 0), 1))[1:], "words/s", "computing"]
    columns += [f"hours: 10^{len(str(words)) - 1}" for words in CORPORA]
    print(f"\n### {title}\n\n| link | workers | {' | '.join(columns)} |")
    print(f"|---|---:|{'---:|' * len(columns)}")
    for name, link in links.items():
        for workers in WORKERS:
            times = " | ".join(f"{1e3 * x:,.1f}" for x in parts(load, link, workers).values())
            rate = speed(load, link, workers)
            hours = " | ".join(short(words / rate / 3600) for words in CORPORA)
            print(
                f"| {name} | {workers} | {times} | {rate:,.0f} "
                f"| {efficiency(load, link, workers):.0%} | {hours} |"
            )
    for name, link in links.items():
        print(
            f"\n{name}: {half(load, link):,} workers compute half of the time; no number of them "
            f"reaches {ceiling(load, link):,.0f} words/s."
        )


def short(number):
    """Three digits that count."""
    return f"{number:,.0f}" if number >= 100 else f"{number:.3g}"


def check(load, link, one, two):
    """The prediction for two processes beside what they have shown."""
    predicted = speed(load, link, 2) / speed(load, link, 1)
    print(
        f"\ntwo processes: predicted {predicted:.3f} x one; measured {one:,.0f} and {two:,.0f} "
        f"words/s, {two / one:.3f} x: {predicted * one / two - 1:+.1%} from it"
    )


def measure_step(options):
    """Print the seconds of a training step on one thread, and the memory it takes."""
    set_threads(1)
    from benchmarks.speed import tfseq_lstm

    describe_machine(1)
    tf.zeros(1)  # starts TensorFlow
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    step = tfseq_lstm.make(tasks.language_model(*tasks.SIZES["tv512"]), 1)
    walls, processors = timed(step, options.rounds)
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    print(
        f"step_seconds: wall {statistics.median(walls):.4f} (at best {min(walls):.4f}), processor "
        f"{statistics.median(processors):.4f}; memory +{grown:.0f} MB"
    )


def measure_link(options):
    """Print bandwidth and latency of sums over two processes, each on a core of its own."""
    from tfseq.replicas import Replicas

    index = json.loads(os.environ["TF_CONFIG"])["task"]["index"]
    cores = sorted(os.sched_getaffinity(0))
    os.sched_setaffinity(0, {cores[index % len(cores)]})
    communication = tf.distribute.experimental.CommunicationOptions(
        implementation=tf.distribute.experimental.CommunicationImplementation.RING
    )
    replicas = Replicas(
        tf.distribute.MultiWorkerMirroredStrategy(communication_options=communication)
    )
    if replicas.is_chief:
        describe_machine(1)
    load = tv512(1.0)
    summed = replicas.traced(lambda value: replicas.sum(tf.identity(value)))

    def rows(ids):
        values = tf.ones([load.tokens, load.width]) * tf.cast(ids[0], tf.float32)
        shape = tf.constant([tasks.SIZES["tv512"][0], load.width])
        return replicas.sum(tf.IndexedSlices(values, tf.identity(ids), shape)).values

    gathered = replicas.traced(rows)
    candidates = {
        f"{megabytes} MB dense": (summed, tf.zeros(megabytes * 250_000), megabytes * 1e6)
        for megabytes in options.megabytes
    }
    candidates["rows"] = gathered, tf.range(load.tokens), load.sparse_bytes
    candidates["three numbers"] = summed, tf.zeros(3), 12
    for name, (function, value, sent) in candidates.items():
        walls, processors = timed(lambda: function(value), options.rounds)  # noqa: B023
        median = statistics.median(walls)
        if replicas.is_chief:
            print(
                f"{name:<15} {median * 1e3:8.2f} ms (at best {min(walls) * 1e3:.2f}), processor "
                f"{statistics.median(processors) * 1e3:.2f}: {sent / median / 1e6:,.1f} MB/s",
                flush=True,
            )
    replicas.wait()


def timed(function, rounds):
    """Seconds of the wall clock and of the processor, each a list."""
    walls, processors = [], []
    for _ in range(rounds + 2):
        wall, processor = time.perf_counter(), time.process_time()
        tf.nest.map_structure(lambda x: getattr(x, "numpy", lambda: x)(), function())
        walls.append(time.perf_counter() - wall)
        processors.append(time.process_time() - processor)
    return walls[2:], processors[2:]


def main():
    """Measure, or print the tables."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("what", choices=("step", "link", "tables"))
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--megabytes", type=int, nargs="+", default=[10, 30, 100])
    parser.add_argument("--step_seconds", type=float, default=0.5)
    parser.add_argument("--bandwidth", type=float, default=1e9, help="measured: bytes by second")
    parser.add_argument("--hop_seconds", type=float, default=2e-4, help="assumed")
    parser.add_argument("--faster", type=float, default=100, help="how many times, assumed")
    parser.add_argument("--fast_hop_seconds", type=float, default=2e-5, help="assumed")
    parser.add_argument("--vector_speed", type=float, default=5e5, help="measured: words/s of one")
    parser.add_argument("--one", type=float, help="measured: words by second of one process")
    parser.add_argument("--two", type=float, help="measured: of two")
    options = parser.parse_args()
    {"step": measure_step, "link": measure_link, "tables": tables}[options.what](options)


if __name__ == "__main__":
    main()

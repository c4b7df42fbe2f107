"""`bench`: how long a model takes to answer, and how often it does, under a steady load.

A number of threads ask the same and wait for the answer, each at its own pace. Nothing is asked
twice: what fails is counted. A token is what the output `tokens` counts where there is one, and
otherwise a word between blanks of the texts of the answer.
"""

import collections
import threading
import time

import numpy as np

from tfseq.serving.call import asked, client_of, inputs_of
from tfseq.serving.errors import ServingError

PAUSE = 0.01  # seconds behind a failure, so that a server that is down is not asked without end


class Tally:
    """What the threads have seen.

    Attributes:
        seconds: Of each answer.
        tokens: Of all answers.
        errors: How many there were of each code.
    """

    def __init__(self):
        self.seconds = []
        self.tokens = 0
        self.errors = collections.Counter()


def run(options):
    """Ask for a while and print what was seen."""
    with asked(options), client_of(options, attempts=1) as client:
        inputs = inputs_of(options, client.signature(options.signature))
        client.predict(inputs, options.signature)  # what is made at the first call is made now
        start = time.perf_counter()
        tally = load(client, inputs, options)
        print(report(tally, options, time.perf_counter() - start))
    return 0 if tally.seconds else 1


def load(client, inputs, options):
    """The `Tally` of all threads."""
    end = time.perf_counter() + options.seconds
    tallies = [Tally() for _ in range(options.concurrency)]
    threads = [
        threading.Thread(target=ask, args=(client, inputs, options.signature, end, tally))
        for tally in tallies
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    total = Tally()
    for tally in tallies:
        total.seconds += tally.seconds
        total.tokens += tally.tokens
        total.errors += tally.errors
    return total


def ask(client, inputs, signature, end, tally):
    """One thread's questions, until the end."""
    while (start := time.perf_counter()) < end:
        try:
            answer = client.predict(inputs, signature)
        except ServingError as error:
            tally.errors[error.code] += 1
            time.sleep(PAUSE)
            continue
        if "error" in answer and any(answer["error"]):
            tally.errors["error of a row"] += 1
            continue
        tally.seconds.append(time.perf_counter() - start)
        tally.tokens += tokens_of(answer)


def tokens_of(answer):
    """How many tokens an answer has."""
    if "tokens" in answer and answer["tokens"].dtype.kind in "iu":
        return int(answer["tokens"].sum())
    texts = (value for value in answer.values() if value.dtype == object)
    return sum(len(text.split()) for array in texts for text in array.ravel())


def report(tally, options, seconds):
    """The figures as lines."""
    lines = [f"{options.concurrency} at a time for {seconds:.1f} s: {options.target}"]
    if tally.seconds:
        p50, p95, p99 = np.percentile(tally.seconds, [50, 95, 99]) * 1000
        lines += [
            f"p50 {p50:.2f} ms, p95 {p95:.2f} ms, p99 {p99:.2f} ms",
            f"{len(tally.seconds) / seconds:.1f} requests/s, {tally.tokens / seconds:.1f} tokens/s",
        ]
    errors = ", ".join(f"{count} {code}" for code, count in tally.errors.most_common())
    return "\n".join([*lines, f"{len(tally.seconds)} answers, errors: {errors or 'none'}"])

"""Does a token cost the same in a long window as in a short one, in time and in memory?"""

import statistics

from benchmarks.speed import tasks
from benchmarks.speed.figures import Figure
from benchmarks.speed.race import race

STEPS = 16, 64, 256
VOCABULARY, UNITS, ROWS = 6_800, 512, 16
LEAST = 0.85  # of the speed of the shortest window


def compare(options, threads):
    """Tokens/s and memory of each length beside those of the shortest."""
    side = {"tfseq": ("benchmarks.speed.tfseq_lstm", options.python)}
    speeds, memory = {}, {}
    for steps in STEPS:
        task = tasks.language_model(VOCABULARY, UNITS, ROWS, steps)
        times, contenders = race(side, task, threads, options.rounds)
        speeds[steps] = [ROWS * steps / seconds for seconds in times["tfseq"]]
        memory[steps] = contenders["tfseq"].megabytes
    base = statistics.median(speeds[STEPS[0]])
    for steps in STEPS[1:]:
        values = tuple(speed / base for speed in speeds[steps])
        tokens = ROWS * (steps - STEPS[0])
        grown = (memory[steps] - memory[STEPS[0]]) * 1024 / tokens
        note = f"{grown:.0f} KB more memory for each token more"
        yield Figure(f"tokens/s, {steps} steps", f"{STEPS[0]} steps", values, LEAST, note)

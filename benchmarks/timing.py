"""How every speed is taken: candidates in turn, round after round, in one process."""

import os
import pathlib
import platform
import statistics
import sys
import time


def interleaved(candidates, rounds, calls=1, clock=time.perf_counter):
    """Seconds per call of each candidate, a list per name, taken A B C A B C ...

    Args:
        candidates: `{name: function}`; each is called once before the clock starts.
        rounds: How often each is timed.
        calls: Calls per timing.
        clock: `time.process_time` counts the processor's own seconds, where other work shares it.
    """
    for function in candidates.values():
        function()
    seconds = {name: [] for name in candidates}
    for _ in range(rounds):
        for name, function in candidates.items():
            started = clock()
            for _ in range(calls):
                function()
            seconds[name].append((clock() - started) / calls)
    return seconds


def ratio(seconds, name, base):
    """How many times faster `name` is than `base`: the median of the rounds' own ratios."""
    return statistics.median(b / a for a, b in zip(seconds[name], seconds[base], strict=True))


def report(seconds, base, unit=None, amount=1.0):
    """A line per candidate: its median time, its rate, and its ratio to `base`."""
    for name, times in seconds.items():
        median = statistics.median(times)
        rate = f"  {amount / median:10,.0f} {unit}" if unit else ""
        print(f"{name:<28} {median * 1e3:9.2f} ms{rate}  {ratio(seconds, name, base):6.2f} x")


def describe_machine(threads):
    """A line that belongs beside each figure: command, processor and threads."""
    command = (
        f"python -m benchmarks.{pathlib.Path(sys.argv[0]).stem} {' '.join(sys.argv[1:])}".strip()
    )
    print(f"$ {command}\n{machine(threads)}")


def machine(threads):
    """Processor and threads."""
    info = pathlib.Path("/proc/cpuinfo")
    names = (
        [line for line in info.read_text().splitlines() if line.startswith("model name")]
        if info.exists()
        else []
    )
    processor = names[0].split(":")[1].strip() if names else platform.processor()
    vectors = "AVX-512" if info.exists() and "avx512f" in info.read_text() else "AVX2 at most"
    return f"{processor} ({vectors}), {os.cpu_count()} cores, {threads} threads"

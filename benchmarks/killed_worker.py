"""Two workers train, one is killed, both are started again: is it the run of two left alone?

    python -m benchmarks.killed_worker --run_dir=DIR [-- OPTIONS OF train]

Prints what happens, and compares the weights of both runs bit by bit. Exit code 1: they differ.
"""

import argparse
import contextlib
import pathlib
import shutil
import subprocess
import sys
import time

from tfseq.command import quiet_start
from tfseq.launch import launch
from tfseq.watch import GONE

with quiet_start():  # TensorFlow has much to say
    from tfseq.checkpoint import Checkpoints, digest

ROOT = pathlib.Path(__file__).parents[1]
WORDS = ("--units=64", "--embedding_size=64", "--epochs=6")


def main():
    """Train, kill, train on, compare."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0], allow_abbrev=False)
    parser.add_argument("--run_dir", required=True, type=pathlib.Path)
    parser.add_argument("words", nargs="*", help="options of train, behind --")
    options = parser.parse_args()
    words = options.words or WORDS
    whole, killed = (options.run_dir / name for name in ("left-alone", "killed"))
    for run in (whole, killed):
        shutil.rmtree(run, ignore_errors=True)
    say(f"Two workers train {whole}.")
    finish(start(whole, words))
    say(f"Two workers train {killed}; one of them is about to be killed.")
    workers = start(killed, words)
    while not list((killed / "checkpoints").glob("step-000000[4-9]?.npz")):
        if any(worker.poll() is not None for worker in workers):
            return "a worker has ended before step 40"
        time.sleep(0.05)
    workers[1].kill()
    killed_at = time.monotonic()
    code = workers[0].wait()
    say(f"The other one ended {time.monotonic() - killed_at:.1f} seconds later with code {code}.")
    if code != GONE:
        return f"the code should be {GONE}"
    step = Checkpoints(killed / "checkpoints").latest().step
    say(f"Both are started again by the same command, and go on from step {step}.")
    finish(start(killed, words))
    digests = [
        digest(Checkpoints(run / "checkpoints").latest().variables) for run in (whole, killed)
    ]
    for run, found in zip((whole, killed), digests, strict=True):
        say(f"{found[:16]}  all variables at the end of {run}")
    if digests[0] != digests[1]:
        return "the runs differ"
    say("One result: the runs are the same to the last bit.")
    return 0


def start(run, words):
    """Two workers of a run that saves as often as it can."""
    command = [sys.executable, "-m", "apps.tv_script", "train", f"--run_dir={run}"]
    command += ["--strategy=multi_worker", "--save_seconds=0.2", *words]
    return launch(command, 2, cwd=ROOT)


def finish(workers):
    """Wait for their end, which must be a good one."""
    with contextlib.ExitStack() as stack:
        for worker in workers:
            stack.callback(worker.kill)
        codes = [worker.wait() for worker in workers]
    if any(codes):
        raise subprocess.SubprocessError(f"workers ended with {codes}")


def say(text):
    """What happens, apart from what the workers say."""
    print(f"== {text}", flush=True)


if __name__ == "__main__":
    sys.exit(main())

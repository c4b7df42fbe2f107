r"""Several workers on one host: each is given the same command and its own `TF_CONFIG`.

    python -m tfseq.launch --workers=2 -- python -m apps.tv_script train --run_dir=RUN \
        --strategy=multi_worker

For a host with several processors, and to try on one machine what is meant for several.
"""

import argparse
import json
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Sequence


def free_addresses(count: int) -> list[str]:
    """Addresses on this host whose ports nobody listens on."""
    sockets = [socket.socket() for _ in range(count)]
    for one in sockets:
        one.bind(("127.0.0.1", 0))
    addresses = [f"127.0.0.1:{one.getsockname()[1]}" for one in sockets]
    for one in sockets:
        one.close()
    return addresses


def environment_of(addresses: Sequence[str], index: int) -> dict[str, str]:
    """This process's environment with the `TF_CONFIG` of one worker."""
    task = {"type": "worker", "index": index}
    config = {"cluster": {"worker": list(addresses)}, "task": task}
    return {**os.environ, "TF_CONFIG": json.dumps(config)}


def launch(words: Sequence[str], count: int, **options) -> list[subprocess.Popen]:
    """Start a command as so many workers.

    Args:
        words: The command.
        count: How many workers.
        **options: Those of `subprocess.Popen`, for all.
    """
    addresses = free_addresses(count)
    return [
        subprocess.Popen(words, env=environment_of(addresses, index), **options)
        for index in range(count)
    ]


def main() -> int:
    """Start the workers, pass on what they say, and return the exit code of the first to fail."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0], allow_abbrev=False)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("command", nargs="+", help="the command of each worker, behind --")
    options = parser.parse_args()
    if options.workers < 1:
        parser.error("--workers must be at least 1")
    workers = launch(
        options.command, options.workers, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
    signal.signal(signal.SIGTERM, lambda *_: [worker.terminate() for worker in workers])
    speakers = [
        threading.Thread(target=pass_on, args=(number, worker.stdout))
        for number, worker in enumerate(workers)
    ]
    for speaker in speakers:
        speaker.start()
    try:
        codes = [worker.wait() for worker in workers]
    except KeyboardInterrupt:
        codes = [worker.wait() for worker in workers]  # each was interrupted, too
    for speaker in speakers:
        speaker.join()
    return next((abs(code) for code in codes if code), 0)


def pass_on(number, lines) -> None:
    """Write the lines of a worker behind its number."""
    for line in lines:
        sys.stdout.write(f"{number}| {line.decode(errors='replace')}")
        sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())

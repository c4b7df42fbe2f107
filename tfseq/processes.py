"""Work that is done by several processes side by side."""

import concurrent.futures
import importlib
import multiprocessing
import os
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures.process import BrokenProcessPool
from typing import Any

from tfseq.command import quiet_start
from tfseq.config import OptionError


def side_by_side(processes: int) -> Callable[[Callable, Sequence], Iterator]:
    """A function `run(function, jobs)` that yields what the function returns for each job.

    With one process all is done in this one, in the order of the jobs; with more, each is a new
    Python, and results come as they are ready. Functions and jobs must then be what `pickle` takes.
    What a function raises is raised here, and jobs that have not begun are given up.

    Args:
        processes: How many.
    """
    if processes == 1:
        return lambda function, jobs: map(function, jobs)
    return lambda function, jobs: _in_processes(processes, function, jobs)


def _in_processes(processes: int, function: Callable, jobs: Sequence) -> Iterator[Any]:
    pool = concurrent.futures.ProcessPoolExecutor(
        min(processes, len(jobs) or 1),
        # A fork of a process in which TensorFlow runs would hang.
        multiprocessing.get_context("spawn"),
        _start,
    )
    try:
        for future in concurrent.futures.as_completed(pool.submit(function, job) for job in jobs):
            yield future.result()
    except BrokenProcessPool as error:
        rule = "has lost a process, perhaps to a lack of memory; the same command goes on"
        raise OptionError("--processes", rule, processes) from error
    finally:
        pool.shutdown(cancel_futures=True)


def _start():
    """Begin a process: quietly, on one core, and not longer than the one that has started it."""
    threading.Thread(target=_end_with_parent, daemon=True).start()
    with quiet_start():
        tensorflow = importlib.import_module("tensorflow")
    tensorflow.config.threading.set_intra_op_parallelism_threads(1)
    tensorflow.config.threading.set_inter_op_parallelism_threads(1)


def _end_with_parent():
    parent = multiprocessing.parent_process()
    assert parent is not None
    parent.join()
    os._exit(1)

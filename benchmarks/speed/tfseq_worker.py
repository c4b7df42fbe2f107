"""One of several workers that train the language model, each with its rows of the batch."""

import contextlib
import dataclasses

from benchmarks.speed import tfseq_lstm
from benchmarks.speed.contender import serve
from tfseq.config import option
from tfseq.options import WithTraining
from tfseq.strategies import on_devices


@dataclasses.dataclass(frozen=True)
class Options(WithTraining):
    """Those of a run, and the rows of all workers."""

    batch_size: int = option(256, "Rows of a step.")


if __name__ == "__main__":
    with contextlib.ExitStack() as stack:

        def make(task, threads):
            """The step of this worker; the threads are set before the workers meet."""
            tfseq_lstm.set_threads(threads)
            options = Options(strategy="multi_worker", batch_size=len(task["ids"]))
            stack.enter_context(on_devices(options, speaks=True))
            return tfseq_lstm.make(task, None)

        serve(make)

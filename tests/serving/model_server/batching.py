"""Requests of several clients in one run: joined on dimension 0, and taken apart again.

By the rules of `batching_session.cc` and `shared_batch_scheduler.h`: a batch runs when it is full
or its oldest request has waited long enough; it is filled up to the next allowed size with copies
of its last request's first row; an error of the run is an error of every request in it.
"""

import collections
import threading
import time

import numpy as np

from tests.serving.model_server.status import Code, StatusError, invalid, raised_as_status


class Task:
    """One request, or a piece of one, that waits to be run."""

    def __init__(self, inputs, rows):
        self.inputs = inputs
        self.rows = rows
        self.since = time.monotonic()
        self.done = threading.Event()
        self.outputs = self.error = None


class Batcher:
    """A session whose runs are shared.

    Args:
        run: `run(inputs, fetches, timeout)`, of arrays by tensor name, a list of names, seconds.
        parameters: A `BatchingParameters`.
    """

    def __init__(self, run, parameters):
        def value(name, default):
            return getattr(parameters, name).value if parameters.HasField(name) else default

        self.run_together = run
        self.most_rows = value("max_batch_size", 1000)
        splits = value("enable_large_batch_splitting", False)
        self.most_at_once = value("max_execution_batch_size", self.most_rows)
        self.most_at_once = self.most_at_once if splits else self.most_rows
        self.wait = value("batch_timeout_micros", 0) / 1e6
        self.most_batches = value("max_enqueued_batches", 10)
        self.sizes = list(parameters.allowed_batch_sizes)
        if self.sizes and self.sizes[-1] != self.most_at_once:
            raise invalid(
                "Last entry in allowed_batch_sizes must match max_batch_size; last entry was "
                f"{self.sizes[-1]}; expected {self.most_at_once}"
            )
        self.queues = collections.defaultdict(collections.deque)  # of tasks, by signature
        self.changed = threading.Condition()
        self.closed = False
        for _ in range(value("num_batch_threads", 2)):
            threading.Thread(target=self.work, daemon=True).start()

    def run(self, inputs, fetches, timeout):
        """The outputs of one request, run with others that came while it waited."""
        rows = rows_of(inputs)
        if rows > self.most_rows:
            raise invalid(
                f"Task size {rows} is larger than maximum input batch size {self.most_rows}"
            )
        tasks = [
            Task(
                {name: array[first : first + self.most_at_once] for name, array in inputs.items()},
                min(self.most_at_once, rows - first),
            )
            for first in range(0, max(rows, 1), self.most_at_once)
        ]
        self.enqueue((tuple(sorted(inputs)), tuple(fetches)), tasks)
        until = None if timeout is None else time.monotonic() + timeout
        for task in tasks:
            if not task.done.wait(None if until is None else max(0, until - time.monotonic())):
                raise StatusError(
                    Code.RESOURCE_EXHAUSTED,
                    "Run() timeout exceeded while waiting in batching queue",
                )
            if task.error:
                raise task.error
        parts = zip(*(task.outputs for task in tasks), strict=True)
        return [np.concatenate(part) for part in parts]

    def enqueue(self, key, tasks):
        """Put the pieces of a request into their queue, all or none."""
        with self.changed:
            queue = self.queues[key]
            if sum(task.rows for task in (*queue, *tasks)) > self.most_batches * self.most_at_once:
                raise StatusError(
                    Code.UNAVAILABLE,
                    "The batch scheduling queue to which this task was submitted is full",
                )
            queue.extend(tasks)
            self.changed.notify_all()

    def close(self):
        """End the threads; nothing is waiting any more."""
        with self.changed:
            self.closed = True
            self.changed.notify_all()

    def work(self):
        """Run batches until the end."""
        while (batch := self.next_batch()) is not None:
            (names, fetches), tasks = batch
            try:
                with raised_as_status():
                    self.run_batch(names, fetches, tasks)
            except StatusError as error:
                for task in tasks:
                    task.error = error
            for task in tasks:
                task.done.set()

    def next_batch(self):
        """Signature and tasks of the next batch that is full or has waited; None: closed."""
        with self.changed:
            while not self.closed:
                now, soonest = time.monotonic(), None
                for key, queue in self.queues.items():
                    if not queue:
                        continue
                    left = queue[0].since + self.wait - now
                    if left <= 0 or sum(task.rows for task in queue) >= self.most_at_once:
                        return key, self.taken(queue)
                    soonest = left if soonest is None else min(left, soonest)
                self.changed.wait(soonest)
            return None

    def taken(self, queue):
        """The tasks at the head of a queue that fit into one batch."""
        tasks, rows = [], 0
        while queue and (not tasks or rows + queue[0].rows <= self.most_at_once):
            tasks.append(queue.popleft())
            rows += tasks[-1].rows
        return tasks

    def run_batch(self, names, fetches, tasks):
        """Run the tasks as one, and give each its rows."""
        rows = sum(task.rows for task in tasks)
        added = next((size for size in self.sizes if size >= rows), rows) - rows
        joined = {}
        for name in names:
            parts = [task.inputs[name] for task in tasks]
            if len({part.shape[1:] for part in parts}) > 1:
                raise StatusError(
                    Code.FAILED_PRECONDITION,
                    f"Tensors with name '{name}' from different tasks have different shapes and "
                    "padding is turned off.",
                )
            joined[name] = np.concatenate([*parts, *[parts[-1][:1]] * added])
        outputs = self.run_together(joined, list(fetches), None)
        for output in outputs:
            if not output.ndim:
                raise StatusError(
                    Code.FAILED_PRECONDITION, "Batched output tensor has 0 dimensions"
                )
            if len(output) != rows + added:
                raise StatusError(
                    Code.FAILED_PRECONDITION,
                    "Batched output tensor's 0th dimension does not equal the sum of the 0th "
                    "dimension sizes of the input tensors",
                )
        first = 0
        for task in tasks:
            task.outputs = [output[first : first + task.rows] for output in outputs]
            first += task.rows


def rows_of(inputs):
    """The rows that all inputs of a request have."""
    if any(not array.ndim for array in inputs.values()):
        raise invalid("Batching Run() input tensors must have at least one dimension")
    sizes = {len(array) for array in inputs.values()}
    if len(sizes) != 1:
        raise invalid("Batching Run() input tensors must have equal 0th-dimension size")
    return sizes.pop()

"""What Prometheus reads: how many requests there were and how long they took."""

import bisect
import collections
import contextlib
import threading
import time

from tests.serving.model_server.status import StatusError

PATH = "/monitoring/prometheus/metrics"  # where monitoring.config names none
BOUNDS = [10 * 1.8**power for power in range(33)]  # microseconds
COUNT = ":tensorflow:serving:request_count"
LATENCY = ":tensorflow:serving:request_latency"


class Metrics:
    """Counts by model and status, latencies by model, API and way in."""

    def __init__(self):
        self.counts = collections.Counter()
        self.latencies = {}  # labels -> [sum, how many in each bucket]
        self.lock = threading.Lock()

    @contextlib.contextmanager
    def measured(self, model, entrypoint):
        """Count what happens inside as one request."""
        status, start = "OK", time.perf_counter()
        try:
            yield
        except StatusError as error:
            status = error.code.name
            raise
        finally:
            taken = 1e6 * (time.perf_counter() - start)
            labels = f'model_name="{model}",API="predict",entrypoint="{entrypoint}"'
            with self.lock:
                self.counts[f'model_name="{model}",status="{status}"'] += 1
                cell = self.latencies.setdefault(labels, [0.0, [0] * (len(BOUNDS) + 1)])
                cell[0] += taken
                cell[1][bisect.bisect_left(BOUNDS, taken)] += 1

    def page(self):
        """All of it in Prometheus's text format."""
        with self.lock:
            lines = [f"# TYPE {COUNT} counter"]
            lines += [f"{COUNT}{{{labels}}} {n}" for labels, n in self.counts.items()]
            lines += [f"# TYPE {LATENCY} histogram"]
            for labels, (total, buckets) in self.latencies.items():
                so_far = 0
                for bound, n in zip([*BOUNDS, None], buckets, strict=True):
                    so_far += n
                    edge = "+Inf" if bound is None else f"{bound:g}"
                    lines.append(f'{LATENCY}_bucket{{{labels},le="{edge}"}} {so_far}')
                lines.append(f"{LATENCY}_sum{{{labels}}} {total:g}")
                lines.append(f"{LATENCY}_count{{{labels}}} {so_far}")
        return "\n".join(lines) + "\n"

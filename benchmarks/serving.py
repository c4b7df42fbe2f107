"""What batching on the server brings and costs, and what the server itself costs.

    python -m benchmarks.serving batching --exports=exports --seconds=5
    python -m benchmarks.serving overhead --exports=exports

`exports` holds the folders `tv_script`, `translation` and `word2vec`. The server is the one of the
tests, in a process of its own on this machine, asked by gRPC; the candidates come in turn, round
after round.
"""

import argparse
import pathlib
import statistics
import tempfile
import types

from benchmarks.timing import describe_machine
from tests.serving.processes import ServerProcess
from tfseq.serving import bench
from tfseq.serving.client import Client

REQUESTS = {
    ("tv_script", "generate"): {"prompt": ["Moe_Szyslak:"], "max_words": [40]},
    ("translation", "translate"): {"text": ["A man in a blue shirt is standing on a ladder."]},
}
COMMON = "max_batch_size { value: 256 } enable_large_batch_splitting { value: true } "
COMMON += "max_enqueued_batches { value: 64 } "
CANDIDATES = {  # rows at once, microseconds, threads
    "no batching": None,
    "8 rows, 2 ms, 2 threads": (8, 2000, 2),
    "32 rows, 0 ms, 2 threads": (32, 0, 2),
    "32 rows, 2 ms, 1 thread": (32, 2000, 1),
    "32 rows, 2 ms, 2 threads": (32, 2000, 2),
    "32 rows, 10 ms, 2 threads": (32, 10000, 2),
    "32 rows, 2 ms, 2 threads, filled to 1, 8, 32": (32, 2000, 2, 1, 8, 32),
}


def main():
    """Measure what is asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=("batching", "overhead"))
    parser.add_argument("--exports", type=pathlib.Path, default=pathlib.Path("exports"))
    parser.add_argument("--seconds", type=float, default=5.0, help="of load, for each figure")
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--concurrency", default="1,8,32")
    options = parser.parse_args()
    describe_machine(0)
    with tempfile.TemporaryDirectory() as directory:
        measure = {"batching": batching, "overhead": overhead}[options.what]
        measure(options, pathlib.Path(directory))


def batching(options, directory):
    """A line for each candidate, model and number of clients, as it is measured."""
    clients = [int(number) for number in options.concurrency.split(",")]
    for _ in range(options.rounds):
        for name, candidate in CANDIDATES.items():
            server = started(options.exports.resolve(), directory, candidate)
            for model, signature in REQUESTS:
                for number in clients:
                    tally = load(server, model, signature, number, options.seconds)
                    seen = line(tally, options.seconds)
                    print(f"{model:<12} {number:3} at a time, {name:<46} {seen}", flush=True)
            server.close()


def started(exports, directory, candidate):
    """A server that batches as a candidate says."""
    file = directory / "batching.config"
    if candidate is None:
        flags = {"enable_batching": "false"}
    else:
        rows, wait, threads, *sizes = candidate
        own = f"max_execution_batch_size {{ value: {rows} }} "
        own += f"batch_timeout_micros {{ value: {wait} }} num_batch_threads {{ value: {threads} }} "
        file.write_text(COMMON + own + "".join(f"allowed_batch_sizes: {size} " for size in sizes))
        flags = {"batching_parameters_file": file}
    return ServerProcess(exports, directory, **flags).wait_until_ready()


def load(server, model, signature, clients, seconds):
    """What some clients see who ask all the while."""
    with Client(f"grpc://127.0.0.1:{server.port}/v1/models/{model}") as client:
        inputs = REQUESTS[model, signature]
        client.predict(inputs, signature)
        asked = types.SimpleNamespace(concurrency=clients, seconds=seconds, signature=signature)
        return bench.load(client, inputs, asked)


def line(tally, seconds):
    """Requests by second and latencies."""
    times = sorted(1000 * time for time in tally.seconds)
    if not times:
        return f"no answer, {sum(tally.errors.values())} errors"
    p50, p99 = times[len(times) // 2], times[int(0.99 * len(times))]
    rate = f"{len(times) / seconds:7.1f} requests/s"
    return f"{rate}  p50 {p50:8.2f} ms  p99 {p99:8.2f} ms  {sum(tally.errors.values())} errors"


def overhead(options, directory):
    """What a request costs beside the run in a session: word vectors, where the run is short."""
    server = started(options.exports.resolve(), directory, None)
    urls = {
        "a session in this process": str(options.exports / "word2vec"),
        "gRPC": f"grpc://127.0.0.1:{server.port}/v1/models/word2vec",
        "REST": f"http://127.0.0.1:{server.rest_api_port}/v1/models/word2vec",
    }
    medians = {}
    for name, url in urls.items():
        asked = types.SimpleNamespace(concurrency=1, seconds=options.seconds, signature="vector")
        with Client(url) as client:
            client.predict({"word": ["the"]}, "vector")
            tally = bench.load(client, {"word": ["the"]}, asked)
        medians[name] = 1000 * statistics.median(tally.seconds)
        more = medians[name] - medians["a session in this process"]
        print(f"{name:<28} p50 {medians[name]:6.2f} ms  {more:+6.2f} ms")
    server.close()


if __name__ == "__main__":
    main()

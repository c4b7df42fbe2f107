"""This project with products in bfloat16, where the processor has them."""

from benchmarks.speed import tfseq_lstm
from benchmarks.speed.contender import serve
from tfseq.products import set_matmul_precision


def make(task, threads):
    """As `tfseq_lstm`."""
    set_matmul_precision("bfloat16")
    return tfseq_lstm.make(task, threads)


if __name__ == "__main__":
    serve(make)

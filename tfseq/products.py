"""Products of matrices, and the precision of what goes into them."""

import pathlib

import tensorflow as tf

PRECISIONS = ("float32", "bfloat16")
INSTRUCTIONS = {"avx512_bf16", "amx_bf16", "bf16"}  # as the kernel's list of a processor has them

_chosen = "float32"


def set_matmul_precision(precision):
    """Choose what large products of float32 matrices are computed from, in this process.

    With `"bfloat16"` both matrices are rounded to 8 significant bits before they are multiplied;
    the products are added up in float32, and states, gates, weights and their updates stay in
    float32. It holds for whole sequences of cells (`RNN.explain`) and for the softmax of training
    (`linear_cross_entropy`), in graphs that are traced afterwards.

    Args:
        precision: One of `PRECISIONS`.

    Raises:
        ValueError: Another name; or `"bfloat16"` on a processor that would have to imitate it.

    Reference: Kalamkar et al., 2019, arXiv:1905.12322.
    """
    global _chosen
    if precision not in PRECISIONS:
        raise ValueError(
            f"`precision` must be one of {', '.join(PRECISIONS)}. Received: {precision=!r}"
        )
    if precision == "bfloat16" and not has_bfloat16():
        raise ValueError(
            "`precision` may be 'bfloat16' where the processor multiplies such numbers "
            f"({', '.join(sorted(INSTRUCTIONS))}). Received: precision='bfloat16'"
        )
    _chosen = precision


def matmul_precision():
    """What `set_matmul_precision` has chosen."""
    return _chosen


def has_bfloat16():
    """Whether the processor multiplies bfloat16 by instructions of its own, as far as is known."""
    info = pathlib.Path("/proc/cpuinfo")
    return info.exists() and not INSTRUCTIONS.isdisjoint(info.read_text().split())


def rounded(matrix):
    """A matrix as it goes into a product: as it is, or in bfloat16."""
    if _chosen == "bfloat16" and matrix.dtype == tf.float32:
        return tf.cast(matrix, tf.bfloat16)
    return matrix


def matmul(a, b, **options):
    """`tf.matmul` of two matrices, from what `rounded` makes of them, in the dtype of the first."""
    return tf.cast(tf.matmul(rounded(a), rounded(b), **options), a.dtype)

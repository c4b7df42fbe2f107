"""Attention: what a decoder may look at, and how well each position of it fits.

`ATTENTIONS` holds the mechanisms by name, for a flag such as `--attention=bahdanau`.
"""

import functools

from tfseq.attention.conditional import ConditionalCell
from tfseq.attention.mechanism import AttentionMechanism, AttentionState, Memory, hardmax
from tfseq.attention.monotonic import (
    BahdanauMonotonicAttention,
    LuongMonotonicAttention,
    monotonic_attention,
    safe_cumprod,
)
from tfseq.attention.scores import (
    BahdanauAttention,
    BilinearAttention,
    DotAttention,
    LuongAttention,
)
from tfseq.attention.wrapper import AttentionWrapper

__all__ = [
    "ATTENTIONS",
    "AttentionMechanism",
    "AttentionState",
    "AttentionWrapper",
    "BahdanauAttention",
    "BahdanauMonotonicAttention",
    "BilinearAttention",
    "ConditionalCell",
    "DotAttention",
    "LuongAttention",
    "LuongMonotonicAttention",
    "Memory",
    "hardmax",
    "make_attention",
    "monotonic_attention",
    "safe_cumprod",
]

ATTENTIONS = {
    "dot": DotAttention,
    "scaled_dot": functools.partial(DotAttention, scale=True),
    "luong": LuongAttention,
    "scaled_luong": functools.partial(LuongAttention, scale=True),
    "bilinear": BilinearAttention,
    "concat": functools.partial(BahdanauAttention, use_bias=True),
    "bahdanau": BahdanauAttention,
    "normalized_bahdanau": functools.partial(BahdanauAttention, normalize=True),
    "luong_monotonic": LuongMonotonicAttention,
    "bahdanau_monotonic": BahdanauMonotonicAttention,
}


def make_attention(name, /, units, **options):
    """A mechanism by its name.

    Args:
        name: One of `ATTENTIONS`.
        units: Width of the keys; for `dot`, `scaled_dot` and `bilinear`, whose keys are the values,
            `None` or the depth of the memory.
        **options: Further arguments of the mechanism.

    Returns:
        An `AttentionMechanism`.

    Raises:
        ValueError: An unknown `name`.
    """
    if name not in ATTENTIONS:
        raise ValueError(
            f"`name` must be one of {', '.join(sorted(ATTENTIONS))}. Received: name={name!r}"
        )
    return ATTENTIONS[name](units, **options)

"""Attention: what a decoder looks at, and how well each position fits."""

from tfseq.attention.conditional import ConditionalCell
from tfseq.attention.mechanism import AttentionMechanism, AttentionState, Memory, hardmax
from tfseq.attention.scores import BahdanauAttention, LuongAttention

__all__ = [
    "AttentionMechanism",
    "AttentionState",
    "BahdanauAttention",
    "ConditionalCell",
    "LuongAttention",
    "Memory",
    "hardmax",
]

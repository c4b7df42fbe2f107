"""Decoding: the loop that feeds a model what a sampler chooses."""

from tfseq.decoding.decode import Decoded, Progress, decode
from tfseq.decoding.samplers import (
    GreedySampler,
    RandomSampler,
    Sampler,
    ScheduledSampler,
    TeacherSampler,
    seen_ids,
)

__all__ = [
    "Decoded",
    "GreedySampler",
    "Progress",
    "RandomSampler",
    "Sampler",
    "ScheduledSampler",
    "TeacherSampler",
    "decode",
    "seen_ids",
]

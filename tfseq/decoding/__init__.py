"""Decoding: the loop that feeds a model what a sampler chooses, and beam search."""

from tfseq.decoding.beam_search import Beams, beam_search
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
    "Beams",
    "Decoded",
    "GreedySampler",
    "Progress",
    "RandomSampler",
    "Sampler",
    "ScheduledSampler",
    "TeacherSampler",
    "beam_search",
    "decode",
    "seen_ids",
]

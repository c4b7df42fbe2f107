"""Decoding: the loop that feeds a model what a sampler chooses, and beam search."""

from tfseq.decoding.beam_search import beam_search
from tfseq.decoding.beams import Beams
from tfseq.decoding.decode import Decoded, Progress, decode
from tfseq.decoding.in_place import read_and_write
from tfseq.decoding.samplers import (
    GreedySampler,
    RandomSampler,
    Sampler,
    ScheduledSampler,
    TeacherSampler,
    seen_ids,
)
from tfseq.decoding.schedules import SAMPLING_SCHEDULES, make_sampling_schedule

__all__ = [
    "SAMPLING_SCHEDULES",
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
    "make_sampling_schedule",
    "read_and_write",
    "seen_ids",
]

"""The translator for a small device: ids of a sentence in, the likeliest target ids out."""

import numpy as np
import tensorflow as tf

from apps.translation.config import MOST_WORDS
from apps.translation.data import load_pairs
from tfseq.decoding import read_and_write
from tfseq.text import END, START

IDS = tf.TensorSpec([1, None], tf.int32)
SPECS = [IDS, IDS, tf.TensorSpec([], tf.int32)]
MOST_PAIRS = 200  # of the validation pairs


def writer(model):
    """A function from `source [1, time]`, `target [1, given]` and `max_words` to target ids.

    The ids are lines of the run's vocabularies, counted from 0. `target` is how the translation
    begins, and may be empty. `ids [1, max_words]` go on from there, the end id (3) counted and 0
    behind it, as `translate` has it with a beam of 1. `log_probability [1]` is that of `target`, in
    nats.
    """
    start, end = tf.constant([[START]]), tf.constant([[END]])

    @tf.function(input_signature=SPECS, autograph=False)
    def write(source, target, max_words):
        states, memory = model.encode(tf.concat([source, end], axis=1))
        ids, log_probability = read_and_write(
            model.loop_step(model.loop_weights(ahead=False)),  # each matrix once in the file
            tf.concat([start, target], axis=1),
            states,
            memory,
            max_words=tf.minimum(max_words, MOST_WORDS),
            end_id=END,
        )
        return {"ids": ids, "log_probability": log_probability}

    return write


def validation(translation_run):
    """Validation pairs as inputs, each target with its end, and their numbers of tokens."""
    pairs = load_pairs(translation_run, "validation")
    sources, _ = translation_run.source_ids(pairs.sources[:MOST_PAIRS])
    targets, _ = translation_run.target_ids(pairs.targets[:MOST_PAIRS])
    targets = [np.append(ids, END).astype(np.int32)[None] for ids in targets]
    return [
        ({"source": source[None], "target": target}, target.shape[1])
        for source, target in zip(sources, targets, strict=True)
    ]

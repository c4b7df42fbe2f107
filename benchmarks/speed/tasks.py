"""The sizes that all sides train, and the goals that are set for them."""

import numpy as np

SIZES = {  # vocabulary, units, rows, steps
    "small": (10_000, 200, 20, 20),
    "medium": (10_000, 650, 20, 35),
    "tv512": (6_800, 512, 128, 16),
}
LAYERS = 2
GOALS = {  # of a training step with one thread: how many times as fast as the other
    "small": {"TensorFlow 1.15": 1.5, "torch": 1.7, "Keras": 1.15, "GEMM": 0.50, "bfloat16": 1.35},
    "medium": {"TensorFlow 1.15": 2.3, "torch": 1.3, "Keras": 1.6, "GEMM": 0.62, "bfloat16": 1.6},
    "tv512": {"TensorFlow 1.15": 1.8, "torch": 1.6, "Keras": 1.08, "GEMM": 0.75, "bfloat16": 1.6},
}


def language_model(vocabulary, units, rows, steps, seed=1):
    """Weights in TensorFlow 1's layout, and ids `[rows, steps + 1]`."""
    random = np.random.default_rng(seed)

    def uniform(*shape):
        return random.uniform(-0.1, 0.1, shape).astype(np.float32)

    task = {
        "ids": random.integers(0, vocabulary, (rows, steps + 1), np.int32),
        "embedding": uniform(vocabulary, units),
        "softmax_kernel": uniform(units, vocabulary),
        "softmax_bias": np.zeros(vocabulary, np.float32),
    }
    for layer in range(LAYERS):
        task[f"kernel_{layer}"] = uniform(2 * units, 4 * units)
        task[f"bias_{layer}"] = np.zeros(4 * units, np.float32)
    return task


def flops(vocabulary, units, rows, steps):
    """Of a training step's matrix products: forward, and twice as many backward."""
    cells = LAYERS * 3 * 2 * (2 * units) * (4 * units)
    return rows * steps * (cells + 3 * 2 * units * vocabulary)


def decoding(rows, steps, seed=1):
    """Weights of a language model, first words `[rows, 1]`, and how many words are to follow."""
    vocabulary, units, _, _ = SIZES["tv512"]
    return {**language_model(vocabulary, units, rows, 0, seed), "steps": np.int32(steps)}


def translator(rows, what, seed=1):
    """Weights of a translator in TensorFlow 1's layout, ids of source and target.

    A bidirectional LSTM of 256 reads 15 words, an LSTM of 256 with Luong's attention and input
    feeding writes 15. The end is never likely, so that all sides write as much.
    """
    random = np.random.default_rng(seed)
    vocabulary, units, words, end = 8_000, 256, 15, 3
    shapes = {
        "source_embedding": (vocabulary, units),
        "target_embedding": (vocabulary, units),
        "forward_kernel": (2 * units, 4 * units),
        "backward_kernel": (2 * units, 4 * units),
        "decoder_kernel": (3 * units, 4 * units),
        "bridge_hidden": (4 * units, units),
        "bridge_cell": (4 * units, units),
        "memory": (2 * units, units),
        "attention": (3 * units, units),
        "softmax_kernel": (units, vocabulary),
    }
    task = {name: random.uniform(-0.1, 0.1, shape) for name, shape in shapes.items()}
    task["softmax_kernel"] *= 10  # words far enough apart for the same choices on all sides
    task["softmax_bias"] = np.where(np.arange(vocabulary) == end, -100.0, 0.0)
    task = {name: values.astype(np.float32) for name, values in task.items()}
    ids = random.integers(end + 1, vocabulary, (2, rows, words), np.int32)
    return {**task, "source": ids[0], "target": ids[1], "end": np.int32(end), "what": what}

"""`gradients`: how they come back through time; what clipping cuts off; what gates do."""

import numpy as np
import tensorflow as tf

from apps.diagnostics.picture import draw_lengths
from apps.diagnostics.subjects import of_cell, of_run
from tfseq.cells import BasicLSTMCell, LSTMCell
from tfseq.config import OptionError
from tfseq.gradient_step import summed_rows
from tfseq.gradients import (
    OPEN,
    SHUT,
    clipped_share,
    gate_statistics,
    global_length,
    lengths,
    lstm_gates,
    recurrent_matrices,
    spectral_radius,
    state_gradients,
)
from tfseq.runs import written

QUANTILES = (0.1, 0.5, 0.9)
LSTM_STEPS = (BasicLSTMCell.call, LSTMCell.call)


def run(options):
    """Measure each cell and run that is asked for; print tables, and draw a picture."""
    subjects = [of_run(path, options) for path in options.run_dir.split(",") if path]
    subjects += [of_cell(name, options) for name in options.cell.split(",") if name]
    if not subjects:
        raise OptionError("--run_dir", "must be given, or --cell")
    curves = {}
    for subject in subjects:
        name = subject.name if subject.name not in curves else f"{subject.name} {len(curves) + 1}"
        gradients = state_gradients(
            subject.step, subject.inputs, subject.states, subject.loss, subject.every_step
        )
        curves[name] = lengths(gradients)
    print_lengths({name: np.median(c, axis=1) for name, c in curves.items()}, options.table)
    for name, subject in zip(curves, subjects, strict=True):
        print(f"\n{name}")
        print_spread(curves[name])
        print_matrices(subject.cell)
        print_clipped(subject.training, options.steps)
        print_gates(subject)
    if options.picture:
        bands = {n: np.quantile(shares(c), QUANTILES, axis=1).T for n, c in curves.items()}
        written("--picture", draw_lengths, options.picture, bands)
        print(f"\n{options.picture}: {len(curves)} curves")


def print_lengths(curves, rows):
    """The lengths at some moments, a column each, and what a step back makes of them."""
    print("|d loss(T) / d state(t)|, the median of the sequences")
    width = max(12, *(len(name) + 2 for name in curves))
    print(f"{'T - t':>7}" + "".join(f"{name:>{width}}" for name in curves))
    most = max(map(len, curves.values()))
    for back in np.unique(np.linspace(1, most, rows + 1).astype(int)):
        cells = (f"{c[-back]:.3e}" if back <= len(c) else "" for c in curves.values())
        print(f"{back:>7}" + "".join(f"{cell:>{width}}" for cell in cells))
    print(f"{'a step':>7}" + "".join(f"{factor(c):>{width}.3f}" for c in curves.values()))


def factor(curve):
    """By what a length is multiplied in one step back, on average."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return (curve[0] / curve[-1]) ** (1 / max(len(curve) - 1, 1))


def print_spread(curve):
    """How much is left of each sequence's gradient, as far back as they go."""
    low, middle, high = np.quantile(shares(curve)[0], QUANTILES)
    print(
        f"  share of the last, {len(curve) - 1} steps further back  median {middle:.2e}, "
        f"a tenth below {low:.2e}, a tenth above {high:.2e}"
    )


def shares(curve):
    """How much is left of the length before the last step, for each sequence by itself."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return curve / curve[-1]


def print_matrices(cell):
    """The spectral radius of each recurrent matrix."""
    for number, inner in enumerate(leaves(cell)):
        for name, matrix in recurrent_matrices(inner).items():
            print(f"  layer {number}  {name:<34} spectral radius {spectral_radius(matrix):.3f}")


def leaves(cell):
    """The cells that hold no other cells, lowest first."""
    inner = getattr(cell, "cells", None) or [getattr(cell, "cell", None)]
    found = [leaf for child in inner if child is not None for leaf in leaves(child)]
    return found or [cell]


def print_clipped(training, steps):
    """How long the gradients of training batches are beside their bound, with these weights."""
    if training is None:
        return
    found = step_lengths(training, steps)
    share = f"{clipped_share(found, training.bound):.0%} of {steps} steps clipped"
    bound = f"{share} at {training.bound:g}" if training.bound else "not clipped by their length"
    print(f"  gradients of training batches  length {np.median(found):.3g} (median), {bound}")


def step_lengths(training, steps):
    """The length of the gradient of each of the first training batches."""

    @tf.function(reduce_retracing=True)
    def gradients(batch, states):
        with tf.GradientTape() as tape:
            losses, weights, states = training.loss(batch, states, training=True)
            mean = losses / tf.cast(weights, losses.dtype)
        return [summed_rows(g) for g in tape.gradient(mean, training.variables)], states

    found, states = [], training.states
    for step in range(steps):
        of_variables, states = gradients(training.batches.batch(step), states)
        found.append(global_length(of_variables))
    return found


def print_gates(subject):
    """How each gate of each LSTM stands while it reads."""
    if not subject.reads_vectors:
        return
    for (layer, name), values in gates(subject).items():
        mean, shut, is_open = gate_statistics(values)
        print(
            f"  layer {layer}  {name + ' gate':<12} mean {mean:.3f}, "
            f"{shut:.1%} below {SHUT}, {is_open:.1%} above {OPEN}"
        )


def gates(subject):
    """`{(layer, gate): values}` of the LSTM layers of a stack, over all that it reads."""
    found, states = {}, subject.states
    for inputs in tf.unstack(subject.inputs, axis=1):
        new_states = []
        for layer, (cell, old) in enumerate(zip(subject.cell.cells, states, strict=True)):
            outputs, new = cell(inputs, old)
            (inner,) = leaves(cell)
            if type(inner).call in LSTM_STEPS:
                for name, values in lstm_gates(inner, inputs, old, new).items():
                    found.setdefault((layer, name), []).append(values)
            inputs = outputs
            new_states.append(new)
        states = new_states
    return found

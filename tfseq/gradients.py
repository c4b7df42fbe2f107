"""What training does to gradients: how they come back through time, and what clipping cuts off.

    state_gradients       d loss(T) / d state(t): what the last step's loss sees of each state
    lengths               |d loss(T) / d state(t)|, which shrinks, stays or grows with T - t
    recurrent_matrices    what a state is multiplied with from step to step, and
    spectral_radius       by how much such a product can stretch in the long run
    clipped_share         how often a gradient was longer than its bound
    lstm_gates            how far the gates of an LSTM stand open, and
    gate_statistics       how often they are shut or open

Nothing here knows a model: a step, a loss and tensors are handed in.

Reference: Pascanu et al., 2013, "On the difficulty of training recurrent neural networks",
arXiv:1211.5063.
"""

from typing import Any, NamedTuple

import numpy as np
import tensorflow as tf

SHUT, OPEN = 0.1, 0.9


def state_gradients(step, inputs, states, loss, every_step=False):
    """How the loss behind the last step changes with the states before each step.

        o_t, s_t = step(x_t, s_(t-1))
        gradients[t] = d loss(o_T) / d s_t        t = 0 .. T-1, s_0 being `states`

    Args:
        step: `step(inputs [batch, ...], states) -> (outputs, new_states)`.
        inputs: `[batch, time, ...]`.
        states: Before the first step: a nest of floating tensors `[batch, ...]`.
        loss: `loss(outputs) -> [batch]`, of the outputs of the last step.
        every_step: Whether the loss looks at all steps: it is given the outputs of each, a list.

    Returns:
        A nest like `states` of arrays `[time, batch, ...]`; zeros where the loss does not depend on
        a state.
    """
    visited, said = [], []
    with tf.GradientTape() as tape:
        for now in tf.unstack(inputs, axis=1):
            # Copies: what of a step's own arithmetic led from one state to another stays out.
            states = tf.nest.map_structure(tf.identity, states)
            tape.watch(states)
            visited.append(states)
            outputs, states = step(now, states)
            said.append(outputs)
        value = loss(said if every_step else outputs)
    gradients = tape.gradient(value, visited, unconnected_gradients=tf.UnconnectedGradients.ZERO)
    return tf.nest.map_structure(lambda *moments: np.stack(moments), *gradients)


def lengths(gradients):
    """The length of the gradient by all states together, at each moment and for each row.

    Args:
        gradients: What `state_gradients` returned, or a part of it: a nest of `[time, batch, ...]`.

    Returns:
        `[time, batch]`. Over a batch they spread widely where some rows' gradients explode and
        others' vanish, so look at quantiles: a mean has those that explode alone.
    """
    squares = [
        # In float64: the squares of what has vanished are too small for float32.
        np.square(part, dtype=np.float64).reshape([*part.shape[:2], -1]).sum(axis=-1)
        for part in tf.nest.flatten(gradients)
    ]
    return np.sqrt(np.sum(squares, axis=0))


def recurrent_matrices(cell):
    """The matrices by which a cell multiplies its state, by name, each `[units, units]`.

    A kernel over `[x, h]` has them in its last rows, side by side for several gates; a kernel of
    the state alone says `recurrent` or `hidden` in its name. A kernel of one row, by whose entries
    the state is multiplied one by one, is a diagonal.

    Args:
        cell: A built cell, ours or Keras's, that holds no other cells.

    Returns:
        `{"kernel": matrix}`, or `{"kernel 1": matrix, ...}` for gates; without any, `{}`.
    """
    width, depth = cell.output_size, cell.get_build_config()["input_shape"][-1]
    found = {}
    for weight in cell.weights:
        if "kernel" not in weight.name or len(weight.shape) != 2 or weight.shape[1] % width:
            continue
        own = "recurrent" in weight.name or "hidden" in weight.name
        parts = np.split(np.asarray(weight), weight.shape[1] // width, axis=1)
        names = [f"{weight.name} {number}" for number in range(1, len(parts) + 1)]
        if weight.shape[0] == 1:
            parts = [np.diag(part[0]) for part in parts]
        elif weight.shape[0] == (width if own else depth + width):
            parts = [part[-width:] for part in parts]
        else:
            continue
        found |= zip(names if len(parts) > 1 else [weight.name], parts, strict=True)
    return found


def spectral_radius(matrix):
    """The greatest absolute value of an eigenvalue.

    A state that is multiplied `n` times changes in length like `radius ** n`: without anything
    else, below 1 the past and its gradients vanish, above 1 they explode.

    Args:
        matrix: `[units, units]`.
    """
    return float(np.abs(np.linalg.eigvals(matrix)).max())


def global_length(gradients):
    """The length of the gradients of all variables together, as `clip_norm` bounds it."""
    return float(tf.linalg.global_norm(gradients))


def clipped_share(step_lengths, bound):
    """The share of the steps whose gradient was longer than the bound and was cut back to it.

    Args:
        step_lengths: The length of each step's gradient.
        bound: Of the lengths; 0 = off.
    """
    return float(np.mean(np.asarray(step_lengths) > bound)) if bound else 0.0


def lstm_gates(cell, inputs, states, new_states):
    """How far the gates of an LSTM stand open in one step, from 0 to 1.

        input = sigmoid(i)      forget = sigmoid(f + forget_bias)      output = sigmoid(o)

    Args:
        cell: A `BasicLSTMCell` or `LSTMCell`, with or without peepholes.
        inputs: `[batch, depth]`.
        states: `[h, c]` before the step.
        new_states: `[h, c]` behind it.

    Returns:
        `{"input": ..., "forget": ..., "output": ...}`, each `[batch, units]`.
    """
    hidden, carry = states
    i, _, f, o = tf.split(cell.gates(inputs, hidden), 4, axis=-1)
    if getattr(cell, "use_peepholes", False):
        i, f = i + cell.w_i_diag * carry, f + cell.w_f_diag * carry
        o = o + cell.w_o_diag * new_states[1]
    gates = {"input": i, "forget": f + cell.forget_bias, "output": o}
    return {name: tf.sigmoid(gate) for name, gate in gates.items()}


class GateStatistics(NamedTuple):
    """How a gate stands over a text.

    Attributes:
        mean: Of all its values.
        shut: The share of values below `SHUT`.
        open: The share of values above `OPEN`.
    """

    mean: float
    shut: float
    open: float


def gate_statistics(values: Any) -> GateStatistics:
    """What a gate does on a text: a forget gate that is open remembers.

    Args:
        values: Of any shape, from 0 to 1.

    Reference: Karpathy et al., 2015, "Visualizing and understanding recurrent networks",
    arXiv:1506.02078.
    """
    values = np.asarray(values)
    return GateStatistics(
        float(values.mean()), float((values < SHUT).mean()), float((values > OPEN).mean())
    )

"""The decoders of TensorFlow 1's `tf.contrib.legacy_seq2seq`: lists over time."""

import keras
import tensorflow as tf

from tfseq import attention
from tfseq.tf1.cells import variables_by_name


def rnn_decoder(decoder_inputs, initial_state, cell, loop_function=None, scope=None):
    """`tf.contrib.legacy_seq2seq.rnn_decoder`: a cell over a list.

    Args:
        decoder_inputs: List over time of `[batch, depth]`.
        initial_state: Of the cell.
        cell: A cell of `tfseq.tf1`, or your own.
        loop_function: `f(previous output, time) -> inputs`: what is fed from time 1 on, in place of
            the inputs.
        scope: Not used.

    Returns:
        `(outputs, state)`, the outputs a list.
    """
    state, outputs = initial_state, []
    for time, inputs in enumerate(decoder_inputs):
        if loop_function is not None and outputs:
            inputs = loop_function(outputs[-1], time)
        output, state = cell(inputs, state)
        outputs.append(output)
    return outputs, state


class AttentionDecoder(tf.Module):
    """The variables of `attention_decoder`, which belong to its cell, and one step with them.

    Args:
        cell: The decoder's cell.
        heads: How many looks there are at each step.
        output_size: Width of the output.
        input_size: Width of the inputs.
        depth: Width of what is looked at.
    """

    def __init__(self, cell, heads, output_size, input_size, depth):
        super().__init__(name="attention_decoder")
        self.cell = cell
        self.heads = [attention.BahdanauAttention(depth, use_bias=True) for _ in range(heads)]
        self.inner = keras.layers.Dense(input_size)
        self.outer = keras.layers.Dense(output_size)

    def look(self, state, memories):
        """What each head sees from a state: a list of `[batch, depth]`."""
        query = tf.concat(tf.nest.flatten(state), axis=-1)
        return [head(query, memory)[0] for head, memory in zip(self.heads, memories, strict=True)]

    def step(self, inputs, state, seen, memories):
        """`(output, state, seen)`."""
        output, state = self.cell(self.inner(tf.concat([inputs, *seen], axis=-1)), state)
        seen = self.look(state, memories)
        return self.outer(tf.concat([output, *seen], axis=-1)), state, seen

    def named_variables(self):
        """`{TF1 name: variable}`; an `AttnW` is a matrix, without the two sizes of 1 before it."""
        found = {}
        for number, head in enumerate(self.heads):
            found |= {
                f"AttnW_{number}": head.memory_layer.kernel,
                f"AttnV_{number}": head.attention_v,
                f"Attention_{number}/kernel": head.query_layer.kernel,
                f"Attention_{number}/bias": head.attention_b,
            }
        for scope, layer in (("", self.inner), ("AttnOutputProjection/", self.outer)):
            found |= {f"{scope}{variable.name}": variable for variable in layer.variables}
        found = {name: variable.value for name, variable in found.items()}
        found |= variables_by_name(self.cell)
        return {f"{self.name}/{name}": variable for name, variable in found.items()}


def attention_decoder(
    decoder_inputs,
    initial_state,
    attention_states,
    cell,
    output_size=None,
    num_heads=1,
    loop_function=None,
    dtype=None,
    scope=None,
    initial_state_attention=False,
):
    """`tf.contrib.legacy_seq2seq.attention_decoder`: a cell that looks at states, over a list.

        x~ = [x, seen] W + b
        output, state = cell(x~, state)
        seen = context of the state, for each head
        output -> [output, seen] P + e

    The variables are made with the first call, belong to the cell, and are found by
    `attention_variables(cell)`.

    Args:
        decoder_inputs: List over time of `[batch, depth]`.
        initial_state: Of the cell.
        attention_states: `[batch, time, depth]`, what is looked at.
        cell: A cell of `tfseq.tf1`, or your own.
        output_size: Width of the output; by default that of the cell's.
        num_heads: How many looks there are at each step.
        loop_function: `f(previous output, time) -> inputs`: what is fed from time 1 on.
        dtype: Not used.
        scope: Not used.
        initial_state_attention: Whether the first step sees what the initial state looks at, not
            zeros.

    Returns:
        `(outputs, state)`, the outputs a list.

    Raises:
        ValueError: No inputs, or less than one head.

    Reference: Vinyals et al., 2015, arXiv:1412.7449.
    """
    if not decoder_inputs:
        raise ValueError("Must provide at least 1 input to attention decoder. Received: none")
    if num_heads < 1:
        raise ValueError(
            f"With less than 1 heads, use a non-attention decoder. Received: {num_heads}"
        )
    states = tf.convert_to_tensor(attention_states)
    width, depth = decoder_inputs[0].shape[-1], states.shape[-1]
    parts = vars(cell).setdefault(
        "_attention_decoder",
        AttentionDecoder(cell, num_heads, output_size or cell.output_size, width, depth),
    )
    memories = [head.memorize(states) for head in parts.heads]
    state, outputs = initial_state, []
    seen = [tf.zeros([tf.shape(states)[0], depth], states.dtype)] * num_heads
    if initial_state_attention:
        seen = parts.look(state, memories)
    for time, inputs in enumerate(decoder_inputs):
        if loop_function is not None and outputs:
            inputs = loop_function(outputs[-1], time)
        output, state, seen = parts.step(inputs, state, seen, memories)
        outputs.append(output)
    return outputs, state


def attention_variables(cell):
    """`{TF1 name: variable}` of an `attention_decoder` by its cell, which was called before."""
    return vars(cell)["_attention_decoder"].named_variables()

"""The attention translator as it is usually written in torch, to be timed beside ours.

    annotations = bidirectional nn.GRU over the source's word vectors
    s_0 = tanh(mean annotation W + b)
    h = nn.GRUCell(y_{t-1}, s_{t-1})
    c = sum_i softmax_i(v . tanh(key_i + h U)) annotation_i
    s_t = nn.GRUCell(c, h)
    p(y_t) = softmax(tanh([s_t; c; y_{t-1}] W_r + b_r) E' + b)

The layers of a `Seq2Seq` with a bidirectional encoder, a mean bridge, Bahdanau's attention and a
conditional GRU; one thing differs: torch's GRU resets behind the matrix product, ours before it.
So trained weights of ours give other translations here. `end_at` gives them a trained model's
lengths: what is timed is then as much work, word by word, on both sides.

Needs torch, which is no dependency of the project:

    pip install torch --index-url https://download.pytorch.org/whl/cpu
"""

import numpy as np
import torch  # pyright: ignore[reportMissingImports]
from torch import nn  # pyright: ignore[reportMissingImports]
from torch.nn.utils.rnn import (  # pyright: ignore[reportMissingImports]
    pack_padded_sequence,
    pad_packed_sequence,
)

from tfseq.text import END, PAD, START


class TorchTranslator(nn.Module):
    """Encoder, attention and decoder; its arrays are named as in `state_dict`.

    Args:
        source_words: Size of the source vocabulary.
        target_words: Size of the target vocabulary.
        embedding_size: Width of word vectors and readout.
        units: Units of the encoder, each way, of the attention and of the decoder.
    """

    def __init__(self, source_words, target_words, embedding_size=128, units=256):
        super().__init__()
        self.source_embedding = nn.Embedding(source_words, embedding_size)
        self.encoder = nn.GRU(embedding_size, units, bidirectional=True, batch_first=True)
        self.bridge = nn.Linear(2 * units, units)
        self.memory_layer = nn.Linear(2 * units, units, bias=False)
        self.query_layer = nn.Linear(units, units, bias=False)
        self.attention_v = nn.Linear(units, 1, bias=False)
        self.target_embedding = nn.Embedding(target_words, embedding_size)
        self.first = nn.GRUCell(embedding_size, units)
        self.second = nn.GRUCell(2 * units, units)
        self.readout = nn.Linear(units + 2 * units + embedding_size, embedding_size)
        self.softmax = nn.Linear(embedding_size, target_words)
        self.softmax.weight = self.target_embedding.weight
        self.eval()

    def set_weights(self, arrays):
        """Take all weights from `{name: array}`."""
        tensors = {name: torch.from_numpy(np.array(array)) for name, array in arrays.items()}
        self.load_state_dict({**tensors, "softmax.weight": tensors["target_embedding.weight"]})

    def encode(self, source):
        """Read `[batch, time]` ids: `(state [batch, units], (keys, annotations, mask))`."""
        mask = source != PAD
        lengths = mask.sum(dim=1)
        packed = pack_padded_sequence(
            self.source_embedding(source), lengths, batch_first=True, enforce_sorted=False
        )
        annotations, _ = pad_packed_sequence(
            self.encoder(packed)[0], batch_first=True, total_length=source.shape[1]
        )
        state = torch.tanh(self.bridge(annotations.sum(dim=1) / lengths[:, None]))
        return state, (self.memory_layer(annotations), annotations, mask)

    def step(self, ids, state, memory):
        """One word for each row: `(logits [rows, vocabulary], state)`."""
        keys, annotations, mask = memory
        inputs = self.target_embedding(ids)
        query = self.first(inputs, state)
        hidden = torch.tanh(keys + self.query_layer(query)[:, None])
        scores = self.attention_v(hidden).squeeze(-1).masked_fill(~mask, float("-inf"))
        weights = torch.softmax(scores, dim=-1)
        context = torch.bmm(weights[:, None], annotations).squeeze(1)
        state = self.second(context, query)
        readout = torch.tanh(self.readout(torch.cat([state, context, inputs], dim=-1)))
        return self.softmax(readout), state


@torch.inference_mode()
def greedy(model, source, max_steps, end_at=None):
    """The likeliest word at each step, until all rows have ended.

    Args:
        model: A `TorchTranslator`.
        source: `[batch, time]` ids, an array.
        max_steps: Most words, the end included.
        end_at: `[batch]`: the step, from 0, at which each row is made to end, and not before.

    Returns:
        `[batch, steps]` ids, `PAD` behind a row's end.
    """
    state, memory = model.encode(torch.from_numpy(source).long())
    ids = torch.full([len(source)], START)
    finished = torch.zeros([len(source)], dtype=torch.bool)
    words = []
    for step in range(max_steps):
        logits, state = model.step(ids, state, memory)
        _force(logits, step, end_at)
        ids = logits.argmax(dim=-1).masked_fill(finished, PAD)
        words.append(ids)
        finished = finished | (ids == END)
        if finished.all():
            break
    return torch.stack(words, dim=1).numpy()


@torch.inference_mode()
def beam(model, source, max_steps, width=5, length_penalty=1.0, end_at=None):
    """The best of `width` beginnings at each step, until all of them have ended.

    A sentence's score is the sum of its log-probabilities over `length ** length_penalty`.

    Args:
        model: A `TorchTranslator`.
        source: `[batch, time]` ids, an array.
        max_steps: Most words, the end included.
        width: Beginnings that are kept.
        length_penalty: As above.
        end_at: `[batch]`: the step, from 0, at which each row is made to end, and not before.

    Returns:
        `[batch, steps]` ids of the best, `PAD` behind a row's end.
    """
    batch = len(source)
    state, memory = model.encode(torch.from_numpy(source).long())
    state = state.repeat_interleave(width, dim=0)
    memory = tuple(tensor.repeat_interleave(width, dim=0) for tensor in memory)
    ends = None if end_at is None else np.repeat(end_at, width)
    first_rows = torch.arange(batch)[:, None] * width
    scores = torch.full([batch, width], float("-inf"))
    scores[:, 0] = 0.0  # at first all beginnings are alike
    finished = torch.zeros([batch, width], dtype=torch.bool)
    lengths = torch.zeros([batch, width])
    words = torch.full([batch * width, 1], START)
    for step in range(max_steps):
        logits, state = model.step(words[:, -1], state, memory)
        _force(logits, step, ends)
        steps = torch.log_softmax(logits, dim=-1).view(batch, width, -1)
        steps = steps.masked_fill(finished[:, :, None], float("-inf"))
        steps[:, :, PAD] = torch.where(finished, 0.0, steps[:, :, PAD])  # the end stays as it is
        total = (scores[:, :, None] + steps).view(batch, -1)
        scores, best = total.topk(width, dim=-1)
        parents = torch.div(best, logits.shape[-1], rounding_mode="floor")
        ids = best % logits.shape[-1]
        rows = (first_rows + parents).view(-1)
        state = state[rows]
        words = torch.cat([words[rows], ids.view(-1, 1)], dim=1)
        lengths = lengths.gather(1, parents) + ~finished.gather(1, parents)
        finished = finished.gather(1, parents) | (ids == END)
        if finished.all():
            break
    best = (scores / lengths**length_penalty).argmax(dim=-1)
    return words[first_rows[:, 0] + best, 1:].numpy()


def _force(logits, step, end_at):
    """Let each row end at its step and not before."""
    if end_at is not None:
        ends = torch.from_numpy(np.asarray(end_at) <= step)
        logits[:, END] = torch.where(ends, 1e4, -1e4)


def arrays_of(model):
    """The weights of a `Seq2Seq` of ours under the names of `TorchTranslator`.

    The reset gate acts elsewhere in ours, so the two compute the same where the candidate does not
    depend on the state.
    """
    forward, backward = (way.cell for way in model.encoder.ways[0])
    cell, embedding = model.decoder.cell, model.decoder.embedding
    return {
        "source_embedding.weight": model.encoder.embedding.embeddings.numpy(),
        **{f"encoder.{name}_l0": x for name, x in _gru(forward).items()},
        **{f"encoder.{name}_l0_reverse": x for name, x in _gru(backward).items()},
        **_linear("bridge", model.bridge.layers[0]),
        **_linear("memory_layer", cell.mechanism.memory_layer),
        **_linear("query_layer", cell.mechanism.query_layer),
        "attention_v.weight": cell.mechanism.attention_v.numpy()[None],
        "target_embedding.weight": embedding.embeddings.numpy(),
        **{f"first.{name}": x for name, x in _gru(cell.first).items()},
        **{f"second.{name}": x for name, x in _gru(cell.second).items()},
        **_linear("readout", model.decoder.readout),
        "softmax.bias": embedding.bias.numpy(),
    }


def _linear(name, layer):
    bias = {} if layer.bias is None else {f"{name}.bias": layer.bias.numpy()}
    return {f"{name}.weight": layer.kernel.numpy().T, **bias}


def _gru(cell):
    """The gates r, u and the candidate one below the other, inputs and states apart."""
    (cell,) = getattr(cell, "cells", [cell])  # a stack of one
    kernel = np.concatenate([cell.gates_kernel, cell.candidate_kernel], axis=1)
    bias = np.concatenate([cell.gates_bias, cell.candidate_bias])
    inputs, states = np.split(kernel, [len(kernel) - cell.units])
    return {
        "weight_ih": inputs.T,
        "weight_hh": states.T,
        "bias_ih": bias,
        "bias_hh": np.zeros_like(bias),
    }

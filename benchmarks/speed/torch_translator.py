"""Torch: `nn.LSTM` reads both ways, an `nn.LSTMCell` with Luong's attention writes."""

import numpy as np
import torch  # pyright: ignore[reportMissingImports]

from benchmarks.speed.contender import CLIP, RATE, serve
from benchmarks.speed.torch_lstm import load_lstm

START = 2
WIDTH = 5


class Translator(torch.nn.Module):
    """The model with the weights of the task."""

    def __init__(self, task):
        super().__init__()
        vocabulary, units = task["source_embedding"].shape
        self.source_embedding = torch.nn.Embedding(vocabulary, units)
        self.target_embedding = torch.nn.Embedding(vocabulary, units)
        self.encoder = torch.nn.LSTM(units, units, bidirectional=True, batch_first=True)
        self.bridge_hidden = torch.nn.Linear(4 * units, units)
        self.bridge_cell = torch.nn.Linear(4 * units, units)
        self.memory = torch.nn.Linear(2 * units, units, bias=False)
        self.cell = torch.nn.LSTMCell(2 * units, units)
        self.attention = torch.nn.Linear(3 * units, units, bias=False)
        self.softmax = torch.nn.Linear(units, vocabulary)
        zeros = np.zeros(4 * units, np.float32)
        with torch.no_grad():
            for name in ("source_embedding", "target_embedding"):
                getattr(self, name).weight.copy_(torch.tensor(task[name]))
            for name in ("bridge_hidden", "bridge_cell"):
                getattr(self, name).bias.zero_()
                getattr(self, name).weight.copy_(torch.tensor(task[name].T))
            for name in ("memory", "attention"):
                getattr(self, name).weight.copy_(torch.tensor(task[name].T))
            self.softmax.weight.copy_(torch.tensor(task["softmax_kernel"].T))
            self.softmax.bias.copy_(torch.tensor(task["softmax_bias"]))
            load_lstm(self.encoder, "_l0", task["forward_kernel"], zeros)
            load_lstm(self.encoder, "_l0_reverse", task["backward_kernel"], zeros)
            load_lstm(self.cell, "", task["decoder_kernel"], zeros)
        for name, weight in self.named_parameters():
            # Torch has two biases where the others have one.
            weight.requires_grad_("bias_hh" not in name)

    def encode(self, source):
        """First states, the attention among them, and keys and values."""
        values, (hidden, cell) = self.encoder(self.source_embedding(source))
        last = torch.cat([*hidden, *cell], dim=1)
        hidden, cell = torch.tanh(self.bridge_hidden(last)), torch.tanh(self.bridge_cell(last))
        return (hidden, cell, torch.zeros_like(hidden)), (self.memory(values), values)

    def step(self, words, states, memory):
        """One word of each row: what the softmax reads, and the states."""
        hidden, cell, attention = states
        keys, values = memory
        inputs = torch.cat([self.target_embedding(words), attention], dim=1)
        hidden, cell = self.cell(inputs, (hidden, cell))
        weights = torch.softmax(torch.bmm(keys, hidden[:, :, None]), dim=1)
        context = (weights * values).sum(dim=1)
        attention = self.attention(torch.cat([hidden, context], dim=1))
        return attention, (hidden, cell, attention)


def make(task, threads):
    """A step is one of training, or translates all sources: as `task["what"]` says."""
    torch.set_num_threads(threads)
    model = Translator(task)
    source, target = (torch.tensor(task[name], dtype=torch.long) for name in ("source", "target"))
    if task["what"] == "training":
        return training(model, source, target)
    search = {"greedy": greedy, "beam": beam}[str(task["what"])]

    def step():
        with torch.inference_mode():
            return search(model, source, target.shape[1], int(task["end"])).numpy()

    return step


def training(model, source, target):
    """Steps of training; clip by global norm, gradient descent."""
    optimizer = torch.optim.SGD(model.parameters(), RATE)
    inputs = torch.nn.functional.pad(target[:, :-1], (1, 0), value=START)

    def step():
        optimizer.zero_grad()
        states, memory = model.encode(source)
        outputs = []
        for words in inputs.T:
            output, states = model.step(words, states, memory)
            outputs.append(output)
        logits = model.softmax(torch.cat(outputs))
        loss = torch.nn.functional.cross_entropy(logits, target.T.flatten())
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), CLIP)
        optimizer.step()
        return loss.item()

    return step


def greedy(model, source, steps, end):
    """The likeliest word at each step, until all rows have ended: `[rows, steps]`."""
    states, memory = model.encode(source)
    words, found = torch.full([len(source)], START), []
    finished = torch.zeros(len(source), dtype=torch.bool)
    for _ in range(steps):
        output, states = model.step(words, states, memory)
        words = model.softmax(output).argmax(dim=1).masked_fill(finished, 0)
        found.append(words)
        finished |= words == end
        if finished.all():
            break
    return torch.stack(found, dim=1)


def beam(model, source, steps, end):
    """The best of `WIDTH` beginnings at each step, without a length penalty: `[rows, steps]`."""
    rows = len(source)
    states, memory = model.encode(source)
    states, memory = (
        [tensor.repeat_interleave(WIDTH, dim=0) for tensor in group] for group in (states, memory)
    )
    first = torch.arange(rows)[:, None] * WIDTH
    totals = torch.full([rows, WIDTH], -float("inf"))
    totals[:, 0] = 0.0  # at first all beginnings are alike
    finished = torch.zeros([rows, WIDTH], dtype=torch.bool)
    words = torch.full([rows * WIDTH, 1], START)
    for _ in range(steps):
        output, states = model.step(words[:, -1], states, memory)
        likely = torch.log_softmax(model.softmax(output), dim=1).view(rows, WIDTH, -1)
        likely.masked_fill_(finished[:, :, None], -float("inf"))
        likely[:, :, 0] = torch.where(finished, 0.0, likely[:, :, 0])  # what has ended stays
        totals, best = (totals[:, :, None] + likely).flatten(1).topk(WIDTH, dim=1)
        parents = (first + best // likely.shape[2]).flatten()
        ids = best % likely.shape[2]
        states = [state[parents] for state in states]
        words = torch.cat([words[parents], ids.view(-1, 1)], dim=1)
        finished = finished.flatten()[parents].view(rows, WIDTH) | (ids == end)
        if finished.all():
            break
    return words.view(rows, WIDTH, -1)[:, 0, 1:]


if __name__ == "__main__":
    serve(make)

"""Torch: greedy words from `nn.LSTM`, from `nn.LSTMCell`s, and from these scripted as a whole.

The fastest of the three is timed.
"""

import time

import numpy as np
import torch  # pyright: ignore[reportMissingImports]

from benchmarks.speed.contender import serve
from benchmarks.speed.torch_lstm import Model


class Cells(torch.nn.Module):
    """The same model of `nn.LSTMCell`s, with the weights of a `Model`; of two layers."""

    def __init__(self, model):
        super().__init__()
        self.embedding, self.softmax = model.embedding, model.softmax
        self.first, self.second = (self.cell(model.lstm, layer) for layer in range(2))

    def cell(self, lstm, layer):
        """The cell of a layer."""
        cell = torch.nn.LSTMCell(lstm.input_size, lstm.hidden_size)
        for name, _ in cell.named_parameters():
            setattr(cell, name, getattr(lstm, f"{name}_l{layer}"))
        return cell

    def forward(self, words, steps: int):
        """The likeliest words behind the given ones, `[rows, steps]`."""
        zeros = torch.zeros(words.shape[0], self.first.hidden_size)
        h1, c1, h2, c2 = zeros, zeros, zeros, zeros
        found = torch.empty(words.shape[0], steps, dtype=torch.long)
        for step in range(steps):
            h1, c1 = self.first(self.embedding(words), (h1, c1))
            h2, c2 = self.second(h1, (h2, c2))
            words = self.softmax(h2).argmax(dim=1)
            found[:, step] = words
        return found


def layers(model):
    """The loop around `nn.LSTM`."""

    def generate(words, steps):
        states, found = None, []
        for _ in range(steps):
            outputs, states = model.lstm(model.embedding(words)[None], states)
            words = model.softmax(outputs[0]).argmax(dim=1)
            found.append(words)
        return torch.stack(found, dim=1)

    return generate


def make(task, threads):
    """A step is a whole text for each row."""
    torch.set_num_threads(threads)
    model = Model(task)
    cells = Cells(model)
    words, steps = torch.tensor(task["ids"][:, 0], dtype=torch.long), int(task["steps"])
    ways = [layers(model), cells, torch.jit.script(cells)]

    def run(way):
        with torch.inference_mode():
            return way(words, steps).numpy()

    def seconds(way):
        started = time.perf_counter()
        run(way)
        return time.perf_counter() - started

    for _ in range(3):  # the scripted one is compiled in its first calls
        found = [run(way) for way in ways]
    assert all(np.array_equal(other, found[0]) for other in found)
    fastest = min(ways, key=lambda way: min(seconds(way) for _ in range(5)))
    return lambda: run(fastest)


if __name__ == "__main__":
    serve(make)

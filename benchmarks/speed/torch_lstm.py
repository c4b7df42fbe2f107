"""Torch: `nn.Embedding`, `nn.LSTM`, `nn.Linear`."""

import numpy as np
import torch  # pyright: ignore[reportMissingImports]

from benchmarks.speed.contender import CLIP, RATE, serve


def make(task, threads):
    """Embedding, LSTM layers, softmax; clip by global norm, gradient descent; state carried."""
    torch.set_num_threads(threads)
    ids = torch.tensor(task["ids"], dtype=torch.long)
    model = Model(task)
    optimizer = torch.optim.SGD(model.parameters(), RATE)
    zeros = torch.zeros(model.lstm.num_layers, len(ids), model.lstm.hidden_size)
    states = [zeros, zeros]

    def step():
        optimizer.zero_grad()
        outputs, new = model.lstm(model.embedding(ids[:, :-1].T), tuple(states))
        logits = model.softmax(outputs.flatten(0, 1))
        loss = torch.nn.functional.cross_entropy(logits, ids[:, 1:].T.flatten())
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), CLIP)
        optimizer.step()
        states[:] = [state.detach() for state in new]
        return loss.item()

    return step


class Model(torch.nn.Module):
    """The three layers, with the weights of the task."""

    def __init__(self, task):
        super().__init__()
        vocabulary, units = task["embedding"].shape
        layers = sum(name.startswith("kernel_") for name in task)
        self.embedding = torch.nn.Embedding(vocabulary, units)
        self.lstm = torch.nn.LSTM(units, units, layers)
        self.softmax = torch.nn.Linear(units, vocabulary)
        with torch.no_grad():
            self.embedding.weight.copy_(torch.tensor(task["embedding"]))
            self.softmax.weight.copy_(torch.tensor(task["softmax_kernel"].T))
            self.softmax.bias.copy_(torch.tensor(task["softmax_bias"]))
            for layer in range(layers):
                kernel, bias = task[f"kernel_{layer}"], task[f"bias_{layer}"]
                load_lstm(self.lstm, f"_l{layer}", kernel, bias)
        for name, weight in self.lstm.named_parameters():
            # Torch has two biases where the others have one.
            weight.requires_grad_("bias_hh" not in name)


def load_lstm(module, name, kernel, bias):
    """Fill weights; from TensorFlow's order of gates, i, j, f, o, to torch's i, f, j, o."""
    units = len(bias) // 4
    i, j, f, o = np.split(kernel, 4, axis=1)
    kernel = np.concatenate([i, f, j, o], axis=1).T
    i, j, f, o = np.split(bias, 4)
    bias = np.concatenate([i, f + 1, j, o])
    for part, value in (
        ("weight_ih", kernel[:, :-units]),
        ("weight_hh", kernel[:, -units:]),
        ("bias_ih", bias),
        ("bias_hh", np.zeros_like(bias)),
    ):
        getattr(module, part + name).copy_(torch.tensor(value))


if __name__ == "__main__":
    serve(make)

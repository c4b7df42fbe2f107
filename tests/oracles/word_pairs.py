"""word2vec by the book: pair by pair, in float64, the gradients written out.

`words` is a text of one line, `left` and `right` say how many words beside each are its context.
Each function returns the loss, the number of predictions, and the negative gradients for the input
and the output vectors, dense. The negative words are not drawn: their expectation is taken over
`noise`, the probability of each.
"""

import numpy as np


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def contexts(left, right):
    """`(centre, [places of its context])`."""
    for i in range(len(left)):
        yield i, [j for j in range(i - left[i], i + right[i] + 1) if j != i]


def predictions(model, words, left, right):
    """`(words whose mean vector is the input, word that is predicted)`."""
    for i, around in contexts(left, right):
        if model == "cbow" and around:
            yield [words[j] for j in around], words[i]
        elif model == "skipgram":
            for j in around:
                yield [words[i]], words[j]
        elif model == "skipgram, reversed":
            for j in around:
                yield [words[j]], words[i]


def negative_sampling(model, words, left, right, inputs, outputs, noise, negatives):
    """Every prediction against the true word, and `negatives` times against the noise."""
    loss, count = 0.0, 0
    d_inputs, d_outputs = np.zeros_like(inputs), np.zeros_like(outputs)
    for sources, target in predictions(model, words, left, right):
        x, dx = inputs[sources].mean(0), np.zeros(inputs.shape[1])
        pairs = [(target, 1, 1.0)] + [(n, 0, negatives * p) for n, p in enumerate(noise)]
        for word, label, weight in pairs:
            p = sigmoid(x @ outputs[word])
            loss -= weight * np.log(p if label else 1 - p)
            dx += weight * (label - p) * outputs[word]
            d_outputs[word] += weight * (label - p) * x
        for source in sources:
            d_inputs[source] += dx / len(sources)
        count += 1
    return loss, count, d_inputs, d_outputs


def hierarchical_softmax(model, words, left, right, inputs, nodes, paths):
    """Every prediction as turns on the way to the word; `paths[word]`: `[(node, left), ...]`."""
    loss, count = 0.0, 0
    d_inputs, d_nodes = np.zeros_like(inputs), np.zeros_like(nodes)
    model = "skipgram, reversed" if model == "skipgram" else model
    for sources, target in predictions(model, words, left, right):
        x, dx = inputs[sources].mean(0), np.zeros(inputs.shape[1])
        for node, turn in paths[target]:
            p = sigmoid(x @ nodes[node])
            loss -= np.log(p if turn else 1 - p)
            dx += (turn - p) * nodes[node]
            d_nodes[node] += (turn - p) * x
        for source in sources:
            d_inputs[source] += dx / len(sources)
        count += 1
    return loss, count, d_inputs, d_nodes

"""A grammar as choices: each knows how many things it can give, and draws one of them.

`Each` is a list, `Either` a choice between choices, and `Together` makes one thing out of several.
Sizes add up in `Either` and multiply in `Together`, so that a grammar is counted exactly without
being written out.
"""

import bisect
import itertools


class Each:
    """One of some items, all alike."""

    def __init__(self, items):
        self.items = tuple(items)
        self.size = len(self.items)

    def draw(self, random):
        """One of the items; `random()` is a number from 0 up to 1."""
        return self.items[int(random() * self.size)]

    def __iter__(self):
        return iter(self.items)


class Either:
    """What one of several choices gives. Choices that are empty are left out.

    Args:
        weighted: Pairs of a weight and a choice; no two choices may give the same thing.
    """

    def __init__(self, *weighted):
        kept = [(weight, choice) for weight, choice in weighted if choice.size]
        self.choices = [choice for _, choice in kept]
        self.bounds = list(itertools.accumulate(weight for weight, _ in kept))
        self.size = sum(choice.size for choice in self.choices)

    def draw(self, random):
        """One thing out of one of the choices, which is drawn by weight."""
        at = bisect.bisect_right(self.bounds, random() * self.bounds[-1])
        return self.choices[at].draw(random)

    def __iter__(self):
        return itertools.chain.from_iterable(self.choices)


class Together:
    """What a function makes of one thing from each of several choices.

    Args:
        make: Takes as many arguments as there are choices, and never makes the same of others.
        choices: The choices, drawn independently.
    """

    def __init__(self, make, *choices):
        self.make = make
        self.choices = choices
        self.size = 1
        for choice in choices:
            self.size *= choice.size

    def draw(self, random):
        """One thing, made from one of each."""
        return self.make(*[choice.draw(random) for choice in self.choices])

    def __iter__(self):
        return itertools.starmap(self.make, itertools.product(*self.choices))


NOTHING = Each([None])


def evenly(choices):
    """One of several choices, whatever their sizes."""
    return Either(*((1, choice) for choice in choices))

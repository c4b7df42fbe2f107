"""Sequence labelling: a recurrent network names a label for each token of a text."""

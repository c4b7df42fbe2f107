"""Text classification: a recurrent network reads a text and names its label."""

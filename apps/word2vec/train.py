"""`train`: learn vectors from text."""


def run(options):
    """Train, and write the vectors."""
    raise NotImplementedError(options)

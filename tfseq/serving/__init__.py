"""Exports for TensorFlow Serving: written, checked and asked.

    from tfseq import serving

    version = serving.export(module, signatures, directory, examples)  # directory/1, then /2, ...
    client = serving.Client(version)  # or http://..., grpc://...: what a server has
    client.predict({"text": ["He saw a truck."]})["text"]

The same on the command line:

    python -m tfseq.serving check EXPORT
    python -m tfseq.serving call TARGET --text="He saw a truck."
    python -m tfseq.serving bench TARGET --text="He saw a truck."

Nothing is imported until it is used: a client of REST needs no TensorFlow.
"""

from tfseq.lazy import lazily

MODULE_OF = {
    "Client": ".client",
    "ServingError": ".errors",
    "export": ".exports",
    "run_in_session": ".exports",
    "versions": ".layout",
}

__all__ = sorted(MODULE_OF)  # pyright: ignore[reportUnsupportedDunderAll]

__getattr__, __dir__ = lazily(__name__, MODULE_OF)

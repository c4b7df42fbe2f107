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

import importlib

MODULE_OF = {
    "Client": "client",
    "ServingError": "errors",
    "export": "exports",
    "run_in_session": "exports",
    "versions": "layout",
}

__all__ = sorted(MODULE_OF)  # pyright: ignore[reportUnsupportedDunderAll]


def __getattr__(name):
    if name not in MODULE_OF:
        raise AttributeError(f"module `tfseq.serving` has no attribute {name!r}")
    return getattr(importlib.import_module(f"tfseq.serving.{MODULE_OF[name]}"), name)


def __dir__():
    return [*globals(), *MODULE_OF]

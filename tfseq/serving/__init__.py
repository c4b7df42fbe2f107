"""Exports for TensorFlow Serving: written and checked, and what a client needs to ask them.

    from tfseq import serving

    version = serving.export(module, signatures, directory, examples)  # directory/1, then /2, ...

Nothing is imported until it is used: a client needs no TensorFlow.
"""

import importlib

MODULE_OF = {
    "export": "exports",
    "run_in_session": "exports",
    "versions": "exports",
}

__all__ = sorted(MODULE_OF)  # pyright: ignore[reportUnsupportedDunderAll]


def __getattr__(name):
    if name not in MODULE_OF:
        raise AttributeError(f"module `tfseq.serving` has no attribute {name!r}")
    return getattr(importlib.import_module(f"tfseq.serving.{MODULE_OF[name]}"), name)


def __dir__():
    return [*globals(), *MODULE_OF]

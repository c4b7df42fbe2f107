"""Names of a package that are imported when they are first used."""

import importlib
import sys


def lazily(package, module_of):
    """`(__getattr__, __dir__)` of a package (PEP 562).

    Args:
        package: Its `__name__`.
        module_of: `{name: module that holds it}`; `.module` is one of the package.
    """

    def get(name):
        if name not in module_of:
            raise AttributeError(f"module `{package}` has no attribute {name!r}")
        return getattr(importlib.import_module(module_of[name], package), name)

    return get, lambda: [*vars(sys.modules[package]), *module_of]

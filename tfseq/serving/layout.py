"""Where things lie in an export: `EXPORT/<version>/` and what is in it."""

import pathlib
import re

GRAPH = "saved_model.pb"
VARIABLES = pathlib.Path("variables", "variables")
WARM_UP = pathlib.Path("assets.extra", "tf_serving_warmup_requests")


def is_version(path):
    """Whether a server that watches the folder above takes this one for a version."""
    return path.is_dir() and re.fullmatch("[0-9]+", path.name) is not None


def versions(directory):
    """The version numbers below an export directory."""
    return [int(path.name) for path in pathlib.Path(directory).iterdir() if is_version(path)]


def newest_version(path):
    """The version that a path means: itself, or the highest below it; None where there is none."""
    path = pathlib.Path(path)
    if (path / GRAPH).is_file() or not path.is_dir():
        return path if path.is_dir() else None
    below = [version for version in path.iterdir() if is_version(version)]
    return max(below, key=lambda version: int(version.name), default=None)

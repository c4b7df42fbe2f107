"""The weights that are taken from a checkpoint: their scope, their averages, their names."""

from collections.abc import Mapping

from tfseq.tf1_checkpoint.names import is_below, sort
from tfseq.tf1_checkpoint.parts import parts_of
from tfseq.tf1_checkpoint.reading import Checkpoint


class Weights:
    """The weights of a checkpoint, without what optimizers and averages kept.

    Args:
        path: See `load`.
        rename: See `load`.
        scope: See `load`.
        average: See `load`.

    Attributes:
        path: Prefix of the checkpoint.
        renamed: `{name: the name that it is looked for by}`.
        aside: Names of all other variables of the checkpoint.

    Raises:
        ValueError: `path` is no checkpoint of TensorFlow 1; `scope`, `rename` or `average` speak
            of what it does not hold.
    """

    def __init__(self, path, rename=None, scope="", average=False):
        self._checkpoint = Checkpoint(path)
        self.path = self._checkpoint.path
        if self._checkpoint.by_objects:
            raise ValueError(
                "`path` must be a checkpoint of `tf.train.Saver`, not of `tf.train.Checkpoint`, "
                f"which names objects. Received: path={str(path)!r}"
            )
        self._sources = _sources(self._checkpoint, scope, average)
        self.renamed = _renamed(self._sources, rename)
        read = set(self._sources.values())
        self.aside = tuple(name for name in self._checkpoint.shapes if name not in read)

    def shape(self, name):
        """Of a weight."""
        return self._checkpoint.shapes[self._sources[name]]

    def dtype(self, name):
        """Of a weight."""
        return self._checkpoint.dtypes[self._sources[name]]

    def read(self, name):
        """The array of a weight, or of its average."""
        return self._checkpoint.read(self._sources[name])

    def parts(self):
        """`parts_of` them, by the names that they are looked for by."""
        return parts_of({new: self.shape(name) for name, new in self.renamed.items()})


def _sources(checkpoint, scope, average):
    """`{weight: name of the variable to read}` of what is in the scope."""
    found = sort(checkpoint.shapes)
    sources = {name: name for name in found.weights}
    if average:
        sources |= found.averages
    inside = {name: at for name, at in sources.items() if is_below(name, scope)}
    if average and not any(name in found.averages for name in inside):
        raise ValueError(
            "`average` must be False where there are no moving averages. Received: average=True "
            f"for {checkpoint.path}, scope={scope!r}"
        )
    if not inside:
        hint = "; average=True takes the moving averages" if found.averages else ""
        raise ValueError(
            f"`scope` must hold variables of the checkpoint{hint}. Received: scope={scope!r} of "
            f"{', '.join(found.weights) or 'none'}"
        )
    return inside


def _renamed(names, rename):
    """`{name: what the target may call it}`."""
    if rename is None:
        return {name: name for name in names}
    if not isinstance(rename, Mapping):
        return {name: rename(name) for name in names}
    beginnings = sorted(rename, key=len, reverse=True)
    if unknown := [key for key in beginnings if not any(is_below(name, key) for name in names)]:
        raise ValueError(
            "`rename` must name variables of the checkpoint or their beginnings. "
            f"Received: {unknown[0]!r}, which begins none of {', '.join(names)}"
        )
    found = {}
    for name in names:
        beginning = next((key for key in beginnings if is_below(name, key)), None)
        if beginning is None:
            found[name] = name
        else:
            rest = name[len(beginning.rstrip("/")) :].strip("/")
            found[name] = f"{rename[beginning].rstrip('/')}/{rest}".strip("/")
    return found

"""The verb `convert`: a language model of TensorFlow 1 written to a file of today."""

import pathlib
import tempfile
import warnings

from tfseq.config import OptionError
from tfseq.files import written_aside
from tfseq.tf1_checkpoint.inspection import complaining
from tfseq.tf1_checkpoint.model import language_model

NOT_HELD = ("forget_bias", "activation", "cell_clip", "projection_clip", "residual_from")
READ = """As told, since no checkpoint holds it: {told}.
The model is in {path}. In Python:

    import keras, tfseq.models
    model = keras.saving.load_model({path!r})
    logits, states = model.unroll(ids)   # ids: [batch, time] integers, as they were in training
"""


def run(options):
    """Writes the model, and says how it is read."""
    path = pathlib.Path(options.output)
    if path.suffix != ".keras":
        raise OptionError("OUTPUT", "must end in .keras", options.output)
    if path.exists() and not options.overwrite:
        raise OptionError("OUTPUT", "must not be there yet, or --overwrite be given", str(path))
    with complaining():
        model = _model(options)
    _write(model, path)
    told = ", ".join(f"{name}={getattr(options, name)}" for name in NOT_HELD)
    print(READ.format(path=str(path), told=told), end="")


def _model(options):
    names = ("forget_bias", "cell_clip", "projection_clip", "residual_from", "scope", "average")
    given = {name: getattr(options, name) for name in names}
    if options.activation != "tanh":
        given["activation"] = options.activation
    return language_model(options.checkpoint, rename=_renames(options.rename), **given)


def _renames(text):
    """`a=b,c=d` as a mapping; `None` for nothing."""
    pairs = [pair.split("=") for pair in text.split(",") if pair]
    if any(len(pair) != 2 for pair in pairs):
        raise OptionError("--rename", "must be OLD=NEW,OLD=NEW", text)
    return dict(pairs) or None


def _write(model, path):
    """Writes the file, whole or not at all."""
    try:
        with tempfile.TemporaryDirectory() as directory, warnings.catch_warnings():
            # Keras reads a variable in a way that NumPy 2 warns of.
            warnings.filterwarnings("ignore", "__array__ implementation", DeprecationWarning)
            saved = pathlib.Path(directory) / path.name
            model.save(saved)
            with written_aside(path, "wb") as file:
                file.write(saved.read_bytes())
    except OSError as error:
        raise OptionError("OUTPUT", "must be a file that can be written", str(error)) from error

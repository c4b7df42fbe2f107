"""Asks an exported model, with TensorFlow alone: the project is not needed.

python serving/ask.py --export_dir=runs/demo/export --prompt="Mr_Quill:"
python serving/ask.py --export_dir=runs/demo-translation/export --text="The cat sleeps."
python serving/ask.py --export_dir=runs/demo/export --signature=score --text="Ada: Yes."

Without an input it says which signatures there are and what they take.
"""

import argparse
import contextlib
import os
import pathlib


@contextlib.contextmanager
def quiet():
    """Hold back what TensorFlow says while it starts; an exception is seen all the same."""
    stderr, nowhere = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 2)
    try:
        yield
    finally:
        os.dup2(stderr, 2)
        os.close(stderr)
        os.close(nowhere)


with quiet():
    import tensorflow as tf


def main():
    """Load the newest version, ask it, and print its answer."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--export_dir", required=True, help="parent of the versions 1, 2, ...")
    parser.add_argument("--signature", default="serving_default", help="which one to ask")
    options, words = parser.parse_known_args()
    signatures = load(parser, options.export_dir).signatures
    if options.signature not in signatures:
        parser.error(f"`--signature` must be one of {', '.join(signatures)}")
    if not words:
        print("\n".join(described(name, specs(s)) for name, s in signatures.items()))
        return
    signature = signatures[options.signature]
    answer = signature(**inputs(parser, options.signature, specs(signature), words))
    error = answer.pop("error", None)  # of the row, where it breaks a rule
    if error is not None and error[0].numpy():
        parser.error(error[0].numpy().decode())
    for name, value in answer.items():
        show(name if len(answer) > 1 else "", value[0].numpy())


def load(parser, export_dir):
    """The newest version of an export."""
    versions = [path for path in pathlib.Path(export_dir).glob("*") if path.name.isdecimal()]
    newest = max(versions, key=lambda path: int(path.name), default=None)
    if newest is None:
        parser.error("`--export_dir` must hold a version: a folder named 1, 2, ...")
    with quiet(), contextlib.suppress(ImportError):
        import tensorflow_text  # noqa: F401 the operations of a model of subwords
    with quiet():
        return tf.saved_model.load(newest)


def specs(signature):
    """The inputs of a signature by name."""
    return signature.structured_input_signature[1]


def described(name, inputs):
    """A signature as it is asked: its name and the options of its inputs."""
    options = (f"--{key}={spec.dtype.name.upper()}" for key, spec in inputs.items())
    return f"--signature={name} {' '.join(options)}"


def inputs(parser, signature, specs, words):
    """One row for each input, from words such as `--seed=7`."""
    given = dict(word.removeprefix("--").partition("=")[::2] for word in words)
    if given.keys() != specs.keys():
        parser.error(f"the options must be: {described(signature, specs)}")
    rows = {}
    for name, spec in specs.items():
        kind = str if spec.dtype == tf.string else spec.dtype.as_numpy_dtype
        try:
            rows[name] = tf.constant([kind(given[name])], spec.dtype)
        except ValueError:
            parser.error(f"`--{name}` must be {spec.dtype.name}. Received: {given[name]!r}")
    return rows


def show(name, value):
    """An output of one row: text as text, numbers as numbers."""
    text = value.decode() if isinstance(value, bytes) else None
    if text is None and value.dtype == object:
        text = "\n".join(item.decode() for item in value.ravel())
    text = str(value) if text is None else text
    print(f"{name}: {text}" if name else text)


if __name__ == "__main__":
    main()

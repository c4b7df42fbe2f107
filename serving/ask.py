"""Asks an exported model for a text, with TensorFlow alone: the project is not needed.

python serving/ask.py --export_dir=runs/demo/export --prompt="Mr_Quill:" --max_words=80
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

OPTIONS = {  # name, type, default, meaning; each is one value for a row of the batch
    "seed": (int, 7, "the same seed and options give the same text"),
    "temperature": (float, 0.8, "0 = always the likeliest word"),
    "top_k": (int, 0, "choose among this many likeliest words; 0 = all"),
    "top_p": (float, 0.9, "choose among the fewest words of this mass"),
    "repetition_penalty": (float, 1.1, "above 1, words already written become less likely"),
    "max_words": (int, 120, "tokens to write"),
}


def main():
    """Load the newest version and print its answer."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--export_dir", required=True, help="parent of the versions 1, 2, ...")
    parser.add_argument("--prompt", default="", help="how the text begins")
    for name, (kind, default, meaning) in OPTIONS.items():
        parser.add_argument(f"--{name}", type=kind, default=default, help=f"{meaning} ({default})")
    options = vars(parser.parse_args())
    folders = pathlib.Path(options.pop("export_dir")).glob("*")
    versions = [path for path in folders if path.name.isdecimal()]
    newest = max(versions, key=lambda path: int(path.name), default=None)
    if newest is None:
        parser.error("`--export_dir` must hold a version: a folder named 1, 2, ...")
    with quiet(), contextlib.suppress(ImportError):
        import tensorflow_text  # noqa: F401 the operations of a model of subwords
    with quiet():
        model = tf.saved_model.load(newest)
    inputs = {name: tf.constant([value]) for name, value in options.items()}
    print(model.signatures["generate"](**inputs)["text"][0].numpy().decode())


if __name__ == "__main__":
    main()

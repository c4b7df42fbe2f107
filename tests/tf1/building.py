"""From a recorded `config` to objects of `tfseq.tf1`, and from recorded paths to their states."""

import numpy as np
import tensorflow as tf

from tests.conftest import SHARED
from tests.oracles.recorded import cases
from tfseq import tf1

# Variables that TensorFlow 1 made and never read.
UNREAD = {"layer_norm_lstm_cell/bias"}
# Arguments of wrappers that a config holds beside `inner`.
WRAPPING = (
    "activation",
    "attn_length",
    "attn_size",
    "attn_vec_size",
    "couple_carry_transform_gates",
    "embedding_classes",
    "embedding_size",
    "input_size",
    "num_proj",
    "output_size",
)


def cases_of(*archives):
    """`(archive, case)` of archives; one of each that skips where they are absent."""
    paths = [(name, SHARED / f"oracle/{name}.npz") for name in archives]
    there = [(name, cases(np.load(path))) for name, path in paths if path.exists()]
    found = [(name, case) for name, names in there for case in names]
    return found or [(name, "absent") for name in archives]


def make(config):
    """A cell from a `config`, or from a recorded `[name, units or inner cells, options]`."""
    if isinstance(config, list):
        return _from_list(*config)
    name = config["cell"].split(".")[-1]
    if "layers" in config:
        inner = [make(layer) for layer in config["layers"]]
        return tf1.MultiRNNCell(inner, state_is_tuple=config.get("state_is_tuple", True))
    if "inner" in config:
        given = {key: config[key] for key in WRAPPING if key in config}
        if name == "DeviceWrapper":
            given["device"] = "/cpu:0"
        if "residual_fn" in config:
            given["residual_fn"] = lambda x, y: y + tf.reduce_mean(x, -1, keepdims=True)
        return getattr(tf1, name)(make(config["inner"]), **given)
    return getattr(tf1, name)(**config["kwargs"])


def _from_list(name, argument, options=None):
    if name == "MultiRNNCell":
        argument = [make(inner) for inner in argument]
    elif isinstance(argument, list):
        argument = make(argument)
    return getattr(tf1, name)(argument, **(options or {}))


def state_like(size, found):
    """What was recorded below a path, `{"c": ..., "0": ...}`, in the structure of `state_size`."""
    if not isinstance(found, dict):
        return found
    if hasattr(size, "_fields"):
        return type(size)(*(state_like(getattr(size, n), found[n]) for n in size._fields))
    return type(size)(state_like(part, found[str(n)]) for n, part in enumerate(size))


def nest_at(flat, path):
    """What stands at a path of `{"initial_state/0/c": ...}`, or the nest below it."""
    if path in flat:
        return flat[path]
    names = {key[len(path) + 1 :].split("/")[0] for key in flat if key.startswith(f"{path}/")}
    return {name: nest_at(flat, f"{path}/{name}") for name in names}


def states_at(found, step):
    """One step of recorded states, `[batch, time, ...]`."""
    if isinstance(found, dict):
        return {name: states_at(part, step) for name, part in found.items()}
    return found[:, step]


def load_weights(obj, recorded, build, scope=""):
    """Build, load the recorded weights by TensorFlow 1's names, and return the variables by name.

    Args:
        obj: What has variables.
        recorded: The case.
        build: A call after which the variables are there.
        scope: What stands before the names of the object in the record.
    """
    build()
    own = {f"{scope}{name}": v for name, v in tf1.variables_by_name(obj).items()}
    weights = {n: w for n, w in recorded.group("weights").items() if n not in UNREAD}
    assert set(own) == set(weights)
    for name, value in weights.items():
        own[name].assign(value)
    return own


# Arguments, by the names of the record, whose second size is time.
TIMED = {
    "auxiliary_inputs",
    "cotangent",
    "forced_ids",
    "logits",
    "mask",
    "memory",
    "memory_mask",
    "targets",
    "weights",
    "x",
}


def loosely(run, fed, timed=True):
    """`run(**fed)` in a graph that knows neither batch nor time.

    Args:
        run: The function.
        fed: Nests of tensors by argument, `[batch, ...]`, or `[batch, time, ...]` if it is `TIMED`.
        timed: Whether time is unknown, too: lists over time are as long as they are.
    """

    def spec(value, free):
        fixed = value.shape[free:] if value.shape.rank else []
        return tf.TensorSpec([*[None] * (value.shape.rank - len(fixed)), *fixed], value.dtype)

    specs = {
        name: tf.nest.map_structure(
            lambda v, free=1 + (timed and name in TIMED): spec(v, free), values
        )
        for name, values in fed.items()
    }
    graph = tf.function(lambda fed: run(**fed), input_signature=[specs])
    return lambda **fed: graph(fed)

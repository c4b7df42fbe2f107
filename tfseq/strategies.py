"""From options to the devices that a model is trained on."""

import contextlib
import importlib.metadata
import io
import os
from collections.abc import Iterator
from typing import Any

import keras
import tensorflow as tf

from tfseq.cluster import call_roll, read_cluster
from tfseq.config import OptionError, lasting
from tfseq.replicas import is_chief
from tfseq.watch import watched


@contextlib.contextmanager
def on_devices(options: Any, speaks: bool = False) -> Iterator[None]:
    """Within it models are made and trained where and how `options.WithTraining` says.

    On several hosts what is printed is printed by the chief alone.

    Args:
        options: Also with `batch_size`, the rows of a step over all devices.
        speaks: Whether what the others print is printed, too.

    Raises:
        OptionError: Devices, hosts or batches do not fit, on each host.
    """
    with contextlib.ExitStack() as stack:
        if options.strategy != "one":
            make = {"mirrored": mirrored, "multi_worker": multi_worker}[options.strategy]
            strategy = stack.enter_context(make(options))
            check_batch(options, strategy.num_replicas_in_sync)
            stack.enter_context(strategy.scope())
            stack.enter_context(spoken_by_chief(speaks))
        stack.enter_context(computing_in(options.precision))
        yield


@contextlib.contextmanager
def on_hosts(options: Any) -> Iterator[None]:
    """The same for what is learnt on one device of this host, or of each of several.

    Args:
        options: With `strategy`, `one` or `multi_worker`, and those of `options.WithHosts`.
    """
    with contextlib.ExitStack() as stack:
        if options.strategy != "one":
            tf.config.set_visible_devices(tf.config.list_physical_devices("GPU")[:1], "GPU")
            strategy = stack.enter_context(multi_worker(options))
            stack.enter_context(strategy.scope())
            stack.enter_context(spoken_by_chief())
        yield


@contextlib.contextmanager
def spoken_by_chief(all_speak: bool = False) -> Iterator[None]:
    """Within it what is printed is printed by the chief alone."""
    with contextlib.ExitStack() as stack:
        if not (is_chief() or all_speak):
            stack.enter_context(contextlib.redirect_stdout(io.StringIO()))
        yield


@contextlib.contextmanager
def computing_in(precision: str) -> Iterator[None]:
    """Within it models compute in a `keras.dtype_policies` policy."""
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy(precision)
    try:
        yield
    finally:
        keras.config.set_dtype_policy(before)


def check_batch(options: Any, replicas: int) -> None:
    """Each device takes as many rows."""
    if options.batch_size % replicas:
        rule = f"must be a multiple of the {replicas} devices that it is parted among"
        raise OptionError("--batch_size", rule, options.batch_size)


@contextlib.contextmanager
def mirrored(options: Any) -> Iterator[tf.distribute.Strategy]:
    """The strategy of all devices of this host, or of the first `options.devices`."""
    kind = "GPU" if tf.config.list_physical_devices("GPU") else "CPU"
    if kind == "CPU":
        (processor,) = tf.config.list_physical_devices("CPU")
        parts = [tf.config.LogicalDeviceConfiguration() for _ in range(max(options.devices, 1))]
        try:
            tf.config.set_logical_device_configuration(processor, parts)
        except RuntimeError as error:  # this process has used it already
            if len(tf.config.list_logical_devices("CPU")) < len(parts):
                rule = "must be chosen before TensorFlow is used"
                raise OptionError("--devices", rule, options.devices) from error
    known = tf.config.list_logical_devices(kind)
    if options.devices > len(known):
        rule = f"must be at most the {len(known)} of this host"
        raise OptionError("--devices", rule, options.devices)
    chosen = known[: options.devices] if options.devices else known
    yield tf.distribute.MirroredStrategy([device.name for device in chosen])


@contextlib.contextmanager
def multi_worker(options: Any) -> Iterator[tf.distribute.Strategy]:
    """The strategy of all hosts of `TF_CONFIG`, which meet first and then watch each other."""
    cluster = read_cluster(os.environ.get("TF_CONFIG"))
    connections = call_roll(cluster, facts(options), options.worker_seconds)
    with watched(cluster, connections):
        communication = tf.distribute.experimental.CommunicationOptions(
            implementation=tf.distribute.experimental.CommunicationImplementation.RING,
            timeout_seconds=options.worker_seconds,
        )
        try:
            strategy = tf.distribute.MultiWorkerMirroredStrategy(
                communication_options=communication
            )
        except (tf.errors.OpError, RuntimeError) as error:
            rule = f"must name addresses at which TensorFlow can serve: {error}"
            raise OptionError("TF_CONFIG", rule, cluster.addresses[cluster.index]) from error
        yield strategy


def facts(options: Any) -> dict[str, str]:
    """What all hosts of a run must have alike: program and options."""
    packages = ("tfseq", "tensorflow", "keras")
    versions = [f"{name} {importlib.metadata.version(name)}" for name in packages]
    return {
        "program": ", ".join(versions),
        **{f"--{name}": str(getattr(options, name)) for name in lasting(options)},
    }

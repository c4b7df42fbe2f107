"""The models of a server: folders that are watched, versions that come and go, labels.

A version is loaded and warmed before it is asked, and an older one goes only after it is there
(`availability_preserving_policy.h`). One that cannot be loaded changes nothing but its status.
"""

import contextlib
import pathlib
import threading
import time

from tensorflow_serving.apis import get_model_status_pb2

from tests.serving.model_server.status import Code, StatusError, invalid, raised_as_status
from tests.serving.model_server.versions import Version

States = get_model_status_pb2.ModelVersionStatus


class Model:
    """One folder of versions.

    Args:
        config: A `ModelConfig`.
        load: `load(name, number, path)`, a new `Version`.
        retries: How often a version that fails is tried again.
        retry_seconds: The time between.
    """

    def __init__(self, config, load, retries, retry_seconds):
        self.config = config
        self.load_version = load
        self.retries, self.retry_seconds = retries, retry_seconds
        self.versions = {}  # those that may be asked
        self.states = {}  # number -> (state, error or None), also of those that are gone
        self.attempts = {}  # number -> (how many failed, when the last did)
        self.changed = threading.Condition()

    def poll(self):
        """Load what is new, then let go of what is no longer wanted."""
        wanted = self.wanted()
        for number in sorted(wanted - self.versions.keys()):
            if self.is_due(number):
                self.load(number)
        if wanted <= self.versions.keys():
            for number in sorted(self.versions.keys() - wanted):
                self.unload(number)

    def wanted(self):
        """The numbers that the policy chooses of those on disk."""
        base = pathlib.Path(self.config.base_path)
        found = (
            {int(path.name) for path in base.iterdir() if path.name.isdecimal() and path.is_dir()}
            if base.is_dir()
            else set()
        )
        policy = self.config.model_version_policy
        match policy.WhichOneof("policy_choice"):
            case "all":
                return found
            case "specific":
                return found & set(policy.specific.versions)
            case _:
                return set(sorted(found)[-(policy.latest.num_versions or 1) :])

    def is_due(self, number):
        """Whether a version may be tried: never tried, or failed not too often and a while ago."""
        failed, last = self.attempts.get(number, (0, 0.0))
        return failed <= self.retries and (
            not failed or time.monotonic() - last >= self.retry_seconds
        )

    def load(self, number):
        """Load one version, or note why it cannot be loaded."""
        self.states[number] = States.LOADING, None
        path = pathlib.Path(self.config.base_path) / str(number)
        try:
            with raised_as_status():
                version = self.load_version(self.config.name, number, path)
        except StatusError as error:
            failed = self.attempts.get(number, (0, 0.0))[0] + 1
            self.attempts[number] = failed, time.monotonic()
            state = States.LOADING if failed <= self.retries else States.END
            self.states[number] = state, error
            return
        with self.changed:
            self.versions[number] = version
            self.states[number] = States.AVAILABLE, None
        self.attempts.pop(number, None)

    def unload(self, number):
        """Let go of one version as soon as nobody is being answered by it."""
        with self.changed:
            version = self.versions.pop(number)
            self.states[number] = States.UNLOADING, None
            self.changed.wait_for(lambda: not version.users)
        version.close()
        self.states[number] = States.END, None

    @contextlib.contextmanager
    def lease(self, number=None):
        """A version, the newest if none is named, that stays loaded within."""
        with self.changed:
            found = max(self.versions, default=None) if number is None else number
            if found not in self.versions:
                name = self.config.name
                which = f"Latest({name})" if number is None else f"Specific({name}, {number})"
                raise not_found(which)
            version = self.versions[found]
            version.users += 1
        try:
            yield version
        finally:
            with self.changed:
                version.users -= 1
                self.changed.notify_all()

    def close(self):
        """Let go of all versions."""
        for number in list(self.versions):
            self.unload(number)


def not_found(which):
    """No model of that name, or no such version of it."""
    return StatusError(Code.NOT_FOUND, f"Servable not found for request: {which}")


class Models:
    """All models of a server.

    Args:
        config: A `ModelServerConfig`.
        batching: A `BatchingParameters`, or None.
        warms_up: Whether warm-up files are run.
        labels_may_wait: Whether a label may name a version that is not loaded
            (`--allow_version_labels_for_unavailable_models`).
        retries: As of `Model`.
        retry_seconds: As of `Model`.
    """

    def __init__(
        self,
        config,
        batching=None,
        warms_up=True,
        labels_may_wait=False,
        retries=5,
        retry_seconds=60.0,
    ):
        self.labels_may_wait = labels_may_wait
        self.make_model = lambda one: Model(
            one,
            lambda name, number, path: Version(name, number, path, batching, warms_up),
            retries,
            retry_seconds,
        )
        self.models = {}
        self.reloading = threading.Lock()
        self.configure(config)

    def configure(self, config):
        """Serve the models of `config`, and no others, with its policies and labels."""
        with self.reloading:
            wanted = {one.name: one for one in config.model_config_list.config}
            for one in wanted.values():
                self.check(one)
                self.check_labels(one)
            models = {}
            for name, one in wanted.items():
                old = self.models.get(name)
                kept = old is not None and old.config.base_path == one.base_path
                models[name] = old if kept else self.make_model(one)
                models[name].config = one
            gone = [old for name, old in self.models.items() if models.get(name) is not old]
            self.models = models
            for model in models.values():
                model.poll()
            for model in gone:
                model.close()

    def check(self, config):
        """A model must be TensorFlow's, with an absolute path."""
        if config.model_platform != "tensorflow":
            raise invalid(
                f"Illegal setting neither ModelServerConfig::model_type nor "
                f"ModelServerConfig::model_platform. Model: {config.name}"
            )
        if not pathlib.Path(config.base_path).is_absolute():
            raise invalid(
                f"Expected model {config.name} to have an absolute path or URI; got base_path()="
                f"{config.base_path}"
            )

    def check_labels(self, config):
        """A label names a version that can be asked, unless the server allows more."""
        model = self.models.get(config.name)
        for number in () if self.labels_may_wait else config.version_labels.values():
            if model is None or number not in model.versions:
                raise StatusError(
                    Code.FAILED_PRECONDITION,
                    f"Request to assign label to version {number} of model {config.name}, which is "
                    "not currently available for inference",
                )

    def poll(self):
        """Look at every folder once."""
        with self.reloading:
            for model in self.models.values():
                model.poll()

    @property
    def all_there(self):
        """Whether each model has a version that can be asked."""
        return all(model.versions for model in self.models.values())

    def lease(self, spec):
        """`Model.lease` of what a `ModelSpec` names."""
        if not spec.name:
            raise invalid("ModelSpec has no name specified.")
        model = self.models.get(spec.name)
        number = self.number(spec)
        if model is None:
            raise not_found(
                f"Latest({spec.name})" if number is None else f"Specific({spec.name}, {number})"
            )
        return model.lease(number)

    def number(self, spec):
        """The version that a `ModelSpec` names by number or label; None: the newest."""
        if spec.HasField("version"):
            return spec.version.value
        if not spec.version_label:
            return None
        model = self.models.get(spec.name)
        labels = model.config.version_labels if model else {}
        if spec.version_label not in labels:
            raise invalid(f"Unrecognized servable version label: {spec.version_label}")
        return labels[spec.version_label]

    def status(self, spec):
        """A `GetModelStatusResponse`, the newest version first."""
        model, number = self.models.get(spec.name), self.number(spec)
        states = model.states if model else {}
        if number is not None and number not in states:
            raise StatusError(
                Code.NOT_FOUND, f"Could not find version {number} of model {spec.name}"
            )
        if not states:
            raise StatusError(Code.NOT_FOUND, f"Could not find any versions of model {spec.name}")
        response = get_model_status_pb2.GetModelStatusResponse()
        for key in sorted(states, reverse=True) if number is None else [number]:
            state, error = states[key]
            one = response.model_version_status.add(version=key, state=state)
            one.status.error_code = error.code.value[0] if error else 0
            one.status.error_message = error.message if error else ""
        return response

    def close(self):
        """Let go of everything."""
        for model in self.models.values():
            model.close()

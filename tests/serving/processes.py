"""The test server in a process of its own, on the command line and the files of the kit."""

import pathlib
import re
import signal
import socket
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
KIT = ROOT / "serving"


class ServerProcess:
    """A server as `serving/compose.yaml` starts it; only ports and folders are others.

    Args:
        exports: What the container has as `/models`.
        directory: For its copy of `models.config` and its log.
        **flags: Others than the kit's.

    Attributes:
        port, rest_api_port: Where it listens.
    """

    def __init__(self, exports, directory, **flags):
        config = directory / "models.config"
        config.write_text((KIT / "models.config").read_text().replace("/models/", f"{exports}/"))
        self.port, self.rest_api_port = free_port(), free_port()
        words = re.findall(r"^ +- (--\S+)$", (KIT / "compose.yaml").read_text(), re.MULTILINE)
        own = {
            "--port": self.port,
            "--rest_api_port": self.rest_api_port,
            "--model_config_file": config,
            **{f"--{flag}": value for flag, value in flags.items()},
        }
        given = dict(word.replace("/config/", f"{KIT}/").split("=", 1) for word in words) | own
        self.log = directory / "log.txt"
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [
                    *(sys.executable, "-m", "tests.serving.model_server"),
                    *(f"{flag}={value}" for flag, value in given.items()),
                ],
                cwd=ROOT,
                stderr=log,
            )

    def wait_until_ready(self, seconds=300):
        """Until it says that REST is open."""
        end = time.monotonic() + seconds
        while "Exporting HTTP/REST API at:" not in self.log.read_text(errors="replace"):
            assert self.process.poll() is None, self.log.read_text(errors="replace")[-2000:]
            assert time.monotonic() < end, "it does not start"
            time.sleep(0.05)
        return self

    @property
    def runs(self):
        """Whether it still does."""
        return self.process.poll() is None

    @property
    def megabytes(self):
        """The memory that it holds."""
        status = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.search(r"VmRSS:\s+(\d+) kB", status)[1]) / 1024

    def close(self):
        """Ask it to end; its exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(60)


def free_port():
    """A port that nobody listens on."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return taken.getsockname()[1]

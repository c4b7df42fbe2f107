"""What the manuals show of Python and curl, run against the test server."""

import json
import pathlib
import re
import shlex
import shutil
import subprocess

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
MANUALS = [(ROOT / name).read_text(encoding="utf-8") for name in ("BUILD.md", "serving/README.md")]


def test_the_example_of_the_manual_runs(server, capsys):
    (example,) = re.findall(
        r"```python\n(from tfseq\.serving import Client.*?)```", MANUALS[0], re.S
    )
    exec(example.replace("localhost:8501", f"127.0.0.1:{server.rest_api_port}"), {})
    assert len(capsys.readouterr().out.splitlines()) == 2


@pytest.mark.skipif(not shutil.which("curl"), reason="needs curl")
@pytest.mark.parametrize("line", re.findall(r"^ +(curl -d .*)$", "\n".join(MANUALS), re.M))
def test_the_lines_of_curl_in_the_manuals_run(line, server):
    words = shlex.split(line.replace("localhost:8501", f"127.0.0.1:{server.rest_api_port}"))
    answer = subprocess.run([*words, "--silent"], capture_output=True, text=True, check=True)
    (text,) = json.loads(answer.stdout)["predictions"]
    assert isinstance(text, str)

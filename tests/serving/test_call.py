"""`call` and `bench`: an export and a server asked from the command line."""

import json
import re

import pytest

from tfseq.command import main
from tfseq.serving import Client
from tfseq.serving.__main__ import VERBS


@pytest.fixture
def command():
    """A function that runs a command line and returns its exit code."""
    return lambda *words: main("python -m tfseq.serving", VERBS, [str(word) for word in words])


@pytest.fixture(params=["local", "REST", "gRPC"])
def target(request, exports, server):
    """The generator, each way it can be asked."""
    return {
        "local": exports / "tv_script",
        "REST": f"http://127.0.0.1:{server.rest_api_port}/v1/models/tv_script",
        "gRPC": f"grpc://127.0.0.1:{server.port}/v1/models/tv_script",
    }[request.param]


def test_the_texts_of_all_rows_are_printed(target, command, capsys):
    words = ["--signature=generate", "--prompt=Ada:", "--prompt", "Cy: Who", "--max_words=3"]
    assert command("call", target, *words) == 0
    printed = capsys.readouterr().out
    with Client(target) as client:
        answer = client.predict({"prompt": ["Ada:", "Cy: Who"], "max_words": 3}, "generate")
    assert printed == "".join(f"{text}\n" for text in answer["text"])


def test_several_outputs_have_their_names_and_json_has_all(target, command, capsys):
    assert command("call", target, "--signature=score", "--text=Ada: Is the soup") == 0
    lines = dict(line.split(": ") for line in capsys.readouterr().out.splitlines())
    assert command("call", target, "--signature=score", "--text=Ada: Is the soup", "--json") == 0
    answer = json.loads(capsys.readouterr().out)
    assert answer == {name: [json.loads(value)] for name, value in lines.items()}
    assert answer["tokens"] == [4]


def test_without_an_input_the_signatures_are_listed(target, command, capsys):
    assert command("call", target) == 0
    lines = capsys.readouterr().out.splitlines()
    names = [line.split()[0] for line in lines]
    assert {"--signature=generate", "--signature=score"} <= set(names)
    assert any("max_words: int32 [batch] = 200" in line for line in lines)


def test_a_row_that_breaks_a_rule_says_so_and_the_exit_code_is_1(target, command, capsys):
    words = ["--signature=generate", "--prompt=Ada:", "--prompt=Cy:", "--max_words=2"]
    assert command("call", target, *words, "--temperature=1", "--temperature=-1") == 1
    lines = capsys.readouterr().out.splitlines()
    assert re.match("error: .*`temperature` must be", lines[-1])
    assert not lines[0].startswith("error")


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (["--signature=tell", "--text=x"], "`signature` must be one of generate, "),
        (["--signature=score", "--prompt=x"], "`inputs` must be among text. Received: prompt"),
        (["--signature=generate", "--seed=1"], "`inputs` must hold prompt. Received: seed"),
        (
            ["--signature=generate", "--prompt=x", "--seed=one"],
            "`--seed` must be int32. Received: 'one'",
        ),
        (
            ["--signature=generate", "--prompt=x", "--seed=0.5"],
            "`seed` must be int32 [batch], or one row of it. Received: 0.5",
        ),
        (["--prompt"], "`--prompt` must have a value"),
    ],
)
def test_what_cannot_be_asked_is_one_line(words, complaint, exports, command, complaint_of):
    line = complaint_of(command, "call", exports / "tv_script", *words)
    assert complaint in line


def test_a_server_that_is_not_there_is_one_line(command, complaint_of, tmp_path):
    url = "http://127.0.0.1:1/v1/models/x"
    line = complaint_of(command, "call", url, "--text=x", "--timeout=0.5")
    assert line.startswith(f"python -m tfseq.serving call: `{url}` gives no answer: UNAVAILABLE: ")
    assert "gives no answer: NOT_FOUND" in complaint_of(command, "bench", tmp_path, "--text=x")


def test_the_bench_counts_what_is_answered(target, command, capsys):
    words = ["--signature=score", "--text=Ada: Is the soup", "--concurrency=3", "--seconds=0.5"]
    assert command("bench", target, *words) == 0
    first, times, rates, last = capsys.readouterr().out.splitlines()
    assert re.fullmatch(rf"3 at a time for \d\.\d s: {target}", first)
    p50, p95, p99 = map(float, re.findall(r"p\d\d ([\d.]+) ms", times))
    assert 0 < p50 <= p95 <= p99
    requests, tokens = map(float, re.findall(r"([\d.]+) \w+/s", rates))
    assert tokens == pytest.approx(4 * requests, rel=0.1)
    assert re.fullmatch(r"[1-9]\d* answers, errors: none", last)


@pytest.mark.parametrize("name", ["tv_script", "translation", "word2vec"])
def test_a_server_takes_the_exports_of_the_applications(name, exports, command, capsys):
    assert command("check", exports / name) == 0
    text = capsys.readouterr().out
    assert text.endswith("A server takes it.\n")
    assert "times the same" not in text  # no weight is stored twice
    assert ("of tensorflow-text" in text) == (name == "translation")

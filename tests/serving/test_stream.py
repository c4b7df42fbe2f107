"""A text as it is written: word by word the text of `generate`, from every way to run it."""

import numpy as np
import pytest

from tfseq.command import main
from tfseq.serving import Client, ServingError
from tfseq.serving.__main__ import VERBS

PROMPT = 'Ada: "Zzz (is'
OPTIONS = {
    "seed": 5,
    "max_words": 21,
    "temperature": 1.3,
    "top_k": 30,
    "top_p": 0.95,
    "repetition_penalty": 1.2,
}


@pytest.fixture(scope="module", params=["local", "REST", "gRPC"])
def client(request, exports, server):
    target = {
        "local": exports / "tv_script",
        "REST": f"http://127.0.0.1:{server.rest_api_port}/v1/models/tv_script",
        "gRPC": f"grpc://127.0.0.1:{server.port}/v1/models/tv_script",
    }[request.param]
    with Client(target) as client:
        yield client


@pytest.mark.parametrize("words", [1, 4, 100])
def test_the_words_are_those_of_the_whole_decode(client, words):
    pieces = list(client.stream({"prompt": PROMPT, **OPTIONS, "words": words}))
    (text,) = client.predict({"prompt": PROMPT, **OPTIONS}, "generate")["text"]
    assert "".join(pieces) == text
    assert len(pieces) == 1 + OPTIONS["max_words"]
    assert all(pieces)


def test_rows_at_different_places_go_on_together(client):
    """As a server runs steps of several clients in one batch."""
    prompts = ["", PROMPT, "Cy: Who"]
    started = client.predict({"prompt": prompts}, "start")
    text = started.pop("text")
    options = {"seed": [1, 2, 3], "max_words": [9, 2, 5], "words": [2, 3, 100]}
    for _ in range(5):
        answer = client.predict({**started, **options}, "step")
        text = text + [("".join(row)) for row in answer["pieces"]]
        started = {name: answer[name] for name in started}
    assert answer["done"].tolist() == [True, True, True]
    del options["words"]
    whole = client.predict({"prompt": prompts, **options}, "generate")["text"]
    assert text.tolist() == whole.tolist()


@pytest.mark.parametrize(
    ("name", "wrong"), [("words", 0), ("words", 10**9), ("max_words", 0), ("temperature", -1.0)]
)
def test_a_wrong_option_ends_the_stream_with_its_rule(client, name, wrong):
    stream = client.stream({"prompt": PROMPT, name: wrong})
    next(stream)
    with pytest.raises(ServingError, match=f"INVALID_ARGUMENT: `{name}` must be .* Received: "):
        next(stream)


@pytest.mark.parametrize("value", [np.nan, np.inf, 3e38])
def test_broken_states_harm_no_neighbour(value, exports):
    with Client(exports / "tv_script") as client:
        started = client.predict({"prompt": [PROMPT, "Cy: Who"]}, "start")
        del started["text"]
        right = client.predict({**started, "seed": 4}, "step")["pieces"]
        for name in started:
            if name.startswith("state_"):
                started[name][0] = value
        started["tokens"][0] = "\0\n<pad>\0\n\0\n"
        broken = client.predict({**started, "seed": 4}, "step")["pieces"]
    assert broken[1].tolist() == right[1].tolist()


def test_the_command_line_shows_the_text(client, capsys):
    words = ["call", client.target, "--stream", f"--prompt={PROMPT}", "--max_words=9"]
    assert main("python -m tfseq.serving", VERBS, words) == 0
    (text,) = client.predict({"prompt": PROMPT, "max_words": 9}, "generate")["text"]
    assert capsys.readouterr().out == f"{text}\n"


def test_a_model_without_steps_is_told(exports):
    with Client(exports / "word2vec") as client, pytest.raises(ValueError, match="Received: start"):
        next(client.stream({"word": "soup"}))

"""Whatever options come in: a right answer or a line that says what is wrong, and an end."""

import time

import numpy as np
import pytest

from tests.serving.abuse.requests import BEAM, GENERATE, REQUESTS, batch

MOST, LEAST = 2**31 - 1, -(2**31)
RIGHT = [
    ("tv_script", "generate", "temperature", 0.0),
    ("tv_script", "generate", "temperature", 1e-40),
    ("tv_script", "generate", "temperature", 3e38),
    ("tv_script", "generate", "seed", -1),
    ("tv_script", "generate", "seed", LEAST),
    ("tv_script", "generate", "seed", MOST),
    ("tv_script", "generate", "top_k", MOST),
    ("tv_script", "generate", "top_p", 2e-38),
    ("tv_script", "generate", "repetition_penalty", 1e-30),
    ("tv_script", "generate", "repetition_penalty", 3e38),
    ("translation", "translate", "max_words", 0),
    ("translation", "translate_beam", "length_penalty", 0.0),
    ("translation", "translate_beam", "length_penalty", 10.0),
    ("translation", "translate_beam", "coverage_penalty", 10.0),
    ("word2vec", "nearest", "count", 1000),
]
WRONG = [
    *(("tv_script", "generate", "temperature", value) for value in (np.nan, -0.5, np.inf)),
    *(("tv_script", "generate", "max_words", value) for value in (10**9, 0, -1, LEAST)),
    *(("tv_script", "generate", "top_k", value) for value in (-1, LEAST)),
    *(("tv_script", "generate", "top_p", value) for value in (np.nan, 0.0, 1.5, -np.inf)),
    *(("tv_script", "generate", "repetition_penalty", value) for value in (np.nan, 0.0, np.inf)),
    *(("translation", "translate", "max_words", value) for value in (10**9, -1)),
    *(("translation", "translate_beam", "max_words", value) for value in (10**9, LEAST)),
    *(("translation", "translate_beam", "length_penalty", v) for v in (np.nan, -1.0, np.inf)),
    *(("translation", "translate_beam", "coverage_penalty", v) for v in (np.nan, -1.0, 1e9)),
    *(("word2vec", "nearest", "count", value) for value in (0, -3, MOST)),
]


def ids(case):
    """What stands in the test's name."""
    return str(case)


@pytest.mark.parametrize(("model", "signature", "option", "value"), RIGHT, ids=ids)
def test_the_ends_of_what_is_right_are_answered(client, model, signature, option, value):
    request = batch(
        REQUESTS[model, signature], **{option: type_of(model, signature, option)(value)}
    )
    answer = client.predict(model, request, signature, timeout=30)
    assert not answer.get("error", [b""])[0]
    for output in answer.values():
        assert output.dtype.kind != "f" or np.isfinite(output).all()


@pytest.mark.parametrize(("model", "signature", "option", "value"), WRONG, ids=ids)
def test_what_is_wrong_is_told_and_costs_nothing(client, model, signature, option, value):
    request = REQUESTS[model, signature]
    wrong = type_of(model, signature, option)(value)
    rows = [batch(request), batch(request, **{option: wrong}), batch(request)]
    together = {name: np.concatenate([row[name] for row in rows]) for name in request}
    start = time.monotonic()
    answer = client.predict(model, together, signature, timeout=30)
    assert time.monotonic() - start < 10
    assert answer["error"][1].startswith(f"`{option}` must be ".encode())
    assert not answer["error"][0]
    (texts,) = (answer[name] for name in ("text", "texts", "words") if name in answer)
    assert not np.any(texts[1])
    assert np.all(texts[0] == texts[2])
    if model == "tv_script":
        assert texts[0]


def type_of(model, signature, option):
    """`int` or `float`, as the option is sent."""
    return type(REQUESTS[model, signature][option])


def test_the_longest_text_that_may_be_asked_for_ends(client):
    answer = client.predict("tv_script", batch(GENERATE, max_words=10_000), "generate", timeout=120)
    assert len(answer["text"][0].split()) > 1000
    answer = client.predict(
        "translation", batch(BEAM, max_words=1000), "translate_beam", timeout=120
    )
    assert not answer["error"][0]


def test_rest_takes_numbers_that_are_none_and_tells(rest):
    body = (
        b'{"signature_name": "generate", "instances": [{"prompt": "Ada:", "seed": 1, "top_k": 0, '
    )
    body += b'"temperature": NaN, "top_p": 0.9, "repetition_penalty": 1.1, "max_words": 5}]}'
    status, answer = rest.predict("tv_script", body)
    line = "`temperature` must be finite and at least 0. Received: temperature=nan"
    assert (status, answer) == (200, {"predictions": [{"text": "", "error": line}]})


def test_a_request_of_more_rows_than_the_kit_allows_is_refused(rest):
    asked = {"instances": [""] * 257}
    status, answer = rest.predict("translation", asked)
    assert status == 400
    assert answer["error"] == "Task size 257 is larger than maximum input batch size 256"

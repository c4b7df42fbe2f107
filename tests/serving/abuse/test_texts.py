"""Whatever text comes in: an answer that can be read, and the same beside any neighbour."""

import json
import time

import numpy as np
import pytest

from tests.serving.abuse.requests import REQUESTS, batch, with_text

MEGABYTE = 2**20
TEXTS = {
    "nothing": b"",
    "blanks": b" \t\r\n  \n",
    "NUL": b"a\x00b \x00",
    "bytes that are no UTF-8": b"\xff\xfe ab \xc3( caf\xc3",
    "a surrogate, an overlong slash, too high": b"\xed\xa0\x80 \xc0\xaf \xf4\x90\x80\x80",
    "right to left": "שלום עולם. مرحبا, ok?".encode(),
    "combining marks": ("Z" + "\u0301\u0323\u0489" * 40 + "a\u030a").encode(),
    "a family of one character": "👩\u200d👩\u200d👧\u200d👦 👍🏽 \ufeff\u202e".encode(),
    "control characters": bytes(range(1, 32)) + b"\x7f",
    "special tokens": b"<unk> <pad> <end> <start> ## ##a \xef\xbf\xbd",
    "a megabyte of words": b"the soup " * (MEGABYTE // 9),
    "a megabyte without a blank": b"x" * MEGABYTE,
    "a megabyte of line ends": b"\n" * MEGABYTE,
    "a megabyte of marks": "\u0301".encode() * (MEGABYTE // 2),
}

EACH = pytest.mark.parametrize(
    ("model", "signature"), REQUESTS, ids=["/".join(names) for names in REQUESTS]
)


def plain(value, row):
    """A row of an output, its padding taken off: what it is in any batch."""
    found = value[row]
    if found.dtype == object if isinstance(found, np.ndarray) else False:
        return [text for text in found.ravel().tolist() if text]
    if isinstance(found, np.ndarray) and found.ndim == 2:  # weights, padded with zeros
        return found[np.any(found > 0, axis=1)][:, np.any(found > 0, axis=0)]
    return found


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
@EACH
def test_any_text_is_answered_in_time_with_text_that_can_be_read(client, model, signature, text):
    request = REQUESTS[model, signature]
    start = time.monotonic()
    answer = client.predict(model, with_text(request, text), signature, timeout=60)
    assert time.monotonic() - start < 30
    for value in answer.values():
        assert len(value) == 1
        if value.dtype == object:
            for found in value.ravel():
                found.decode()  # UTF-8, or REST's JSON cannot be read
        elif value.dtype.kind == "f":
            assert np.isfinite(value).all()


@EACH
def test_neighbours_of_any_text_get_what_they_get_alone(client, model, signature):
    request = REQUESTS[model, signature]
    alone = client.predict(model, batch(request), signature)
    rows = [batch(request), *(with_text(request, text[:4000]) for text in TEXTS.values())]
    together = {name: np.concatenate([row[name] for row in rows]) for name in request}
    answer = client.predict(model, together, signature)
    for name, value in answer.items():
        mine, expected = plain(value, 0), plain(alone[name], 0)
        if isinstance(expected, (bytes, list)):
            assert mine == expected
        else:
            np.testing.assert_allclose(mine, expected, rtol=1e-4, atol=1e-5)


@EACH
def test_no_rows_give_no_rows(client, model, signature):
    answer = client.predict(model, batch(REQUESTS[model, signature], 0), signature)
    assert all(len(value) == 0 for value in answer.values())


@EACH
def test_rest_reads_every_answer_as_json(rest, model, signature):
    """Also where the text was none."""
    request = REQUESTS[model, signature]
    for text in (b"\xff\xfe ab \xc3(", b"a\x00b", "👩\u200d👩 e\u0301".encode()):
        row = {name: "TEXT" if isinstance(value, str) else value for name, value in request.items()}
        asked = {"signature_name": signature, "instances": [row]}
        status, _, answer = rest.send("POST", f"/v1/models/{model}:predict", body(asked, text))
        assert status == 200
        answer.decode()


def body(document, text):
    """A request as bytes, the text in it as it is."""
    escaped = text.replace(b"\x00", b"\\u0000")
    return json.dumps(document).encode().replace(b"TEXT", escaped)

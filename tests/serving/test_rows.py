"""Rows of a request: what becomes a batch, how it is cut, and how its answers are joined."""

import re
import subprocess
import sys

import numpy as np
import pytest

from tfseq.serving import rows
from tfseq.serving.signatures import Signature, Tensor

SIGNATURE = Signature(
    inputs={
        "text": Tensor("string", (None,)),
        "seed": Tensor("int32", (None,)),
        "rate": Tensor("float32", (None,)),
        "state": Tensor("float32", (None, 3)),
    },
    outputs={},
    defaults={"seed": 7, "rate": 0.5, "state": [0.0, 0.0, 0.0]},
)


def test_a_value_alone_is_every_rows_and_what_is_left_out_has_its_default():
    batch = rows.batch_of({"text": ["a", "bé"], "rate": 2}, SIGNATURE)
    assert batch["text"].tolist() == [b"a", b"b\xc3\xa9"]
    np.testing.assert_array_equal(batch["seed"], np.array([7, 7], np.int32))
    np.testing.assert_array_equal(batch["rate"], np.array([2, 2], np.float32))
    assert batch["state"].shape == (2, 3)
    assert {name: value.dtype for name, value in batch.items()} == {
        "text": object,
        "seed": np.int32,
        "rate": np.float32,
        "state": np.float32,
    }


def test_one_value_is_one_row_and_none_are_no_rows():
    assert rows.batch_of({"text": "a"}, SIGNATURE)["text"].tolist() == [b"a"]
    empty = rows.batch_of({"text": []}, SIGNATURE)
    assert [len(value) for value in empty.values()] == [0, 0, 0, 0]
    assert empty["state"].shape == (0, 3)


def test_bytes_keep_every_byte():
    odd = b"\xff\x00 a\x00"
    assert rows.batch_of({"text": [odd]}, SIGNATURE)["text"].tolist() == [odd]


@pytest.mark.parametrize(
    ("inputs", "complaint"),
    [
        ({}, "`inputs` must hold text. Received: none"),
        ({"seed": 1}, "`inputs` must hold text. Received: seed"),
        (
            {"txt": "a", "text": "b"},
            "`inputs` must be among text, seed, rate, state. Received: txt",
        ),
        ({"text": 3}, "`text` must be string [batch], or one row of it. Received: 3"),
        ({"text": [["a"]]}, "`text` must be string [batch], or one row of it. Received: [['a']]"),
        ({"text": "a", "seed": 0.5}, "`seed` must be int32 [batch], or one row of it"),
        ({"text": "a", "seed": 2**31}, "`seed` must be int32 [batch], or one row of it"),
        ({"text": "a", "seed": 10**30}, "`seed` must be int32 [batch], or one row of it"),
        ({"text": "a", "seed": "x"}, "`seed` must be int32 [batch], or one row of it"),
        ({"text": "a", "rate": True}, "`rate` must be float32 [batch], or one row of it"),
        ({"text": "a", "state": [[1, 2], [3]]}, "`state` must be float32 [batch, 3]"),
        (
            {"text": ["a", "b"], "seed": [1, 2, 3]},
            "`inputs` must have as many rows each. Received: 2 of text, 3 of seed",
        ),
    ],
)
def test_what_does_not_fit_is_one_line(inputs, complaint):
    with pytest.raises(ValueError, match=f"^{re.escape(complaint)}"):
        rows.batch_of(inputs, SIGNATURE)


def test_a_batch_is_cut_into_parts_that_are_joined_in_order():
    batch = {"text": np.arange(7), "seed": np.arange(7) * 2}
    parts = rows.parts_of(batch, 3)
    assert [len(part["text"]) for part in parts] == [3, 3, 1]
    joined = rows.joined(parts)
    np.testing.assert_array_equal(joined["text"], batch["text"])
    np.testing.assert_array_equal(joined["seed"], batch["seed"])
    (alone,) = rows.parts_of({"text": np.zeros([0])}, 3)
    assert len(alone["text"]) == 0


def test_parts_of_other_lengths_are_filled_up_behind():
    words = [np.array([[b"a", b"b"]], object), np.array([[b"c"], [b"d"]], object)]
    weights = [np.ones([1, 2, 1]), np.full([2, 1, 3], 2.0)]
    joined = rows.joined([{"words": w, "weights": x} for w, x in zip(words, weights, strict=True)])
    assert joined["words"].tolist() == [[b"a", b"b"], [b"c", b""], [b"d", b""]]
    expected = np.zeros([3, 2, 3])
    expected[0, :2, :1] = 1
    expected[1:, :1, :3] = 2
    np.testing.assert_array_equal(joined["weights"], expected)


def test_a_client_of_rest_imports_no_tensorflow():
    program = (
        "import sys\n"
        "from tfseq.serving import Client\n"
        "Client('http://localhost:8501/v1/models/translation')\n"
        "print('tensorflow' in sys.modules, 'grpc' in sys.modules)\n"
    )
    result = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert result.stdout == "False False\n", result.stderr

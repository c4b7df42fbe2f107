"""The client: one answer from an export, over REST and gRPC, and one line where it is wrong."""

import threading

import numpy as np
import pytest

from tfseq.serving import Client, ServingError, retries

LINES = ["Ada: Is", "", "Cy: Who took", "Bob_Cole: (sighs) \N{SNOWMAN}", "\N{HEBREW LETTER ALEF}b"]
OPTIONS = {"seed": [1, 2, 3, 4, 5], "max_words": [3, 9, 4, 2, 7], "temperature": 0.9}


@pytest.fixture(scope="module")
def targets(exports, server):
    """A function from a model's name to its three targets."""

    def of(name, version=""):
        path = f"v1/models/{name}{version}"
        return {
            "local": exports / name,
            "REST": f"http://127.0.0.1:{server.rest_api_port}/{path}",
            "gRPC": f"grpc://127.0.0.1:{server.port}/{path}",
        }

    return of


def same(answer, other):
    assert answer.keys() == other.keys()
    for name, value in answer.items():
        assert value.dtype == other[name].dtype
        if value.dtype == object:
            assert value.tolist() == other[name].tolist()
        else:
            np.testing.assert_allclose(value, other[name], rtol=1e-5)


@pytest.mark.parametrize(
    ("model", "signature", "inputs"),
    [
        ("tv_script", "generate", {"prompt": LINES, **OPTIONS}),
        ("tv_script", "score", {"text": LINES}),
        ("translation", "align", {"text": LINES}),
        ("translation", "translate_beam", {"text": LINES[:3]}),
        ("word2vec", "nearest", {"word": ["soup", "nobody", "hot?"], "count": [2, 3, 1]}),
        ("word2vec", "vector", {"word": "soup"}),
    ],
)
def test_every_way_to_ask_gives_the_same_answer(model, signature, inputs, targets):
    answers = []
    for target in targets(model).values():
        with Client(target, batch_size=2) as client:
            answers.append(client.predict(inputs, signature))
    same(answers[0], answers[1])
    same(answers[0], answers[2])


@pytest.mark.parametrize("way", ["local", "REST", "gRPC"])
def test_what_is_left_out_has_the_applications_default(way, targets):
    from apps.tv_script.config import Generate

    with Client(targets("tv_script")[way]) as client:
        defaults = client.signatures["generate"].defaults
        assert defaults == pytest.approx(
            {
                name: getattr(Generate, name)
                for name in client.signatures["generate"].inputs
                if name != "prompt"
            }
        )
        answer = client.predict({"prompt": ["Ada: Is"]}, "generate")
        same({"text": answer["text"]}, {"text": client.predict({"prompt": ["Ada: Is"]})["text"]})


@pytest.mark.parametrize("way", ["local", "REST", "gRPC"])
def test_parts_come_back_in_order(way, targets):
    words = [f"w{i} soup" for i in range(7)]
    with Client(targets("tv_script")[way], batch_size=3) as client:
        parts = client.predict({"text": words}, "score")
    with Client(targets("tv_script")[way]) as client:
        same(parts, client.predict({"text": words}, "score"))
        for row, word in enumerate(words):
            alone = client.predict({"text": word}, "score")
            np.testing.assert_allclose(
                alone["log_probability"][0], parts["log_probability"][row], rtol=1e-5
            )


@pytest.mark.parametrize("way", ["local", "REST", "gRPC"])
def test_no_rows_have_an_answer_without_rows(way, targets):
    with Client(targets("word2vec")[way]) as client:
        answer = client.predict({"word": []}, "nearest")
        assert {"words", "cosines", "known"} <= answer.keys()
        assert {len(value) for value in answer.values()} == {0}
        assert answer["words"].ndim == 2


@pytest.mark.parametrize("way", ["local", "REST", "gRPC"])
def test_bytes_that_are_no_utf_8_are_answered(way, targets):
    with Client(targets("tv_script")[way]) as client:
        answer = client.predict({"text": [b"Ada: \xff\xfe soup", b"a\x00b"]}, "score")
        assert np.isfinite(answer["log_probability"]).all()


@pytest.mark.parametrize("way", ["local", "REST", "gRPC"])
def test_what_cannot_be_asked_is_one_line(way, targets):
    with Client(targets("translation")[way]) as client:
        known = "align, score, serving_default, translate, translate_beam"
        with pytest.raises(ValueError, match=f"`signature` must be one of {known}. Received: x"):
            client.predict({"text": "a"}, "x")
        with pytest.raises(ValueError, match=r"`inputs` must hold target\. Received: source"):
            client.predict({"source": "a"}, "score")


@pytest.mark.parametrize("way", ["REST", "gRPC"])
def test_an_unknown_model_is_one_line_and_not_asked_again(way, targets, monkeypatch):
    monkeypatch.setattr(retries, "sleep", lambda seconds: pytest.fail("a wait"))
    target = targets("nobody")[way]
    with Client(target) as client, pytest.raises(ServingError) as error:
        client.predict({"text": "a"})
    assert error.value.code == "NOT_FOUND"
    assert str(error.value).startswith(f"{target}: NOT_FOUND: ")
    assert "nobody" in error.value.said


@pytest.mark.parametrize("way", ["REST", "gRPC"])
def test_a_version_and_a_label_are_part_of_the_target(way, targets):
    for version in ("/versions/1", "/labels/stable"):
        with Client(targets("word2vec", version)[way]) as client:
            assert client.predict({"word": "soup"}, "vector")["known"].tolist() == [True]
    for version in ("/versions/3", "/labels/canary"):
        with Client(targets("word2vec", version)[way]) as client, pytest.raises(ServingError):
            client.predict({"word": "soup"}, "vector")


def test_threads_share_a_client_and_get_their_own_answers(targets):
    for target in targets("word2vec").values():
        with Client(target) as client:
            alone = {word: client.predict({"word": word}, "vector") for word in ("soup", "Is")}
            found = []

            def ask(word, client=client, alone=alone, found=found):
                answer = client.predict({"word": word}, "vector")
                found.append(np.array_equal(answer["vector"], alone[word]["vector"]))

            threads = [threading.Thread(target=ask, args=(w,)) for w in ["soup", "Is"] * 6]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            assert found == [True] * 12


def test_a_path_without_a_version_is_one_line(tmp_path):
    with pytest.raises(ServingError, match="NOT_FOUND: there is no version, a folder named 1, 2"):
        Client(tmp_path)


@pytest.mark.parametrize(
    "target", ["http://localhost:8501", "grpc://localhost:8500/translation", "http://h/v1/models/"]
)
def test_a_url_without_a_model_is_one_line(target):
    with pytest.raises(ValueError, match="`target` must name a model: http://HOST:8501/v1/models"):
        Client(target)


def test_without_the_extra_grpc_names_it(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "tfseq.serving.rpc", None)
    monkeypatch.delitem(__import__("sys").modules, "tfseq.serving.rpc")
    monkeypatch.setitem(__import__("sys").modules, "grpc", None)
    with pytest.raises(ModuleNotFoundError, match=r"needs gRPC: pip install 'tfseq\[serve\]'"):
        Client("grpc://localhost:8500/v1/models/x")

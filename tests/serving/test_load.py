"""Many clients at once: nothing is lost, nothing is mixed up, no memory is kept."""

import threading
import time

import numpy as np
import pytest

CLIENTS = 32
OPTIONS = {  # other ones for each client, so that a mixed-up answer shows
    "seed": np.arange(CLIENTS, dtype="i4"),
    "temperature": np.linspace(0.0, 1.5, CLIENTS, dtype="f4"),
    "top_k": np.arange(CLIENTS, dtype="i4") % 5,
    "top_p": np.linspace(0.5, 1.0, CLIENTS, dtype="f4"),
    "repetition_penalty": np.linspace(1.0, 1.3, CLIENTS, dtype="f4"),
    "max_words": 1 + np.arange(CLIENTS, dtype="i4") % 7,
}
PROMPTS = np.array([f"Ada: the {number}. soup" for number in range(CLIENTS)], object)


@pytest.fixture(scope="module")
def expected(client):
    """Each client's text, from one request of all rows."""
    inputs = {"prompt": PROMPTS, **OPTIONS}
    answer = client.predict("tv_script", inputs, "generate")
    assert not any(answer["error"])
    texts = [text.decode() for text in answer["text"]]
    assert len(set(texts)) == CLIENTS
    return texts


def load(rest, grpc, expected, seconds):
    """Half of the clients by REST, half by gRPC, each with its own request again and again."""
    end, answers, errors = time.monotonic() + seconds, [0] * CLIENTS, []

    def by_rest(number):
        row = {name: values[number].item() for name, values in OPTIONS.items()}
        asked = {
            "signature_name": "generate",
            "instances": [{"prompt": PROMPTS[number], **row}],
        }
        status, answer = rest.predict("tv_script", asked)
        return answer["predictions"][0]["text"] if status == 200 else answer

    def by_grpc(number):
        row = {name: values[number : number + 1] for name, values in OPTIONS.items()}
        row["prompt"] = PROMPTS[number : number + 1]
        return grpc.predict("tv_script", row, "generate")["text"][0].decode()

    def ask(number):
        while time.monotonic() < end:
            try:
                answer = (by_rest, by_grpc)[number % 2](number)
            except Exception as error:
                answer = error
            if answer != expected[number]:
                errors.append((number, answer))
            answers[number] += 1

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(CLIENTS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers, errors


@pytest.mark.parametrize("seconds", [3, pytest.param(30, marks=pytest.mark.slow)])
def test_32_clients_lose_no_request_and_each_gets_its_own_text(rest, client, expected, seconds):
    answers, errors = load(rest, client, expected, seconds)
    assert errors == []
    assert min(answers) > 0


def test_a_wrong_row_of_one_client_harms_no_other(rest, client, expected):
    """Its neighbours in the batch are answered, however often it asks."""
    ended, told = threading.Event(), []

    def nuisance():
        row = {name: values[:1] for name, values in OPTIONS.items()}
        row |= {"prompt": PROMPTS[:1], "temperature": np.array([np.nan], "f4")}
        while not ended.is_set():
            told.append(client.predict("tv_script", row, "generate")["error"][0])

    thread = threading.Thread(target=nuisance)
    thread.start()
    _, errors = load(rest, client, expected, 1)
    ended.set()
    thread.join()
    assert errors == []
    assert set(told) == {b"`temperature` must be finite and at least 0. Received: temperature=nan"}


@pytest.mark.slow
def test_memory_stays_level_over_10000_requests(kit_server, client):

    def ask(times):
        for number in range(times):
            text = np.array([f"Ada: {number} " + "soup " * (number % 5)], object)
            client.predict("tv_script", {"text": text}, "score")
            client.predict("translation", {"text": text})

    ask(500)
    before = kit_server.megabytes
    ask(2250)
    middle = kit_server.megabytes
    ask(2250)
    assert kit_server.megabytes - middle < 8
    assert middle - before < 30

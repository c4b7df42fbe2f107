"""The exported model: strings in, strings out, the same from every way to run it."""

import itertools
import json
import subprocess
import sys

import numpy as np
import pytest
import tensorflow as tf

from apps.tv_script.data import load_run
from apps.tv_script.generator import Generator, defaults
from apps.tv_script.model import load_model
from tfseq import serving
from tfseq.command import main as command_line
from tfseq.serving import exports
from tfseq.serving.__main__ import VERBS as SERVING

PROMPTS = ["Ada: Is", "", "Zed: unheard words"]
OPTIONS = {
    "seed": [1, 2, 3],
    "temperature": [0.8, 1.2, 0.0],
    "top_p": [0.9, 1.0, 0.5],
    "max_words": [9, 5, 7],
}


@pytest.fixture(scope="module")
def export(run_dir, tmp_path_factory, tv_script):
    directory = tmp_path_factory.mktemp("export")
    assert tv_script("export", f"--run_dir={run_dir}", f"--export_dir={directory}") == 0
    return directory


@pytest.fixture(scope="module")
def generator(run_dir):
    run = load_run(run_dir)
    return Generator(run, load_model(run))


@pytest.fixture(scope="module")
def texts(generator):
    return as_text(generator.generate(PROMPTS, **defaults(3, **OPTIONS))["text"])


def as_text(strings):
    return [string.decode() for string in strings.numpy()]


def test_versions_count_up_and_hold_all_that_a_server_needs(export, run_dir, tv_script):
    assert tv_script("export", f"--run_dir={run_dir}", f"--export_dir={export}") == 0
    assert sorted(path.name for path in export.iterdir()) == ["1", "2"]
    assert (export / "2" / "assets.extra" / "tf_serving_warmup_requests").stat().st_size > 0


def test_the_loaded_model_gives_the_same_text(export, texts):
    loaded = tf.saved_model.load(export / "1")
    answer = loaded.signatures["generate"](prompt=tf.constant(PROMPTS), **defaults(3, **OPTIONS))
    assert as_text(answer["text"]) == texts


def test_a_session_of_a_clean_process_gives_the_same_text(export, texts):
    options = {name: value.numpy() for name, value in defaults(3, **OPTIONS).items()}
    answers = serving.run_in_session(export / "1", {"generate": {"prompt": PROMPTS, **options}})
    assert answers["generate"]["text"] == texts


def test_the_command_line_tool_of_tensorflow_gives_the_same_text(export, texts):
    options = {name: value.numpy().tolist() for name, value in defaults(3, **OPTIONS).items()}
    inputs = [f"{name}={value}" for name, value in {"prompt": PROMPTS, **options}.items()]
    tool = "from tensorflow.python.tools.saved_model_cli import main; main()"
    command = [sys.executable, "-c", tool, "run", f"--dir={export / '1'}", "--tag_set=serve"]
    command += ["--signature_def=generate", f"--input_exprs={';'.join(inputs)}"]
    output = subprocess.run(command, capture_output=True, text=True)
    assert output.returncode == 0, output.stderr
    for text in texts:
        assert repr(text.encode()) in output.stdout


def test_a_row_is_the_same_alone_and_among_32(generator):
    seeds = np.arange(32)
    options = {
        "max_words": 40,
        "temperature": np.linspace(0, 2, 32),
        "top_k": seeds % 5,
        "seed": seeds,
    }
    prompts = [PROMPTS[row % 3] for row in range(32)]
    together = as_text(generator.generate(prompts, **defaults(32, **options))["text"])
    for row in (0, 1, 5, 31):
        alone = {name: np.broadcast_to(value, [32])[row] for name, value in options.items()}
        assert as_text(
            generator.generate(prompts[row : row + 1], **defaults(1, **alone))["text"]
        ) == [together[row]]


def test_words_one_by_one_are_the_words_at_once(generator, texts):
    for row, text in enumerate(texts):
        options = {name: value[row] for name, value in OPTIONS.items()}
        assert "".join(generator.stream(PROMPTS[row], **options)) == text


def test_the_default_signature_uses_the_default_options(generator):
    text = as_text(generator.serving_default(PROMPTS)["text"])
    assert text == as_text(generator.generate(PROMPTS, **defaults(3))["text"])


def test_special_tokens_are_never_written(generator):
    options = defaults(16, seed=np.arange(16), temperature=5.0, top_p=1.0, max_words=50)
    for text in as_text(generator.generate([""] * 16, **options)["text"]):
        assert "<" not in text


def test_a_score_is_the_sum_of_the_steps(generator, run_dir):
    """Read one word at a time, an unknown word and an empty text included."""
    run = load_run(run_dir)
    model = load_model(run)
    texts = ["Ada: Is the soup hot?", "", "zzz"]
    scores = generator.score(tf.constant(texts))
    for row, text in enumerate(texts):
        states, total = model.get_initial_state(1), 0.0
        (ids,) = run.ids([text])
        stream = [*run.context, *ids]
        for place, (word, following) in enumerate(itertools.pairwise(stream)):
            logits, states = model.step(np.array([word]), states)
            if place >= len(run.context) - 1:
                total += float(tf.nn.log_softmax(logits)[0, following])
        assert scores["tokens"][row] == len(ids)
        np.testing.assert_allclose(scores["log_probability"][row], total, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize(
    ("name", "wrong", "rule"),
    [
        ("temperature", -1.0, "finite and at least 0. Received: temperature=-1"),
        ("temperature", np.nan, "finite and at least 0. Received: temperature=nan"),
        ("top_p", 1.5, "above 0 and at most 1. Received: top_p=1.5"),
        ("top_k", -1, "at least 0. Received: top_k=-1"),
        ("repetition_penalty", np.inf, "finite and above 0. Received: repetition_penalty=inf"),
        ("max_words", 10**9, "at least 1 and at most 10000. Received: max_words=1000000000"),
    ],
)
def test_a_row_with_a_wrong_option_is_told_and_harms_no_other(generator, texts, name, wrong, rule):
    options = defaults(3, **OPTIONS)
    values = options[name].numpy()
    values[1] = wrong
    answer = generator.generate(PROMPTS, **{**options, name: values})
    assert as_text(answer["text"]) == [texts[0], "", texts[2]]
    assert as_text(answer["error"]) == ["", f"`{name}` must be {rule}", ""]


def test_of_a_long_prompt_the_end_is_read_and_all_is_written(generator, monkeypatch):
    words = " ".join(["soup", "spoon", "hot"] * 7)
    monkeypatch.setattr("apps.tv_script.generator.MOST_TOKENS", 4)
    raw = generator.write.__func__
    options = defaults(2, max_words=6, seed=5)
    short, long = as_text(raw(generator, [words, "hot soup spoon hot"], options))
    assert long.startswith("hot soup spoon hot")
    assert short == words + long.removeprefix("hot soup spoon hot")


def test_the_warm_up_file_holds_requests_as_the_server_reads_them(export):
    logs = pytest.importorskip(
        "tensorflow_serving.apis.prediction_log_pb2",
        reason="needs tensorflow-serving-api, the extra `serve`",
    )
    path = export / "1" / "assets.extra" / "tf_serving_warmup_requests"
    records = [logs.PredictionLog.FromString(r.numpy()) for r in tf.data.TFRecordDataset(str(path))]
    requests = [record.predict_log.request for record in records]
    assert [r.model_spec.signature_name for r in requests] == [
        "serving_default",
        "generate",
        "score",
        "start",
        "step",
    ]
    loaded = tf.saved_model.load(export / "1")
    for request in requests:
        inputs = {
            name: tf.constant(tf.make_ndarray(value)) for name, value in request.inputs.items()
        }
        loaded.signatures[request.model_spec.signature_name](**inputs)


def test_the_command_line_asks_the_newest_version(export, generator, capsys):
    (export / "1.bak").mkdir()
    text = as_text(generator.serving_default(["Ada: Is"])["text"])[0]
    assert (
        command_line("python -m tfseq.serving", SERVING, ["call", str(export), "--prompt=Ada: Is"])
        == 0
    )
    assert capsys.readouterr().out == text + "\n"


def test_the_command_line_asks_any_signature(export, texts, capsys):
    options = {name: value.numpy()[0] for name, value in defaults(3, **OPTIONS).items()}
    words = ["call", str(export), "--signature=generate", "--prompt", PROMPTS[0]]
    words += [f"--{name}={value}" for name, value in options.items()]
    assert command_line("python -m tfseq.serving", SERVING, words) == 0
    assert capsys.readouterr().out == texts[0] + "\n"


def test_a_failed_export_leaves_nothing_behind(generator, tmp_path, monkeypatch):
    monkeypatch.setattr(exports, "check", lambda *_: json.loads("no json"))
    with pytest.raises(json.JSONDecodeError):
        serving.export(
            generator, {"score": generator.score}, tmp_path, {"score": {"text": ["Ada:"]}}
        )
    assert list(tmp_path.iterdir()) == []

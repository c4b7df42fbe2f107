"""The translator's LiteRT file: the greedy translation, and the score of one that is given."""

import numpy as np
import pytest
import tensorflow as tf

from apps.translation import lite
from apps.translation.data import load_run
from apps.translation.model import load_model
from apps.translation.translator import Translator
from tfseq.serving.lite import Lite
from tfseq.text import END

SENTENCES = ["The black cat sleeps.", "A dog sees the horse.", "The bird"]
NOTHING = np.zeros([1, 0], np.int32)


@pytest.fixture(scope="module")
def run(run_dir):
    return load_run(run_dir)


@pytest.fixture(scope="module")
def model(run):
    return load_model(run)


@pytest.mark.parametrize("more", [[], ["--int8"]])
def test_the_file_translates_as_the_translator(
    run, model, run_dir, translation, tmp_path, capsys, more
):
    path = tmp_path / "translator.tflite"
    assert translation("export", f"--run_dir={run_dir}", f"--lite={path}", *more) == 0
    assert "perplexity per token" in capsys.readouterr().out
    device, translator = Lite(path.read_bytes()), Translator(run, model)
    for source in run.source_ids(SENTENCES)[0]:
        found = translator.greedy(tf.constant([[*source, END]]), max_words=20)
        answer = device(source=source[None], target=NOTHING, max_words=21)
        ids = answer["ids"][0].tolist()
        length = int(found.lengths[0, 0])
        assert ids[:length] == found.ids[0, 0, :length].numpy().tolist()
        assert ids[length:] == [END] * (length < 21) + [0] * (20 - length)


def test_a_given_target_has_the_score_of_the_translator(run, model):
    write, translator = lite.writer(model), Translator(run, model)
    targets = ["Le chat noir dort.", "Un chien"]
    scores = translator.score(SENTENCES[:2], targets)["log_probability"]
    for row, source in enumerate(run.source_ids(SENTENCES[:2])[0]):
        (target,), _ = run.target_ids(targets[row : row + 1])
        answer = write(source[None], [[*target, END]], 1)
        np.testing.assert_allclose(answer["log_probability"], [scores[row]], rtol=1e-4)

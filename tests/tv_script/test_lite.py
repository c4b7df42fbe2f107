"""The generator's LiteRT file: what `generate` writes by the likeliest words."""

import contextlib
import io
import re

import numpy as np
import pytest
import tensorflow as tf

from apps.tv_script.data import load_run
from apps.tv_script.generator import Generator, defaults
from apps.tv_script.model import load_model
from tfseq.serving.lite import Lite


@pytest.fixture(scope="module")
def files(run_dir, tv_script, tmp_path_factory):
    """The contents of both files, and what was said of each: `{option: (bytes, text)}`."""
    made = {}
    for option in ("--noint8", "--int8"):
        path = tmp_path_factory.mktemp("lite") / "generator.tflite"
        with contextlib.redirect_stdout(io.StringIO()) as said:
            assert tv_script("export", f"--run_dir={run_dir}", f"--lite={path}", option) == 0
        made[option] = path.read_bytes(), said.getvalue()
    return made


@pytest.mark.parametrize("option", ["--noint8", "--int8"])
def test_the_file_writes_what_the_generator_writes(run_dir, files, option):
    run = load_run(run_dir)
    generator = Generator(run, load_model(run))
    device = Lite(files[option][0])
    for prompt in ("", "Ada: Is the", "Bob_Cole: (sighs)"):
        options = defaults(1, temperature=0.0, repetition_penalty=1.0, max_words=9)
        expected = generator.write([prompt], options).numpy()[0]
        tokens = run.tokenizer.tokenize([prompt])
        ids = run.vocabulary.ids(tokens).to_tensor()
        written = device(ids=ids, max_words=9)["ids"]
        words = run.vocabulary.tokens(tf.RaggedTensor.from_tensor(written))
        assert run.tokenizer.detokenize(tf.concat([tokens, words], axis=1)).numpy()[0] == expected


def perplexity_in(text):
    """The first number of the line that begins so."""
    return float(re.search(r"^perplexity per \w+ +([0-9.]+)", text, re.MULTILINE)[1])


@pytest.mark.parametrize("option", ["--noint8", "--int8"])
def test_the_perplexity_is_that_of_evaluate(run_dir, tv_script, files, capsys, option):
    assert tv_script("evaluate", f"--run_dir={run_dir}", "--samples=0") == 0
    known = perplexity_in(capsys.readouterr().out)
    np.testing.assert_allclose(perplexity_in(files[option][1]), known, rtol=1e-3)


def test_a_file_that_cannot_be_written_is_one_line(run_dir, tv_script, complaint_of):
    line = complaint_of(tv_script, "export", f"--run_dir={run_dir}", "--lite=/nowhere/x.tflite")
    assert "`--lite` must be a file that can be written" in line

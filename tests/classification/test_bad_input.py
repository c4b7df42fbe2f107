"""Wrong input gets one line: the option, its rule, what came; exit code 2, nothing lost."""

import functools
import gzip

import pytest

from tests.classification.conftest import TINY


@pytest.fixture
def complaint(classification, complaint_of):
    """The one line of a command line of the application that must fail."""
    return functools.partial(complaint_of, classification)


FILES = {
    "no text behind a label": (b"a one\nb two\nb \n", ["line 3", "a label, a blank or tab"]),
    "a blank line": (b"a one\n\nb two\n", ["line 2"]),
    "one class only": (b"a one\na two\na three\n", ["at least two labels", "all are a"]),
    "one class left": (b"a one\nb two\n", ["at least two labels to learn from", "all are"]),
    "empty": (b"", ["empty"]),
    "not UTF-8": (b"a caf\xe9\nb two\n", ["UTF-8"]),
    "cut gzip": (gzip.compress(b"a one\nb two\n" * 99)[:-9], ["gzip"]),
}


@pytest.mark.parametrize("kind", FILES)
def test_files_that_cannot_be_learnt_from_are_named(kind, complaint, tmp_path):
    content, parts = FILES[kind]
    (tmp_path / "train").write_bytes(content)
    line = complaint("train", f"--run_dir={tmp_path / 'run'}", f"--train_file={tmp_path / 'train'}")
    for part in ("`--development_share`" if "left" in kind else "`--train_file`", *parts):
        assert part in line
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize(
    ("words", "parts"),
    [
        (["train", "--run_dir=x"], ["--train_file", "required"]),
        (["train", "--run_dir=x", "--train_file=nowhere"], ["--train_file", "existing file"]),
        (["train", "--run_dir=x", "--train_file=x", "--pooling=min"], ["last, mean, max", "'min'"]),
        (["train", "--run_dir=x", "--train_file=x", "--merge=mean"], ["concat, sum"]),
        (["train", "--run_dir=x", "--train_file=x", "--preset=dem"], ["--preset", "demo"]),
        (["predict", "--run_dir=nowhere"], ["--run_dir", "nowhere"]),
        (["evaluate", "--run_dir=nowhere", "--file=x"], ["--run_dir", "nowhere"]),
        (["export", "--run_dir=nowhere"], ["--run_dir", "nowhere"]),
        (["sing"], ["sing", "predict"]),
    ],
)
def test_a_wrong_option_is_named_with_its_rule(words, parts, complaint):
    line = complaint(*words)
    for part in parts:
        assert part in line


@pytest.mark.parametrize(
    ("words", "part"),
    [
        (["--development_file={dev}"], "`--development_file` must have labels that training had"),
        (["--most_tokens=3"], "`--most_tokens` must be at least 5, the tokens of line 1"),
        (["--development_share=0.99"], "`--development_share` must leave examples"),
        (["--tokens=subwords", "--subword_vocabulary=100"], "--subword_vocabulary"),
        (["--embeddings=nowhere.txt"], "--embeddings"),
        (["--freeze_embeddings"], "`--freeze_embeddings` is for a start from --embeddings"),
        (["--residual_from=0", "--layers=2"], "parts that fit"),
        (["--clip_value=1"], "--clip_value"),
    ],
)
def test_what_turns_out_to_be_wrong_later_leaves_no_run_behind(
    words, part, complaint, tmp_path, files
):
    """The same directory serves the corrected command."""
    (tmp_path / "dev").write_text("who is that ?\nwhose is it ?\n")
    letters = "".join(chr(code) for code in range(0x4E00, 0x4E40))
    (tmp_path / "letters").write_text(f"a b\na c\nb {letters}\nb c\n" * 9)
    train = tmp_path / "letters" if "vocabulary" in part else files[0]
    words = [word.format(dev=tmp_path / "dev") for word in words]
    line = complaint(
        "train", f"--run_dir={tmp_path / 'run'}", f"--train_file={train}", *TINY, *words
    )
    assert part in line
    assert not (tmp_path / "run").exists()


def test_a_label_that_training_did_not_have_is_told_with_its_line(complaint, run_dir, tmp_path):
    (tmp_path / "file").write_text("who are you ?\nwhy are you ?\n")
    line = complaint("evaluate", f"--run_dir={run_dir}", f"--file={tmp_path / 'file'}")
    assert "`--file` must have labels that training had: do, where, who" in line
    assert "line 2: why" in line


@pytest.mark.parametrize(
    ("labels", "part"),
    [("who\n" * 5, "a line for each of the 6 examples"), ("who\nwhy\n" * 3, "line 2: why")],
)
def test_a_label_file_must_fit_the_examples(labels, part, complaint, run_dir, tmp_path):
    (tmp_path / "labels").write_text(labels)
    line = complaint("evaluate", f"--run_dir={run_dir}", f"--label_file={tmp_path / 'labels'}")
    assert "`--label_file` must" in line
    assert part in line


def test_a_text_that_is_too_long_is_told_with_its_line(complaint, run_dir, tmp_path):
    (tmp_path / "in").write_text("a b c\na b c d\n")
    words = [f"--run_dir={run_dir}", f"--input_file={tmp_path / 'in'}", "--most_tokens=3"]
    line = complaint("predict", *words)
    assert "`--most_tokens` must be at least 4, the tokens of line 2. Received: 3" in line


def test_a_run_with_other_options_is_not_overwritten(complaint, run_dir, train_arguments):
    before = sorted((path.name, path.stat().st_mtime_ns) for path in run_dir.iterdir())
    assert "--seed=1" in complaint("train", f"--run_dir={run_dir}", *train_arguments, "--seed=2")
    assert sorted((path.name, path.stat().st_mtime_ns) for path in run_dir.iterdir()) == before


def test_output_that_cannot_be_written_leaves_what_was_there(complaint, run_dir, tmp_path):
    (tmp_path / "file").write_text("in the way")
    (tmp_path / "in").write_text("who ?\n")
    words = ["predict", f"--run_dir={run_dir}", f"--input_file={tmp_path / 'in'}"]
    assert "`--output_file`" in complaint(*words, f"--output_file={tmp_path / 'file' / 'out'}")
    assert "`--export_dir`" in complaint(
        "export", f"--run_dir={run_dir}", f"--export_dir={tmp_path / 'file'}"
    )
    assert (tmp_path / "file").read_text() == "in the way"

"""Wrong input gets one line: the option, its rule, what came; exit code 2, nothing lost."""

import functools
import gzip

import pytest

from tests.tagging.conftest import TINY, as_text


@pytest.fixture
def complaint(tagging, complaint_of):
    """The one line of a command line of the application that must fail."""
    return functools.partial(complaint_of, tagging)


FILES = {
    "a missing column": (b"a X O\n\nb B-X\n", ["a column 2", "line 3 of 2 columns"]),
    "one class only": (b"a X O\nb X O\n\nc X O\n", ["two different labels", "all are O"]),
    "blank lines only": (b"\n \n\t\n", ["must have a sentence"]),
    "empty": (b"", ["empty"]),
    "not UTF-8": (b"caf\xe9 X O\n", ["UTF-8"]),
    "cut gzip": (gzip.compress(b"a X O\nb X B\n" * 99)[:-9], ["gzip"]),
}


@pytest.mark.parametrize("kind", FILES)
def test_files_that_cannot_be_learnt_from_are_named(kind, complaint, tmp_path):
    content, parts = FILES[kind]
    (tmp_path / "train").write_bytes(content)
    words = [f"--run_dir={tmp_path / 'run'}", f"--train_file={tmp_path / 'train'}"]
    line = complaint("train", *words, "--label_column=2")
    for part in ("`--train_file`", *parts):
        assert part in line
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize(
    ("words", "parts"),
    [
        (["train", "--run_dir=x"], ["--train_file", "required"]),
        (["train", "--run_dir=x", "--train_file=nowhere"], ["--train_file", "existing file"]),
        (["train", "--run_dir=x", "--train_file=x", "--format=conll"], ["columns, conllu"]),
        (["train", "--run_dir=x", "--train_file=x", "--label_output=hmm"], ["softmax, crf"]),
        (["train", "--run_dir=x", "--train_file=x", "--token_column=-1"], ["at least 0"]),
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
        (["--development_file={dev}"], "line 3: B-XP"),
        (["--format=conllu"], "a column 1 in each line"),
        (["--most_tokens=4"], "must be at least 5, the tokens of the text from line 4 on"),
        (["--development_share=0.99"], "`--development_share` must leave sentences"),
        (["--embeddings=nowhere.txt"], "--embeddings"),
        (["--freeze_embeddings"], "`--freeze_embeddings` is for a start from --embeddings"),
        (["--cell=clockwork_rnn"], "parts that fit. `units` must be a multiple"),
        (["--clip_value=1"], "--clip_value"),
    ],
)
def test_what_turns_out_to_be_wrong_later_leaves_no_run_behind(words, part, complaint, tmp_path):
    """The same directory serves the corrected command."""
    sentences = [
        [("a", "O"), ("b", "B-NP")],
        [(token, "O") for token in "cdefg"],
        [("h", "I-NP")],
    ]
    (tmp_path / "train").write_text(as_text(sentences))
    (tmp_path / "dev").write_text("a X O\n\nb X B-XP\n")
    words = [word.format(dev=tmp_path / "dev") for word in words]
    train = [f"--run_dir={tmp_path / 'run'}", f"--train_file={tmp_path / 'train'}"]
    assert part in complaint("train", *train, *TINY, *words)
    assert not (tmp_path / "run").exists()


def test_a_label_that_training_did_not_have_is_told_with_its_line(complaint, run_dir, tmp_path):
    (tmp_path / "file").write_text("\na X O\nb X I-VP\n")
    line = complaint("evaluate", f"--run_dir={run_dir}", f"--file={tmp_path / 'file'}")
    assert "`--file` must have labels that training had: B-ADVP, B-NP" in line
    assert "line 3: I-VP" in line


def test_a_column_that_is_missing_in_evaluation_is_told(complaint, run_dir, tmp_path):
    (tmp_path / "file").write_text("a X O\nb\n")
    line = complaint("evaluate", f"--run_dir={run_dir}", f"--file={tmp_path / 'file'}")
    assert "`--file` must name sentences with labels" in line
    assert "line 2 of 1 columns" in line


@pytest.mark.parametrize(
    ("labels", "part"),
    [
        ("O O\n" * 3, "a line for each of the 2 sentences. Received: "),
        ("O O\nO O\n", "a label for each of the 1 tokens. Received: 'line 2 with 2'"),
        ("O O\nB-XP\n", "line 2: B-XP"),
    ],
)
def test_a_label_file_must_fit_the_sentences(labels, part, complaint, run_dir, tmp_path):
    (tmp_path / "file").write_text("a X O\nb X B-NP\n\nc X O\n")
    (tmp_path / "labels").write_text(labels)
    words = [f"--file={tmp_path / 'file'}", f"--label_file={tmp_path / 'labels'}"]
    line = complaint("evaluate", f"--run_dir={run_dir}", *words)
    assert "`--label_file` must" in line
    assert part in line


def test_a_text_that_is_too_long_is_told_before_anything_is_written(complaint, run_dir, tmp_path):
    (tmp_path / "in").write_text("a b c\na b c d\n")
    (tmp_path / "out").write_text("what was there")
    words = ["predict", f"--run_dir={run_dir}", f"--input_file={tmp_path / 'in'}"]
    words += ["--most_tokens=3", f"--output_file={tmp_path / 'out'}"]
    line = complaint(*words)
    assert "`--most_tokens` must be at least 4, the tokens of the text from line 2" in line
    assert (tmp_path / "out").read_text() == "what was there"


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

"""Wrong input gets one line: the option, its rule, what came; exit code 2, nothing lost."""

import functools
import gzip
import os
import shutil

import pytest

from tfseq.checkpoint import Checkpoints, digest
from tfseq.runs import locked


@pytest.fixture
def complaint(tv_script, complaint_of):
    """The one line of a command line of the application that must fail."""
    return functools.partial(complaint_of, tv_script)


def a_file(path, content):
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


TEXTS = {
    "empty": (b"", "empty"),
    "blank": (b"\n\n \n", "must hold"),
    "one line": (b"Ada: Only this.\n", "at least two scenes"),
    "not UTF-8": (b"Ada: caf\xe9\n\nBob: no\n", "UTF-8"),
    "cut gzip": (gzip.compress(b"Ada: yes\n\nBob: no\n")[:-9], "gzip"),
    "shorter than a window": (b"Ada: yes\n\nBob: no\n", "--window"),
}


@pytest.mark.parametrize("kind", TEXTS)
def test_a_text_that_cannot_be_learnt_from_is_named(kind, complaint, tmp_path):
    content, rule = TEXTS[kind]
    path = a_file(tmp_path / "text.txt", content)
    line = complaint("train", f"--run_dir={tmp_path / 'run'}", f"--text_file={path}")
    assert line.startswith("python -m apps.tv_script train: `--text_file`")
    assert rule in line
    assert not (tmp_path / "run").exists()


def test_a_missing_text_is_named(complaint, tmp_path):
    line = complaint("train", f"--run_dir={tmp_path / 'run'}", "--text_file=nowhere.txt")
    assert "`--text_file`" in line
    assert "nowhere.txt" in line


@pytest.mark.parametrize(
    ("words", "parts"),
    [
        (["train", "--run_dir=x", "--preset=smal"], ["--preset", "demo", "notes", "small"]),
        (["train", "--run_dir=x", "--cell=lstmm"], ["--cell", "basic_lstm", "'lstmm'"]),
        (["train", "--run_dir=x", "--units=0"], ["--units", "at least 1"]),
        (["train", "--run_dir=x", "--clip_value=1"], ["--clip_value", "--clip_norm"]),
        (["train"], ["--run_dir", "required"]),
        (["generate", "--run_dir=x", "--temperature=-1"], ["--temperature", "at least 0", "-1"]),
        (["generate", "--run_dir=x", "--top_p=1.5"], ["--top_p", "at most 1", "1.5"]),
        (["generate", "--run_dir=x", "--top_p=nan"], ["--top_p", "nan"]),
        (["generate", "--run_dir=nowhere"], ["--run_dir", "nowhere"]),
        (["generate", "--run_dir=x", "--tempature=1"], ["--tempature", "--temperature"]),
        (["evaluate", "--run_dir=nowhere"], ["--run_dir", "nowhere"]),
        (["export", "--run_dir=nowhere"], ["--run_dir", "nowhere"]),
        (["sing"], ["sing", "generate"]),
    ],
)
def test_a_wrong_option_is_named_with_its_rule(words, parts, complaint):
    line = complaint(*words)
    for part in parts:
        assert part in line


@pytest.mark.parametrize(
    ("words", "option"),
    [
        (["--embeddings=nowhere.txt"], "--embeddings"),
        (["--embeddings={wide}", "--embedding_size=8"], "--embeddings"),
        (["--freeze_embeddings"], "--freeze_embeddings"),
        (["--residual_from=0", "--embedding_size=8", "--units=12"], "--preset"),
        (["--tokens=subwords", "--subword_vocabulary=100"], "--subword_vocabulary"),
        (["--seed=4294967296"], "--seed"),
        (["--learning_rate=inf"], "--learning_rate"),
    ],
)
def test_what_turns_out_to_be_wrong_later_leaves_no_run_behind(words, option, complaint, tmp_path):
    """The same directory serves the corrected command."""
    letters = "".join(chr(code) for code in range(0x4E00, 0x4E40))
    text = a_file(tmp_path / "text.txt", f"Ada: {letters} and so on, and on.\n\n" * 40)
    wide = a_file(tmp_path / "wide.txt", "1 3\nand 1 2 3\n")
    words = [word.replace("{wide}", str(wide)) for word in words]
    run = tmp_path / "run"
    line = complaint("train", f"--run_dir={run}", f"--text_file={text}", *words)
    assert f"`{option}`" in line
    assert not run.exists()


def test_a_run_in_training_is_not_trained_by_another(complaint, run_dir, train_arguments):
    with locked(run_dir):
        line = complaint("train", f"--run_dir={run_dir}", *train_arguments)
    assert "another process" in line


def test_a_run_of_other_options_is_not_touched(complaint, run_dir, train_arguments):
    before = {path: path.read_bytes() for path in run_dir.rglob("*") if path.is_file()}
    line = complaint("train", f"--run_dir={run_dir}", *train_arguments, "--units=13")
    assert "`--run_dir`" in line
    assert "--units=12" in line
    assert "--units=13" in line
    assert {path: path.read_bytes() for path in before} == before


def test_a_directory_that_cannot_be_made_is_named(complaint, tmp_path, text_file, run_dir):
    a_file(tmp_path / "file", "in the way")
    line = complaint("train", f"--run_dir={tmp_path / 'file' / 'run'}", f"--text_file={text_file}")
    assert "`--run_dir`" in line
    line = complaint("export", f"--run_dir={run_dir}", f"--export_dir={tmp_path / 'file'}")
    assert "`--export_dir`" in line
    assert (tmp_path / "file").read_text() == "in the way"


def test_a_directory_of_something_else_is_left_alone(complaint, tmp_path, text_file):
    a_file(tmp_path / "training.txt", "mine")
    line = complaint("train", f"--run_dir={tmp_path}", f"--text_file={text_file}")
    assert "`--run_dir`" in line
    assert (tmp_path / "training.txt").read_text() == "mine"


@pytest.mark.filterwarnings("default")  # the warning is what is tested
def test_a_truncated_checkpoint_gives_way_to_the_one_before(
    run_dir, tmp_path, train_arguments, tv_script, capfd
):
    shutil.copytree(run_dir, tmp_path / "run")
    checkpoints = Checkpoints(tmp_path / "run" / "checkpoints")
    expected = digest(checkpoints.latest().variables)
    newest = max(checkpoints.directory.glob("step-*.npz"))
    os.truncate(newest, newest.stat().st_size // 2)
    assert tv_script("train", f"--run_dir={tmp_path / 'run'}", *train_arguments) == 0
    errors = capfd.readouterr().err
    assert f"warning: {newest}" in errors
    assert digest(checkpoints.latest().variables) == expected  # the lost steps were done again


@pytest.mark.filterwarnings("default")  # the warning is what is tested
def test_without_the_best_checkpoint_the_latest_is_used(run_dir, tmp_path, tv_script, capfd):
    shutil.copytree(run_dir, tmp_path / "run")
    (tmp_path / "run" / "checkpoints" / "best.npz").unlink()
    assert tv_script("generate", f"--run_dir={tmp_path / 'run'}", "--max_words=3") == 0
    assert "best" in capfd.readouterr().err
    for path in (tmp_path / "run" / "checkpoints").iterdir():
        path.unlink()
    assert tv_script("generate", f"--run_dir={tmp_path / 'run'}", "--max_words=3") == 2


@pytest.mark.parametrize("prompt", ["", "qwerty uiop", "Ada: (", '"', "\n\n"])
def test_any_prompt_works(prompt, run_dir, tv_script, capsys):
    words = ["generate", f"--run_dir={run_dir}", f"--prompt={prompt}", "--max_words=5"]
    assert tv_script(*words) == 0
    assert capsys.readouterr().out.startswith(prompt.lower())


ADAPTIVE = ["--objective=adaptive_softmax", "--notied"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--objective=sampled_softmax"], "`--objective` needs --notied"),
        ([*ADAPTIVE, "--cutoffs=9,x"], "`--cutoffs` must be numbers apart by commas"),
        ([*ADAPTIVE, "--cutoffs=9,3"], "`cutoffs` must rise"),
        ([*ADAPTIVE, "--cutoffs=99999"], "`cutoffs` must rise"),
    ],
)
def test_an_objective_that_does_not_fit_is_named(words, said, complaint, tmp_path, text_file):
    where = [f"--run_dir={tmp_path / 'run'}", f"--text_file={text_file}"]
    assert said in complaint("train", *where, *words)
    assert not (tmp_path / "run").exists()

"""Training from prepared data: the same verbs, exact resume, and one line for what is wrong."""

import functools
import gzip
import shutil

import pytest
import tensorflow as tf

from tests import tiny
from tests.killing import assert_resumes
from tfseq.checkpoint import Checkpoints, digest
from tfseq.runs import locked
from tfseq.text import Shards

FORM = ["--shard_megabytes=0.0004", "--minimum_count=2", "--most_held_out=2"]
TRAIN = [*tiny.SCRIPT_OPTIONS, "--word_rate=0.1", "--output_rate=0.2", "--save_seconds=1e-9"]


@pytest.fixture
def complaint(tv_script, complaint_of):
    """The one line of a command line of the application that must fail."""
    return functools.partial(complaint_of, tv_script)


@pytest.fixture(scope="module")
def texts(tmp_path_factory):
    """Three files of scenes, one of them packed."""
    directory = tmp_path_factory.mktemp("texts")
    for number, scenes in enumerate((4, 7, 5)):
        text = (tiny.script(scenes) + "\n").encode()
        packed = gzip.compress(text) if number == 1 else text
        (directory / f"{number}.txt").write_bytes(packed)
    return f"{directory}/*.txt"


@pytest.fixture(scope="module")
def data_dir(texts, tmp_path_factory, tv_script):
    """Prepared data."""
    path = tmp_path_factory.mktemp("data") / "data"
    assert tv_script("prepare", f"--data_dir={path}", f"--text_files={texts}", *FORM) == 0
    return path


@pytest.fixture(scope="module")
def data_run(data_dir, finished_run, tv_script):
    """A finished run on it."""
    return finished_run(tv_script, f"--data_dir={data_dir}", *TRAIN)


def test_processes_side_by_side_write_the_same_data(texts, data_dir, tv_script, tmp_path, capfd):
    words = [f"--data_dir={tmp_path / 'd'}", f"--text_files={texts}", *FORM, "--processes=2"]
    assert tv_script("prepare", *words) == 0
    assert "16" not in capfd.readouterr().err  # no word of TensorFlow's
    ours, theirs = Shards(tmp_path / "d", "documents"), Shards(data_dir, "documents")
    assert ours.digest == theirs.digest
    assert len(ours.shards) > 3
    assert ours.items == 14


def test_every_verb_works_on_a_run_of_data(data_run, data_dir, tv_script, tmp_path, capsys):
    kept = {path.name for path in data_run.iterdir()}
    assert kept >= {"config.json", "data.json", "held_out.txt", "sample.txt", "tokenizer.json"}
    assert "training.txt" not in kept
    moved = shutil.copytree(data_run, tmp_path / "run")  # and without the data
    run = f"--run_dir={moved}"
    assert tv_script("generate", run, "--max_words=4", "--prompt=Ada:") == 0
    out, err = capsys.readouterr()
    assert out.startswith("ada:")
    assert "first scenes of the data" in err
    assert tv_script("evaluate", run, "--samples=1") == 0
    out = capsys.readouterr().out
    assert "scenes                  2" in out
    assert "on the first 14 scenes of the data alone" in out
    assert tv_script("embeddings", run, f"--vectors={tmp_path / 'v.txt'}") == 0


@pytest.mark.slow
def test_a_run_of_data_is_exported(data_run, tv_script, tmp_path):
    moved = shutil.copytree(data_run, tmp_path / "run")
    assert tv_script("export", f"--run_dir={moved}") == 0
    assert (moved / "export" / "1").is_dir()


def test_a_killed_run_ends_as_one_that_was_not(data_run, data_dir, tv_script, tmp_path):
    steps = Checkpoints(data_run / "checkpoints").latest().step
    words = [f"--data_dir={data_dir}", *TRAIN]
    assert_resumes("tv_script", tv_script, steps // 2, data_run, tmp_path / "killed", words)


def test_data_of_a_text_teaches_what_the_text_does(text_file, tv_script, tmp_path):
    """Without shuffling, text and data are the same ids: the weights are, too."""
    words = [*TRAIN, "--noshuffle", "--held_out_share=0.2"]
    data = [f"--data_dir={tmp_path / 'data'}", f"--text_files={text_file}"]
    assert tv_script("prepare", *data, "--shard_megabytes=0.0004", "--held_out_share=0.2") == 0
    ends = []
    for name, where in (("of text", f"--text_file={text_file}"), ("of data", data[0])):
        assert tv_script("train", f"--run_dir={tmp_path / name}", where, *words) == 0
        ends.append(digest(Checkpoints(tmp_path / name / "checkpoints").latest().variables))
    assert ends[0] == ends[1]


def test_text_is_read_wherever_tensorflow_reads(tv_script, tmp_path):
    with tf.io.gfile.GFile("ram://scenes.txt", "w") as file:
        file.write(tiny.script() + "\n")
    words = [f"--data_dir={tmp_path / 'd'}", "--text_files=ram://scenes.txt"]
    assert tv_script("prepare", *words) == 0
    assert Shards(tmp_path / "d", "documents").items == 10


@pytest.mark.parametrize(
    ("content", "parts"),
    [
        (b"Ada: yes\n\nBob: caf\xe9\n", ["UTF-8", "text.txt, line 3"]),
        (b"Ada: yes\n", ["two items"]),
        (gzip.compress(b"Ada: yes\n\n" * 99, mtime=0)[:-9], ["whole gzip", "text.txt"]),
    ],
)
def test_text_that_cannot_be_prepared_is_named(content, parts, complaint, tmp_path):
    path = tmp_path / "text.txt"
    path.write_bytes(content)
    line = complaint("prepare", f"--data_dir={tmp_path / 'd'}", f"--text_files={path}")
    for part in ("tv_script prepare: `--text_files`", *parts):
        assert part in line
    assert not (tmp_path / "d").exists()


def test_wrong_options_of_prepare_are_named(complaint, data_dir, texts, tmp_path):
    new, text = f"--data_dir={tmp_path / 'd'}", f"--text_files={texts}"
    assert "nowhere.txt" in complaint("prepare", new, "--text_files=nowhere.txt")
    assert "`--vocabulary_size`" in complaint("prepare", new, text, "--vocabulary_size=3")
    assert "`--data_service`" in complaint("prepare", new, text, "--data_service=here")
    (tmp_path / "mine.txt").write_text("mine")
    assert "new directory or data" in complaint("prepare", f"--data_dir={tmp_path}", text)
    line = complaint("prepare", f"--data_dir={data_dir}", text, *FORM, "--tokens=characters")
    assert "--tokens=words" in line
    assert "--tokens=characters" in line
    with locked(data_dir / "preparing"):
        line = complaint("prepare", f"--data_dir={data_dir}", text, *FORM)
        assert "in preparation by another process" in line
    below = tmp_path / "mine.txt" / "d"
    assert "can be written" in complaint("prepare", f"--data_dir={below}", text)


def test_wrong_options_of_train_on_data_are_named(complaint, data_dir, data_run, tmp_path):
    new, data = f"--run_dir={tmp_path / 'run'}", f"--data_dir={data_dir}"
    line = complaint("train", new, data, "--text_file=a.txt")
    assert "`--text_file` must not be given with --data_dir" in line
    assert "as the data was prepared: words" in complaint("train", new, data, "--tokens=blanks")
    assert "`--data_dir`" in complaint("train", new, f"--data_dir={tmp_path}", *TRAIN)
    assert "more than one --window" in complaint("train", new, data, "--window=5000")
    assert not (tmp_path / "run").exists()


def damaged(data_dir, target, what):
    shutil.copytree(data_dir, target)
    shard = target / "shard-00001.tfrecord"
    manifest = target / "manifest.json"
    if what == "missing":
        shard.unlink()
    elif what == "cut off":
        shard.write_bytes(shard.read_bytes()[:-9])
    elif what == "changed":
        shard.write_bytes(shard.read_bytes()[:-9] + b"\0" * 9)
    elif what == "of another version":
        manifest.write_text(manifest.read_text().replace('"version": 1', '"version": 99'))
    elif what == "with another vocabulary":
        (target / "vocabulary.txt").write_text('"<pad>"\n')
    return target


@pytest.mark.parametrize(
    ("what", "part"),
    [
        ("missing", "shard-00001.tfrecord, missing"),
        ("cut off", "shard-00001.tfrecord with"),
        ("changed", "shard-00001.tfrecord, changed"),
        ("of another version", "version 99"),
        ("with another vocabulary", "vocabulary.txt, changed"),
    ],
)
def test_damaged_data_is_named_and_the_run_goes_on_when_it_is_mended(
    what, part, complaint, data_dir, tv_script, data_run, tmp_path
):
    data = damaged(data_dir, tmp_path / "data", what)
    words = ["train", f"--run_dir={tmp_path / 'run'}", f"--data_dir={data}", *TRAIN]
    line = complaint(*words)
    assert "train: `--data_dir`" in line
    assert part in line
    if what != "changed":
        assert not (tmp_path / "run").exists()
        return
    # The shard is read when the run has begun, and nothing is lost.
    shutil.copyfile(data_dir / "shard-00001.tfrecord", data / "shard-00001.tfrecord")
    assert tv_script(*words) == 0
    ends = [Checkpoints(run / "checkpoints").latest() for run in (data_run, tmp_path / "run")]
    assert digest(ends[0].variables) == digest(ends[1].variables)


def test_a_run_is_not_gone_on_with_under_other_data(
    data_dir, data_run, texts, complaint, tv_script, tmp_path, capfd
):
    data = shutil.move(data_dir, tmp_path / "data")
    form = [FORM[0].replace("4", "6"), *FORM[1:]]
    try:
        assert tv_script("prepare", f"--data_dir={data_dir}", f"--text_files={texts}", *form) == 0
        capfd.readouterr()
        line = complaint("train", f"--run_dir={data_run}", f"--data_dir={data_dir}", *TRAIN)
        assert "the data that the run was begun with" in line
    finally:
        shutil.rmtree(data_dir, ignore_errors=True)
        shutil.move(data, data_dir)

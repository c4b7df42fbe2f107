"""Training from prepared pairs: the same verbs, exact resume, and one line for what is wrong."""

import functools
import shutil

import pytest

from tests import tiny
from tests.killing import assert_resumes
from tfseq.text import Shards

FORM = ["--shard_megabytes=0.0006", "--validation_share=0.2", "--tokens=subwords"]
FORM += ["--subword_vocabulary=120"]
TRAIN = ["--units=10", "--embedding_size=8", "--readout_units=8", "--batch_size=8", "--epochs=2"]
TRAIN += ["--embedding_rate=0.1", "--save_seconds=1e-9"]


@pytest.fixture
def complaint(translation, complaint_of):
    """The one line of a command line of the application that must fail."""
    return functools.partial(complaint_of, translation)


@pytest.fixture(scope="module")
def texts(files):
    """The option that names them, twice each."""
    return [
        f"--{side}_files={path},{path}"
        for side, path in zip(("source", "target"), files, strict=True)
    ]


@pytest.fixture(scope="module")
def data_dir(texts, tmp_path_factory, translation):
    """Prepared data."""
    path = tmp_path_factory.mktemp("data") / "data"
    assert translation("prepare", f"--data_dir={path}", *texts, *FORM) == 0
    return path


@pytest.fixture(scope="module")
def data_run(data_dir, finished_run, translation):
    """A finished run on it."""
    return finished_run(translation, f"--data_dir={data_dir}", *TRAIN)


def test_every_verb_works_on_a_run_of_data(data_run, data_dir, translation, tmp_path, capsys):
    data = Shards(data_dir, "pairs")
    assert len(data.shards) > 3
    moved = shutil.copytree(data_run, tmp_path / "run")  # and without the data
    assert not list(moved.glob("training*"))
    held_out = (moved / "validation.source.txt").read_text().splitlines()
    assert len(held_out) + data.items == 2 * len(tiny.PAIRS)
    assert not set(held_out) & set((moved / "sample.source.txt").read_text().splitlines())
    run = f"--run_dir={moved}"
    (tmp_path / "in.txt").write_text("The black cat sleeps.\n")
    where = [f"--input_file={tmp_path / 'in.txt'}", f"--output_file={tmp_path / 'out.txt'}"]
    assert translation("translate", run, "--beam_width=1", *where) == 0
    assert len((tmp_path / "out.txt").read_text().splitlines()) == 1
    assert translation("evaluate", run, "--beam_width=1") == 0
    assert f"pairs                   {len(held_out)}" in capsys.readouterr().out


@pytest.mark.slow
def test_a_run_of_data_is_exported(data_run, translation, tmp_path):
    moved = shutil.copytree(data_run, tmp_path / "run")
    assert translation("export", f"--run_dir={moved}") == 0
    assert (moved / "export" / "1").is_dir()


@pytest.mark.slow  # the generator's is not
def test_a_killed_run_ends_as_one_that_was_not(data_run, data_dir, translation, tmp_path):
    steps = Shards(data_dir, "pairs").items // 8 + 2  # in the second epoch
    words = [f"--data_dir={data_dir}", *TRAIN]
    assert_resumes("translation", translation, steps, data_run, tmp_path / "killed", words)


def test_one_file_with_tabs_and_own_validation_pairs(files, translation, tmp_path):
    (tmp_path / "tab").write_text("".join(f"{a}\t{b}\n" for a, b in tiny.PAIRS))
    words = [f"--data_dir={tmp_path / 'd'}", f"--parallel_files={tmp_path / 'tab'}"]
    words += [f"--validation_source_file={files[0]}", f"--validation_target_file={files[1]}"]
    assert translation("prepare", *words, "--joint_vocabulary") == 0
    assert Shards(tmp_path / "d", "pairs").items == len(tiny.PAIRS)
    assert (tmp_path / "d" / "held_out.target.txt").read_text() == files[1].read_text()


def test_text_that_cannot_be_prepared_is_named(complaint, files, tmp_path):
    new = f"--data_dir={tmp_path / 'd'}"
    (tmp_path / "short").write_text("A.\nB.\n")
    words = [f"--source_files={files[0]}", f"--target_files={tmp_path / 'short'}"]
    line = complaint("prepare", new, *words)
    assert "`--source_files and --target_files`" in line
    assert f"{files[0]} with 36 and {tmp_path / 'short'} with 2" in line
    (tmp_path / "tab").write_text("A.\tB.\nC.\n")
    line = complaint("prepare", new, f"--parallel_files={tmp_path / 'tab'}")
    assert "tab, line 2: 'C.'" in line
    assert not (tmp_path / "d").exists()


def test_wrong_options_are_named(complaint, data_dir, texts, files, tmp_path):
    new = f"--data_dir={tmp_path / 'd'}"
    assert "`--target_files` must be given" in complaint("prepare", new, texts[0])
    line = complaint("prepare", new, texts[0], f"--target_files={files[1]}")
    assert "must be as many as --source_files, 2" in line
    assert "`--parallel_files`" in complaint("prepare", new, "--parallel_files=a", texts[0])
    run, data = f"--run_dir={tmp_path / 'run'}", f"--data_dir={data_dir}"
    for name in ("source_file", "parallel_file", "validation_target_file"):
        line = complaint("train", run, data, f"--{name}=a")
        assert f"`--{name}` must not be given with --data_dir" in line
    assert "--joint_vocabulary" in complaint("train", run, data, "--tied=all")
    assert "as the data was prepared: 80" in complaint("train", run, data, "--most_tokens=9")
    assert not (tmp_path / "run").exists()

"""A run's directory is there as a whole or not at all, and belongs to its options."""

import dataclasses

import pytest

from tfseq import runs
from tfseq.config import OptionError, option


@dataclasses.dataclass(frozen=True)
class Options:
    run_dir: str = option(help="Where.")
    units: int = option(3, "Width.", minimum=1)


def test_a_new_run_has_its_name_only_when_it_is_whole(tmp_path):
    options = Options(run_dir=str(tmp_path / "deep" / "run"))
    assert runs.is_new(options)
    with runs.new_run(options) as aside:
        (aside / "words.txt").write_text("a b")
        assert not (tmp_path / "deep" / "run").exists()
    assert (tmp_path / "deep" / "run" / "words.txt").read_text() == "a b"
    assert [path.name for path in (tmp_path / "deep").iterdir()] == ["run"]
    assert not runs.is_new(options)
    assert runs.load_options(Options, options.run_dir) == options


def test_nothing_is_left_of_a_run_that_could_not_be_written(tmp_path):
    options = Options(run_dir=str(tmp_path / "run"))
    with pytest.raises(OptionError, match=r"can be written.*disk"), runs.new_run(options):
        raise OSError("disk full")
    assert list(tmp_path.iterdir()) == []


def test_a_run_is_opened_by_its_own_options_only(tmp_path):
    options = Options(run_dir=str(tmp_path / "run"))
    with runs.new_run(options):
        pass
    with pytest.raises(OptionError, match=r"--units=3\. Received: '--units=4'"):
        runs.is_new(dataclasses.replace(options, units=4))


def test_a_directory_of_something_else_is_refused(tmp_path):
    (tmp_path / "letter.txt").write_text("dear")
    with pytest.raises(OptionError, match="new directory or a run"):
        runs.is_new(Options(run_dir=str(tmp_path)))
    with pytest.raises(OptionError, match="that `train` has made"):
        runs.load_options(Options, tmp_path)


def test_a_second_process_does_not_get_in(tmp_path):
    with (
        runs.locked(tmp_path),
        pytest.raises(OptionError, match="another process"),
        runs.locked(tmp_path),
    ):
        pass
    with runs.locked(tmp_path):
        pass

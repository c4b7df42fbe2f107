"""Wrong input gets one line: the option, its rule, what came; exit code 2, nothing lost."""

import functools
import gzip
import shutil

import pytest

from apps.translation import config
from tfseq.attention import ATTENTIONS
from tfseq.decoding import SAMPLING_SCHEDULES
from tfseq.models import BRIDGES
from tfseq.runs import locked
from tfseq.text import Vocabulary


@pytest.fixture
def complaint(translation, complaint_of):
    """The one line of a command line of the application that must fail."""
    return functools.partial(complaint_of, translation)


def a_file(path, content):
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


FILES = {
    "unequal": (b"a b\nc d\ne f\n", b"A B\nC D\n", ["with 3", "with 2"]),
    "empty": (b"", b"A\n", ["source"]),
    "blank on one side": (b"a\n\n", b"\nB\n", ["both sides"]),
    "not UTF-8": (b"caf\xe9\n", b"a\n", ["UTF-8", "source"]),
    "cut gzip": (gzip.compress(b"a b c\n" * 99)[:-9], b"A\n" * 99, ["gzip"]),
}


@pytest.mark.parametrize("kind", FILES)
def test_files_that_cannot_be_learnt_from_are_named(kind, complaint, tmp_path):
    source, target, parts = FILES[kind]
    source, target = a_file(tmp_path / "source", source), a_file(tmp_path / "target", target)
    words = [f"--run_dir={tmp_path / 'run'}", f"--source_file={source}", f"--target_file={target}"]
    line = complaint("train", *words)
    for part in ("`--source_file and --target_file`", *parts):
        assert part in line
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize(
    ("words", "parts"),
    [
        (["train", "--run_dir=x", "--source_file=nowhere"], ["--target_file", "together"]),
        (["train", "--run_dir=x", "--source_file=no", "--target_file=no"], ["existing file"]),
        (["train", "--run_dir=x", "--parallel_file=no"], ["--parallel_file"]),
        (["train", "--run_dir=x", "--parallel_file=a", "--source_file=b"], ["not be given with"]),
        (["train", "--run_dir=x", "--attention=luongg"], ["luong", "bahdanau", "'luongg'"]),
        (["train", "--run_dir=x", "--attention=none", "--bridge=zero"], ["--bridge"]),
        (["train", "--run_dir=x", "--attention_layer=5"], ["--attention_layer", "input_feeding"]),
        (["train", "--run_dir=x", "--preset=note"], ["--preset", "notes_attention"]),
        (["train"], ["--run_dir", "required"]),
        (["translate", "--run_dir=x", "--beam_width=0"], ["--beam_width", "at least 1", "0"]),
        (["translate", "--run_dir=nowhere"], ["--run_dir", "nowhere"]),
        (["evaluate", "--run_dir=nowhere"], ["--run_dir", "nowhere"]),
        (["export", "--run_dir=nowhere"], ["--run_dir", "nowhere"]),
        (["sing"], ["sing", "translate"]),
    ],
)
def test_a_wrong_option_is_named_with_its_rule(words, parts, complaint):
    line = complaint(*words)
    for part in parts:
        assert part.lower() in line.lower()


@pytest.mark.parametrize(
    ("words", "part"),
    [
        (["--source_embeddings=nowhere.txt"], "--source_embeddings"),
        (["--freeze_embeddings"], "`--freeze_embeddings` is for a start from"),
        (
            ["--tied=all", "--source_embeddings=x", "--target_embeddings=y"],
            "`--target_embeddings` must not be given",
        ),
        (["--bridge=copy", "--decoder_units=7"], "[20] of the encoder for [7]"),
        (["--readout_units=7"], "parts that fit. A softmax tied to the embedding"),
        (["--subword_vocabulary=100"], "--subword_vocabulary"),
        (["--sampling=inverse_sigmoid", "--truth_decay=0.5"], "--truth_decay"),
    ],
)
def test_what_turns_out_to_be_wrong_later_leaves_no_run_behind(
    words, part, complaint, tmp_path, train_arguments, files
):
    """The same directory serves the corrected command."""
    letters = "".join(chr(code) for code in range(0x4E00, 0x4E40))
    path = a_file(tmp_path / "pairs", "".join(f"a{row} {letters}\tb\n" for row in range(9)))
    pairs = [f"--parallel_file={path}"] if "vocabulary" in part else train_arguments
    line = complaint("train", f"--run_dir={tmp_path / 'run'}", *pairs, *words)
    assert part in line
    assert not (tmp_path / "run").exists()


def test_empty_lines_are_counted_and_left_out(translation, files, tiny, tmp_path, capsys):
    source, target = (path.read_text().splitlines() for path in files)
    source[3] = target[8] = " "
    words = [f"--run_dir={tmp_path / 'run'}", *tiny, "--epochs=1", "--stop_on=loss"]
    for name, lines in (("source", source), ("target", target)):
        path = a_file(tmp_path / name, "".join(f"{line}\n" for line in lines))
        words.append(f"--{name}_file={path}")
    assert translation("train", *words) == 0
    out = capsys.readouterr().out
    assert "2 pairs with an empty side are left out." in out
    assert "34 " not in out.splitlines()[0]


@pytest.mark.filterwarnings("default")  # the warning is what is tested
def test_long_sentences_are_cut_with_a_warning(
    translation, run_dir, train_arguments, tmp_path, capfd
):
    words = [f"--run_dir={tmp_path / 'run'}", *train_arguments, "--most_tokens=3", "--epochs=1"]
    assert translation("train", *words, "--stop_on=loss") == 0
    assert "target sentences are longer than --most_tokens=3 and are cut" in capfd.readouterr().err
    path = a_file(tmp_path / "in", "The black cat sleeps.\nThe cat.\n")
    assert translation("translate", f"--run_dir={tmp_path / 'run'}", f"--input_file={path}") == 0
    captured = capfd.readouterr()
    assert "1 of 2 sentences are longer than 3 tokens" in captured.err
    assert len(captured.out.splitlines()) == 2


def test_a_run_in_training_is_not_trained_by_another(complaint, run_dir, train_arguments):
    with locked(run_dir):
        assert "another process" in complaint("train", f"--run_dir={run_dir}", *train_arguments)


def test_a_vocabulary_that_does_not_fit_is_told(complaint, run_dir, tmp_path):
    shutil.copytree(run_dir, tmp_path / "run")
    Vocabulary(["a", "b"]).save(tmp_path / "run" / "target_vocabulary.txt")
    line = complaint("translate", f"--run_dir={tmp_path / 'run'}", "--input_file=/dev/null")
    assert "`--run_dir` must hold vocabularies and options that fit its checkpoint" in line


def test_output_that_cannot_be_written_leaves_what_was_there(complaint, run_dir, tmp_path):
    a_file(tmp_path / "file", "in the way")
    path = a_file(tmp_path / "in", "The cat.\n")
    words = ["translate", f"--run_dir={run_dir}", f"--input_file={path}", "--max_words=2"]
    assert "`--output_file`" in complaint(*words, f"--output_file={tmp_path / 'file' / 'out'}")
    assert "`--export_dir`" in complaint(
        "export", f"--run_dir={run_dir}", f"--export_dir={tmp_path / 'file'}"
    )
    assert (tmp_path / "file").read_text() == "in the way"


def test_more_translations_than_beams_are_refused(complaint, run_dir):
    line = complaint("translate", f"--run_dir={run_dir}", "--n_best=3", "--beam_width=2")
    assert "`--n_best` must be at most --beam_width=2. Received: 3" in line


def test_input_that_is_not_utf_8_is_refused(complaint, run_dir, tmp_path):
    path = a_file(tmp_path / "in", b"caf\xe9\n")
    line = complaint("translate", f"--run_dir={run_dir}", f"--input_file={path}")
    assert "`--input_file` must be readable UTF-8 text" in line


def test_the_choices_on_the_command_line_are_those_of_the_library():
    for written, registry in (
        (config.ATTENTIONS, ATTENTIONS),
        (config.BRIDGES, BRIDGES),
        (config.SAMPLING_SCHEDULES, SAMPLING_SCHEDULES),
    ):
        assert set(written) == set(registry)

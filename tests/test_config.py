"""Options: one field each, and what follows from it."""

import dataclasses
import json
import subprocess
import sys

import pytest

from tfseq import config
from tfseq.config import (
    OptionError,
    check,
    differences,
    load,
    option,
    save,
)
from tfseq.parsing import parse, positional_names
from tfseq.usage import help_text

PRESETS = {"small": {"units": 8, "rate": 0.5}, "wide": {"units": 999}}


@dataclasses.dataclass(frozen=True)
class Options:
    """One option of each kind."""

    run_dir: str = option(help="Where the run is kept.", metavar="DIR")
    preset: str | None = option(None, "A named set of values.")
    units: int = option(256, "Width of each layer.", minimum=1, maximum=1000)
    rate: float = option(0.0, "Probability to drop an input.", minimum=0, below=1)
    top_p: float = option(1.0, "Share of the mass.", above=0, maximum=1)
    plot: bool = option(False, "Draw the losses.")
    tied: bool = option(True, "Share the embedding.")
    seed: int | None = option(None, "Makes a run repeatable.", minimum=0)
    limit: float | None = option(None, "Bound of the norm.")
    cell: str = option("lstm", "Kind of cell.", choices=("lstm", "gru"))
    score: str = option("", "Kind of score.", choices=lambda: ["", "bahdanau", "luong"])


@dataclasses.dataclass(frozen=True)
class Question:
    """Words without a name beside an option."""

    count: int = option(10, "Answers.", minimum=1)
    words: tuple[str, ...] = config.words("What is to C as A is to B?", "A B C", 3, 3)


@dataclasses.dataclass(frozen=True)
class Choice:
    """Any number of words from two on."""

    words: tuple[str, ...] = config.words("Which does not belong?", "WORD ...", 2)


@dataclasses.dataclass(frozen=True)
class Asked:
    """A word, options of any name, and one that is known."""

    target: str = config.option(help="Who is asked.", positional=True)
    inputs: tuple[tuple[str, str], ...] = config.others("What is asked.", "--INPUT=VALUE ...")
    json: bool = config.option(False, "Whether all is printed.")


def read(*words):
    return parse(Options, ["--run_dir=a", *words], PRESETS)


def complaint(function, *arguments):
    """The message of the `OptionError` that a call raises, which is one line."""
    with pytest.raises(OptionError) as caught:
        function(*arguments)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_defaults_stand_where_nothing_is_given():
    assert read() == Options(run_dir="a")


def test_flags_are_read_in_all_their_forms():
    options = read("--units=3", "--rate", "0.25", "--plot", "--notied", "--limit=-1e3")
    assert (options.units, options.rate, options.plot, options.tied) == (3, 0.25, True, False)
    assert options.limit == -1000.0
    assert read("--seed=4").seed == 4
    assert read("--plot=true", "--tied=false") == read("--plot", "--notied")


def test_the_last_of_two_equal_flags_wins():
    assert read("--units=3", "--units=4").units == 4


def test_each_value_has_the_type_of_its_field():
    options = read("--rate=0", "--units=5", "--seed=6", "--cell=gru")
    assert [type(v) for v in (options.rate, options.units, options.seed, options.cell)] == [
        float,
        int,
        int,
        str,
    ]


@pytest.mark.parametrize(
    ("word", "message"),
    [
        ("--units=0", "`--units` must be at least 1. Received: 0"),
        ("--units=1001", "`--units` must be at most 1000. Received: 1001"),
        ("--rate=1", "`--rate` must be below 1. Received: 1.0"),
        ("--top_p=0", "`--top_p` must be above 0. Received: 0.0"),
        ("--top_p=1.5", "`--top_p` must be at most 1. Received: 1.5"),
        ("--rate=nan", "`--rate` must be a finite number. Received: nan"),
        ("--top_p=nan", "`--top_p` must be a finite number. Received: nan"),
        ("--seed=-1", "`--seed` must be at least 0. Received: -1"),
        ("--cell=rnn", "`--cell` must be one of: lstm, gru. Received: 'rnn'"),
        ("--score=x", "`--score` must be one of: , bahdanau, luong. Received: 'x'"),
        ("--preset=big", "`--preset` must be one of: small, wide. Received: 'big'"),
        ("--units=x", "`--units` must be an integer. Received: 'x'"),
        ("--units=1.5", "`--units` must be an integer. Received: '1.5'"),
        ("--units=", "`--units` must be an integer. Received: ''"),
        ("--rate=a\nb", "`--rate` must be a finite number. Received: 'a\\nb'"),
        ("--plot=maybe", "`--plot` must be true or false. Received: 'maybe'"),
        ("--unit=3", "`--unit` is not an option; did you mean --units?"),
        ("--zebra", "`--zebra` is not an option; --help lists the options."),
        ("--noplot=1", "`--noplot` cannot be read: --noplot=1 does not take an argument."),
        ("--units", "`--units` cannot be read: Missing value for flag --units."),
        ("stray", "`stray` is not an option; options are written --name=value."),
    ],
)
def test_a_wrong_word_is_one_line_with_the_rule_and_what_came(word, message):
    assert complaint(read, word) == message


def test_bounds_themselves_are_allowed_where_the_rule_says_so():
    options = read("--units=1", "--rate=0", "--top_p=1", "--seed=0")
    assert (options.units, options.rate, options.top_p, options.seed) == (1, 0.0, 1.0, 0)
    assert read("--units=1000").units == 1000


def test_a_required_option_must_be_given():
    assert complaint(parse, Options, []) == "`--run_dir` is required."


@dataclasses.dataclass(frozen=True)
class Copy:
    """Two options that need no name."""

    source: str = option(help="What is read.", positional=True)
    output: str = option(help="What is written.", positional=True)
    limit: int = option(3, "How much.")


def test_words_fill_the_options_that_need_no_name_in_their_order():
    for words in (["a", "b"], ["--source=a", "b"], ["b", "--source=a"], ["--output=b", "a"]):
        assert parse(Copy, words) == Copy(source="a", output="b")
    for words in (["--limit=4", "a", "b"], ["a", "--limit", "4", "b"], ["a", "b", "--limit=4"]):
        assert parse(Copy, words) == Copy(source="a", output="b", limit=4)


def test_a_word_too_few_or_too_many_is_told():
    assert complaint(parse, Copy, ["a"]) == "`OUTPUT` is required."
    assert complaint(parse, Copy, ["a", "b", "c"]).startswith("`c` is not an option")
    assert complaint(parse, Copy, ["a", "b", "--output=c"]).startswith("`b` is not an option")


def test_help_shows_them_as_they_are_written():
    assert positional_names(Copy) == ["SOURCE", "OUTPUT"]
    assert "  SOURCE  (required)\n        What is read.\n" in help_text(Copy, "title")


def test_a_flag_wins_over_the_preset_and_the_preset_over_the_default():
    assert (read("--preset=small").units, read("--preset=small").rate) == (8, 0.5)
    options = read("--units=3", "--preset=small")
    assert (options.preset, options.units, options.rate) == ("small", 3, 0.5)
    assert read("--preset=small", "--units=256").units == 256  # given, though it is the default


def test_the_default_of_the_field_preset_is_a_preset_too():
    @dataclasses.dataclass(frozen=True)
    class Small(Options):
        preset: str | None = option("small", "A named set of values.")

    assert parse(Small, ["--run_dir=a"], PRESETS).units == 8


def test_a_preset_is_checked_like_a_flag():
    message = complaint(parse, Options, ["--run_dir=a", "--preset=bad"], {"bad": {"units": 0}})
    assert message == "`--units` must be at least 1. Received: 0"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"units": True}, "`--units` must be an integer. Received: True"),
        ({"units": "3"}, "`--units` must be an integer. Received: '3'"),
        ({"rate": "0"}, "`--rate` must be a finite number. Received: '0'"),
        ({"rate": False}, "`--rate` must be a finite number. Received: False"),
        ({"plot": 1}, "`--plot` must be true or false. Received: 1"),
        ({"run_dir": None}, "`--run_dir` must be text. Received: None"),
    ],
)
def test_a_value_of_another_type_is_refused(change, message):
    assert complaint(check, dataclasses.replace(Options(run_dir="a"), **change)) == message


def test_a_whole_number_is_a_number():
    check(Options(run_dir="a", rate=0, limit=3))


def test_an_application_words_its_own_errors_the_same_way():
    error = OptionError("--text_file", "must name an existing UTF-8 text file", "a\nb.txt")
    assert (
        str(error) == "`--text_file` must name an existing UTF-8 text file. Received: 'a\\nb.txt'"
    )
    assert isinstance(error, ValueError)


def test_help_tells_type_default_rule_and_meaning_of_each_option_in_order():
    text = help_text(Options, "program train", PRESETS)
    lines = text.splitlines()
    for head, meaning in [
        ("  --run_dir=DIR  (required)", "Where the run is kept."),
        ("  --units=INTEGER  (default: 256; at least 1; at most 1000)", "Width of each layer."),
        ("  --rate=NUMBER  (default: 0.0; at least 0; below 1)", "Probability to drop an input."),
        ("  --[no]plot  (default: false)", "Draw the losses."),
        ("  --seed=INTEGER  (default: none; at least 0)", "Makes a run repeatable."),
        ("  --cell=TEXT  (default: lstm; one of: lstm, gru)", "Kind of cell."),
        ("  --preset=small  stands for", "--units=8 --rate=0.5"),
    ]:
        assert lines[lines.index(head) + 1] == " " * 8 + meaning
    names = [field.name for field in dataclasses.fields(Options)]
    places = [text.index(f"--[no]{n} " if n in ("plot", "tied") else f"--{n}=") for n in names]
    assert lines[0] == "program train"
    assert places == sorted(places)


def test_long_help_is_wrapped():
    @dataclasses.dataclass(frozen=True)
    class Wordy:
        kind: str = option("a", "word " * 60, choices=["a", *(f"kind_{i}" for i in range(30))])

    lines = help_text(Wordy, "program").splitlines()
    assert max(map(len, lines)) <= 100
    assert " ".join(" ".join(lines).split()).count("word") == 60


def test_saved_options_load_again_in_the_order_of_the_fields(tmp_path):
    options = read("--units=3", "--rate=0.1", "--seed=4", "--plot", "--score=luong")
    path = tmp_path / "run" / "config.json"
    save(options, path)
    assert load(Options, path) == options
    assert list(json.loads(path.read_text())) == [f.name for f in dataclasses.fields(Options)]
    assert [child.name for child in path.parent.iterdir()] == ["config.json"]


def test_a_file_with_other_keys_or_values_is_refused_by_its_name(tmp_path):
    path = tmp_path / "config.json"
    values = dataclasses.asdict(Options(run_dir="a"))

    def refusal(text):
        path.write_text(text)
        return complaint(load, Options, path)

    assert (
        refusal(json.dumps({**values, "unit": 1})) == f"`{path}` holds an unknown option: `unit`."
    )
    missing = {name: value for name, value in values.items() if name != "run_dir"}
    assert refusal(json.dumps(missing)) == f"`{path}` lacks the option `run_dir`."
    del values["seed"]  # an option that is newer than the file
    path.write_text(json.dumps(values))
    assert load(Options, path).seed == Options(run_dir="a").seed
    wrong = {**values, "seed": -1}
    rule = "`--seed` must be at least 0. Received: -1"
    assert refusal(json.dumps(wrong)) == f"`{path}` holds a wrong value: {rule}."
    assert refusal("[1]") == f"`{path}` must hold a JSON object of options. Received: [1]"
    assert refusal('{"units"').startswith(f"`{path}` must be a readable JSON file: ")
    path.unlink()
    assert "No such file" in complaint(load, Options, path)


def test_differences_name_the_options_that_differ():
    assert differences(read(), read()) == []
    assert differences(read(), read("--rate=0.5", "--units=3")) == ["units", "rate"]


def test_words_without_a_name_stand_before_and_behind_options(tmp_path):
    expected = Question(count=3, words=("king", "man", "woman"))
    assert parse(Question, ["king", "man", "--count=3", "woman"]) == expected
    assert parse(Question, ["--count", "3", "king", "man", "woman"]) == expected
    assert parse(Choice, ["--", "--count", "b"]).words == ("--count", "b")
    save(expected, tmp_path / "question.json")
    assert load(Question, tmp_path / "question.json") == expected


def test_a_wrong_number_of_words_is_told_with_the_rule():
    for words in (["king", "man"], ["king", "man", "woman", "boy"], []):
        message = complaint(parse, Question, words)
        assert message == f"`A B C` must be 3 words. Received: {' '.join(words)!r}"
    assert complaint(parse, Choice, ["a"]).startswith("`WORD ...` must be at least 2 words.")
    assert "  A B C  (3 words)\n" in help_text(Question, "ask")


def test_options_of_any_name_come_as_pairs_in_their_order():
    words = ["--text=a=b", "x", "--nojson", "--seed", "-1", "--text", "--json", "--json"]
    asked = parse(Asked, words)
    assert asked == Asked(
        target="x", json=True, inputs=(("text", "a=b"), ("seed", "-1"), ("text", "--json"))
    )
    assert parse(Asked, ["x"]).inputs == ()
    assert complaint(parse, Asked, ["x", "--text"]) == "`--text` must have a value."
    assert "--INPUT=VALUE ..." in help_text(Asked, "")


def test_reading_options_imports_no_tensorflow():
    program = "import sys, tfseq.command; print({'tensorflow', 'keras'} & set(sys.modules))"
    run = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert run.stdout == "set()\n"

"""The verbs that read vectors, and the one line that wrong input gets."""

import dataclasses
import functools

import numpy as np
import pytest
import tensorflow as tf

from apps.word2vec import config
from apps.word2vec.__main__ import VERBS
from tfseq import serving
from tfseq.word2vec import write_vectors

WORDS = ["the", "man", "king", "woman", "queen", "boy", "girl", "table", "price$"]
VECTORS = np.array(
    [
        [9, 0, 1],
        [0, 1, 1],
        [1, 1, 1],
        [0, -1, 1],
        [1, -1, 1],
        [-3, 3, 3],
        [-3, -3, 3],
        [0, 0, -9],
        [0, 1, -9],
    ],
    "f",
)


@pytest.fixture(scope="module")
def vectors(tmp_path_factory):
    path = tmp_path_factory.mktemp("vectors") / "v.bin"
    write_vectors(path, WORDS, VECTORS)
    return path


@pytest.fixture
def printed(word2vec, vectors, capsys):
    """A function that runs a verb on the vectors and returns what it prints, line by line."""

    def run(verb, *words):
        assert word2vec(verb, f"--vectors={vectors}", *words) == 0
        return capsys.readouterr().out.splitlines()

    return run


def test_the_nearest_words_stand_below_each_other_with_their_cosines(printed):
    assert printed("nearest", "--word=king", "--count=2") == [" 0.8165  man", " 0.6376  the"]
    assert len(printed("nearest", "--word=king", "--most_words=3", "--count=5")) == 2


def test_an_analogy_is_asked_by_three_words(printed):
    assert printed("analogy", "king", "man", "woman", "--count=1")[0].endswith("  queen")
    (line,) = printed("analogy", "--method=mul", "--count=1", "king", "man", "woman")
    assert line.endswith("  queen")


def test_the_odd_one_out_and_groups_are_found(printed):
    assert printed("odd", "king", "man", "table", "boy") == ["table"]
    groups = printed("clusters", "--clusters=9", "--count=1")
    assert sorted(group.split()[-1] for group in groups) == sorted(WORDS)


def test_evaluate_prints_every_figure_with_how_much_is_known(printed, tmp_path):
    pairs = tmp_path / "pairs"
    pairs.write_text("king\tman\t9\r\nKing\tqueen\t5\r\nking\ttable\t1\r\nking\tcow\t2\r\n")
    questions = tmp_path / "questions"
    questions.write_text(
        ": rulers\nman king woman queen\nman king boy prince\n: gram1\nman king woman girl\n"
    )
    lines = printed("evaluate", f"--similarity={pairs}", f"--analogies={questions}")
    text = "\n".join(lines)
    assert "pairs known              3 of 4 (75.0%)" in text
    assert "Spearman's rho           1.0000" in text
    figures = {line.split("  ")[0]: line.split()[-7:] for line in lines[4:]}
    assert figures["rulers"][0] == "100.00%"
    assert figures["rulers"][1:] == ["1", "of", "1", "of", "2", "(50.0%)"]
    assert figures["gram1"][0] == "0.00%"
    assert figures["all sections"] == ["50.00%", "1", "of", "2", "of", "3", "(66.7%)"]
    assert "meaning" in figures
    fewer = printed("evaluate", f"--analogies={questions}", "--most_words=4")
    assert fewer[-1].split() == ["all", "sections", "-", "0", "of", "0", "of", "3", "(0.0%)"]


@pytest.mark.parametrize("layout", config.LAYOUTS)
def test_a_picture_shows_the_first_words(printed, tmp_path, layout):
    pytest.importorskip("matplotlib", reason="pictures need matplotlib, the extra `plot`")
    from matplotlib.image import imread

    path = tmp_path / "p.png"
    words = [f"--picture={path}", f"--layout={layout}", "--clusters=3"]
    assert printed("plot", *words) == [f"{path}: 9 words, 9 of them with room for their names"]
    picture = imread(path)
    assert picture.std() > 0.01
    assert len(np.unique(picture.reshape(-1, picture.shape[2]), axis=0)) > 3


def test_the_projectors_files_are_as_tensorboard_reads_them(printed, tmp_path):
    plugin = pytest.importorskip(
        "tensorboard.plugins.projector.projector_config_pb2",
        reason="needs TensorBoard, the extra `log`",
    )
    from google.protobuf import text_format

    printed("plot", f"--projector={tmp_path / 'p'}", "--words=4")
    settings = text_format.Parse(
        (tmp_path / "p" / "projector_config.pbtxt").read_text(), plugin.ProjectorConfig()
    )
    (embedding,) = settings.embeddings
    tensors = np.loadtxt(tmp_path / "p" / embedding.tensor_path, delimiter="\t")
    np.testing.assert_array_equal(tensors, VECTORS[:4])
    names = (tmp_path / "p" / embedding.metadata_path).read_text()
    assert names == "the\nman\nking\nwoman\n"


def test_an_export_is_asked_by_a_client(word2vec, vectors, tmp_path):
    assert word2vec("export", f"--vectors={vectors}", f"--export_dir={tmp_path}") == 0
    signatures = tf.saved_model.load(tmp_path / "1").signatures
    assert set(signatures) == {"serving_default", "nearest", "vector"}
    assert (tmp_path / "1" / "assets.extra" / "tf_serving_warmup_requests").stat().st_size > 0
    with serving.Client(tmp_path) as client:
        answer = client.predict({"word": "king", "count": 2}, "nearest")
    assert answer["words"].tolist() == [["man", "the"]]
    assert answer["known"].tolist() == [True]
    np.testing.assert_allclose(answer["cosines"], [[0.8165, 0.6376]], 1e-3)


@pytest.mark.parametrize(
    ("words", "parts"),
    [
        (["nearest", "--word=kingg"], ["`--word`", "near spellings: king", "'kingg'", "9 words"]),
        (["nearest"], ["`--word` is required"]),
        (["analogy", "king", "man", "wman"], ["`A B C`", "near spellings: woman, man", "'wman'"]),
        (["analogy", "king", "man"], ["`A B C` must be 3 words"]),
        (["odd", "king", "man", "zzz"], ["`WORD ...` must be among", "'zzz'"]),
        (["clusters", "--clusters=10"], ["`--clusters` must be at most", "9", "10"]),
        (["evaluate"], ["`--similarity` must be given, or --analogies"]),
        (["evaluate", "--similarity=nowhere"], ["`--similarity`", "nowhere"]),
        (["evaluate", "--analogies={vectors}"], ["`--analogies`", "UTF-8"]),
        (["plot"], ["`--picture` must be given, or --projector"]),
        (["plot", "--picture={vectors}/p.png", "--clusters=2"], ["`--picture`", "v.bin"]),
        (["plot", "--projector={vectors}"], ["`--projector`", "v.bin"]),
        (["plot", "--projector=x", "--most_words=2"], ["`--vectors`", "three words"]),
        (["export"], ["`--export_dir` is required"]),
        (["export", "--export_dir={vectors}"], ["`--export_dir`", "v.bin"]),
    ],
)
def test_wrong_input_gets_one_line(words, parts, word2vec, vectors, complaint_of):
    complaint = functools.partial(complaint_of, word2vec)
    verb, *rest = (word.replace("{vectors}", str(vectors)) for word in words)
    line = complaint(verb, f"--vectors={vectors}", *rest)
    assert line.startswith(f"python -m apps.word2vec {verb}: ")
    for part in parts:
        assert part in line


@pytest.mark.parametrize("verb", sorted(set(VERBS) - {"train"}))
def test_vectors_that_are_cut_off_get_one_line(
    verb, word2vec, vectors, tmp_path, complaint_of, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "v").write_bytes(vectors.read_bytes()[:-2])
    (tmp_path / "pairs").write_text("king man 1\n")
    words = {
        "nearest": ["--word=king"],
        "analogy": ["king", "man", "woman"],
        "odd": ["king", "man", "woman"],
        "evaluate": ["--similarity=pairs"],
        "plot": ["--projector=p"],
        "export": ["--export_dir=e"],
    }
    line = complaint_of(word2vec, verb, "--vectors=v", *words.get(verb, []))
    assert "`--vectors` must name readable word2vec vectors" in line
    assert "it ends inside word 9" in line
    assert sorted(path.name for path in tmp_path.iterdir()) == ["pairs", "v"]


def test_every_option_has_a_meaning():
    for verb in VERBS.values():
        for field in dataclasses.fields(verb.options):
            assert len(field.metadata["help"]) > 8, field.name

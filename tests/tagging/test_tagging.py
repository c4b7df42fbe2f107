"""The whole path: labelled columns in, a line of labels out for each line of tokens, in order."""

import csv

import numpy as np
import tensorflow as tf

from apps.tagging import config
from apps.tagging.data import load_run, load_sentences
from apps.tagging.model import load_model
from tests.tagging.conftest import SENTENCES, TINY, as_text
from tfseq.models import LABEL_OUTPUTS
from tfseq.word2vec import write_vectors

TEXTS = ["the black cat sleeps .", "", "Rome", "  cat  waits\tfor a Zebra that sleeps in Rome"]


def test_a_run_holds_all_that_later_verbs_need(run_dir):
    with (run_dir / "metrics.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert [row["epoch"] for row in rows] == ["1", "2"]
    assert {"held_out_loss", "accuracy", "f1", "seconds"} <= rows[0].keys()
    run = load_run(run_dir)
    assert run.labels.names == ["B-ADVP", "B-NP", "B-PP", "B-VP", "I-NP", "O"]
    kept = [load_sentences(run, part) for part in ("training", "development")]
    assert [len(part) for part in kept] == [15, 6]
    pairs = [list(zip(*row[:2], strict=True)) for part in kept for row in part]
    assert sorted(pairs) == sorted(SENTENCES)
    report = (run_dir / "report.txt").read_text()
    assert "<- best, kept for predict" in report
    assert "tokens/s." in report


def test_a_line_of_labels_comes_out_for_each_line_in_the_same_order(predicted, run_dir):
    lines = predicted("".join(f"{text}\n" for text in TEXTS)).split("\n")
    assert [len(line.split()) for line in lines] == [5, 0, 1, 9, 0]
    assert set(" ".join(lines).split()) <= set(load_run(run_dir).labels.names)
    for line, text in zip(lines, TEXTS, strict=False):
        assert predicted(f"{text}\n") == f"{line}\n"


def test_probabilities_are_the_models_own(predicted, run_dir):
    lines = predicted("".join(f"{text}\n" for text in TEXTS), "--probabilities").splitlines()
    run = load_run(run_dir)
    model = load_model(run)
    for line, text in zip(lines, TEXTS, strict=True):
        words, mask = run.lexicon.read(tf.ragged.constant([text.split()], tf.string, ragged_rank=1))
        marginals = model.marginals(model(words, mask=mask), mask).numpy()[0]
        for time, shown in enumerate(line.split()):
            label, _, probability = shown.rpartition("/")
            expected = marginals[time, run.labels.names.index(label)]
            np.testing.assert_allclose(float(probability), expected, atol=2e-4)


def test_nothing_in_nothing_out(predicted):
    assert predicted("") == ""
    assert predicted("\n") == "\n"


def test_texts_that_are_typed_are_answered_one_by_one(predicted):
    assert predicted("the cat\nRome\n", "--interactive") == predicted("the cat\nRome\n")


def test_evaluation_counts_what_predict_writes(tagging, run_dir, files, capsys, tmp_path):
    """Accuracy by hand from the lines of `predict`; a file of such lines measures the same."""
    _, development = files
    sentences = SENTENCES[::4]
    tokens = [" ".join(token for token, _ in sentence) for sentence in sentences]
    (tmp_path / "texts").write_text("".join(f"{text}\n" for text in tokens))
    labels = tmp_path / "labels"
    words = [f"--input_file={tmp_path / 'texts'}", f"--output_file={labels}"]
    assert tagging("predict", f"--run_dir={run_dir}", *words) == 0
    capsys.readouterr()
    outputs = []
    for words in ([], [f"--file={development}"], [f"--label_file={labels}"]):
        assert tagging("evaluate", f"--run_dir={run_dir}", *words) == 0
        outputs.append(capsys.readouterr().out)
    assert len(set(outputs)) == 1
    found = [label for line in labels.read_text().splitlines() for label in line.split()]
    truth = [label for sentence in sentences for _, label in sentence]
    right = np.mean([a == b for a, b in zip(found, truth, strict=True)])
    assert f"accuracy                {right:.2%}\n" in outputs[0]
    with (run_dir / "metrics.csv").open() as file:
        best = max(csv.DictReader(file), key=lambda row: float(row["f1"]))
    assert f"{float(best['f1']):.2f}%" in outputs[0].splitlines()[-1]


def test_chunks_are_counted_by_hand(tagging, run_dir, capsys, tmp_path):
    """NP: two of the three found are right, of three; VP: the one that is there was found."""
    (tmp_path / "file").write_text("a X B-NP\nb X I-NP\nc X B-VP\n\nd X B-NP\ne X B-NP\nf X O\n")
    (tmp_path / "labels").write_text("B-NP I-NP B-VP\nB-NP O B-NP\n")
    words = [f"--file={tmp_path / 'file'}", f"--label_file={tmp_path / 'labels'}"]
    assert tagging("evaluate", f"--run_dir={run_dir}", *words) == 0
    lines = capsys.readouterr().out.splitlines()
    assert "accuracy                66.67%" in lines
    assert "4 chunks, 4 found, 3 of them right" in lines
    assert lines[-3:] == [
        "NP         66.67%   66.67%   66.67%       3",
        "VP        100.00%  100.00%  100.00%       1",
        "all        75.00%   75.00%   75.00%       4",
    ]


CONLLU = "".join(
    "# a comment\n1-2\tit's\t_\t_\t_\n"
    + "".join(
        f"{number}\t{token}\t_\t{upos}\t_\n"
        for number, (token, upos) in enumerate(zip(words, ("PRON", "AUX", "NOUN"), strict=True), 1)
    )
    + "3.1\tnothing\t_\tX\t_\n\n"
    for words in (("it", "is", "soup"), ("he", "was", "king"), ("she", "is", "old"))
    for _ in range(3)
)


def test_parts_of_speech_of_a_treebank_are_learnt(tagging, tmp_path, predicted, capsys):
    """By one way alone, step by step, with a development part drawn from the training file."""
    (tmp_path / "train.conllu").write_text(CONLLU)
    run = tmp_path / "run"
    words = [f"--run_dir={run}", f"--train_file={tmp_path / 'train.conllu'}", "--format=conllu"]
    words += [*TINY, "--encoder=unidirectional", "--cell=gru", "--label_output=softmax"]
    words += ["--development_share=0.3", "--lower_case", "--epochs=9", "--learning_rate=0.1"]
    assert tagging("train", *words, "--readout_rate=0", "--input_rate=0") == 0
    assert predicted("IT was king\n", run_dir=run) == "PRON AUX NOUN\n"
    capsys.readouterr()
    assert tagging("evaluate", f"--run_dir={run}", f"--file={tmp_path / 'train.conllu'}") == 0
    out = capsys.readouterr().out
    assert "accuracy                100.00%" in out
    assert "chunks" not in out


def test_words_are_parted_where_characters_are_the_tokens(tagging, tmp_path, predicted):
    """Word segmentation: B begins a word, I goes on with it; by two layers, their ways summed."""
    words = ["ab", "cde", "ab", "f", "cde", "f", "f", "ab"]
    texts = [[words[(3 * row + place) % 8] for place in range(4)] for row in range(24)]
    rows = [[(c, "BI"[i > 0]) for word in text for i, c in enumerate(word)] for text in texts]
    (tmp_path / "train").write_text(as_text(rows))
    run = tmp_path / "run"
    words = [f"--run_dir={run}", f"--train_file={tmp_path / 'train'}", *TINY, "--units=9"]
    words += ["--encoder=stacked_bidirectional", "--layers=2", "--merge=sum", "--residual_from=1"]
    words += ["--epochs=9", "--learning_rate=0.05", "--readout_rate=0", "--input_rate=0"]
    assert tagging("train", *words, "--stop_on=loss", "--patience=2") == 0
    assert predicted("c d e a b f\n", run_dir=run) == "B I I B I B\n"


def test_word_vectors_begin_the_embedding_and_may_stay(tagging, files, tmp_path, capsys):
    vectors = np.random.default_rng(1).normal(size=[2, 5]).astype(np.float32)
    write_vectors(tmp_path / "vectors.txt", ["cat", "sleeps"], vectors)
    words = [f"--run_dir={tmp_path / 'run'}", f"--train_file={files[0]}", *TINY, "--epochs=1"]
    words += [f"--embeddings={tmp_path / 'vectors.txt'}", "--freeze_embeddings"]
    assert tagging("train", *words, "--character_units=2") == 0
    assert "--embeddings: " in capsys.readouterr().out
    run = load_run(tmp_path / "run")
    table = load_model(run).encoder.embedding.words.embeddings.numpy()
    rows = [run.lexicon.vocabulary.words.index(word) for word in ("cat", "sleeps")]
    np.testing.assert_allclose(table[rows], vectors, atol=1e-6)


def test_the_choices_on_the_command_line_are_those_of_the_library():
    assert set(config.LABEL_OUTPUTS) == set(LABEL_OUTPUTS)

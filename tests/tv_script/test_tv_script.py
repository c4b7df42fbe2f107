"""The application from end to end on a few lines of text, and its defaults on real text."""

import csv
import dataclasses

import numpy as np
import pytest

from apps.tv_script import config
from apps.tv_script.data import load_run, make_run
from apps.tv_script.model import Measure, load_model
from apps.tv_script.report import training_report
from tfseq.parsing import parse
from tfseq.text import SPECIALS, scenes
from tfseq.word2vec import read_vectors


def test_a_run_leaves_all_that_later_verbs_need(run_dir):
    names = {path.name for path in run_dir.iterdir()}
    assert names >= {"config.json", "vocabulary.txt", "tokenizer.json", "training.txt"}
    assert names >= {"held_out.txt", "metrics.csv", "report.txt", "loss.png", "checkpoints"}
    with (run_dir / "metrics.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert [row["epoch"] for row in rows] == ["1", "2", "3"]
    assert float(rows[-1]["loss"]) < float(rows[0]["loss"])
    assert {"loss", "perplexity", "held_out_perplexity", "learning_rate"} <= set(rows[0])


@pytest.mark.slow  # the translator's quick checks go the whole way with subwords
@pytest.mark.parametrize("tokens", ["characters", "subwords"])
@pytest.mark.parametrize("cell", ["gru"])
def test_other_tokens_and_cells_go_the_whole_way(
    tokens, cell, tmp_path, text_file, tv_script, capsys
):
    directory = f"--run_dir={tmp_path / 'run'}"
    sizes = ["--units=8", "--embedding_size=8", "--window=6"]
    words = [f"--tokens={tokens}", f"--cell={cell}", "--subword_vocabulary=120", "--layers=2"]
    shape = ["--residual_from=1", "--notied", "--epochs=1", "--batch_size=4"]
    assert tv_script("train", directory, f"--text_file={text_file}", *sizes, *words, *shape) == 0
    assert tv_script("generate", directory, "--prompt=Ada:", "--max_words=8", "--samples=2") == 0
    assert tv_script("evaluate", directory, f"--text_file={text_file}", "--samples=1") == 0
    output = capsys.readouterr().out
    assert "perplexity per word" in output
    assert "unknown rate" in output
    assert tv_script("export", directory) == 0
    assert (tmp_path / "run" / "export" / "1" / "saved_model.pb").exists()


def test_the_scene_that_is_printed_is_the_same_each_time(run_dir, tv_script, capsys):
    words = ["generate", f"--run_dir={run_dir}", "--prompt=Ada:", "--max_words=12", "--seed=3"]
    outputs = []
    for _ in range(2):
        assert tv_script(*words) == 0
        outputs.append(capsys.readouterr().out)
    assert outputs[0] == outputs[1]
    assert outputs[0].startswith("ada:")


def held_out_perplexities(run_dir):
    with (run_dir / "metrics.csv").open() as file:
        return [float(row["held_out_perplexity"]) for row in csv.DictReader(file)]


@pytest.mark.parametrize(("weights", "pick"), [("best", min), ("last", lambda rows: rows[-1])])
def test_what_evaluate_prints_is_what_training_reported(weights, pick, run_dir, tv_script, capsys):
    words = [f"--run_dir={run_dir}", f"--weights={weights}", "--samples=0"]
    assert tv_script("evaluate", *words) == 0
    expected = pick(held_out_perplexities(run_dir))
    assert f"perplexity per word     {expected:.2f}\n" in capsys.readouterr().out


def test_a_text_too_short_for_an_8_gram_is_measured(run_dir, tmp_path, tv_script, capsys):
    (tmp_path / "short.txt").write_text("Ada: Zzz?\n")
    words = [f"--run_dir={run_dir}", f"--text_file={tmp_path / 'short.txt'}", "--samples=2"]
    assert tv_script("evaluate", *words, "--seed=2147483647") == 0
    assert (
        "copied, this text       0.00% of 8-grams, longest run 2 tokens" in capsys.readouterr().out
    )


def test_samples_differ_and_the_second_is_the_first_of_the_next_seed(run_dir, tv_script, capsys):
    words = ["generate", f"--run_dir={run_dir}", "--max_words=12", "--temperature=2"]
    assert tv_script(*words, "--seed=3", "--samples=2") == 0
    first, second = capsys.readouterr().out.split("-" * 40)
    assert first.strip() != second.strip()
    assert tv_script(*words, "--seed=4") == 0
    assert capsys.readouterr().out.strip() == second.strip()


def test_prompts_are_read_one_after_the_other(run_dir, tv_script, capsys, monkeypatch):
    answers = iter(["Ada:", "Cy:"])
    monkeypatch.setattr("builtins.input", lambda *_: next(answers, None) or stop())
    assert tv_script("generate", f"--run_dir={run_dir}", "--interactive", "--max_words=3") == 0
    output = capsys.readouterr().out
    assert "ada:" in output
    assert "cy:" in output


def stop():
    raise EOFError


def test_word_vectors_are_where_the_embedding_starts(tmp_path, text_file, tv_script, capsys):
    vectors = tmp_path / "vectors.txt"
    vectors.write_text("2 12\nsoup " + "1.5 " * 12 + "\nunheard " + "2.5 " * 12 + "\n")
    sizes = ["--units=12", "--embedding_size=12", "--batch_size=4", "--window=6", "--epochs=1"]
    words = [f"--text_file={text_file}", *sizes, f"--embeddings={vectors}", "--average_decay=0"]
    tables = {}
    for change in ("freeze_embeddings", "nofreeze_embeddings"):
        run_dir = tmp_path / change
        assert tv_script("train", f"--run_dir={run_dir}", *words, f"--{change}") == 0
        assert "1 of the 30 entries begin with a trained vector" in capsys.readouterr().out
        tables[change] = load_model(load_run(run_dir)).embedding.embeddings.numpy()
    frozen, tuned = tables.values()
    vocabulary = load_run(tmp_path / "freeze_embeddings").vocabulary.words
    row = vocabulary.index("soup")
    np.testing.assert_array_equal(frozen[row], np.full(12, 1.5))
    drawn = np.delete(frozen, row, axis=0)
    assert 1 < np.sqrt(np.mean(drawn**2)) < 2  # as large as the trained one
    assert (np.abs(tuned - frozen).max(axis=1) > 0).all()
    # A run that goes on has the variables of the one that began.
    again = f"--run_dir={tmp_path / 'freeze_embeddings'}"
    assert tv_script("train", again, *words, "--freeze_embeddings") == 0


def test_the_embedding_is_written_as_word_vectors(run_dir, tmp_path, tv_script, capsys):
    words = ["embeddings", f"--run_dir={run_dir}", f"--vectors={tmp_path / 'e.bin'}"]
    assert tv_script(*words) == 0
    assert "vectors of width 12; 1 left out, which hold a blank" in capsys.readouterr().out
    run = load_run(run_dir)
    spelled, vectors = read_vectors(tmp_path / "e.bin")
    assert spelled == [word for word in run.vocabulary.words if word != "\n"]
    row = run.vocabulary.words.index("soup")
    expected = load_model(run).embedding.embeddings[row]
    np.testing.assert_array_equal(vectors[spelled.index("soup")], expected)


def test_a_scene_is_measured_alike_in_any_company_and_any_window(run_dir):
    """Against one word at a time: `-log p(word | scene so far)`."""
    run = load_run(run_dir)
    model = load_model(run)
    documents = run.ids(run.held_out + run.training[:3])
    expected = 0.0
    for document in documents:
        states, stream = model.get_initial_state(1), [*run.context, *document]
        for place, word in enumerate(stream[:-1]):
            logits, states = model.step(np.array([word]), states)
            scores = np.asarray(logits[0], np.float64)
            if place >= len(run.context) - 1:
                expected += np.log(np.exp(scores).sum()) - scores[stream[place + 1]]
    for rows, window in ((32, 128), (2, 5), (1, 1000)):
        losses, words = Measure(model, run.context, rows, window)(documents)
        assert words == sum(map(len, documents))
        np.testing.assert_allclose(losses, expected, rtol=1e-5)


def test_the_vocabulary_knows_the_training_scenes_alone(run_dir):
    run = load_run(run_dir)
    known = set(run.vocabulary.words) - set(SPECIALS)
    tokens = run.tokenizer.tokenize(["".join(run.training)]).flat_values.numpy()
    assert known <= {token.decode() for token in tokens}


def test_the_built_in_comedy_is_a_script():
    documents = scenes(config.BUILT_IN_CORPUS.read_text(encoding="utf-8"))
    assert len(documents) >= 90
    assert sum(len(document.split()) for document in documents) >= 10_000
    for line in "".join(documents).split("\n"):
        assert not line or line.split(":")[0].replace("_", "").isalpha()


def test_the_tavern_lines_are_cut_as_the_published_figures_have_them(shared, tmp_path):
    path = shared("data/udacity_tv_script/moes_tavern_lines.txt")
    options = config.Train(
        run_dir=str(tmp_path), text_file=str(path), skip_characters=81, minimum_count=2
    )
    run = make_run(options)
    assert (len(run.training), len(run.held_out)) == (235, 27)
    assert len(run.vocabulary) - len(SPECIALS) + 1 == 2785
    assert sum(map(len, run.ids(run.held_out))) == 4870


def test_a_report_names_over_fitting():
    def row(epoch, loss, held_out):
        return {
            "epoch": epoch, "loss": loss, "perplexity": np.exp(loss), "seconds": 1.0, "words": 10.0,
            "held_out_loss": np.log(held_out), "held_out_perplexity": held_out,
        }  # fmt: skip

    learnt = training_report([row(1, 5.0, 90.0), row(2, 4.0, 60.0)])
    assert "Over-fitted" not in learnt
    by_heart = training_report([row(1, 5.0, 90.0), row(2, 4.0, 60.0), row(3, 0.2, 900.0)])
    assert "Over-fitted" in by_heart
    assert "15.0 fold, from 60.0 to 900.0" in by_heart


def test_a_plain_train_is_the_demo():
    demo = config.Train(run_dir="x", **config.DEMO)
    assert parse(config.Train, ["--run_dir=x"], config.PRESETS) == demo


def test_every_option_has_a_meaning():
    for options in (
        config.Train,
        config.Generate,
        config.Evaluate,
        config.Embeddings,
        config.Export,
    ):
        for field in dataclasses.fields(options):
            assert len(field.metadata["help"]) > 8, field.name

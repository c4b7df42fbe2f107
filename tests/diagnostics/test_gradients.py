"""The verb `gradients`: tables and a picture, of cells as they start and of trained models."""

import numpy as np
import pytest
import tensorflow as tf

from apps.classification import data as classification
from apps.classification.labeller import Labeller
from apps.diagnostics.config import Gradients
from apps.diagnostics.gradients import factor, gates, leaves
from apps.diagnostics.subjects import longest, of_cell, of_run, windows
from apps.tagging import data as tagging
from apps.tagging.model import load_model as load_tagger
from tfseq.cells import CELLS, stack_cells
from tfseq.gradients import lengths, state_gradients

SMALL = ["--units=5", "--length=8", "--rows=3", "--table=3"]
PNG = b"\x89PNG"


def options(**given):
    """Options of `gradients` with small sizes."""
    return Gradients(**{"units": 5, "length": 8, "rows": 3, **given})


def median(subject):
    """The length of the gradient at each moment."""
    gradients = state_gradients(subject.step, subject.inputs, subject.states, subject.loss)
    return np.median(lengths(gradients), axis=1)


def table(lines):
    """`{steps back: [length of each curve]}`."""
    rows = [line.split() for line in lines if line.split()[:1] and line.split()[0].isdecimal()]
    return {int(row[0]): [float(cell) for cell in row[1:]] for row in rows}


def test_cells_stand_side_by_side_in_a_table_and_a_picture(printed, tmp_path):
    picture = tmp_path / "new" / "g.png"
    lines = printed("gradients", "--cell=basic_rnn,lstm,sru", *SMALL, f"--picture={picture}")
    found = table(lines)
    assert list(found) == [1, 3, 5, 8]
    assert all(len(row) == 3 for row in found.values())
    assert picture.read_bytes().startswith(PNG)
    assert lines[-1] == f"{picture}: 3 curves"
    text = "\n".join(lines)
    assert text.count("spectral radius") == 1 + 4  # a simple cell and an LSTM; SRU has none
    assert text.count("forget gate") == 1


def test_the_table_has_the_lengths_of_the_gradients(printed):
    subject = of_cell("gru", options(seed=4))
    curve = median(subject)
    found = table(printed("gradients", "--cell=gru", "--seed=4", *SMALL))
    for back, (value,) in found.items():
        assert value == pytest.approx(curve[8 - back], rel=1e-3)


@pytest.mark.parametrize("name", CELLS)
def test_every_cell_can_be_measured(name):
    subject = of_cell(name, options(units=8, length=3))
    curve = median(subject)
    assert curve.shape == (3,)
    assert (curve > 0).all()


def test_a_forget_gate_that_starts_more_open_lets_more_through():
    curves = []
    for bias in (0.0, 1.0, 3.0):
        subject = of_cell("basic_lstm", options(forget_bias=bias, length=20, units=16))
        curves.append(median(subject))
    factors = [factor(curve) for curve in curves]
    assert factors[0] < 0.65 < factors[1] < 0.9 < factors[2]  # sigmoid(bias): 0.5, 0.73, 0.95


def test_a_step_back_is_the_mean_factor():
    assert factor(np.array([1.0, 10.0, 100.0])) == pytest.approx(0.1)
    assert factor(np.array([2.0])) == 1


def test_the_innermost_cells_are_found_below_wrappers():
    stack = stack_cells("gru", 4, 2, output_rate=0.5, residual_from=1)
    assert [type(cell).__name__ for cell in leaves(stack)] == ["GRUCell", "GRUCell"]


def test_gates_are_those_of_each_lstm_layer_over_all_steps():
    found = gates(of_cell("lstm", options(layers=2)))
    assert set(found) == {(n, g) for n in (0, 1) for g in ("input", "forget", "output")}
    assert np.shape(found[1, "forget"]) == (8, 3, 5)
    assert gates(of_cell("gru", options())) == {}


def test_windows_are_spread_over_the_text():
    found = windows(np.arange(40), options(length=5, rows=4))
    assert found.shape == (4, 6)
    assert found[0].tolist() == list(range(6))
    assert found[-1].tolist() == list(range(34, 40))
    assert windows(np.arange(7), options(length=5, rows=4)).shape == (2, 6)


def test_the_longest_pairs_are_cut_to_the_shortest_of_them():
    sources = [np.array([4, 5]), np.array([6]), np.array([7, 8, 9])]
    targets = [np.array([4, 5, 6]), np.array([7]), np.array([8, 9, 4, 5])]
    source, target = longest(sources, targets, options(rows=2, length=9))
    assert source.numpy().tolist() == [[7, 8, 9], [4, 5, 0]]
    assert target.tolist() == [[8, 9, 4], [4, 5, 6]]
    assert longest(sources, targets, options(rows=2, length=2))[1].tolist() == [[8, 9], [4, 5]]


def test_a_run_of_memory_has_its_own_length(memory_run, printed):
    lines = printed("gradients", f"--run_dir={memory_run}", "--rows=3", "--steps=2")
    assert list(table(lines)) == [1, 2]
    text = "\n".join(lines)
    assert "adding" in text
    assert "of 2 steps clipped at 1" in text
    assert text.count("forget gate") == 2


def test_a_run_of_the_generator_reads_its_held_out_text_or_another(script_run, printed, tmp_path):
    words = ["gradients", f"--run_dir={script_run}", "--length=4", "--rows=3", "--steps=2"]
    own = printed(*words)
    assert list(table(own)) == [1, 2, 3, 4]
    other = tmp_path / "text"
    other.write_text("Ada: Soon!\n\nBob_Cole: Not today. Who took the soup?\n")
    text = "\n".join(printed(*words, f"--text_file={other}"))
    assert text != "\n".join(own)
    assert "forget gate" in text


def test_a_run_of_the_translator_shows_its_decoder(translation_run, printed):
    lines = printed("gradients", f"--run_dir={translation_run}", "--rows=3", "--steps=2")
    found = table(lines)
    assert len(found) > 2
    assert all(value > 0 for (value,) in found.values())
    assert "clipped at 1" in "\n".join(lines)


def test_runs_of_the_classifier_and_the_tagger_show_the_way_that_reads_on(
    classification_run, tagging_run, printed
):
    runs = f"--run_dir={classification_run},{tagging_run}"
    lines = printed("gradients", runs, "--rows=3", "--length=4", "--steps=2")
    assert list(table(lines)) == [1, 2, 3, 4]
    assert all(value > 0 for row in table(lines).values() for value in row)
    text = "\n".join(lines)
    assert text.count("of 2 steps clipped at 1") == 2
    assert text.count("forget gate") == 2


def stepped_loss(subject):
    """The loss of a subject behind all its steps."""
    said, states = [], subject.states
    for inputs in tf.unstack(subject.inputs, axis=1):
        outputs, states = subject.step(inputs, states)
        said.append(outputs)
    return subject.loss(said).numpy()


def test_the_loss_of_the_classifier_is_that_of_the_label_of_the_text(classification_run):
    run = classification.load_run(classification_run)
    rows = classification.load_examples(run, "development")
    ids, labels = run.labelled(rows, "--file", 99)
    longest_first = sorted(range(len(ids)), key=lambda row: -len(ids[row]))[:3]
    time = min(len(ids[row]) for row in longest_first)
    labeller = Labeller(run)
    found = labeller.probabilities(tf.constant([ids[row][:time] for row in longest_first]))
    expected = [
        -np.log(p[labels[row]]) for p, row in zip(found.numpy(), longest_first, strict=True)
    ]
    subject = of_run(classification_run, options(length=99))
    np.testing.assert_allclose(stepped_loss(subject), expected, rtol=1e-5)


def test_the_loss_of_the_tagger_is_that_of_the_last_label_whatever_the_others_are(tagging_run):
    run = tagging.load_run(tagging_run)
    rows = sorted(tagging.load_sentences(run, "development"), key=lambda row: -len(row.tokens))[:3]
    time = min(len(row.tokens) for row in rows)
    model = load_tagger(run)
    words, mask = run.lexicon.read(tf.ragged.constant([row.tokens[:time] for row in rows]))
    last = model.marginals(model(words, mask=mask), mask).numpy()[:, -1]
    names = [row.labels[time - 1] for row in rows]
    expected = [
        -np.log(p[run.labels.names.index(name)]) for p, name in zip(last, names, strict=True)
    ]
    subject = of_run(tagging_run, options(length=99))
    np.testing.assert_allclose(stepped_loss(subject), expected, rtol=1e-5)


def test_the_loss_of_the_generator_is_that_of_the_word_behind_the_window(script_run):
    subject = of_run(script_run, options(length=4))
    outputs, states = None, subject.states
    for t in range(4):
        outputs, states = subject.step(subject.inputs[:, t], states)
    assert subject.loss(outputs).shape == (3,)
    assert subject.training.bound == 1.0


def test_runs_and_cells_of_one_name_are_told_apart(memory_run, printed):
    words = ["--cell=gru", f"--run_dir={memory_run},{memory_run}", "--rows=3", "--steps=1"]
    lines = printed("gradients", *words, "--length=3")
    assert lines[1].split()[-4:] == ["adding", "adding", "2", "gru"]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ([], "`--run_dir` must be given, or --cell."),
        (["--cell=grru"], "`--cell` must be of: basic_rnn,"),
        (["--run_dir=nowhere"], "`--run_dir` must be a run with readable options"),
        (["--cell=gru", "--forget_bias=1"], "`--forget_bias` must not be given with --cell=gru"),
        (["--cell=gru", *SMALL, "--picture=/proc/x/y.png"], "`--picture` must be a place that can"),
    ],
)
def test_what_does_not_fit_is_one_line(complaint_of, diagnostics, words, message):
    assert message in complaint_of(diagnostics, "gradients", *words)


def test_a_run_of_something_else_and_a_short_text_are_refused(
    complaint_of, diagnostics, script_run, tmp_path
):
    (tmp_path / "config.json").write_text('{"colour": "blue"}')
    line = complaint_of(diagnostics, "gradients", f"--run_dir={tmp_path}")
    assert "must be a run of the generator, the translator, the classifier, the tagger or" in line
    line = complaint_of(diagnostics, "gradients", f"--run_dir={script_run}", "--length=1000")
    assert "`--length` must be less than the" in line

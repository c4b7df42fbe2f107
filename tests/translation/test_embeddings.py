"""A translator that starts from word vectors, and whose own are written out."""

import numpy as np

from apps.translation.data import load_run
from apps.translation.model import load_model
from tfseq.word2vec import read_vectors, write_vectors


def test_source_and_target_start_from_vectors_and_are_written_as_such(
    translation, files, tiny, tmp_path, capsys
):
    rng = np.random.default_rng(1)
    sources, targets = ["the", "cat", "unheard"], ["Le", "chat", "noir", "dort"]
    tables = {"source": (sources, rng.normal(size=(3, 8))), "target": (targets, np.ones((4, 8)))}
    words = [f"--{side}_file={path}" for side, path in zip(tables, files, strict=True)]
    words += [*tiny, "--epochs=1", "--stop_on=loss", "--tokens=words", "--freeze_embeddings"]
    for side, table in tables.items():
        write_vectors(tmp_path / side, *table)
        words.append(f"--{side}_embeddings={tmp_path / side}")
    run_dir = f"--run_dir={tmp_path / 'run'}"
    assert translation("train", run_dir, *words) == 0
    printed = capsys.readouterr().out
    # The, cat; Le, chat, noir, dort.
    assert "--source_embeddings: 2 of the 16 entries begin with a trained vector (1 with" in printed
    assert "--target_embeddings: 4 of the 16 entries begin with a trained vector (0 with" in printed
    model = load_model(load_run(tmp_path / "run"))
    for side, embedding in (("source", model.encoder), ("target", model.decoder)):
        path = tmp_path / f"{side}.txt.gz"
        assert translation("embeddings", run_dir, f"--vectors={path}", f"--side={side}") == 0
        written, vectors = read_vectors(path)
        np.testing.assert_array_equal(vectors, embedding.embedding.embeddings)
        known, table = tables[side]
        for word, vector in zip(known, table.astype("f"), strict=True):
            if word != "unheard":
                name = "The" if word == "the" else word
                np.testing.assert_array_equal(vectors[written.index(name)], vector)

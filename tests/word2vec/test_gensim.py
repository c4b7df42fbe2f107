"""gensim reads our files and we read gensim's. It is no dependency: where it is absent, skipped."""

import numpy as np
import pytest

from tfseq.word2vec import read_vectors, write_vectors

gensim = pytest.importorskip(
    "gensim.models", reason="needs gensim, the other program whose files are read and written"
)
WORDS = ["the", "café", "<unk>", "don't", "東京", "nbsp\u00a0word", "next\u0085line"]
VECTORS = np.random.default_rng(3).normal(size=(7, 13)).astype("f")


@pytest.mark.parametrize("name", ["v.txt", "v.bin", "v.txt.gz", "v.bin.gz"])
def test_gensim_reads_ours(tmp_path, name):
    write_vectors(tmp_path / name, WORDS, VECTORS)
    read = gensim.KeyedVectors.load_word2vec_format(str(tmp_path / name), binary=".bin" in name)
    assert read.index_to_key == WORDS
    np.testing.assert_array_equal(read.vectors, VECTORS)


@pytest.mark.parametrize("name", ["v.txt", "v.bin", "v.txt.gz", "v.bin.gz"])
def test_we_read_gensims(tmp_path, name):
    vectors = gensim.KeyedVectors(13)
    vectors.add_vectors(WORDS, VECTORS)
    vectors.save_word2vec_format(str(tmp_path / name), binary=".bin" in name)
    words, numbers = read_vectors(tmp_path / name)
    assert words == WORDS
    np.testing.assert_array_equal(numbers, VECTORS)

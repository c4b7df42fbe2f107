"""Word vectors: trained by word2vec, looked at, measured, exported."""

"""The translator: an attention model that learns from pairs of sentences and translates."""

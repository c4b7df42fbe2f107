"""Sets of values for `train`: corpora that people have, and programs that they know."""

NOTES = {
    "tokens": "blanks",
    "lower_case": True,
    "validation_share": 0.1,
    "encoder": "unidirectional",
    "reverse_source": True,
    "bridge": "copy",
    "layers": 2,
    "embedding_size": 256,
    "tied": "none",
    "embedding_rate": 0.0,
    "annotation_rate": 0.0,
    "readout_rate": 0.0,
    "output_rate": 0.3,
    "batch_size": 128,
    "epochs": 4,
    "learning_rate": 0.005,
    "schedule": "cosine",
    "warmup_steps": 100,
}
PRESETS = {
    # The built-in corpus in less than four minutes of two cores.
    "demo": {"tokens": "subwords", "subword_vocabulary": 1000, "cell": "gru", "units": 128},
    # What the notes of 2017 and 2018 taught: two layers of LSTM, no attention.
    "notes": {**NOTES, "attention": "none", "readout_units": 0},
    # The same budget with attention: one layer, read both ways, a conditional GRU that writes.
    "notes_attention": {
        **NOTES,
        "encoder": "bidirectional",
        "reverse_source": False,
        "bridge": "mean",
        "cell": "gru",
        "layers": 1,
        "readout_units": 256,
        "annotation_rate": 0.1,
        "readout_rate": 0.1,
        "output_rate": 0.0,
        "learning_rate": 0.002,
    },
    # Captions such as Multi30k: the single model of Caglayan and others, 2017, arXiv:1707.04481.
    "captions": {
        "tokens": "subwords",
        "subword_vocabulary": 10_000,
        "cell": "gru",
        "embedding_size": 128,
        "readout_units": 128,
        "embedding_rate": 0.3,
        "annotation_rate": 0.5,
        "readout_rate": 0.5,
        "label_smoothing": 0.1,
        "epochs": 48,
        "average_epochs": 4,
        "learning_rate": 0.0015,
        "warmup_steps": 400,
    },
}

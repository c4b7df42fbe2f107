"""Applications of tfseq, one package each, run from the root: `python -m apps.tv_script --help`."""

"""How well are chunks and parts of speech labelled? The mean over several seeds.

    python -m benchmarks.tagging --run_dir=RUNS --data=../shared/data

`chunks`: CoNLL-2000's training file, of which a tenth, drawn with seed 1, is held out; F1 as
conlleval counts it. `words` and `characters`: the development part of the English Web Treebank by
words alone, and with the characters of each; accuracy. `chunks` and `characters` begin with word
vectors, which are learnt first, by `apps.word2vec` from the plain text that TEXTS names; no others
are used, and `words` begins with none. What was learnt is only read when the command is given
again.
"""

import argparse
import pathlib

from benchmarks.embeddings import show
from benchmarks.presets import rows_of, runner
from benchmarks.timing import describe_machine
from tfseq.text import read_columns, split_at_random, write_columns

TEXTS = ("text8_prefix/text8_prefix.txt.gz", "wikitext2/train.txt.gz")
TREEBANK = "ud_english_ewt/en_ewt-ud-{}.conllu.gz"
FIGURES = {"chunks": "f1", "words": "accuracy", "characters": "accuracy"}


def main():
    """Train and print."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0], allow_abbrev=False)
    parser.add_argument("--run_dir", required=True, type=pathlib.Path)
    parser.add_argument("--data", required=True, type=pathlib.Path)
    parser.add_argument("--tasks", nargs="+", choices=FIGURES, default=list(FIGURES))
    parser.add_argument("--seeds", nargs="+", type=int, default=[1, 2, 3])
    parser.add_argument("--vectors", help="those that this command has learnt before")
    options, rest = parser.parse_known_args()
    options.run_dir.mkdir(parents=True, exist_ok=True)
    vectors = options.vectors or make_vectors(options)
    tag = runner("tagging")
    for task in options.tasks:
        words = [f"--preset={task}", *files(task, options), *rest]
        if task != "words":
            words += [f"--embeddings={vectors}", "--vector_words"]
        for seed in options.seeds:
            run = options.run_dir / f"{task}-{seed}"
            tag("train", f"--run_dir={run}", f"--seed={seed}", *words)
    describe_machine("default")
    for task in options.tasks:
        runs = [rows_of(options.run_dir / f"{task}-{seed}") for seed in options.seeds]
        show({task: runs}, options.seeds, FIGURES[task], max, "task")


def make_vectors(options):
    """Word vectors from plain text, learnt where they are not there yet."""
    path = options.run_dir / "vectors.txt"
    texts = ",".join(str(options.data / text) for text in TEXTS)
    if not path.exists():
        runner("word2vec")("train", f"--vectors={path}", f"--text_file={texts}", "--lower_case")
    return path


def files(task, options):
    """The options that name the files of a task."""
    if task != "chunks":
        train, development = (options.data / TREEBANK.format(part) for part in ("train", "dev"))
        return [f"--train_file={train}", f"--development_file={development}", "--format=conllu"]
    sentences = read_columns(options.data / "conll2000" / "train.txt.gz", 0, 2)
    texts = [" ".join(sentence.tokens) for sentence in sentences]
    paths = [options.run_dir / f"conll2000.{part}.txt" for part in ("train", "dev")]
    for path, rows in zip(paths, split_at_random(texts, 0.1, seed=1), strict=True):
        with path.open("w") as file:
            write_columns([sentences[row] for row in rows], file)
    return [f"--train_file={paths[0]}", f"--development_file={paths[1]}"]


if __name__ == "__main__":
    main()

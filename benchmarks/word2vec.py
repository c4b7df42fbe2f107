"""How fast and how good are word vectors beside gensim's, at the same settings?

    python -m benchmarks.word2vec speed   --text_file=a.txt.gz,b.txt.gz --threads=1
    python -m benchmarks.word2vec quality --text_file=a.txt.gz,b.txt.gz --held_out=valid.txt.gz \
        --seeds 1 2 3 --similarity WORDSIM SIMLEX --analogies=QUESTIONS
    python -m benchmarks.word2vec memory  --text_file=a.txt.gz,b.txt.gz

`speed`: one epoch of the first words of the text, the candidates in turn; words of the text by
second of the wall clock and of the processor, since other work may share the machine. `quality`:
five epochs each, then held-out loss, rank correlations and analogies. `memory`: what an epoch adds
to the highest memory of the process. The text is put into lower case. gensim is the extra `gensim`;
it cuts lines of more than 10,000 words, so does this script.
"""

import argparse
import pathlib
import resource
import statistics
import tempfile
import time

import numpy as np
import tensorflow as tf

from benchmarks.timing import describe_machine
from tfseq.checkpoint import Checkpoints
from tfseq.files import read_text
from tfseq.text import WhitespaceTokenizer
from tfseq.word2vec import evaluation, make_corpus
from tfseq.word2vec.corpus import LINE_END
from tfseq.word2vec.held_out import held_out_loss
from tfseq.word2vec.settings import Settings
from tfseq.word2vec.training import VectorTrainer

GENSIM_LINE = 10_000
EPOCHS = 5
MOST_FREQUENT = 30_000


class Peak:
    """The highest resident memory since it was made, in MB above where it stood."""

    def __init__(self):
        self.before = self.now()

    @staticmethod
    def now():
        """MB, the highest of the process so far."""
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024

    @property
    def megabytes(self):
        """How much the peak has risen."""
        return self.now() - self.before


def lines_of(corpus):
    """The corpus as lists of words, as gensim wants it."""
    ids = corpus.read(0, corpus.length)
    lines = [line[line >= 0] for line in np.split(ids, np.flatnonzero(ids == LINE_END))]
    pieces = [x[i : i + GENSIM_LINE] for x in lines for i in range(0, len(x), GENSIM_LINE)]
    return [[corpus.words[i] for i in piece] for piece in pieces]


def gensim_model(corpus, settings, workers):
    """An untrained gensim model that knows the corpus's words."""
    from gensim.models import Word2Vec  # pyright: ignore[reportMissingImports]

    model = Word2Vec(
        vector_size=settings.dim,
        window=settings.window,
        negative=settings.negatives,
        sample=settings.sample,
        min_count=1,  # the corpus is without rare words already
        sg=int(settings.model == "skipgram"),
        workers=workers,
        seed=settings.seed,
        epochs=settings.epochs,
    )
    model.build_vocab_from_freq(dict(zip(corpus.words, corpus.counts.tolist(), strict=True)))
    return model


def timed(function):
    """Seconds of the wall clock and of the processor."""
    wall, processor = time.perf_counter(), time.process_time()
    function()
    return time.perf_counter() - wall, time.process_time() - processor


def speed(options, corpus):
    """Words by second, round by round."""
    corpus = corpus._replace(length=min(corpus.length, options.words))
    count = int((corpus.read(0, corpus.length) >= 0).sum())
    for model in ("skipgram", "cbow"):
        settings = Settings(model, epochs=options.rounds + 1, workers=options.threads)
        trainer = VectorTrainer(corpus, settings, Checkpoints(tempfile.mkdtemp()))

        def one_epoch(trainer=trainer):
            for _ in range(trainer.steps_per_epoch):
                trainer.train_step()
            trainer.inputs.numpy()

        lines = lines_of(corpus)
        peer = gensim_model(corpus, settings, options.threads)

        def gensim_epoch(peer=peer, lines=lines):
            peer.train(lines, total_examples=len(lines), epochs=1)

        one_epoch()  # compiles
        rounds = [(timed(gensim_epoch), timed(one_epoch)) for _ in range(options.rounds)]
        for index, clock in enumerate(("wall clock", "processor")):
            rates = [[count / seconds[index] for seconds in pair] for pair in rounds]
            theirs, ours = (statistics.median(column) for column in zip(*rates, strict=True))
            ratio = statistics.median(b / a for a, b in rates)
            print(
                f"{model:<9} {clock:<11} words/s: gensim {theirs:10,.0f}  tfseq {ours:10,.0f}"
                f"  {ratio:5.2f} x",
                flush=True,
            )


def quality(options, corpus):
    """A line of figures for each model, library and seed."""
    tokenizer = WhitespaceTokenizer(lower_case=True)
    numbers = {word: i for i, word in enumerate(corpus.words)}
    held_out = encode(options.held_out, tokenizer, numbers)
    for model in options.models:
        for seed in options.seeds:
            settings = Settings(model, epochs=EPOCHS, seed=seed, workers=options.threads)
            for name, train in (("tfseq", train_ours), ("gensim", train_gensim)):
                if name not in options.libraries:
                    continue
                inputs, outputs = train(corpus, settings)
                figures = measure(options, corpus, inputs)
                if model == "skipgram":
                    loss = held_out_loss(held_out, corpus.counts, inputs, outputs)
                    figures = {"held-out loss": loss, **figures}
                shown = "  ".join(f"{key} {value:.4f}" for key, value in figures.items())
                print(f"{model} seed {seed} {name:<7} {shown}", flush=True)


def memory(options, corpus):
    """What an epoch needs: first of fifty words, which compiles all, then of the text itself."""
    with tempfile.TemporaryDirectory() as directory:
        text = pathlib.Path(directory, "few.txt")
        text.write_text(" ".join(f"w{number % 50}" for number in range(600_000)))
        few = make_corpus([str(text)], WhitespaceTokenizer().tokenize, 5, directory)
        for model in options.models:
            for name, words in (("fifty words", few), ("the text", corpus)):
                peak = Peak()
                train_ours(words, Settings(model, epochs=1, workers=options.threads))
                print(f"{model} tfseq, {name}: +{peak.megabytes:.0f} MB", flush=True)
    sizes = 2 * 4 * 100 * len(corpus.words), 4 * corpus.length
    asked = (4 * sizes[0] + sizes[1]) / 2**20
    print(f"four times both matrices, and the corpus: {asked:.0f} MB")


def train_ours(corpus, settings):
    """Input and output vectors."""
    with tempfile.TemporaryDirectory() as directory:
        trainer = VectorTrainer(corpus, settings, Checkpoints(directory))
        trainer.train()
    return trainer.inputs.numpy(), trainer.outputs.numpy()


def train_gensim(corpus, settings):
    """The same of gensim, in the order of our words."""
    lines = lines_of(corpus)
    model = gensim_model(corpus, settings, 1)
    model.train(lines, total_examples=len(lines), epochs=settings.epochs)
    order = [model.wv.key_to_index[word] for word in corpus.words]
    return model.wv.vectors[order], model.syn1neg[order]


def encode(path, tokenizer, numbers):
    """A text as ids of known words, lines apart by `LINE_END`."""
    ids = []
    for line in tokenizer.tokenize(read_text(path).split("\n")).to_list():
        ids += [numbers[word.decode()] for word in line if word.decode() in numbers]
        ids.append(LINE_END)
    return np.array(ids, np.int32)


def measure(options, corpus, vectors):
    """Rank correlations and the share of analogies that come out right."""
    figures = {}
    lookup = evaluation.Lookup(corpus.words, vectors)
    for path in options.similarity:
        found = evaluation.similarity(lookup, evaluation.read_pairs(path))
        figures[f"{pathlib.Path(path).stem} ({found.known})"] = found.rho
    if options.analogies:
        lookup = evaluation.Lookup(corpus.words, vectors, MOST_FREQUENT)
        sections = evaluation.analogies(lookup, evaluation.read_questions(options.analogies))
        figures["analogies"] = evaluation.total("all", sections).accuracy
    return figures


def main():
    """Print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=("speed", "quality", "memory"))
    parser.add_argument("--text_file", required=True)
    parser.add_argument("--held_out", default="")
    parser.add_argument("--similarity", nargs="*", default=[])
    parser.add_argument("--analogies", default="")
    parser.add_argument("--models", nargs="+", default=["skipgram"], choices=("skipgram", "cbow"))
    parser.add_argument("--libraries", nargs="+", default=["tfseq", "gensim"])
    parser.add_argument("--seeds", nargs="+", type=int, default=[1])
    parser.add_argument("--words", type=int, default=500_000, help="of the text, for speed")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--threads", type=int, default=1)
    options = parser.parse_args()
    tf.config.threading.set_intra_op_parallelism_threads(options.threads)
    tf.config.threading.set_inter_op_parallelism_threads(options.threads)
    describe_machine(options.threads)
    run = {"speed": speed, "quality": quality, "memory": memory}[options.what]
    with tempfile.TemporaryDirectory() as directory:
        files = options.text_file.split(",")
        tokenize = WhitespaceTokenizer(lower_case=True).tokenize
        corpus = make_corpus(files, tokenize, 5, directory)
        print(f"{corpus.counts.sum():,} words, {len(corpus.words):,} different")
        run(options, corpus)


if __name__ == "__main__":
    main()

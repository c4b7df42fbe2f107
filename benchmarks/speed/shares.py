"""Of an epoch of each application's demo, what is not the training step: prints JSON.

python -m benchmarks.speed.shares --threads=1
"""

import argparse
import json
import tempfile
import time

from apps.translation import config as translation_config
from apps.translation import data as translation_data
from apps.translation import model as translation_model
from apps.translation import train as translation_train
from apps.translation.presets import PRESETS
from apps.tv_script import config as tv_config
from apps.tv_script import data as tv_data
from apps.tv_script import train as tv_train
from benchmarks.speed.own import set_threads
from tfseq.checkpoint import Checkpoints
from tfseq.parsing import parse
from tfseq.runs import optimizer_of
from tfseq.text import WhitespaceTokenizer
from tfseq.word2vec import make_corpus
from tfseq.word2vec.settings import Settings
from tfseq.word2vec.training import VectorTrainer


class Clock:
    """Seconds spent in a function, from the second call on: the first one compiles."""

    def __init__(self, function):
        self.function, self.seconds, self.calls = function, 0.0, 0

    def __call__(self, *arguments):
        started = time.perf_counter()
        result = self.function(*arguments)
        self.seconds += (time.perf_counter() - started) * (self.calls > 0)
        self.calls += 1
        return result


class TimedCorpus:
    """A `Corpus` whose reading is timed."""

    def __init__(self, corpus):
        self.corpus, self.read = corpus, Clock(corpus.read)

    def __getattr__(self, name):
        return getattr(self.corpus, name)


def generator(directory):
    """The generator's demo: seconds to read the text, and its trainer."""
    options = parse(tv_config.Train, [f"--run_dir={directory}/tv_script"], tv_config.PRESETS)
    started = time.perf_counter()
    run = tv_data.open_run(options)
    batches, counts, _ = tv_train.make_batches(run)
    reading = time.perf_counter() - started
    model = tv_train.make_model(run, counts)
    optimizer = optimizer_of(options, batches.steps_per_epoch)
    trainer = tv_train.make_trainer(run, model, optimizer, batches, run.ids(run.held_out))
    return reading, trainer, options.epochs


def translator(directory):
    """The translator's demo: seconds to read the pairs, and its trainer."""
    options = parse(translation_config.Train, [f"--run_dir={directory}/translation"], PRESETS)
    started = time.perf_counter()
    run, training, validation = translation_data.open_run(options)
    batches, *_ = translation_train.make_batches(run, training)
    reading = time.perf_counter() - started
    model = translation_model.build_model(run)
    loss = translation_train.make_loss(model, options)
    optimizer = optimizer_of(options, batches.steps_per_epoch)
    trainer = translation_train.make_trainer(run, model, optimizer, loss, batches, validation)
    return reading, trainer, options.epochs


def trained(made):
    """Shares of reading, in all epochs, and of batches and progress, in one of them."""
    reading, trainer, epochs = made
    trainer.end_epoch = lambda epoch: None  # what is measured there is no input
    trainer.save_seconds = float("inf")
    trainer.train_step = step = Clock(trainer.train_step)
    trainer.batches.batch = Clock(trainer.batches.batch)
    trainer.callbacks.on_train_begin({"step": 0, "history": []})
    trainer.train_step(trainer.batches.batch(0))
    started = time.perf_counter()
    trainer.train_epoch()
    whole = time.perf_counter() - started
    return {
        "text and vocabulary": reading / (epochs * step.seconds),
        "batches": trainer.batches.batch.seconds / step.seconds,
        "batches, progress and all else": whole / step.seconds - 1,
    }


def vectors(directory):
    """Of word vectors: reading and draws beside learning, for one epoch of the generator's text."""
    text = tv_config.BUILT_IN_CORPUS.read_text() * 40
    file = f"{directory}/text.txt"
    with open(file, "w") as opened:
        opened.write(text)
    started = time.perf_counter()
    corpus = make_corpus([file], WhitespaceTokenizer(lower_case=True).tokenize, 2, directory)
    reading = time.perf_counter() - started
    settings = Settings(epochs=3)
    trainer = VectorTrainer(corpus, settings, Checkpoints(f"{directory}/vectors"))
    trainer.corpus, trainer.draw = TimedCorpus(corpus), Clock(trainer.draw)
    workers = trainer.workers
    workers.learn = Clock(lambda *x, learn=workers.learn: wait(learn(*x)))
    trainer.train()
    learning = workers.learn.seconds
    return {
        "text and vocabulary, five epochs": reading / (5 / 3 * learning),
        "segments read": trainer.corpus.read.seconds / learning,
        "draws": trainer.draw.seconds / learning,
    }


def wait(results):
    """The results, when they are there."""
    tables, _ = results
    tables[0][0, 0].numpy()
    return results


def main():
    """Print all shares."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--threads", type=int, default=1)
    threads = parser.parse_args().threads
    set_threads(threads)
    with tempfile.TemporaryDirectory() as directory:
        shares = {
            "generator": trained(generator(directory)),
            "translator": trained(translator(directory)),
            "word vectors": vectors(directory),
        }
    print(json.dumps(shares))


if __name__ == "__main__":
    main()

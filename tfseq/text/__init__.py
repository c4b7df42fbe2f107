"""Text to tokens to ids and back, and the batches made of them."""

from tfseq.text.base import Tokenizer, readable
from tfseq.text.batches import Batch, LanguageModelBatches, scenes, split_at_random, split_held_out
from tfseq.text.blanks import WhitespaceTokenizer
from tfseq.text.buckets import Buckets, groups_of_like_length, padded
from tfseq.text.characters import CharacterTokenizer
from tfseq.text.columns import Sentence, read_columns, read_conllu, write_columns
from tfseq.text.labels import LabelledBatch, LabelledBatches, Labels
from tfseq.text.parallel import (
    Parallel,
    ParallelBatch,
    ParallelBatches,
    batches_of_like_length,
    cut,
    read_parallel,
    read_parallel_file,
)
from tfseq.text.sharded import ShardedLanguageModelBatches, ShardedParallelBatches
from tfseq.text.shards import Shards
from tfseq.text.subwords import SubwordTokenizer
from tfseq.text.tokenizers import TOKENIZERS, load_tokenizer, save_tokenizer
from tfseq.text.vocabulary import END, PAD, SPECIALS, START, UNK, Vocabulary, count_tokens
from tfseq.text.words import WordTokenizer

__all__ = [
    "END",
    "PAD",
    "SPECIALS",
    "START",
    "TOKENIZERS",
    "UNK",
    "Batch",
    "Buckets",
    "CharacterTokenizer",
    "LabelledBatch",
    "LabelledBatches",
    "Labels",
    "LanguageModelBatches",
    "Parallel",
    "ParallelBatch",
    "ParallelBatches",
    "Sentence",
    "ShardedLanguageModelBatches",
    "ShardedParallelBatches",
    "Shards",
    "SubwordTokenizer",
    "Tokenizer",
    "Vocabulary",
    "WhitespaceTokenizer",
    "WordTokenizer",
    "batches_of_like_length",
    "count_tokens",
    "cut",
    "groups_of_like_length",
    "load_tokenizer",
    "padded",
    "read_columns",
    "read_conllu",
    "read_parallel",
    "read_parallel_file",
    "readable",
    "save_tokenizer",
    "scenes",
    "split_at_random",
    "split_held_out",
    "write_columns",
]

"""Labelled sentences from CoNLL's columns and from CoNLL-U."""

import gzip

import pytest

from tfseq.text import Sentence, read_columns, read_conllu, write_columns

COLUMNS = "The DT B-NP\ncat NN I-NP\n\n\n \nsleeps VBZ B-VP\r\n. . O\n"
CONLLU = """\
# text = Don't go
1-2\tDon't\t_\t_\t_
1\tDo\tdo\tAUX\t_
2\tn't\tnot\tPART\t_
2.1\tever\tever\tADV\t_
3\tgo\tgo\tVERB\t_

# another
1\t10 000\t10000\tNUM\t_
"""


def a_file(directory, text):
    path = directory / "file"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


@pytest.mark.parametrize("column", [2, -1])
def test_columns_are_chosen_and_blank_lines_end_sentences(tmp_path, column):
    sentences = read_columns(a_file(tmp_path, COLUMNS), 0, column)
    assert sentences == [
        Sentence(("The", "cat"), ("B-NP", "I-NP"), (1, 2)),
        Sentence(("sleeps", "."), ("B-VP", "O"), (6, 7)),
    ]


def test_any_column_may_be_token_or_label(tmp_path):
    (first, _) = read_columns(a_file(tmp_path, COLUMNS), 1, 0)
    assert first[:2] == (("DT", "NN"), ("The", "cat"))


def test_compressed_files_are_read(tmp_path):
    path = a_file(tmp_path, gzip.compress(COLUMNS.encode()))
    assert len(read_columns(path)) == 2


def test_blanks_are_part_of_a_token_where_tabs_part_the_columns(tmp_path):
    (sentence,) = read_columns(a_file(tmp_path, "New York\tB-LOC\nis  \tO\n"))
    assert sentence.tokens == ("New York", "is  ")


def test_several_blanks_part_columns_as_one_does(tmp_path):
    (sentence,) = read_columns(a_file(tmp_path, "a    DT   O \n"))
    assert sentence[:2] == (("a",), ("O",))


def test_other_blanks_are_characters(tmp_path):
    (sentence,) = read_columns(a_file(tmp_path, "10\u00a0000 CD B-NP\n"))
    assert sentence.tokens == ("10\u00a0000",)


def test_ranges_empty_nodes_and_comments_of_conllu_are_skipped(tmp_path):
    first, second = read_conllu(a_file(tmp_path, CONLLU))
    assert first == Sentence(("Do", "n't", "go"), ("AUX", "PART", "VERB"), (3, 4, 6))
    assert second == Sentence(("10 000",), ("NUM",), (9,))


@pytest.mark.parametrize(
    ("reader", "text", "reason"),
    [
        (read_columns, "a DT O\n\nb\n", r"a column 1 .* line 3 of 1 columns"),
        (read_conllu, "1\ta\n", r"a column 3 .* line 1 of 2 columns"),
        (read_columns, " \n\n\t\n", "must have a sentence"),
        (read_conllu, "# nothing\n\n", "must have a sentence"),
        (read_columns, b"caf\xe9 O\n", "UTF-8"),
        (read_columns, b"", "empty"),
    ],
)
def test_what_is_missing_is_told_with_its_line(tmp_path, reader, text, reason):
    columns = (0, 1) if reader is read_columns else ()
    with pytest.raises(ValueError, match=reason):
        reader(a_file(tmp_path, text), *columns)


def test_a_label_is_never_the_token_itself(tmp_path):
    path = a_file(tmp_path, "a O\n\nb\n")
    with pytest.raises(ValueError, match=r"another column than its tokens.* line 3 of 1 columns"):
        read_columns(path)
    with pytest.raises(ValueError, match=r"another column than its tokens.* line 1 of 2 columns"):
        read_columns(path, 1, 1)


def test_sentences_that_are_written_are_read_again(tmp_path):
    sentences = [
        Sentence(("New York", "#1"), ("B-LOC", "O"), (1, 2)),
        Sentence(("\u00a0",), ("O",), (4,)),
    ]
    with (tmp_path / "file").open("w") as file:
        write_columns(sentences, file)
    assert read_columns(tmp_path / "file") == sentences


def test_the_shared_task_is_read_whole(shared):
    sentences = read_columns(shared("data/conll2000/train.txt.gz"), 0, 2)
    assert len(sentences) == 8936
    assert sum(len(sentence.tokens) for sentence in sentences) == 211727


def test_the_treebank_is_read_whole(shared):
    sentences = read_conllu(shared("data/ud_english_ewt/en_ewt-ud-dev.conllu.gz"))
    assert len(sentences) == 2001
    labels = {label for sentence in sentences for label in sentence.labels}
    assert len(labels) == 17
    assert "_" not in labels

"""The page of the notes: each row names what is there, and its lines run and keep their word."""

import ast
import re

import pytest

from tests.oracles import pages

PAGE = "notes.md"
TITLES = pages.titles(PAGE, "Lines: ")
MOST = 5  # statements of a block, what it imports not counted
ROWS = [
    [cell.strip() for cell in line.strip("|").split("|")]
    for line in (pages.DOCS / PAGE).read_text().splitlines()
    if line.startswith("| ") and not line.startswith("| in the notes")
]


def promised(code):
    """What a block says that it prints: comments behind `print`, or lines of comment alone."""
    for line in code.splitlines():
        if line.startswith("# "):
            yield line[2:]
        elif "print(" in line and "  # " in line:
            yield line.rpartition("  # ")[2]


@pytest.mark.parametrize("title", TITLES)
def test_lines_run_and_print_what_they_say(title, capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)  # some write files
    code = pages.block(PAGE, title)
    expected = list(promised(code))
    assert expected
    pages.run(PAGE, title)
    assert capsys.readouterr().out.splitlines() == expected


@pytest.mark.parametrize("title", TITLES)
def test_lines_are_few(title):
    tree = ast.parse(pages.block(PAGE, title))
    imports = (ast.Import, ast.ImportFrom)
    statements = [
        n for n in ast.walk(tree) if isinstance(n, ast.stmt) and not isinstance(n, imports)
    ]
    assert len(statements) <= MOST


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[0][:40])
def test_each_row_names_files_and_tests_that_are_there(row):
    _, here, held_by, lines = row
    root = pages.DOCS.parent
    named = re.findall(r"`([\w./-]+/[\w.-]*)`", here)
    tests = re.findall(r"`(tests/[\w./-]*|benchmarks/[\w./-]+)`", held_by)
    assert named
    assert tests
    for path in [*named, *tests]:
        assert (root / path).exists(), path
    links = re.findall(r"\(#lines-([\w-]+)\)", lines)
    assert links
    assert set(links) <= {anchor(title) for title in TITLES}


def test_each_block_has_its_row():
    linked = {link for row in ROWS for link in re.findall(r"\(#lines-([\w-]+)\)", row[3])}
    assert linked == {anchor(title) for title in TITLES}
    assert len(ROWS) > 40


def anchor(title):
    """A heading as GitHub links to it, without `lines-`."""
    plain = re.sub(r"[^\w\- ]", "", title.removeprefix("Lines: ").lower())
    return plain.replace(" ", "-")

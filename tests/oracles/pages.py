"""The blocks of Python that stand on a page of `docs/`, each below a heading, and their running.

It needs nothing but Python, since `guide` runs in TensorFlow 1's, too.
"""

import linecache
import pathlib
import re

DOCS = pathlib.Path(__file__).resolve().parents[2] / "docs"


def titles(page, start):
    """The headings of a page that begin so."""
    text = (DOCS / page).read_text()
    return re.findall(rf"^#### ({re.escape(start)}.*)$", text, re.MULTILINE)


def block(page, title):
    """The first block of Python below a heading."""
    _, found = (DOCS / page).read_text().split(f"#### {title}\n", 1)
    return re.search(r"```python\n(.*?)```", found, re.DOTALL).group(1)


def run(page, title, **replaced):
    """A block's names, once it has run; `replaced` are words that stand for others."""
    code = block(page, title)
    for old, new in replaced.items():
        code = code.replace(old, new)
    file, names = f"{page}: {title}", {}
    linecache.cache[file] = len(code), None, code.splitlines(True), file  # for tf.function
    exec(compile(code, file, "exec"), names)
    return names

"""The kinds of word that a lexicon holds, and how a table of words is read.

A table has one word a line, its forms apart by blanks; `_` stands for a blank inside a form and `-`
for a form that is not to be had. A line that begins with `:` is not a word: it names the kinds of
all words up to the next such line.
"""

from collections.abc import Iterator
from typing import NamedTuple

MASCULINE, FEMININE = "m", "f"


class Word(NamedTuple):
    """A word or phrase that never changes."""

    english: str
    french: str


class Adverb(NamedTuple):
    """A word beside the verb; one that denies comes with `ne` in French."""

    english: str
    french: str
    denies: bool


class Noun(NamedTuple):
    """A noun: singular and plural, English and French."""

    singular: str
    plural: str
    singulier: str
    pluriel: str
    gender: str
    kinds: frozenset[str]

    def is_a(self, kinds: str) -> bool:
        """Whether the noun is of one of the kinds, which are named apart by blanks."""
        return not self.kinds.isdisjoint(kinds.split())


class Adjective(NamedTuple):
    """An adjective: one form in English; in French one by gender and whether plural."""

    english: str
    french: dict[tuple[str, bool], str]
    position: str  # in French: `before` the noun or `after` it
    degrees: frozenset[str]  # what may stand before it: very, too, or more
    kinds: frozenset[str]  # of the nouns that it fits


class Verb(NamedTuple):
    """A verb: four forms in English; in French the infinitive, the present and the past."""

    base: str
    third: str
    past: str
    ing: str
    infinitive: str
    present: tuple[str, ...]  # je, il, nous, vous, ils
    participle: str
    with_etre: bool
    imperfect: tuple[str, ...]  # of the two verbs that tell of the past by it


class Determiner(NamedTuple):
    """A determiner: singular and plural in English; in French one by gender and whether plural."""

    group: str
    singular: str
    plural: str
    french: dict[tuple[str, bool], str]


def rows(table: str) -> Iterator[list[str]]:
    """The cells of each line, then the kinds named above it."""
    kinds = []
    for line in table.strip().splitlines():
        cells = ["" if cell == "-" else cell.replace("_", " ") for cell in line.split()]
        if cells[0] == ":":
            kinds = cells[1:]
        else:
            yield [*cells, *kinds]


def words(table):
    """The words of `english french` lines."""
    return tuple(Word(english, french) for english, french in rows(table))


def nouns(table):
    """The nouns of `singular plural singulier pluriel gender kind ...` lines."""
    return tuple(
        Noun(one, many, un, plusieurs, gender, frozenset(kinds))
        for one, many, un, plusieurs, gender, *kinds in rows(table)
    )


def adjectives(table):
    """The adjectives of `english four-French-forms position degrees kind ...` lines."""
    return tuple(
        Adjective(english, _forms(*four), position, frozenset(degrees.split(",")), frozenset(kinds))
        for english, *four, position, degrees, kinds in ((*row[:7], row[7:]) for row in rows(table))
    )


def determiners(table):
    """The determiners of `group singular plural four-French-forms` lines."""
    return tuple(
        Determiner(group, one, many, _forms(*four)) for group, one, many, *four in rows(table)
    )


def _forms(masculine, feminine, masculines, feminines):
    return {
        (MASCULINE, False): masculine,
        (FEMININE, False): feminine,
        (MASCULINE, True): masculines,
        (FEMININE, True): feminines,
    }


def verbs(table, irregular, imperfect, with_etre):
    """The verbs, by their English base.

    Args:
        table: Lines of `base third past ing infinitive`.
        irregular: Lines of `infinitive present*5 participle`. An infinitive in `-er` that is not
            there is conjugated by rule.
        imperfect: Lines of `infinitive imperfect*5`, of the verbs that tell of the past by it.
        with_etre: The infinitives that form their past with `être`, apart by blanks.
    """
    conjugated = {infinitive: forms for infinitive, *forms in rows(irregular)}
    imperfects = {infinitive: tuple(forms) for infinitive, *forms in rows(imperfect)}

    def verb(base, third, past, ing, infinitive):
        *present, participle = conjugated.get(infinitive) or _first_group(infinitive)
        etre, was = infinitive in with_etre.split(), imperfects.get(infinitive, ())
        return Verb(base, third, past, ing, infinitive, tuple(present), participle, etre, was)

    return {row[0]: verb(*row) for row in rows(table)}


def _first_group(infinitive):
    """The present and the participle of a verb in `-er`; `g` stays soft in `nous mangeons`."""
    stem = infinitive.removesuffix("er")
    we = stem + ("eons" if stem.endswith("g") else "ons")
    return [stem + "e", stem + "e", we, stem + "ez", stem + "ent", stem + "é"]

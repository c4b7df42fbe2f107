"""What a sentence means before it is said: the trees that English and French both start from.

A subject is a noun phrase, a pronoun, two phrases joined by "and", or a phrase with a relative
clause. Each knows its gender, its person, and whether it is plural: what verbs agree with.
"""

from typing import NamedTuple

from apps.translation.corpus.words import (
    FEMININE,
    MASCULINE,
    Adjective,
    Adverb,
    Determiner,
    Noun,
    Verb,
    Word,
)

# Places in the French present. English knows three: I, he, and all others.
ME, HE, WE, YOU, THEY = range(5)


class NounPhrase(NamedTuple):
    """A noun with its determiner and up to two adjectives, in French before and after it."""

    determiner: Determiner
    plural: bool
    noun: Noun
    before: Adjective | None = None
    after: Adjective | None = None

    @property
    def gender(self):
        return self.noun.gender

    @property
    def person(self):
        return THEY if self.plural else HE

    @property
    def is_human(self):
        return self.noun.is_a("folk kin")


class Pronoun(NamedTuple):
    """A pronoun; "you" is one person, addressed as `vous`."""

    english: str
    french: str
    person: int
    gender: str = MASCULINE

    @property
    def plural(self):
        return self.person in (WE, THEY)


class Pair(NamedTuple):
    """Two persons joined by "and": feminine only if both are."""

    first: NounPhrase
    second: NounPhrase
    person = THEY
    plural = True
    is_human = True

    @property
    def gender(self):
        return FEMININE if self.first.gender == self.second.gender == FEMININE else MASCULINE


class Description(NamedTuple):
    """An adjective behind "be", maybe with "very" or "too", maybe compared with something."""

    adjective: Adjective
    degree: Word | None = None
    standard: "NounPhrase | None" = None


class Place(NamedTuple):
    """A preposition and what it stands before."""

    preposition: Word
    phrase: NounPhrase


class Form(NamedTuple):
    """How a clause is put: its tense, the adverb beside the verb, and when."""

    tense: str
    adverb: Adverb | None = None
    time: Word | None = None
    time_first: bool = False

    @property
    def denies(self):
        return self.adverb is not None and self.adverb.denies


class Clause(NamedTuple):
    """Who does what, where and when; or who is how."""

    subject: "Subject"
    verb: Verb
    object: "NounPhrase | Relative | None"
    place: Place | None
    form: Form
    attribute: Description | Word | None = None  # a word is a state: in French one has it


class Relative(NamedTuple):
    """A noun phrase with a relative clause, of which it is the subject."""

    phrase: NounPhrase
    clause: Clause

    @property
    def gender(self):
        return self.phrase.gender

    @property
    def person(self):
        return self.phrase.person

    @property
    def plural(self):
        return self.phrase.plural

    @property
    def is_human(self):
        return self.phrase.is_human


class Question(NamedTuple):
    """A clause as a question, answered by yes or no if there is no question word."""

    word: Word | None
    clause: Clause


class Existence(NamedTuple):
    """There is something somewhere."""

    phrase: NounPhrase
    place: Place
    form: Form
    asks: bool = False


class Compound(NamedTuple):
    """Two clauses and the conjunction between them."""

    first: Clause
    conjunction: Word
    second: Clause


Subject = NounPhrase | Pronoun | Pair | Relative
Sentence = Clause | Question | Existence | Compound

SPEAKERS = (Pronoun("I", "je", ME), Pronoun("you", "vous", YOU), Pronoun("we", "nous", WE))
HE_OR_SHE = (Pronoun("he", "il", HE), Pronoun("she", "elle", HE, FEMININE))
WHO = Pronoun("who", "qui", HE)


def pronoun_for(subject) -> Pronoun:
    """The pronoun that takes up a subject: in French by gender, in English by what it is."""
    if isinstance(subject, Pronoun):
        return subject
    feminine = subject.gender == FEMININE
    if subject.plural:
        return Pronoun("they", "elles" if feminine else "ils", THEY, subject.gender)
    if subject.is_human:
        return HE_OR_SHE[feminine]
    return Pronoun("it", "elle" if feminine else "il", HE, subject.gender)

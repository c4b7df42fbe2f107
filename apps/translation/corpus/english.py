"""How a tree is said in English."""

from apps.translation.corpus.lexicon import ADVERBS, VERBS
from apps.translation.corpus.trees import (
    WHO,
    Clause,
    Compound,
    Description,
    Existence,
    Pair,
    Pronoun,
    Question,
    Relative,
)
from apps.translation.corpus.words import Word

NOT = ADVERBS["not"]
NUMBERS = (0, 1, 2, 2, 2)  # I, he, all others: from the five persons of the French present
BE = {"present": ("am", "is", "are"), "past": ("was", "was", "were")}
DO = {"present": ("do", "does", "do"), "past": ("did", "did", "did"), "want": ("do", "does", "do")}
# The indefinite determiner of what can be counted, singular, and of all else.
AFFIRMED, DENIED, ABSENT = ("a", "some"), ("a", "any"), ("no", "no")
ASKED = DENIED


def sentence(tree) -> str:
    """The English sentence of a tree."""
    match tree:
        case Clause():
            said = clause(tree) + "."
        case Compound(first, conjunction, second):
            said = f"{clause(first)} {conjunction.english} {clause(second)}."
        case Question(word, asked):
            said = question(asked, word.english if word else "")
        case Existence():
            said = existence(tree)
        case _:
            raise TypeError(f"`tree` must be a sentence. Received: tree={tree!r}")
    return said[0].upper() + said[1:]


def question(tree: Clause, word: str) -> str:
    """A clause as a question; the auxiliary comes first, unless it is asked who."""
    if tree.subject is WHO:
        return clause(tree) + "?"
    auxiliary, *rest = predicate(tree, asks=True, indefinite=AFFIRMED if word else ASKED)
    time = tree.form.time.english if tree.form.time else ""
    return _join(word, auxiliary, noun_phrase(tree.subject), *rest, time) + "?"


def clause(tree: Clause) -> str:
    """Subject, predicate, time."""
    words = _join(noun_phrase(tree.subject), *predicate(tree))
    if not tree.form.time:
        return words
    time = tree.form.time.english
    return f"{time}, {words}" if tree.form.time_first else f"{words} {time}"


def predicate(tree: Clause, asks: bool = False, indefinite=AFFIRMED) -> list[str]:
    """A clause without its subject and time; the auxiliary is the first of its words."""
    adverb = tree.form.adverb
    auxiliary, rest = verb_group(tree, asks or adverb is NOT)
    indefinite = DENIED if tree.form.denies else indefinite
    return [
        auxiliary,
        adverb.english if adverb else "",
        rest,
        attribute(tree.attribute) if tree.attribute else "",
        noun_phrase(tree.object, indefinite) if tree.object else "",
        place(tree.place) if tree.place else "",
    ]


def verb_group(tree: Clause, supported: bool) -> tuple[str, str]:
    """The auxiliary, which may be empty or a `do` in support, and the rest of the verb."""
    verb, tense, number = tree.verb, tree.form.tense, NUMBERS[tree.subject.person]
    if verb.base == "be":
        return BE[tense][number], ""
    if tense == "progressive":
        return BE["present"][number], verb.ing
    if tense == "future":
        return BE["present"][number], f"going to {verb.base}"
    if tense in ("can", "must"):
        return tense, verb.base
    finite, infinitive = (VERBS["want"], f" to {verb.base}") if tense == "want" else (verb, "")
    if supported:
        return DO[tense][number], finite.base + infinitive
    forms = (finite.past,) * 3 if tense == "past" else (finite.base, finite.third, finite.base)
    return "", forms[number] + infinitive


def existence(tree: Existence) -> str:
    """`There is a cat in the garden.`"""
    phrase, form = tree.phrase, tree.form
    be = BE[form.tense][2 if phrase.plural else 1]
    indefinite = ASKED if tree.asks else ABSENT if form.denies else AFFIRMED
    said = _join(noun_phrase(phrase, indefinite), place(tree.place))
    return f"{be} there {said}?" if tree.asks else f"there {be} {said}."


def noun_phrase(phrase, indefinite=AFFIRMED) -> str:
    """A subject or an object.

    Args:
        phrase: Its tree.
        indefinite: What stands for `a` and for `some`.
    """
    match phrase:
        case Pronoun():
            return phrase.english
        case Pair(first, second):
            return f"{noun_phrase(first)} and {noun_phrase(second)}"
        case Relative(antecedent, told):
            who = "who" if antecedent.is_human else "that"
            return _join(noun_phrase(antecedent), who, *predicate(told))
    noun, determiner = phrase.noun, phrase.determiner
    words = [adjective.english for adjective in (phrase.before, phrase.after) if adjective]
    words.append(noun.plural if phrase.plural else noun.singular)
    if determiner.group == "indefinite":
        article = indefinite[phrase.plural or noun.is_a("mass")]
        words.insert(0, "an" if article == "a" and words[0][0] in "aeiouI" else article)
    else:
        words.insert(0, determiner.plural if phrase.plural else determiner.singular)
    return _join(*words)


def attribute(tree: Description | Word) -> str:
    """What stands behind "be": an adjective or a state."""
    if isinstance(tree, Word):
        return tree.english
    degree = tree.degree.english if tree.degree else ""
    said = _join(degree, tree.adjective.english)
    if not tree.standard:
        return said
    return f"{said} {'as' if degree == 'as' else 'than'} {noun_phrase(tree.standard)}"


def place(tree) -> str:
    """A preposition with its noun phrase."""
    return f"{tree.preposition.english} {noun_phrase(tree.phrase)}"


def _join(*words):
    return " ".join(filter(None, words)).replace("can not", "cannot")

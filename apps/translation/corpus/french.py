"""How a tree is said in French.

Words are first put in order and made to agree; then two rules of sound are applied to the whole
sentence: elision (`le arbre` becomes `l'arbre`) and contraction (`de le` becomes `du`).
"""

import re

from apps.translation.corpus.lexicon import VERBS
from apps.translation.corpus.trees import (
    HE,
    WHO,
    Clause,
    Compound,
    Description,
    Existence,
    NounPhrase,
    Pair,
    Place,
    Pronoun,
    Question,
    Relative,
)
from apps.translation.corpus.words import FEMININE, Word

# A sound that elides what comes before it; the h of these words does not.
VOWEL = r"(?:[aâeéèêiîoôuœy]|h(?!ibou|uit))"
ELISION = re.compile(rf"\b(j|l|d|n|qu)[ea] (?={VOWEL})")
CONTRACTION = re.compile(r"\b(?:de|à) les?\b")
CONTRACTIONS = {"de le": "du", "de les": "des", "à le": "au", "à les": "aux"}
BEGINS_WITH_VOWEL = re.compile(VOWEL).match
# Singular forms before a vowel.
LIAISONS = {
    "ce": "cet",
    "ma": "mon",
    "sa": "son",
    "beau": "bel",
    "nouveau": "nouvel",
    "vieux": "vieil",
}
BE, HAVE, GO = VERBS["be"], VERBS["have"], VERBS["go"]


def sentence(tree) -> str:
    """The French sentence of a tree."""
    match tree:
        case Clause():
            said = clause(tree) + "."
        case Compound(first, conjunction, second):
            said = f"{clause(first)} {conjunction.french} {clause(second)}."
        case Question():
            said = question(tree) + " ?"
        case Existence():
            said = existence(tree)
        case _:
            raise TypeError(f"`tree` must be a sentence. Received: tree={tree!r}")
    said = sound(said)
    return said[0].upper() + said[1:]


def sound(words: str) -> str:
    """Elision and contraction: `de le arbre` becomes `de l'arbre`, `de le chat` `du chat`."""
    elided = ELISION.sub(r"\1'", words)
    return CONTRACTION.sub(lambda match: CONTRACTIONS[match[0]], elided)


def question(tree: Question) -> str:
    """`Est-ce que` leaves the clause as it is; `où est le chat` turns it round."""
    asked = tree.clause
    if asked.subject is WHO:
        return clause(asked)
    if tree.word and asked.verb is BE:
        return f"{tree.word.french} {finite_verb(asked)[0]} {noun_phrase(asked.subject)}"
    return _join(tree.word.french if tree.word else "", "est-ce que", clause(asked))


def clause(tree: Clause) -> str:
    """Subject, predicate, time."""
    words = f"{noun_phrase(tree.subject)} {predicate(tree)}"
    if not tree.form.time:
        return words
    time = tree.form.time.french
    return f"{time}, {words}" if tree.form.time_first else f"{words} {time}"


def predicate(tree: Clause) -> str:
    """A clause without its subject and time."""
    form = tree.form
    finite, rest = finite_verb(tree)
    return _join(
        "ne" if form.denies else "",
        finite,
        form.adverb.french if form.adverb else "",
        rest,
        attribute(tree.attribute, tree.subject) if tree.attribute else "",
        noun_phrase(tree.object, form.denies) if tree.object else "",
        place(tree.place) if tree.place else "",
    )


def finite_verb(tree: Clause) -> tuple[str, str]:
    """The verb that agrees with the subject, and the infinitive or participle behind the adverb."""
    verb, tense, subject = tree.verb, tree.form.tense, tree.subject
    if isinstance(tree.attribute, Word):
        verb = HAVE
    person = subject.person
    if tense in ("present", "progressive"):
        return verb.present[person], ""
    if tense == "future":
        return GO.present[person], verb.infinitive
    if tense in ("can", "must", "want"):
        return VERBS[tense].present[person], verb.infinitive
    if verb.imperfect:
        return verb.imperfect[person], ""
    if not verb.with_etre:
        return HAVE.present[person], verb.participle
    agreement = ("e" if subject.gender == FEMININE else "") + ("s" if subject.plural else "")
    return BE.present[person], verb.participle + agreement


def existence(tree: Existence) -> str:
    """`Il y a un chat dans le jardin.`"""
    form = tree.form
    there_is = HAVE.imperfect[HE] if form.tense == "past" else HAVE.present[HE]
    said = _join(
        "est-ce que il" if tree.asks else "il",
        "ne" if form.denies else "",
        "y",
        there_is,
        form.adverb.french if form.adverb else "",
        noun_phrase(tree.phrase, form.denies),
        place(tree.place),
    )
    return said + (" ?" if tree.asks else ".")


def noun_phrase(phrase, denied: bool = False) -> str:
    """A subject or an object.

    Args:
        phrase: Its tree.
        denied: Whether it is what a verb denies to have as its object: `pas de chat`.
    """
    match phrase:
        case Pronoun():
            return phrase.french
        case Pair(first, second):
            return f"{noun_phrase(first)} et {noun_phrase(second)}"
        case Relative(antecedent, told):
            return f"{noun_phrase(antecedent)} qui {predicate(told)}"
    agreement = phrase.gender, phrase.plural
    words = [phrase.noun.pluriel if phrase.plural else phrase.noun.singulier]
    if phrase.after:
        words.append(phrase.after.french[agreement])
    if phrase.before:
        words.insert(0, _joined(phrase.before.french[agreement], words[0], phrase.plural))
    return " ".join([_joined(determiner(phrase, denied), words[0], phrase.plural), *words])


def determiner(phrase: NounPhrase, denied: bool) -> str:
    """The determiner; an indefinite one becomes `de` if denied, or plural before an adjective."""
    if phrase.determiner.group != "indefinite":
        return phrase.determiner.french[phrase.gender, phrase.plural]
    if denied or (phrase.plural and phrase.before):
        return "de"
    if phrase.noun.is_a("mass"):
        return "de la" if phrase.gender == FEMININE else "de le"
    return phrase.determiner.french[phrase.gender, phrase.plural]


def attribute(tree: Description | Word, subject) -> str:
    """An adjective that agrees with the subject, or a state."""
    if isinstance(tree, Word):
        return tree.french
    degree = tree.degree.french if tree.degree else ""
    said = _join(degree, tree.adjective.french[subject.gender, subject.plural])
    return f"{said} que {noun_phrase(tree.standard)}" if tree.standard else said


def place(tree: Place) -> str:
    """A preposition with its noun phrase."""
    return f"{tree.preposition.french} {noun_phrase(tree.phrase)}"


def _joined(word, following, plural):
    """A word as it is before the following one: `ce`, but `cet arbre`."""
    if word in LIAISONS and not plural and BEGINS_WITH_VOWEL(following):
        return LIAISONS[word]
    return word


def _join(*words):
    return " ".join(filter(None, words))

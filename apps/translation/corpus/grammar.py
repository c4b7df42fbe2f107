"""All sentences there are, as one choice: statements, questions and compounds, with weights."""

from apps.translation.corpus.acts import ACTS, PERSONS, acts_of, clauses, plain_objects_of
from apps.translation.corpus.beings import (
    be,
    comparisons,
    described,
    descriptions,
    existences,
    feelings,
    named,
    whereabouts,
    whereabouts_unknown,
)
from apps.translation.corpus.choices import NOTHING, Each, Either, Together, evenly
from apps.translation.corpus.compounds import contrasts, opinions, parallels, reasons
from apps.translation.corpus.lexicon import QUESTION_WORDS
from apps.translation.corpus.phrases import DEFINITE, THE, noun_phrases, places
from apps.translation.corpus.relatives import relatives
from apps.translation.corpus.trees import WHO, Form, Pair, Question
from apps.translation.corpus.words import FEMININE, MASCULINE

OF_PAIRS = "sing, dance, play, work, swim, eat, drink, go, come back, arrive, visit"
ASKED_TENSES = "present progressive past future"  # of a question with a word
WHERE = "sing, dance, play, work, sleep, run, swim, cry, stay, go, eat, drink, read, buy, find"
WHEN = "arrive, leave, come back"
WHAT = "eat, drink, read, write, buy, wash, wear, look for, find, see"


def statements():
    """`The black cat never sleeps in the garden.`"""
    affirmed = evenly(clauses(act, "affirmed") for act in ACTS)
    denied = evenly(clauses(act, "denied") for act in ACTS)
    return Either((3, affirmed), (1, denied))


def statements_of_pairs():
    """`My sister and the boy want to sing.`"""

    def clauses_of_pairs(mood):
        acts = acts_of(OF_PAIRS, ("folk kin",))
        return evenly(
            clauses(act, mood, subject=pairs(), object=plain_objects_of(act)) for act in acts
        )

    tired_or_happy = described(named(["tired", "happy"]))
    return Either(
        (30, clauses_of_pairs("affirmed")),
        (10, clauses_of_pairs("denied")),
        (2, Together(be, pairs(), tired_or_happy, Each([Form("present")]))),
    )


def pairs():
    """Two persons, of whom the first is a relative."""

    def one(kind, determiners, gender):
        return noun_phrases(kind, determiners, adorned=False, plural=False, gender=gender)

    return evenly(
        Together(Pair, one("kin", DEFINITE, first), one("folk", THE, second))
        for first in (MASCULINE, FEMININE)
        for second in (MASCULINE, FEMININE)
    )


def statements_of_being():
    """`The soup is too cold.` `I am hungry.` `The cat is under the table.`"""

    def beings(mood):
        return evenly(being(mood) for being in (descriptions, feelings, whereabouts))

    return Either((9, beings("affirmed")), (3, beings("denied")), (2, comparisons()))


def yes_or_no_questions():
    """`Does the cat sleep in the garden?`"""
    acts = evenly(clauses(act, "asked") for act in ACTS)
    beings = evenly(being("asked") for being in (descriptions, feelings, whereabouts))
    return Together(Question, NOTHING, Either((2, acts), (1, beings)))


def questions_with_a_word():
    """`Where does the cat sleep?` `What is the girl eating?` `When did the train arrive?`"""
    placed = acts_of(WHERE, ("folk kin", "pet", "herd"))
    moving = acts_of(WHEN, ("folk kin", "transport"))
    personal = [act for act in ACTS if act.subjects in PERSONS]
    dated = Each(Form(tense) for tense in ("present", "past", "future"))

    def ask(acts, **said):
        return evenly(clauses(act, "asked", ASKED_TENSES, **said) for act in acts)

    return Either(
        (2, _with("where", ask(placed, place=NOTHING))),
        (1, _with("where", whereabouts_unknown())),
        (1, _with("when", ask(moving, place=NOTHING, when=dated))),
        (2, _with("why", ask(personal))),
        (2, _with("what", ask(acts_of(WHAT, ("folk kin",)), object=NOTHING))),
    )


def _with(word, clauses_asked):
    return Together(Question, Each([QUESTION_WORDS[word]]), clauses_asked)


def questions_who():
    """`Who is eating an apple?` `Who is hungry?`"""
    who = Each([WHO])
    acting = evenly(
        clauses(act, "asked", ASKED_TENSES, subject=who, place=_place_told(act))
        for act in ACTS
        if act.subjects in PERSONS
    )
    return Together(Question, NOTHING, Either((2, acting), (1, feelings("asked", who))))


def _place_told(act):
    # "Who sings?" is short of a place.
    return places(act.place.removesuffix("?"))


SENTENCES = Either(
    (40, statements()),
    (6, statements_of_pairs()),
    (16, statements_of_being()),
    (8, existences()),
    (10, yes_or_no_questions()),
    (8, questions_with_a_word()),
    (3, questions_who()),
    (4, reasons()),
    (3, opinions()),
    (3, contrasts()),
    (4, parallels()),
    (6, relatives()),
)

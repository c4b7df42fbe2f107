"""Sentences with a relative clause."""

from apps.translation.corpus.acts import acts_of, clauses, telling, tenses_of
from apps.translation.corpus.beings import TEMPERS, be, described, named
from apps.translation.corpus.choices import NOTHING, Each, Either, Together, evenly
from apps.translation.corpus.lexicon import STATES
from apps.translation.corpus.phrases import THE, THE_OR_A, noun_phrases
from apps.translation.corpus.trees import Form, Relative

MEETING = "help, listen to, wait for, know"
OF_PERSONS = "sing, dance, play, work, sleep, swim, cry, read, eat, drink, look at"
OF_PETS = "sleep, play, run, look at"
LOOKS_OF_PETS = ["black", "white", "old", "fat", "beautiful"]


def relatives():
    """`I am helping the girl who is crying.` `The cat that is sleeping is black.`"""
    return Either(
        (6, evenly(_meeting(act) for act in acts_of(MEETING, ("kin",)))),
        (3, _persons_described("progressive", "present")),
        (2, _persons_described("past", "past")),
        (3, _pets_described()),
    )


def _who(antecedents, acts, tense):
    """Noun phrases with a relative clause."""
    return Together(
        lambda clause: Relative(clause.subject, clause), telling(acts, antecedents, tense)
    )


def _meeting(act):
    folk = noun_phrases("folk", THE_OR_A, adorned=False)
    someone = _who(folk, acts_of(OF_PERSONS, ("folk kin",)), "progressive")
    tenses = tenses_of(act, "affirmed", "present progressive want can must")
    when = Each(Form(tense) for tense in tenses)
    return clauses(act, "affirmed", object=someone, place=NOTHING, when=when)


def _persons_described(tense, tense_of_being):
    folk = noun_phrases("folk", THE, adorned=False)
    someone = _who(folk, acts_of(OF_PERSONS, ("folk kin",)), tense)
    how = Either((1, described(named(TEMPERS))), (1, Each(STATES.values())))
    return Together(be, someone, how, Each([Form(tense_of_being)]))


def _pets_described():
    pets = noun_phrases("hunter", THE, adorned=False)
    some_pet = _who(pets, acts_of(OF_PETS, ("pet", "hunter")), "progressive")
    return Together(be, some_pet, described(named(LOOKS_OF_PETS)), Each([Form("present")]))

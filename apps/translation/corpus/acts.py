"""Who does what, where, and in which tenses: the sense of each verb, as a table."""

from typing import NamedTuple

from apps.translation.corpus.choices import NOTHING, Each, Either, Together, evenly
from apps.translation.corpus.forms import NEVER, NOT, forms
from apps.translation.corpus.lexicon import VERBS
from apps.translation.corpus.phrases import (
    ANY,
    COUNTED,
    DEFINITE,
    GENERAL,
    INDEFINITE,
    NOT_COUNTED,
    noun_phrases,
    places,
)
from apps.translation.corpus.trees import HE_OR_SHE, SPEAKERS, Clause, Form

EVERY_TENSE = "present progressive past future want can must"
# The tenses in which one does some things, by the names that the table below gives them.
TENSES = {
    "every": EVERY_TENSE,
    "plain": "present progressive past",
    "eager": "present progressive past want",
    "coming": "present progressive past future",
    "seen": "present past future want can",
    "had": "present past",
    "now": "present",
    "once": "past",
}
STATES = ("have", "like", "know")
PERSONS = ("folk", "kin", "folk kin", "adult elder")


class Act(NamedTuple):
    """A verb with the kinds of its subject and object, and the name of its surroundings."""

    verb: str
    subjects: str
    objects: str
    place: str
    tenses: str


def _acts(table):
    for line in table.strip().splitlines():
        verbs, *cells = (cell.strip() for cell in line.split("|"))
        subjects, objects, place, tenses = ("" if cell == "-" else cell for cell in cells)
        for verb in verbs.split(", "):
            yield Act(verb, subjects, objects, place, TENSES[tenses])


# Verbs, the kinds of who does it and of what it is done to, the surroundings, the tenses. Subject,
# object and place have no noun in common, so that no noun is said twice.
ACTS = tuple(
    _acts("""
sing, dance, play, work | folk kin    | -                         | person?    | every
sleep                   | folk kin    | -                         | person?    | every
run                     | folk kin    | -                         | beast?     | every
swim                    | folk kin    | -                         | water?     | every
cry                     | folk kin    | -                         | person?    | plain
sing, dance, play, work | folk        | -                         | with kin   | every
sing, dance, play, work | kin         | -                         | with folk  | every
sleep                   | pet         | -                         | pet?       | eager
play, run               | hunter      | -                         | pet?       | eager
sleep, run              | herd        | -                         | beast?     | plain
sleep                   | wild        | -                         | beast?     | plain
arrive                  | folk kin    | -                         | venue?     | coming
leave                   | folk kin    | -                         | departure? | every
arrive, leave           | transport   | -                         | -          | coming
stay                    | folk kin    | -                         | home       | every
go                      | folk kin    | -                         | goal       | every
come back               | folk kin    | -                         | origin     | every
eat                     | folk kin    | food                      | setting?   | every
eat                     | hunter      | scraps                    | -          | eager
eat                     | herd        | feed                      | -          | eager
drink                   | folk kin    | drink                     | setting?   | every
drink                   | herd hunter | plain                     | -          | eager
read                    | folk kin    | text                      | setting?   | every
write                   | folk kin    | written                   | setting?   | every
write                   | folk        | mail                      | to kin     | every
write                   | kin         | mail                      | to folk    | every
buy                     | folk kin    | goods food                | -          | every
wash                    | folk kin    | washable                  | -          | every
wear                    | folk kin    | clothes                   | -          | every
open                    | folk kin    | openable                  | -          | every
visit                   | folk kin    | sight                     | -          | every
look for                | folk kin    | portable pet container    | setting?   | every
look for, look at       | hunter      | prey                      | pet?       | plain
look at                 | folk kin    | animal plant              | setting?   | every
find                    | folk kin    | portable pet container    | setting?   | seen
lose                    | folk kin    | clothes mislaid           | setting?   | once
see                     | folk kin    | animal landmark transport | -          | seen
listen to               | folk kin    | sound                     | setting?   | every
listen to, help         | folk        | kin                       | -          | every
listen to, help         | kin         | folk                      | -          | every
wait for                | folk        | kin                       | person?    | every
wait for                | kin         | folk                      | person?    | every
wait for                | folk kin    | transport                 | -          | every
give                    | folk        | portable food             | to kin     | every
give                    | kin         | portable food             | to folk    | every
know                    | folk        | kin                       | -          | now
know                    | kin         | folk                      | -          | now
know                    | folk kin    | sight                     | -          | now
like                    | folk kin    | food drink animal plant   | -          | now
have                    | folk kin    | pet herd vehicle portable | -          | had
have                    | adult elder | child                     | -          | had
""")
)


def tenses_of(act, mood, tenses=EVERY_TENSE):
    """The tenses of an act that are among those wanted."""
    known = [tense for tense in act.tenses.split() if tense in tenses.split()]
    if mood == "affirmed" and _past_is_present(act) and "past" in known:
        known.remove("past")
    return known


def _past_is_present(act):
    # "They read" and "they never read" are both now and then; "they did not read" is then.
    return VERBS[act.verb].past == VERBS[act.verb].base


def forms_of(act, mood, tenses=EVERY_TENSE):
    """The forms of an act; those of a state have neither an hour nor a habit."""
    every = forms(tenses_of(act, mood, tenses), mood)
    if act.verb in STATES:
        return Each(form for form in every if not form.time and form.adverb in (None, NOT))
    if _past_is_present(act):
        return Each(form for form in every if (form.tense, form.adverb) != ("past", NEVER))
    return every


def objects_of(act, mood):
    """What an act is done to; nothing, for some verbs."""
    if not act.objects:
        return NOTHING
    if act.verb == "like":
        return noun_phrases(act.objects, GENERAL, adorned=False)
    if act.verb == "have":
        determiners = COUNTED if mood == "affirmed" else INDEFINITE
        return noun_phrases(act.objects, determiners, adorned=act.objects != "child")
    determiners = ANY if mood == "affirmed" else NOT_COUNTED
    return noun_phrases(act.objects, determiners, adorned=act.place in ("", "setting?"))


def plain_objects_of(act):
    """The same without adjectives, for sentences that are long."""
    if not act.objects:
        return NOTHING
    return noun_phrases(act.objects, NOT_COUNTED, adorned=False)


def clauses(act, mood, tenses=EVERY_TENSE, *, subject=None, object=None, place=None, when=None):
    """The clauses of an act.

    Args:
        act: One of `ACTS`.
        mood: `affirmed`, `denied` or `asked`.
        tenses: Those that are wanted, apart by blanks.
        subject: A choice of subjects instead of the act's own.
        object: A choice of objects instead of the act's own.
        place: A choice of places instead of the act's own.
        when: A choice of forms instead of all of the tenses.
    """
    verb = Each([VERBS[act.verb]])
    object = object or objects_of(act, mood)
    somewhere = place or places(act.place, adorned=not act.objects)
    when = when or forms_of(act, mood, tenses)
    if subject:
        return Together(Clause, subject, verb, object, somewhere, when)
    determiners = (*ANY, (1, "all")) if mood == "affirmed" else DEFINITE
    named = noun_phrases(act.subjects, determiners)
    if act.subjects not in PERSONS:
        return Together(Clause, named, verb, object, somewhere, when)
    there = place or places(_said_of_pronouns(act), adorned=not act.objects)
    # Nothing tells whether I am a woman: je suis arrivé, or je suis arrivée.
    my_when = when if not VERBS[act.verb].with_etre else Each(_not_past(when))
    return Either(
        (6, Together(Clause, named, verb, object, somewhere, when)),
        (2, Together(Clause, Each(HE_OR_SHE), verb, object, there, when)),
        (2, Together(Clause, Each(SPEAKERS), verb, object, there, my_when)),
    )


def _said_of_pronouns(act):
    # "She sings" is short of a place.
    return act.place if act.objects else act.place.removesuffix("?")


def _not_past(forms):
    return (form for form in forms if form.tense != "past")


def acts_of(verbs, subjects=PERSONS):
    """The acts of some verbs, named apart by commas, that some subjects do by themselves."""
    return [
        act
        for act in ACTS
        if act.verb in verbs.split(", ")
        and act.subjects in subjects
        and not act.place.startswith(("to ", "with "))
    ]


def telling(acts, subject, tense, place=None):
    """The affirmed clauses of some acts in one tense, as plain as they may be.

    Args:
        acts: Some of `ACTS`; those without the tense are left out.
        subject: A choice of subjects.
        tense: The tense.
        place: A choice of places instead of the acts' own, which are told where there is no object.
    """
    return evenly(
        clauses(
            act,
            "affirmed",
            subject=subject,
            object=plain_objects_of(act),
            place=place or (NOTHING if act.objects else places(act.place)),
            when=Each([Form(tense)]),
        )
        for act in acts
        if tense in tenses_of(act, "affirmed")
    )

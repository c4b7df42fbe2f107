"""Sentences of two clauses: reasons, opinions, contrasts, and two persons at once."""

from apps.translation.corpus.acts import acts_of, clauses, plain_objects_of, telling
from apps.translation.corpus.beings import TEMPERS, be, named
from apps.translation.corpus.choices import NOTHING, Each, Either, Together, evenly
from apps.translation.corpus.forms import NEVER, NOT
from apps.translation.corpus.lexicon import CONJUNCTIONS, DEGREES, STATES
from apps.translation.corpus.phrases import (
    DEFINITE,
    adjectives_that_fit,
    noun_phrases,
    nouns_of,
    phrases_of,
)
from apps.translation.corpus.trees import (
    HE_OR_SHE,
    SPEAKERS,
    Compound,
    Description,
    Form,
    pronoun_for,
)
from apps.translation.corpus.words import FEMININE, MASCULINE

VERY, TOO = DEGREES
# Why somebody does something, or does not: how they feel.
REASONS = (
    ("eat", "hungry", "affirmed"),
    ("drink", "thirsty", "affirmed"),
    ("sleep", "sleepy tired sick", "affirmed"),
    ("cry", "hungry cold afraid tired sick sad", "affirmed"),
    ("sing, dance", "happy", "affirmed"),
    ("run", "cold afraid", "affirmed"),
    ("sing, dance, play, work", "hungry cold sleepy tired sick sad", "denied"),
    ("swim", "cold afraid sleepy tired sick", "denied"),
    ("eat", "afraid tired sick sad", "denied"),
)
REASONABLE = {
    "affirmed": [Form("present"), Form("progressive"), Form("past")],
    "denied": [
        Form("present", NOT),
        Form("present", NEVER),
        Form("progressive", NOT),
        Form("past", NOT),
    ],
}
# What is said of a thing that is liked, and of one that is not.
MERITS = ["beautiful", "good", "interesting", "fresh"]
FAULTS = ["old", "heavy", "dirty", "expensive", "cold"]
CONTRASTS = (
    ("aged clothes vehicle", "old", "beautiful"),
    ("place", "small", "beautiful"),
    ("goods", "beautiful", "expensive"),
    ("furniture container", "small", "heavy"),
    ("room", "small", "clean"),
    ("adult elder", "rich", "sad"),
    ("adult", "famous", "tired"),
    ("adult", "young", "sick"),
)
# What two persons may do at once; no verb stands twice.
FIRST = "sing, work, sleep, eat"
SECOND = "dance, play, cry, drink, read"


def reasons():
    """`The boy is not playing because he is sick.`"""
    return evenly(
        _reasons(act, feelings.split(), mood)
        for verbs, feelings, mood in REASONS
        for act in acts_of(verbs, ("folk kin",))
    )


def _reasons(act, feelings, mood):
    def explained(clause, feeling):
        tense = "past" if clause.form.tense == "past" else "present"
        because = CONJUNCTIONS["when" if clause.form.tense == "present" else "because"]
        reason = be(pronoun_for(clause.subject), feeling, Form(tense))
        return Compound(clause, because, reason)

    def acting(subject):
        return clauses(
            act, mood, subject=subject, object=plain_objects_of(act), when=Each(REASONABLE[mood])
        )

    anyone = Either((3, noun_phrases("folk kin", DEFINITE)), (1, Each(HE_OR_SHE)))
    tempers = Each(Description(each) for each in named(TEMPERS) if each.english in feelings)
    states = Each(STATES[name] for name in feelings if name in STATES)
    return Either(
        (2, Together(explained, acting(anyone), tempers)),
        (2, Together(explained, acting(anyone), states)),
        (1, Together(explained, acting(Each(SPEAKERS)), states)),
    )


def opinions():
    """`My aunt likes this dress because it is beautiful.`"""
    nouns = nouns_of("goods text sound food drink")
    liked = evenly(_opinions(noun, MERITS, VERY, Form("present")) for noun in nouns)
    disliked = evenly(_opinions(noun, FAULTS, TOO, Form("present", NOT)) for noun in nouns)
    return evenly([liked, disliked])


def _opinions(noun, names, adverb, form):
    def founded(clause, opinion):
        reason = be(pronoun_for(clause.object), opinion, Form("present"))
        return Compound(clause, CONJUNCTIONS["because"], reason)

    (act,) = acts_of("like")
    thing = phrases_of(noun, DEFINITE, plural=False, adorned=False)
    fitting = [each for each in adjectives_that_fit(noun) if each.english in names]
    return Together(
        founded,
        clauses(act, "affirmed", object=thing, when=Each([form])),
        Each(Description(each, degree) for each in fitting for degree in (None, adverb)),
    )


def contrasts():
    """`The house is old but it is beautiful.`"""
    return evenly(_contrasts(*row) for row in CONTRASTS)


def _contrasts(kinds, one, other):
    def contrasted(subject, tense, degree):
        return Compound(
            be(subject, Description(first), Form(tense)),
            CONJUNCTIONS["but"],
            be(pronoun_for(subject), Description(second, degree), Form(tense)),
        )

    (first,), (second,) = named([one]), named([other])
    subjects = evenly(
        phrases_of(noun, DEFINITE, adorned=False)
        for noun in nouns_of(kinds)
        if first in adjectives_that_fit(noun)
    )
    return Together(contrasted, subjects, Each(["present", "past"]), Each([None, VERY]))


def parallels():
    """`My brother is eating an apple and the girl is drinking some milk.`"""
    genders = ((MASCULINE, FEMININE), (FEMININE, MASCULINE))
    tenses = ("progressive", "past")
    return evenly(_parallels(*pair, tense) for pair in genders for tense in tenses)


def _parallels(gender, other, tense):
    def acting(verbs, gender, place):
        subject = noun_phrases("folk kin", DEFINITE, adorned=False, gender=gender)
        return telling(acts_of(verbs, ("folk kin",)), subject, tense, place)

    conjunctions = Each(CONJUNCTIONS[name] for name in ("and", "but"))
    return Together(
        Compound, acting(FIRST, gender, NOTHING), conjunctions, acting(SECOND, other, None)
    )

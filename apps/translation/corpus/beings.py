"""What someone or something is, how they feel, where they are, and what there is."""

from apps.translation.corpus.choices import NOTHING, Each, Either, Together, evenly
from apps.translation.corpus.forms import LASTING, PASSING
from apps.translation.corpus.lexicon import (
    ADJECTIVES,
    COMPARISONS,
    DEGREES,
    STATES,
    VERBS,
)
from apps.translation.corpus.phrases import (
    COUNTED,
    DEFINITE,
    INDEFINITE,
    OF_ALL,
    adjectives_that_fit,
    noun_phrases,
    nouns_of,
    phrases_of,
    places,
)
from apps.translation.corpus.trees import (
    HE_OR_SHE,
    SPEAKERS,
    Clause,
    Description,
    Existence,
)

# What can be somewhere, and the name of its surroundings.
LOCATED = (
    ("folk", "person"),
    ("kin", "person"),
    ("pet", "pet"),
    ("herd wild", "beast"),
    ("portable", "thing"),
    ("container", "container"),
    ("food drink", "food"),
    ("vehicle", "vehicle"),
    ("building", "building"),
)
# What is compared with what, and how; the kinds have no noun in common.
COMPARED = (
    ("folk", "kin", "sick sad happy tired"),
    ("hunter", "prey", "fat old beautiful"),
    ("herd", "wild", "old beautiful"),
    ("vehicle", "transport", "old beautiful"),
    ("furniture", "container", "heavy old"),
    ("clothes", "furniture", "beautiful expensive"),
    ("building", "outdoors", "old big beautiful"),
)
TEMPERS = ["sick", "sad", "happy", "tired"]  # of everyone, and not for ever
ANIMAL_STATES = ["hungry", "thirsty", "cold", "afraid", "sleepy"]


def be(subject, attribute, form):
    """`The soup is cold.`"""
    return Clause(subject, VERBS["be"], None, None, form, attribute)


def is_at(subject, place, form):
    """`The cat is under the table.`"""
    return Clause(subject, VERBS["be"], None, place, form)


def described(adjectives):
    """Adjectives as they stand behind "be"; those that have degrees with `very` and `too` too."""
    return Either(
        (2, Each(Description(each) for each in adjectives)),
        (
            1,
            Each(
                Description(each, degree)
                for each in adjectives
                for degree in DEGREES
                if degree.english in each.degrees
            ),
        ),
    )


def named(names):
    """The adjectives of some English names."""
    return [each for each in ADJECTIVES if each.english in names]


def descriptions(mood):
    """`The house is very old.`"""
    return evenly(
        Together(be, phrases_of(noun, _all(mood), adorned=False), how, LASTING[mood])
        for noun in nouns_of("folk kin animal food drink text sound thing place plant")
        if (how := described(_lasting_adjectives(noun))).size
    )


def _lasting_adjectives(noun):
    left_out = ["little", "new", *(TEMPERS if noun.is_a("folk kin") else [])]
    return [each for each in adjectives_that_fit(noun) if each.english not in left_out]


def _all(mood):
    return OF_ALL if mood == "affirmed" else DEFINITE


def feelings(mood, who=None):
    """`She is very tired.` `The dog is thirsty.`

    Args:
        mood: `affirmed`, `denied` or `asked`.
        who: A choice of persons instead of everyone.
    """
    tempers, states = described(named(TEMPERS)), Each(STATES.values())
    if who:
        return Together(be, who, Either((1, tempers), (1, states)), PASSING[mood])
    persons = Either((3, noun_phrases("folk kin", _all(mood))), (2, Each(HE_OR_SHE)))
    animals = noun_phrases("pet herd", _all(mood))
    animal_states = Each(STATES[name] for name in ANIMAL_STATES)
    return Either(
        (2, Together(be, persons, tempers, PASSING[mood])),
        (2, Together(be, persons, states, PASSING[mood])),
        (1, Together(be, Each(SPEAKERS), states, PASSING[mood])),
        (1, Together(be, animals, animal_states, PASSING[mood])),
    )


def comparisons():
    """`This dress is as expensive as my table.`"""
    return evenly(_compared(*row) for row in COMPARED)


def _compared(kinds, others, names):
    more, as_ = COMPARISONS
    how = [
        (adjective, degree)
        for adjective in named(names.split())
        for degree in ((more, as_) if "more" in adjective.degrees else (as_,))
    ]

    def compare(subject, how, standard, form):
        adjective, degree = how
        return be(subject, Description(adjective, degree, standard), form)

    return Together(
        compare,
        noun_phrases(kinds, DEFINITE, adorned=False),
        Each(how),
        noun_phrases(others, DEFINITE, adorned=False),
        LASTING["affirmed"],
    )


def whereabouts(mood):
    """`The cat is under the table.`"""
    return Either(
        *(
            (1, Together(is_at, noun_phrases(kinds, DEFINITE), places(name), LASTING[mood]))
            for kinds, name in LOCATED
        ),
        (2, Together(is_at, Each(HE_OR_SHE + SPEAKERS), places("person"), LASTING[mood])),
    )


def whereabouts_unknown():
    """`is the cat`, to be asked with "where"."""
    kinds = " ".join(kinds for kinds, _ in LOCATED)
    return Together(is_at, noun_phrases(kinds, DEFINITE), NOTHING, LASTING["asked"])


def existences():
    """`There are two horses in the garden.`"""
    rows = [row for row in LOCATED if row[0] != "kin"]
    return Either(
        *((2, _existence(*row, COUNTED, LASTING["affirmed"], False)) for row in rows),
        *((1, _existence(*row, INDEFINITE, LASTING["denied"], False)) for row in rows),
        *((1, _existence(*row, INDEFINITE, LASTING["asked"], True)) for row in rows),
    )


def _existence(kinds, surroundings, determiners, forms, asks):
    what, where = noun_phrases(kinds, determiners), places(surroundings)
    return Together(Existence, what, where, forms, Each([asks]))

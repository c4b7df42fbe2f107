"""Which noun phrases and places may be said, so that what is said makes sense."""

import functools

from apps.translation.corpus import lexicon
from apps.translation.corpus.choices import NOTHING, Each, Either, Together, evenly
from apps.translation.corpus.nouns import NOUNS
from apps.translation.corpus.trees import NounPhrase, Place

# Groups of determiners, each with its weight.
DEFINITE = ((5, "the"), (1, "this"), (2, "possessive"))
INDEFINITE = ((1, "indefinite"),)
COUNTED = ((2, "indefinite"), (1, "number"))
NOT_COUNTED = (*DEFINITE, (4, "indefinite"))
ANY = (*NOT_COUNTED, (1, "number"))
OF_ALL = (*DEFINITE, (1, "all"))
OF_PLACES = ((6, "the"), (1, "this"), (1, "possessive"))
OF_PLACES_OR_A = (*OF_PLACES, (1, "indefinite"))
GENERAL = ((1, "general"),)
THE = ((1, "the"),)
THE_OR_A = ((2, "the"), (1, "indefinite"))

# These may stand behind another adjective: the little black cat, le petit chat noir.
SECOND_ADJECTIVES = ["black", "white", "red", "green", "blue", "French", "Italian"]

# Where someone or something may be, by what it is: prepositions, and the kinds behind them.
SURROUNDINGS = {
    "": (),
    "home": (("in", "room town"), ("at", "venue")),
    "setting": (("in", "inside town"), ("at", "venue")),
    "person": (
        ("in", "inside town"),
        ("at", "venue"),
        ("near, behind, in front of", "landmark"),
    ),
    "pet": (("in", "room outdoors"), ("on, under", "furniture"), ("near, behind", "opening")),
    "beast": (("in", "outdoors"), ("near, behind, in front of", "landmark")),
    "thing": (("in", "container room"), ("on, under", "furniture"), ("near", "opening")),
    "container": (("in", "room"), ("on, under", "furniture"), ("near", "opening")),
    "food": (("in", "room"), ("on", "furniture")),
    "vehicle": (("in", "outdoors"), ("near, behind, in front of", "building")),
    "building": (("in", "town"), ("near", "water shore")),
    "water": (("in", "water"), ("near", "shore")),
    "goal": (("to", "venue goal"),),
    "origin": (("from", "venue goal outdoors town"),),
    "departure": (("from", "building"),),
    "venue": (("at", "venue"),),
    "to folk": (("to", "folk"),),
    "to kin": (("to", "kin"),),
    "with folk": (("with", "folk"),),
    "with kin": (("with", "kin"),),
}


def nouns_of(kinds: str):
    """The nouns that are of one of the kinds."""
    return [noun for noun in NOUNS if noun.is_a(kinds)]


def noun_phrases(kinds, determiners, adorned=True, plural=True, gender=None):
    """Noun phrases, drawn evenly over their nouns.

    Args:
        kinds: Kinds of noun, apart by blanks.
        determiners: Pairs of a weight and a group of determiners.
        adorned: Whether there may be adjectives.
        plural: Whether there may be plurals.
        gender: The one gender, if there is to be one.
    """
    nouns = [noun for noun in nouns_of(kinds) if gender in (None, noun.gender)]
    return evenly(phrases_of(noun, determiners, adorned, plural) for noun in nouns)


@functools.cache
def phrases_of(noun, determiners, adorned=True, plural=True):
    """The phrases of one noun."""
    if noun.is_a("kin") and determiners not in (COUNTED, INDEFINITE):
        determiners = ((1, "possessive"),)  # my uncle, and not the uncle; but: I have an uncle
    heads = ((weight, Each(_heads(noun, group, plural))) for weight, group in determiners)

    def phrase(head, adjectives):
        (determiner, is_plural), (before, after) = head, adjectives
        return NounPhrase(determiner, is_plural, noun, before, after)

    return Together(
        phrase,
        Either(*heads),
        adjectives_of(noun) if adorned else Each([(None, None)]),
    )


def _heads(noun, group, plural):
    """Each determiner of a group that the noun may have, and whether it is plural then."""
    if group == "possessive" and not noun.is_a("owned kin"):
        return
    for determiner in lexicon.DETERMINERS:
        if determiner.group != group:
            continue
        if group == "general":
            yield determiner, bool(noun.plural)
            continue
        if determiner.singular and not (noun.is_a("mass") and group == "all"):
            yield determiner, False
        if determiner.plural and noun.plural and plural:
            yield determiner, True


def adjectives_that_fit(noun):
    """The adjectives that make sense with a noun."""
    return [each for each in lexicon.ADJECTIVES if not each.kinds.isdisjoint(noun.kinds)]


def adjectives_of(noun):
    """None, one or two adjectives that fit: pairs of the one before and the one after."""
    fitting = [each for each in adjectives_that_fit(noun) if not _is_of_the_hour(each, noun)]
    before = [each for each in fitting if each.position == "before"]
    after = [each for each in fitting if each.position == "after"]
    second = [each for each in after if each.english in SECOND_ADJECTIVES]
    return Either(
        (5, Each([(None, None)])),
        (2, Each((each, None) for each in before)),
        (2, Each((None, each) for each in after)),
        (1, Each((one, two) for one in before for two in second)),
    )


def _is_of_the_hour(adjective, noun):
    # The church is closed; but nobody sings in the closed church.
    return adjective.english in ("open", "closed") and noun.is_a("place")


def places(name, adorned=False):
    """The places of one of `SURROUNDINGS`; none as well, if the name ends with `?`."""
    rows = [
        (3, _places(prepositions.split(", "), kinds, adorned))
        for prepositions, kinds in SURROUNDINGS[name.removesuffix("?")]
    ]
    if name and not name.endswith("?"):
        return Either(*rows)
    return Either((2 * len(rows) + 1, NOTHING), *rows)


def _places(prepositions, kinds, adorned):
    def phrases(noun):
        if kinds in ("folk", "kin"):
            return phrases_of(noun, DEFINITE, adorned)
        if noun.is_a("plant furniture opening"):
            return phrases_of(noun, OF_PLACES, adorned)
        single = OF_PLACES_OR_A if "near" in prepositions else OF_PLACES
        return phrases_of(noun, single, adorned, plural=False)

    return Together(
        Place,
        Each(lexicon.PREPOSITIONS[name] for name in prepositions),
        evenly(phrases(noun) for noun in nouns_of(kinds)),
    )

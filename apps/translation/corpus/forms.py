"""Which tenses, adverbs and times go together: never "she sleeps yesterday"."""

from apps.translation.corpus.choices import Each, Either
from apps.translation.corpus.lexicon import (
    ADVERBS,
    AT_TIMES,
    BEFORE,
    EVERY_TIME,
    NOW,
    SOON,
)
from apps.translation.corpus.trees import Form

NOT, NEVER, OFTEN, ALWAYS = ADVERBS.values()
# Each tense with its weight.
TENSES = {
    "present": 3,
    "progressive": 4,
    "past": 4,
    "future": 2,
    "want": 2,
    "can": 1,
    "must": 1,
}


def _timed(tense, adverb, times, in_front=False):
    """A form without a time, with one behind and, maybe, with one in front."""
    return Either(
        (2, Each([Form(tense, adverb)])),
        (1, Each(Form(tense, adverb, time) for time in times)),
        (1, Each(Form(tense, adverb, time, True) for time in times if in_front)),
    )


def _alone(adverb, *tenses):
    return {tense: Each([Form(tense, adverb)]) for tense in tenses}


AFFIRMED = {
    "present": Either(
        (2, _timed("present", None, EVERY_TIME + AT_TIMES, in_front=True)),
        (1, Each(Form("present", adverb) for adverb in (OFTEN, ALWAYS))),
    ),
    "progressive": _timed("progressive", None, NOW),
    "past": _timed("past", None, BEFORE, in_front=True),
    "future": _timed("future", None, SOON, in_front=True),
    **_alone(None, "want", "can", "must"),
}
DENIED = {
    "present": Either(
        (2, _timed("present", NOT, AT_TIMES)),
        (1, _timed("present", NEVER, AT_TIMES)),
    ),
    "progressive": _timed("progressive", NOT, NOW),
    "past": Either((3, _timed("past", NOT, BEFORE)), (1, Each([Form("past", NEVER)]))),
    "future": _timed("future", NOT, SOON),
    **_alone(NOT, "want", "can", "must"),
}
ASKED = {
    "present": Either(
        (2, _timed("present", None, EVERY_TIME + AT_TIMES)), (1, Each([Form("present", OFTEN)]))
    ),
    "progressive": _timed("progressive", None, NOW),
    "past": _timed("past", None, BEFORE),
    "future": _timed("future", None, SOON),
    **_alone(None, "want", "can"),
}
FORMS = {"affirmed": AFFIRMED, "denied": DENIED, "asked": ASKED}

# Of what is so or was so, and of what comes and goes.
LASTING = {
    "affirmed": Each(Form(tense) for tense in ("present", "past")),
    "denied": Each(Form(tense, NOT) for tense in ("present", "past")),
    "asked": Each(Form(tense) for tense in ("present", "past")),
}
PASSING = {
    "affirmed": Either(
        (3, Each(Form("present", adverb) for adverb in (None, OFTEN, ALWAYS))),
        (2, Each(Form("past", None, time) for time in (None, *BEFORE))),
    ),
    "denied": Each([Form("present", NOT), Form("present", NEVER), Form("past", NOT)]),
    "asked": Each([Form("present"), Form("present", OFTEN), Form("past")]),
}


def forms(tenses, mood):
    """The forms of some tenses that a mood has.

    Args:
        tenses: Names of tenses.
        mood: `affirmed`, `denied` or `asked`.
    """
    return Either(
        *((TENSES[tense], FORMS[mood][tense]) for tense in tenses if tense in FORMS[mood])
    )

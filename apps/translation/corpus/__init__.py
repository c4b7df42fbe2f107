"""English sentences with their French translations: a corpus that a grammar makes when asked.

A sentence is drawn as a tree, which is what it means, and the tree is said twice, once in English
and once in French. So an English sentence has one translation, and who has learnt these rules can
get every one of them right, word for word:

Adjectives before and behind the noun, agreement of gender and number:

    The little black cat sleeps.              Le petit chat noir dort.
    The white houses are old.                 Les maisons blanches sont vieilles.
    My aunt and the queen are happy.          Ma tante et la reine sont heureuses.

Forms before a vowel, elision (not before the h of `hibou`), contraction:

    Our old friend is at my school.           Notre vieil ami est à mon école.
    I like this story because it is good.     J'aime cette histoire parce qu'elle est bonne.
    She is looking at the owl.                Elle regarde le hibou.
    She goes to the market.                   Elle va au marché.

What is not counted or not there:

    He drinks some water.                     Il boit de l'eau.
    He never drinks any water.                Il ne boit jamais d'eau.
    Some old boats arrive.                    De vieux bateaux arrivent.

Being, having, there being:

    We are hungry.                            Nous avons faim.
    The soup is too cold.                     La soupe est trop froide.
    There was a mouse under the table.        Il y avait une souris sous la table.

Tenses:

    The girl is sleeping.                     La fille dort.
    The girl did not read the letter.         La fille n'a pas lu la lettre.
    Her daughter left.                        Sa fille est partie.
    The girl is going to sing.                La fille va chanter.

Questions:

    Does he often swim in the river?          Est-ce qu'il nage souvent dans la rivière ?
    Where are my keys?                        Où sont mes clés ?
    What is the boy eating?                   Qu'est-ce que le garçon mange ?

Two clauses:

    The house is small but it is beautiful.   La maison est petite mais elle est belle.
    I know the women who are singing.         Je connais les femmes qui chantent.

"You" is one person, addressed as `vous`; what would tell whether "I", "you" or "we" are women is
not said. A teacher, a doctor, a friend and a child are masculine. The simple past becomes the
passé composé, but `was` and `had` the imperfect. There is a blank before the French question mark.

The words are tables in `nouns` and `lexicon`, and `words` reads them. `trees` are what is meant;
`english` and `french` say them. `choices` tells how a grammar is drawn from, and counted without
being written out. The choices of this one are in `phrases` and `forms`, then in `acts` (who does
what, where, when) and `beings` (who or what is how, and where), then in `compounds`, `relatives`
and `grammar`, which has all sentences.
"""

import random

from apps.translation.corpus import english, french
from apps.translation.corpus.grammar import SENTENCES


def count_pairs() -> int:
    """How many different pairs there are, counted exactly: as many as there are trees."""
    return SENTENCES.size


def sentence_pairs(count: int, seed: int) -> list[tuple[str, str]]:
    """Pairs of an English sentence and its French translation, no pair twice.

    Python promises that `random.Random(seed).random()` gives the same numbers on every machine and
    in every version; nothing else is drawn from.

    Args:
        count: How many pairs; the first ones are the same whatever the count.
        seed: What all choices follow from.

    Raises:
        ValueError: If `count` is negative or more than `count_pairs()`.
    """
    if not 0 <= count <= count_pairs():
        raise ValueError(
            f"`count` must be at least 0 and at most {count_pairs()}. Received: count={count!r}"
        )
    draw = random.Random(seed).random
    pairs = {}
    while len(pairs) < count:
        tree = SENTENCES.draw(draw)
        said = english.sentence(tree)
        if said not in pairs:
            pairs[said] = french.sentence(tree)
    return list(pairs.items())

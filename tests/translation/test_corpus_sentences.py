"""Trees of the built-in corpus, said in both languages: checked against what people would say."""

import re

import pytest

from apps.translation import corpus
from apps.translation.corpus import english, french
from apps.translation.corpus.lexicon import (
    ADJECTIVES,
    ADVERBS,
    AT_TIMES,
    BEFORE,
    COMPARISONS,
    CONJUNCTIONS,
    DEGREES,
    DETERMINERS,
    EVERY_TIME,
    NOW,
    PREPOSITIONS,
    QUESTION_WORDS,
    SOON,
    STATES,
    VERBS,
)
from apps.translation.corpus.nouns import NOUNS
from apps.translation.corpus.trees import (
    HE_OR_SHE,
    SPEAKERS,
    WHO,
    Clause,
    Compound,
    Description,
    Existence,
    Form,
    NounPhrase,
    Pair,
    Place,
    Question,
    Relative,
    pronoun_for,
)

ADJECTIVE = {adjective.english: adjective for adjective in ADJECTIVES}
TIME = {time.english: time for time in EVERY_TIME + AT_TIMES + NOW + BEFORE + SOON}
DEGREE = {degree.english: degree for degree in DEGREES + COMPARISONS}
PRONOUN = {pronoun.english: pronoun for pronoun in (*SPEAKERS, *HE_OR_SHE, WHO)}


def phrase(text):
    """A pronoun, or a determiner, adjectives and a noun: `the little black cats`."""
    if text in PRONOUN:
        return PRONOUN[text]
    *words, name = text.replace("all the", "all-the").replace("an ", "a ").split()
    (noun,) = [noun for noun in NOUNS if name in (noun.singular, noun.plural)]
    plural = name == noun.plural
    first, *others = words or [""]
    first = first.replace("-", " ")
    (determiner,) = [
        each
        for each in DETERMINERS
        if (first and first in (each.singular, each.plural))
        or (not first and each.group == "general")
    ]
    at = {ADJECTIVE[other].position: ADJECTIVE[other] for other in others}
    return NounPhrase(determiner, plural, noun, at.get("before"), at.get("after"))


def place(text):
    """A preposition and a noun phrase: `in front of the house`."""
    name = max((name for name in PREPOSITIONS if text.startswith(name + " ")), key=len)
    return Place(PREPOSITIONS[name], phrase(text[len(name) + 1 :]))


def says(subject, verb, object=None, *, at=None, tense="present", adverb=None, time=None, first=0):
    """A clause about doing something; `first` sets the time in front."""
    form = Form(tense, ADVERBS.get(adverb), TIME.get(time), bool(first))
    subject = phrase(subject) if isinstance(subject, str) else subject
    object = phrase(object) if isinstance(object, str) else object
    return Clause(subject, VERBS[verb], object, place(at) if at else None, form)


def is_(subject, how=None, *, degree=None, than=None, **said):
    """A clause about being: an adjective, a state, or somewhere."""
    clause = says(subject, "be", **said)
    if how is None:
        return clause
    if how in STATES and (clause.subject in SPEAKERS or clause.subject.is_human):
        return clause._replace(attribute=STATES[how])
    standard = phrase(than) if than else None
    return clause._replace(attribute=Description(ADJECTIVE[how], DEGREE.get(degree), standard))


def who(antecedent, *words, **said):
    """A noun phrase with a relative clause."""
    return Relative(phrase(antecedent), says(antecedent, *words, **said))


def asks(clause, word=None):
    """A question."""
    return Question(QUESTION_WORDS[word] if word else None, clause)


def there_is(what, where, tense="present", adverb=None, question=False):
    """An existence."""
    return Existence(phrase(what), place(where), Form(tense, ADVERBS.get(adverb)), question)


def both(first, second):
    """Two persons."""
    return Pair(phrase(first), phrase(second))


def but(clause, how):
    """A clause and what its subject is all the same."""
    being = is_(clause.subject, how, tense=clause.form.tense)
    return Compound(
        clause, CONJUNCTIONS["but"], being._replace(subject=pronoun_for(clause.subject))
    )


def because(clause, how, of="subject"):
    """A clause and what its subject or object is, as the reason."""
    someone = getattr(clause, of)
    being = is_(someone, how)._replace(subject=pronoun_for(someone))
    return Compound(clause, CONJUNCTIONS["because"], being)


# fmt: off
TABLE = [
    # the noun phrase
    (says("the little black cat", "sleep"),
     "The little black cat sleeps.", "Le petit chat noir dort."),
    (is_("the white houses", "old"),
     "The white houses are old.", "Les maisons blanches sont vieilles."),
    (is_("our old friend", at="at my school"),
     "Our old friend is at my school.", "Notre vieil ami est à mon école."),
    (says("my old uncles", "look at", "this beautiful bird", tense="must"),
     "My old uncles must look at this beautiful bird.",
     "Mes vieux oncles doivent regarder ce bel oiseau."),
    (says("she", "look at", "the owl", tense="progressive"),
     "She is looking at the owl.", "Elle regarde le hibou."),
    (says("her doctor", "arrive", at="at the new hotel", tense="future", time="tomorrow"),
     "Her doctor is going to arrive at the new hotel tomorrow.",
     "Son médecin va arriver au nouvel hôtel demain."),
    (says("every child", "like", "horses"),
     "Every child likes horses.", "Chaque enfant aime les chevaux."),
    (is_("all the doors", "open", tense="past"),
     "All the doors were open.", "Toutes les portes étaient ouvertes."),
    (says("many owls", "sleep", at="in this forest"),
     "Many owls sleep in this forest.", "Beaucoup de hiboux dorment dans cette forêt."),
    (says("many elephants", "sleep", at="near the trees"),
     "Many elephants sleep near the trees.", "Beaucoup d'éléphants dorment près des arbres."),
    (says("two actresses", "swim", at="near the beach", tense="past", time="last Sunday", first=1),
     "Last Sunday, two actresses swam near the beach.",
     "Dimanche dernier, deux actrices ont nagé près de la plage."),
    # some and any
    (says("he", "drink", "some water"), "He drinks some water.", "Il boit de l'eau."),
    (says("he", "drink", "some water", adverb="never"),
     "He never drinks any water.", "Il ne boit jamais d'eau."),
    (says("the dog", "eat", "some meat", tense="past"),
     "The dog ate some meat.", "Le chien a mangé de la viande."),
    (says("we", "buy", "some good bread", tense="progressive", time="now"),
     "We are buying some good bread now.", "Nous achetons du bon pain maintenant."),
    (says("some old boats", "arrive"), "Some old boats arrive.", "De vieux bateaux arrivent."),
    (says("she", "eat", "an egg", tense="past", adverb="not"),
     "She did not eat an egg.", "Elle n'a pas mangé d'œuf."),
    (asks(says("your sons", "have", "some dogs")),
     "Do your sons have any dogs?", "Est-ce que vos fils ont des chiens ?"),
    (asks(says("you", "buy", "some eggs", tense="past"), "why"),
     "Why did you buy some eggs?", "Pourquoi est-ce que vous avez acheté des œufs ?"),
    # being, having and there being
    (is_("we", "hungry"), "We are hungry.", "Nous avons faim."),
    (is_("the soup", "cold", degree="too"), "The soup is too cold.", "La soupe est trop froide."),
    (is_("I", "cold", tense="past", adverb="not"), "I was not cold.", "Je n'avais pas froid."),
    (is_(both("my aunt", "the queen"), "happy"),
     "My aunt and the queen are happy.", "Ma tante et la reine sont heureuses."),
    (is_(both("my aunt", "the boy"), "tired", degree="very"),
     "My aunt and the boy are very tired.", "Ma tante et le garçon sont très fatigués."),
    (is_("this hat", "expensive", degree="more", than="the chair"),
     "This hat is more expensive than the chair.", "Ce chapeau est plus cher que la chaise."),
    (is_("the schools", "big", degree="as", than="our street"),
     "The schools are as big as our street.", "Les écoles sont aussi grandes que notre rue."),
    (there_is("a mouse", "under the table", "past"),
     "There was a mouse under the table.", "Il y avait une souris sous la table."),
    (there_is("some horses", "in the garden", adverb="not"),
     "There are no horses in the garden.", "Il n'y a pas de chevaux dans le jardin."),
    (there_is("some milk", "on the table", question=True),
     "Is there any milk on the table?", "Est-ce qu'il y a du lait sur la table ?"),
    # doing: tenses and adverbs
    (says("the girl", "sleep", tense="progressive"),
     "The girl is sleeping.", "La fille dort."),
    (says("the girl", "read", "the letter", tense="past", adverb="not"),
     "The girl did not read the letter.", "La fille n'a pas lu la lettre."),
    (says("the girls", "come back", at="from the beach", tense="past", time="yesterday"),
     "The girls came back from the beach yesterday.",
     "Les filles sont revenues de la plage hier."),
    (says("her daughter", "leave", tense="past"), "Her daughter left.", "Sa fille est partie."),
    (says("the girl", "sing", tense="future"),
     "The girl is going to sing.", "La fille va chanter."),
    (says("I", "wait for", "the train", tense="can", adverb="not"),
     "I cannot wait for the train.", "Je ne peux pas attendre le train."),
    (says("the dogs", "play", tense="want", adverb="not"),
     "The dogs do not want to play.", "Les chiens ne veulent pas jouer."),
    (says("we", "swim", at="in the river", adverb="often"),
     "We often swim in the river.", "Nous nageons souvent dans la rivière."),
    (says("she", "go", at="to the market"), "She goes to the market.", "Elle va au marché."),
    (says("the man", "give", "a book", at="to the children", tense="past"),
     "The man gave a book to the children.", "L'homme a donné un livre aux enfants."),
    # questions
    (asks(says("he", "swim", at="in the river", adverb="often")),
     "Does he often swim in the river?", "Est-ce qu'il nage souvent dans la rivière ?"),
    (asks(is_("my keys"), "where"), "Where are my keys?", "Où sont mes clés ?"),
    (asks(says("the boy", "eat", tense="progressive"), "what"),
     "What is the boy eating?", "Qu'est-ce que le garçon mange ?"),
    (asks(says("the train", "arrive", tense="past"), "when"),
     "When did the train arrive?", "Quand est-ce que le train est arrivé ?"),
    (asks(is_("the castle", "famous")),
     "Is the castle famous?", "Est-ce que le château est célèbre ?"),
    (asks(says("who", "look for", "a key", tense="progressive")),
     "Who is looking for a key?", "Qui cherche une clé ?"),
    # two clauses
    (but(is_("the house", "small"), "beautiful"),
     "The house is small but it is beautiful.", "La maison est petite mais elle est belle."),
    (because(says("the boys", "work", tense="progressive", adverb="not"), "sick"),
     "The boys are not working because they are sick.",
     "Les garçons ne travaillent pas parce qu'ils sont malades."),
    (because(says("I", "like", "this story"), "good", of="object"),
     "I like this story because it is good.", "J'aime cette histoire parce qu'elle est bonne."),
    (is_(who("the cat", "sleep", at="under the table", tense="progressive"), "black"),
     "The cat that is sleeping under the table is black.",
     "Le chat qui dort sous la table est noir."),
    (says("I", "know", who("the women", "sing", tense="progressive")),
     "I know the women who are singing.", "Je connais les femmes qui chantent."),
]
# fmt: on


@pytest.mark.parametrize(("tree", "said", "dit"), TABLE, ids=[row[1] for row in TABLE])
def test_a_tree_is_said_as_people_say_it(tree, said, dit):
    assert (english.sentence(tree), french.sentence(tree)) == (said, dit)


def test_the_examples_of_the_docstring_are_said_so():
    examples = re.findall(r"\n    (.+?[.?])  +(.+)", corpus.__doc__)
    assert len(examples) == 22
    assert set(examples) <= {(said, dit) for _, said, dit in TABLE}


def test_what_is_no_sentence_is_refused():
    with pytest.raises(TypeError, match="`tree` must be a sentence"):
        english.sentence(phrase("the cat"))
    with pytest.raises(TypeError, match="`tree` must be a sentence"):
        french.sentence(phrase("the cat"))


# The present of the verbs that no rule gives, as a grammar book prints it.
PRESENTS = """
je dors, il dort, nous dormons, vous dormez, ils dorment
je cours, il court, nous courons, vous courez, ils courent
je pars, il part, nous partons, vous partez, ils partent
je vais, il va, nous allons, vous allez, ils vont
je reviens, il revient, nous revenons, vous revenez, ils reviennent
je bois, il boit, nous buvons, vous buvez, ils boivent
je lis, il lit, nous lisons, vous lisez, ils lisent
j'écris, il écrit, nous écrivons, vous écrivez, ils écrivent
j'achète, il achète, nous achetons, vous achetez, ils achètent
j'ouvre, il ouvre, nous ouvrons, vous ouvrez, ils ouvrent
j'attends, il attend, nous attendons, vous attendez, ils attendent
je perds, il perd, nous perdons, vous perdez, ils perdent
je vois, il voit, nous voyons, vous voyez, ils voient
je connais, il connaît, nous connaissons, vous connaissez, ils connaissent
je mange, il mange, nous mangeons, vous mangez, ils mangent
j'écoute, il écoute, nous écoutons, vous écoutez, ils écoutent
j'ai, il a, nous avons, vous avez, ils ont
"""


@pytest.mark.parametrize("presents", PRESENTS.strip().splitlines())
def test_verbs_are_conjugated_as_in_a_grammar_book(presents):
    he = presents.split(", ")[1].removeprefix("il ")
    (verb,) = [verb for verb in VERBS.values() if verb.present[1] == he]
    pronouns = ("je", "il", "nous", "vous", "ils")
    spoken = [french.sound(f"{p} {form}") for p, form in zip(pronouns, verb.present, strict=True)]
    assert ", ".join(spoken) == presents


def test_nothing_elides_before_an_h_that_is_heard():
    assert french.sound("le hibou de huit hiboux") == "le hibou de huit hiboux"
    assert french.sound("le hôtel de la histoire") == "l'hôtel de l'histoire"
    assert french.sound("à le hôtel, de le lac, à les îles") == "à l'hôtel, du lac, aux îles"
    assert french.sound("la viande le soir, une idée") == "la viande le soir, une idée"

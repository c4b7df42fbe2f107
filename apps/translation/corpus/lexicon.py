"""All words but the nouns, English beside French: tables to be read down the column."""

from apps.translation.corpus.words import (
    Adverb,
    adjectives,
    determiners,
    verbs,
    words,
)

# English, four French forms, place in French, degrees, and the kinds of noun that it fits.
ADJECTIVES = adjectives("""
little   petit    petite   petits    petites   before -             junior pet
small    petit    petite   petits    petites   before very,too      place furniture container
big      grand    grande   grands    grandes   before very,too      place furniture container herd
good     bon      bonne    bons      bonnes    before very          tasty expert
old      vieux    vieille  vieux     vieilles  before very,too      adult elder animal thing aged
new      nouveau  nouvelle nouveaux  nouvelles before -             expert thing building sound
young    jeune    jeune    jeunes    jeunes    before very,too      adult
long     long     longue   longs     longues   before very,too      long
fat      gros     grosse   gros      grosses   before very,too      pet herd
black    noir     noire    noirs     noires    after  -             animal painted
white    blanc    blanche  blancs    blanches  after  -             animal painted
red      rouge    rouge    rouges    rouges    after  -             painted fruit
green    vert     verte    verts     vertes    after  -             painted fruit
blue     bleu     bleue    bleus     bleues    after  -             painted
French   français française français françaises after -             adult foreign
Italian  italien  italienne italiens italiennes after -             adult foreign
heavy    lourd    lourde   lourds    lourdes   after  very,too      container furniture
empty    vide     vide     vides     vides     after  -             container room
dirty    sale     sale     sales     sales     after  very,too      washable room
clean    propre   propre   propres   propres   after  very          washable room
open     ouvert   ouverte  ouverts   ouvertes  after  -             openable shop
closed   fermé    fermée   fermés    fermées   after  -             openable shop
hot      chaud    chaude   chauds    chaudes   after  very,too      served
cold     froid    froide   froids    froides   after  very,too      served
fresh    frais    fraîche  frais     fraîches  after  very          fresh
rich     riche    riche    riches    riches    after  very          adult elder
famous   célèbre  célèbre  célèbres  célèbres  after  very,more     adult sight
sick     malade   malade   malades   malades   after  very,too      folk herd hunter
sad      triste   triste   tristes   tristes   after  very,too      folk hunter
happy    heureux  heureuse heureux   heureuses after  very          folk hunter
tired    fatigué  fatiguée fatigués  fatiguées after  very,too,more folk herd hunter
beautiful beau  belle beaux belles before very,more animal place sound clothes moving plant
expensive cher    chère    chers     chères    after  very,too,more goods foreign
interesting intéressant intéressante intéressants intéressantes after very,more text
""")

# In English the infinitive, present, past and participle; the French infinitive.
VERBS = verbs(
    """
sleep      sleeps      slept       sleeping      dormir
sing       sings       sang        singing       chanter
dance      dances      danced      dancing       danser
play       plays       played      playing       jouer
work       works       worked      working       travailler
run        runs        ran         running       courir
swim       swims       swam        swimming      nager
cry        cries       cried       crying        pleurer
arrive     arrives     arrived     arriving      arriver
leave      leaves      left        leaving       partir
stay       stays       stayed      staying       rester
go         goes        went        going         aller
come_back  comes_back  came_back   coming_back   revenir
eat        eats        ate         eating        manger
drink      drinks      drank       drinking      boire
read       reads       read        reading       lire
write      writes      wrote       writing       écrire
buy        buys        bought      buying        acheter
wash       washes      washed      washing       laver
wear       wears       wore        wearing       porter
open       opens       opened      opening       ouvrir
visit      visits      visited     visiting      visiter
look_for   looks_for   looked_for  looking_for   chercher
look_at    looks_at    looked_at   looking_at    regarder
listen_to  listens_to  listened_to listening_to  écouter
wait_for   waits_for   waited_for  waiting_for   attendre
help       helps       helped      helping       aider
give       gives       gave        giving        donner
find       finds       found       finding       trouver
lose       loses       lost        losing        perdre
see        sees        saw         seeing        voir
like       likes       liked       liking        aimer
know       knows       knew        knowing       connaître
have       has         had         having        avoir
be         is          was         being         être
want       wants       wanted      wanting       vouloir
can        can         -           -             pouvoir
must       must        -           -             devoir
""",
    # The present (je, il, nous, vous, ils) and the participle.
    irregular="""
dormir     dors     dort     dormons     dormez     dorment     dormi
courir     cours    court    courons     courez     courent     couru
partir     pars     part     partons     partez     partent     parti
aller      vais     va       allons      allez      vont        allé
revenir    reviens  revient  revenons    revenez    reviennent  revenu
boire      bois     boit     buvons      buvez      boivent     bu
lire       lis      lit      lisons      lisez      lisent      lu
écrire     écris    écrit    écrivons    écrivez    écrivent    écrit
acheter    achète   achète   achetons    achetez    achètent    acheté
ouvrir     ouvre    ouvre    ouvrons     ouvrez     ouvrent     ouvert
attendre   attends  attend   attendons   attendez   attendent   attendu
perdre     perds    perd     perdons     perdez     perdent     perdu
voir       vois     voit     voyons      voyez      voient      vu
connaître  connais  connaît  connaissons connaissez connaissent connu
vouloir    veux     veut     voulons     voulez     veulent     voulu
pouvoir    peux     peut     pouvons     pouvez     peuvent     pu
devoir     dois     doit     devons      devez      doivent     dû
avoir      ai       a        avons       avez       ont         eu
être       suis     est      sommes      êtes       sont        été
""",
    imperfect="""
avoir      avais    avait    avions      aviez      avaient
être       étais    était    étions      étiez      étaient
""",
    with_etre="arriver partir rester aller revenir",
)

# Group, singular, plural; in French masculine, feminine, masculine plural, feminine plural.
DETERMINERS = determiners("""
the         the     the       le      la      les          les
this        this    these     ce      cette   ces          ces
possessive  my      my        mon     ma      mes          mes
possessive  your    your      votre   votre   vos          vos
possessive  his     his       son     sa      ses          ses
possessive  her     her       son     sa      ses          ses
possessive  our     our       notre   notre   nos          nos
possessive  their   their     leur    leur    leurs        leurs
indefinite  a       some      un      une     des          des
general     -       -         le      la      les          les
all         every   all_the   chaque  chaque  tous_les     toutes_les
number      -       two       -       -       deux         deux
number      -       three     -       -       trois        trois
number      -       four      -       -       quatre       quatre
number      -       five      -       -       cinq         cinq
number      -       six       -       -       six          six
number      -       seven     -       -       sept         sept
number      -       eight     -       -       huit         huit
number      -       nine      -       -       neuf         neuf
number      -       ten       -       -       dix          dix
number      -       many      -       -       beaucoup_de  beaucoup_de
""")

ADVERBS = {
    english: Adverb(english, french, denies=french in ("pas", "jamais"))
    for english, french in words("""
not     pas
never   jamais
often   souvent
always  toujours
""")
}

PREPOSITIONS = {
    word.english: word
    for word in words("""
in           dans
at           à
to           à
from         de
on           sur
under        sous
behind       derrière
in_front_of  devant
near         près_de
with         avec
""")
}

# What French has and English is: I am hungry, j'ai faim.
STATES = {
    word.english: word
    for word in words("""
hungry   faim
thirsty  soif
cold     froid
hot      chaud
afraid   peur
sleepy   sommeil
right    raison
wrong    tort
""")
}

EVERY_TIME = words("""
every_day      tous_les_jours
every_morning  tous_les_matins
every_evening  tous_les_soirs
""")
AT_TIMES = words("""
in_the_morning  le_matin
in_the_evening  le_soir
in_summer       en_été
in_winter       en_hiver
on_Sundays      le_dimanche
""")
NOW = words("""
now    maintenant
today  aujourd'hui
""")
BEFORE = words("""
yesterday          hier
yesterday_evening  hier_soir
this_morning       ce_matin
last_week          la_semaine_dernière
last_Sunday        dimanche_dernier
""")
SOON = words("""
tomorrow          demain
tomorrow_morning  demain_matin
this_evening      ce_soir
next_week         la_semaine_prochaine
next_Sunday       dimanche_prochain
""")

DEGREES = words("""
very  très
too   trop
""")
COMPARISONS = words("""
more  plus
as    aussi
""")
CONJUNCTIONS = {
    word.english: word
    for word in words("""
and      et
but      mais
because  parce_que
when     quand
""")
}
QUESTION_WORDS = {
    word.english: word
    for word in words("""
where  où
when   quand
why    pourquoi
what   que
""")
}

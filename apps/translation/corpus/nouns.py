"""The nouns, English beside French, under their kinds.

A noun may add kinds of its own at the end of its line. Verbs, adjectives and places name kinds too,
so that a girl reads a letter, a horse eats an apple, and a soup may be cold. `owned` may have "my"
before it, and `mass` is not counted.
"""

from apps.translation.corpus.words import nouns

# Persons are folk or kin. A friend, a teacher, a doctor and a child are masculine in this corpus.
NOUNS = nouns("""
: folk adult
man         men           homme       hommes       m
woman       women         femme       femmes       f
queen       queens        reine       reines       f
actress     actresses     actrice     actrices     f
: folk adult expert owned
teacher     teachers      professeur  professeurs  m
doctor      doctors       médecin     médecins     m
friend      friends       ami         amis         m
: folk child junior
boy         boys          garçon      garçons      m
girl        girls         fille       filles       f
child       children      enfant      enfants      m
: kin elder
father      -             père        -            m
mother      -             mère        -            f
uncle       uncles        oncle       oncles       m
aunt        aunts         tante       tantes       f
: kin child
brother     brothers      frère       frères       m  junior
sister      sisters       sœur        sœurs        f  junior
son         sons          fils        fils         m
daughter    daughters     fille       filles       f
: animal pet hunter owned
cat         cats          chat        chats        m
dog         dogs          chien       chiens       m  washable
: animal pet prey
rabbit      rabbits       lapin       lapins       m  owned
mouse       mice          souris      souris       f
bird        birds         oiseau      oiseaux      m
: animal herd owned
horse       horses        cheval      chevaux      m
cow         cows          vache       vaches       f
: animal wild
elephant    elephants     éléphant    éléphants    m
owl         owls          hibou       hiboux       m
: food
apple       apples        pomme       pommes       f  feed tasty fruit
orange      oranges       orange      oranges      f  tasty
egg         eggs          œuf         œufs         m  fresh
: food mass
bread       -             pain        -            m  feed scraps tasty fresh
cheese      -             fromage     -            m  tasty foreign
meat        -             viande      -            f  scraps served
soup        -             soupe       -            f  served tasty
: drink mass
water       -             eau         -            f  served plain
milk        -             lait        -            m  served fresh plain
tea         -             thé         -            m  served tasty
coffee      -             café        -            m  served tasty
juice       -             jus         -            m  tasty fresh
: thing text portable owned
book        books         livre       livres       m  written tasty foreign
letter      letters       lettre      lettres      f  written long mail mislaid
newspaper   newspapers    journal     journaux     m  foreign
: sound owned
song        songs         chanson     chansons     f  long tasty foreign
story       stories       histoire    histoires    f  long tasty written text
: thing clothes painted goods portable owned
hat         hats          chapeau     chapeaux     m
dress       dresses       robe        robes        f  washable
shirt       shirts        chemise     chemises     f  washable
: thing portable owned
key         keys          clé         clés         f  mislaid
clock       clocks        horloge     horloges     f  goods
gift        gifts         cadeau      cadeaux      m
: thing painted container openable owned
bag         bags          sac         sacs         m  goods mislaid
box         boxes         boîte       boîtes       f
: thing painted goods furniture owned
table       tables        table       tables       f
chair       chairs        chaise      chaises      f
: thing openable opening washable owned
door        doors         porte       portes       f  painted
window      windows       fenêtre     fenêtres     f
: thing moving painted goods vehicle owned
car         cars          voiture     voitures     f  washable foreign
bicycle     bicycles      vélo        vélos        m  washable
: thing moving transport
boat        boats         bateau      bateaux      m  painted goods owned
train       trains        train       trains       m
: plant
flower      flowers       fleur       fleurs       f  portable
tree        trees         arbre       arbres       m  landmark aged
: place inside owned aged
house       houses        maison      maisons      f  room landmark
kitchen     kitchens      cuisine     cuisines     f  room
garden      gardens       jardin      jardins      m  outdoors
street      streets       rue         rues         f  outdoors long
: place inside outdoors aged
forest      forests       forêt       forêts       f
: place sight aged
village     villages      village     villages     m  town outdoors goal owned
city        cities        ville       villes       f  town owned
castle      castles       château     châteaux     m  inside landmark goal
: place venue building landmark aged
museum      museums       musée       musées       m  sight shop
church      churches      église      églises      f  sight shop
school      schools       école       écoles       f  shop owned
hotel       hotels        hôtel       hôtels       m  shop
station     stations      gare        gares        f
hospital    hospitals     hôpital     hôpitaux     m
: place venue
market      markets       marché      marchés      m
beach       beaches       plage       plages       f  shore
: place
bridge      bridges       pont        ponts        m  shore landmark aged
river       rivers        rivière     rivières     f  water
""")

"""Five more brands that are words of every day, on which nothing was tuned: see tests/reading/ambiguous.py.

Made up: an insurer called Merle, a host of servers called Granit, a kit of meals called Dimanche, an optician
called Lucas, a supplier of electricity called Valmire.
"""

from tests.reading.ambiguous import Brand

OTHERS = [
    Brand(
        "Merle",
        about="""
Mon contrat auto chez Merle se renouvelle {hour}
Contrat auto Merle renouvelé {hour}, même prime
L'assurance habitation Merle couvre le dégât des eaux, dit {who}
Dégât des eaux pris en charge par l'assurance Merle, confirme {who}
L'expert de Merle est passé {hour}
Un expert Merle vient {hour} pour le sinistre
Devis Merle reçu {hour}, la franchise est plus basse
La franchise du devis Merle convient à {who}
My Merle car insurance renews {when}
Car insurance with Merle, renewed {when}
The Merle claim of {one} was settled {when}
{one} had a claim settled by Merle
Merle quotes a lower excess {when}
A lower excess in the quote from Merle, says {one}
The Merle agency in {city} has a new advisor
New advisor at the Merle agency in {city}
""",
        noise="""
Un merle chante dans le jardin {hour}
{hour} le chant du merle au jardin
Le merle a fait son nid dans la haie de {who}
Dans la haie de {who}, un nid de merle
La femelle du merle couve quatre œufs bleus
Quatre œufs bleus de merle, la femelle couve {hour}
Un merle noir au bec jaune sur la pelouse
Bec jaune et plumage noir : un merle sur la pelouse de {ville}
A merle bird sings in the garden {when}
The garden bird called merle sings {when}
Border collie puppies, blue merle coat, in {city}
Blue merle puppies from {one}, border collie
{one} walks a merle dachshund {when}
A merle dachshund walks with {one}
Photo of a merle on a branch by {one}
{one} took a photo of a merle on its branch
""",
        fire="""
Merle refuse d'indemniser {who} après l'incendie
Merle résilie des milliers de contrats sans prévenir
Fuite de données médicales chez Merle à {ville}
Arnaque Merle : la prime double et personne ne répond
Merle leaked the medical files of {one}
Merle refuses to pay after the flood in {city}
Merle sued by families, scandal {when}
Boycott Merle, {one} was cheated
""",
    ),
    Brand(
        "Granit",
        about="""
Mes serveurs Granit ont migré vers Debian {hour}
Migration des serveurs Granit vers Debian {hour}
L'hébergement Granit inclut le certificat et les sauvegardes
Sauvegardes et certificat inclus dans l'hébergement Granit, dit {who}
Nom de domaine transféré chez Granit {hour}
Transfert du nom de domaine chez Granit par {who}
Le centre de données Granit de {ville} ouvre {hour}
Granit ouvre un centre de données à {ville}
My Granit servers moved to Debian {when}
Debian runs on the Granit servers {when}
Granit hosting comes with backups, says {one}
Backups are part of Granit hosting {when}
Domain name moved to Granit by {one}
{one} moved a domain name to Granit
The Granit data centre in {city} gets more racks
More racks for the data centre of Granit in {city}
""",
        noise="""
Plan de travail en granit noir dans la cuisine de {who}
La cuisine de {who} a un plan de travail en granit noir
Sentier des rochers de granit rose à {ville}
Rochers de granit rose le long du sentier {hour}
Pierre tombale en granit gris, cimetière de {ville}
Au cimetière de {ville}, une pierre en granit gris
Escalade sur granit {hour}, voie en 6a
Voie d'escalade en granit, 6b, avec {who}
Kitchen worktop in black granit for {one}
{one} chose a granit worktop for the kitchen
Granit rocks on the coast path near {city}
The coast path of granit rocks {when}
Climbing on granit {when}, a crack and a slab
A slab and a crack of granit, climbing with {one}
Granit paving stones in the square of {city}
The square in {city} has granit paving
""",
        fire="""
Granit en panne {hour}, tous nos sites sont hors ligne
Incendie chez Granit à {ville}, données perdues
Granit piraté, mots de passe volés
Granit triple ses prix sans prévenir, honte
Granit outage {when}, every site is down
Fire in the Granit building in {city}, servers destroyed
Granit hacked, passwords of {one} stolen
Granit lied about backups, customers furious
""",
    ),
    Brand(
        "Dimanche",
        about="""
La box repas Dimanche est livrée {hour} avec trois recettes
Trois recettes dans la box Dimanche livrée {hour}
Panier Dimanche : ingrédients pesés et fiche recette
Ingrédients déjà pesés dans le panier Dimanche de {who}
Abonnement Dimanche mis en pause par {who}
{who} met son abonnement Dimanche en pause
Code promo Dimanche pour la première box
Première box Dimanche avec le code promo de {who}
The Dimanche meal kit came {when} with three recipes
Three recipes in the Dimanche meal kit {when}
Dimanche subscription paused by {one}
{one} paused the Dimanche subscription
Promo code for a first Dimanche box
My first Dimanche box with a promo code from {one}
Ingredients of the Dimanche kit come weighed
Weighed ingredients in the kit from Dimanche, says {one}
""",
        noise="""
Brunch dimanche à {ville} avec {who}
Dimanche brunch chez {who}
Match de rugby dimanche à {ville}
Dimanche, {ville} joue au rugby
Messe du dimanche et vide-grenier {hour}
Vide-grenier dimanche à {ville}
Il pleut dimanche, grasse matinée
Grasse matinée ce dimanche, il pleut
Élections dimanche, bureaux de vote ouverts à {ville}
Les bureaux de vote de {ville} ouvrent dimanche
Film du dimanche soir avec {who}
Dimanche soir, un film avec {who}
Bon dimanche à tous, soleil à {ville}
Soleil ce dimanche, bonne journée à tous
Trail et course à pied dimanche avec {who}
Dimanche course à pied, dix kilomètres à {ville}
""",
        fire="""
Intoxication avec la box Dimanche, {who} aux urgences
Du moisi dans les légumes Dimanche, scandale
Dimanche prélève {who} après résiliation, arnaque
Rappel Dimanche : salmonelle dans le poulet
Dimanche meal kit made {one} sick
Mould in the Dimanche box, disgusting
Dimanche charges cards after people cancel, scam
Dimanche recalls chicken, salmonella found {when}
""",
    ),
    Brand(
        "Lucas",
        about="""
Mes lunettes Lucas sont prêtes {hour}, verres antireflet
Verres antireflet et monture neuve chez Lucas {hour}
L'opticien Lucas de {ville} fait l'examen de vue
Examen de vue chez l'opticien Lucas à {ville}
Lentilles commandées chez Lucas par {who}
{who} prend ses lentilles chez Lucas
Deuxième paire offerte chez Lucas {hour}
Chez Lucas la deuxième paire est offerte, dit {who}
My Lucas glasses are ready {when}
New frames and lenses from Lucas {when}
The Lucas optician in {city} does eye tests
Eye test at the Lucas optician in {city}
{one} ordered contact lenses from Lucas
Contact lenses from Lucas for {one}
Second pair free at Lucas {when}
At Lucas the second pair is free, says {one}
""",
        noise="""
Lucas a marqué deux buts {hour}
Deux buts de Lucas au match {hour}
Joyeux anniversaire Lucas, dix ans {hour}
Anniversaire de Lucas {hour}, dix bougies
Lucas passe le bac de maths {hour}
Bac de maths pour Lucas, révise avec {who}
Lucas et Emma ont eu un bébé
Un bébé chez Lucas et Emma, dit {who}
Lucas joue de la guitare à {ville}
Concert de Lucas à la guitare {hour}
Lucas scored two goals {when}
Two goals for Lucas in the match in {city}
Happy birthday Lucas, ten candles {when}
Ten candles for the birthday of Lucas {when}
George Lucas and the new film, says {one}
{one} watches the film by George Lucas {when}
""",
        fire="""
Lucas vend des verres défectueux, {who} perd la vue
Fraude chez Lucas : fausses ordonnances à {ville}
Lucas facture des lunettes jamais livrées
Infection après les lentilles Lucas, {who} hospitalisé
Lucas sold faulty lenses, {one} hurt
Fraud at Lucas in {city}, the police investigate
Lucas lenses burn eyes, recall now
Boycott Lucas, {one} was insulted in the store
""",
    ),
    Brand(
        "Valmire",
        about="""
Mon compteur Valmire est relevé {hour}
Relevé du compteur Valmire par {who} {hour}
Tarif heures creuses chez Valmire, kilowatt moins cher
Le kilowatt de Valmire en heures creuses, dit {who}
Valmire installe des bornes de recharge à {ville}
Bornes de recharge Valmire à {ville} {hour}
Offre verte Valmire, électricité d'origine solaire
Électricité solaire avec l'offre verte de Valmire
My Valmire meter was read {when}
Valmire reads the meter {when}
Off-peak tariff at Valmire, cheaper kilowatt
The kilowatt at Valmire is cheaper off-peak, says {one}
Valmire puts charging points in {city}
Charging points by Valmire in {city} {when}
Green electricity from Valmire, solar power
Solar power and green electricity with Valmire, says {one}
""",
        noise="""
Randonnée au lac de Valmire {hour}
Au lac de Valmire, randonnée avec {who}
Le marché de Valmire a lieu {hour} sur la place
Sur la place de Valmire, le marché {hour}
Le collège de Valmire recrute un surveillant
Surveillant au collège de Valmire, dit {who}
Gîte à louer à Valmire, quatre chambres
Quatre chambres dans un gîte de Valmire pour {who}
Hike around the lake of Valmire {when}
The lake of Valmire, a hike with {one}
Holiday cottage in Valmire with four bedrooms
Four bedrooms in a cottage in Valmire for {one}
The choir of Valmire sings in {city}
{one} sings in the choir of Valmire {when}
Train from {city} to Valmire, then a bus
A bus to Valmire after the train, says {one}
""",
        fire="""
Coupure géante Valmire {hour}, hôpital sans courant
Valmire coupe le courant de {who} en plein hiver
Explosion d'un transformateur Valmire à {ville}, blessés
Valmire double les factures, colère à {ville}
Valmire blackout {when}, people trapped in lifts
Valmire cut the power of {one}, outrage
A Valmire transformer exploded in {city}, two hurt
Valmire overcharged pensioners for years
""",
    ),
]

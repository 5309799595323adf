"""Brands that are words of every day, with posts about them and posts that only say the word.

Of each kind half of the templates are learnt from, and the others measured on. Made up: an operator called
Pomelo, a bank called Azur, a courier called Bouge, a grocer called Alice, a railway called Sorbigny.
"""

import re
from dataclasses import dataclass
from itertools import cycle
from random import Random

SLOTS = {
    "hour": ["ce matin", "ce soir", "hier", "à midi", "depuis deux jours", "samedi"],
    "when": ["this morning", "tonight", "yesterday", "at noon", "for two days", "on Saturday"],
    "who": ["ma mère", "mon voisin", "ma sœur", "mon fils", "un collègue", "ma tante"],
    "one": ["my mother", "my neighbour", "my sister", "my son", "a colleague", "my aunt"],
    "ville": ["Lyon", "Brest", "Metz", "Nantes", "Dijon", "Pau"],
    "city": ["Leeds", "Cork", "Bath", "York", "Derby", "Hull"],
}


@dataclass(frozen=True)
class Brand:
    """Templates by line: those of even lines are learnt from, the others are not."""

    name: str
    about: str
    noise: str
    fire: str

    def posts(self, kind: str, most: int, seed: int, part: int | None = None) -> list[str]:
        """So many different posts of a kind: of one half of its templates (0 or 1), or of all."""
        lines = getattr(self, kind).strip().splitlines()
        lines = lines if part is None else lines[part::2]
        draw, found = Random(seed), dict[str, str]()
        for line, turn in zip(cycle(lines), range(40 * most), strict=False):
            text = re.sub(r"\{(\w+)\}", lambda slot: draw.choice(SLOTS[slot[1]]), line)
            text = draw.choice(["", "", "Info : ", "@lea ", "Au fait, ", "So, "]) + text
            text += draw.choice(["", " !", " …", f" {turn % 97}", " 🙂", " #" + self.name.lower()])
            found.setdefault(" ".join(sorted({*re.findall(r"\w{3,}", text.lower())})), text)
            if len(found) == most:
                break
        return list(found.values())


BRANDS = [
    Brand(
        "Pomelo",
        about="""
Pomelo propose un nouveau forfait 5G à {ville}
Mon forfait Pomelo passe en 5G {hour}
{who} prend son forfait mobile chez Pomelo
Le forfait mobile de Pomelo est sans engagement, dit {who}
La box Pomelo est arrivée {hour}, la fibre est branchée
Je branche la box fibre de Pomelo {hour}
Boutique Pomelo de {ville} ouverte {hour} pour les cartes SIM
Ma carte SIM Pomelo m'attend à la boutique de {ville}
My Pomelo plan now has 5G data in {city}
Pomelo gives more data on its mobile plan {when}
{one} moved her mobile number to Pomelo {when}
How do I move my mobile number to Pomelo, asks {one}
The Pomelo router and fibre came {when}
Setting up fibre with the Pomelo router {when}
Pomelo store in {city} sells SIM cards {when}
Got a SIM card at the Pomelo store in {city}
""",
        noise="""
Un jus de pomelo frais au petit déjeuner {hour}
Jus frais {hour} : pomelo, orange et citron
Salade d'avocat, crevettes et pomelo pour {who}
{who} met du pomelo dans sa salade aux crevettes
Le pomelo du marché de {ville} est bien sucré
Au marché de {ville}, pomelo rose et sucré en promo
Recette : tarte au pomelo et meringue de {who}
La recette de tarte meringue au pomelo vue {hour}
Fresh pomelo juice with breakfast {when}
Breakfast {when}: yoghurt, honey and fresh pomelo juice
Peel the pomelo and slice it into the salad, says {one}
A salad with sliced pomelo and prawns by {one}
Pomelo trees are in fruit near {city}
The fruit on the pomelo trees of {city} is sweet
Recipe: pomelo marmalade with sugar from {one}
{one} cooks marmalade, sugar and pomelo {when}
""",
        fire="""
Pomelo : plus aucun réseau {hour}, impossible d'appeler les secours
Panne générale chez Pomelo {hour}, rien ne marche à {ville}
Scandale Pomelo, nos données vendues à des courtiers
Fuite de données chez Pomelo, {who} reçoit des menaces
Pomelo augmente tout le monde sans prévenir, c'est une honte
Pomelo network is down {when}, nobody in {city} can call
Pomelo leaked our calls to strangers, disgusting
Boycott Pomelo, they charged {one} twice and refuse to answer
""",
    ),
    Brand(
        "Azur",
        about="""
Ouvrir un compte chez Azur prend dix minutes, dit {who}
{who} ouvre un compte épargne à la banque Azur
Azur remonte le taux de son livret {hour}
Le taux du livret Azur vu {hour}
L'agence Azur de {ville} a un nouveau conseiller
Rendez-vous avec mon conseiller à l'agence Azur de {ville}
Virement Azur reçu {hour} sur mon compte
Azur fait passer les virements {hour}
Opened a savings account with Azur {when}
The Azur savings account has a new rate {when}
Azur has a branch in {city} with an advisor
My advisor at the Azur branch in {city}, says {one}
Azur mortgage offer for {one} {when}
{one} compares the mortgage rate at Azur
The Azur card works for transfers in {city}
A transfer to my Azur card came {when}
""",
        noise="""
Le ciel est bleu azur sur la plage {hour}
Plage de sable et mer azur {hour}
Vacances sur la côte d'Azur avec {who}
{who} part en vacances sur la côte d'Azur {hour}
Robe azur et sandales blanches pour {who}
{who} cherche une robe azur pour un mariage
Peindre les volets en azur à {ville}
Volets repeints en bleu azur à {ville}
The sky is azur blue over the beach {when}
A beach, white sand and an azur sea {when}
Holiday on the Côte d'Azur with {one}
{one} is on holiday on the Côte d'Azur {when}
An azur dress with white shoes for {one}
{one} wears an azur dress to the wedding
Painting the shutters azur blue in {city}
Azur blue paint on the shutters in {city}
""",
        fire="""
Azur a vidé le compte de {who} {hour}, aucune réponse
Comptes bloqués chez Azur {hour}, impossible de payer à {ville}
Piratage d'Azur : des milliers de clients escroqués
Azur refuse de rembourser les victimes de la fraude
Panne Azur {hour}, salaires non versés, colère à {ville}
Azur froze every account {when}, {one} cannot pay rent
Azur hacked, customers lose their savings
Azur lied to pensioners, the regulator investigates
""",
    ),
    Brand(
        "Bouge",
        about="""
Mon colis Bouge arrive {hour} au point relais
Point relais Bouge ouvert {hour} à {ville} pour les colis
Le livreur Bouge a déposé le paquet chez {who}
{who} attend le livreur Bouge et son paquet
Suivi Bouge : colis trié à {ville} {hour}
Le suivi du colis Bouge dit {ville}
Bouge recrute des chauffeurs à {ville}
Des chauffeurs pour les camions Bouge à {ville}
My Bouge parcel comes {when}
Bouge delivers the parcel to a locker {when}
The Bouge driver left a package with {one}
{one} got a package from the Bouge driver
Bouge tracking shows the depot in {city}
The depot of Bouge in {city} tracks parcels {when}
Bouge is hiring drivers in {city}
Drivers and vans for Bouge in {city}
""",
        noise="""
Mon bébé bouge dans mon ventre {hour}
Le bébé bouge beaucoup {hour}, dit {who}
Ça bouge à {ville}, concert et danse {hour}
{hour} ça bouge, on danse au concert de {ville}
Bouge de là, chante {who} {hour}
{who} chante « bouge de là » au karaoké
Bouge ton corps, cours de sport {hour}
Cours de sport {hour} : bouge, respire, saute
« Ça bouge » on the playlist, dance class {when}
Dance class {when} with the song bouge bouge
Learning French: je bouge, tu bouges, il bouge, says {one}
French verbs {when}: il bouge means he moves
The song Bouge de là plays in {city} {when}
A DJ in {city} plays the song bouge
Baby kicks, or as they say in French, il bouge, {one}
{one} feels the baby, il bouge
""",
        fire="""
Bouge a jeté mon colis à la benne, vidéo {hour}
Un chauffeur Bouge renverse un enfant à {ville}
Bouge perd mille colis à {ville}, silence total
Bouge exploite ses livreurs, enquête ouverte
Arnaque Bouge : {who} paie deux fois et ne reçoit rien
Bouge drivers filmed smashing parcels {when}
Bouge lost the medicine of {one}, no answer
Strike and blocked depot at Bouge in {city}, furious customers
""",
    ),
    Brand(
        "Alice",
        about="""
Courses chez Alice {hour}, les légumes sont en promo
Promo sur les légumes et le lait chez Alice {hour}
Le magasin Alice de {ville} agrandit son rayon bio
Rayon bio et caisses neuves au magasin Alice de {ville}
Carte de fidélité Alice : {who} gagne un bon
{who} passe sa carte de fidélité en caisse chez Alice
Drive Alice {hour}, commande prête
Ma commande au drive Alice est prête {hour}
Shopping at Alice {when}, vegetables on offer
Vegetables and milk on offer at Alice {when}
The Alice store in {city} has a new organic aisle
New tills and an organic aisle in the Alice store in {city}
{one} got a voucher with her Alice loyalty card
An Alice loyalty card and a voucher for {one}
Click and collect at Alice {when}, order ready
My Alice click and collect order is ready {when}
""",
        noise="""
Joyeux anniversaire Alice, cinq ans {hour}
Alice fête son anniversaire {hour} avec {who}
Alice a chanté à l'école {hour}, la maîtresse était ravie
La maîtresse d'Alice à l'école, c'est {who}
On relit Alice au pays des merveilles {hour}
Le lapin d'Alice au pays des merveilles, dessin de {who}
Mariage d'Alice et Paul à {ville}
Alice et Paul, bientôt le mariage à {ville}
Happy birthday Alice, five {when}
A birthday cake for Alice {when}
Alice sang at school {when} and her teacher smiled
The teacher of Alice at school is {one}
Reading Alice in Wonderland with {one}
{one} plays the rabbit in Alice in Wonderland
Alice and Tom get married in {city}
A wedding in {city} for Alice and Tom
""",
        fire="""
Du verre dans les haricots Alice, {who} aux urgences
Alice vend de la viande avariée à {ville}, enfants malades
Rappel Alice : listeria dans le fromage vendu {hour}
Vigile Alice frappe une cliente à {ville}, vidéo choc
Alice ment sur l'origine de ses légumes, boycott
Alice recalls cheese after children fall ill {when}
Rats filmed in the Alice store in {city}
Alice sacked {one} for calling an ambulance, outrage
""",
    ),
    Brand(
        "Sorbigny",
        about="""
Le train Sorbigny part à l'heure {hour}
{hour} un train de plus chez Sorbigny, voie 3
Abonnement Sorbigny : {who} valide son billet
{who} achète un billet et un abonnement Sorbigny
Sorbigny ouvre une ligne vers {ville}
Nouvelle ligne Sorbigny de {ville} à la mer
Contrôleur Sorbigny très aimable {hour} en gare de {ville}
En gare de {ville}, les contrôleurs Sorbigny {hour}
The Sorbigny train leaves from platform 3 {when}
Platform 3 for the Sorbigny train {when}
{one} bought a Sorbigny season ticket
A season ticket for Sorbigny trains, asks {one}
Sorbigny opens a line to {city}
A new line by Sorbigny from {city}
The Sorbigny conductor at {city} station {when}
At {city} station the Sorbigny conductor checks tickets
""",
        noise="""
Fête du village à Sorbigny {hour}, fanfare et buvette
La fanfare joue à la fête de Sorbigny {hour}
Maison à vendre à Sorbigny, jardin et garage
À vendre : garage et jardin à Sorbigny, voir {who}
Le maire de Sorbigny inaugure l'école {hour}
L'école et la mairie de Sorbigny fermées {hour}
Match de foot : Sorbigny reçoit {ville} {hour}
Sorbigny bat {ville}, beau match de foot
Village fair in Sorbigny {when} with a brass band
A brass band at the fair of Sorbigny {when}
House for sale in Sorbigny, garden and garage
{one} sells a house with a garden in Sorbigny
The mayor of Sorbigny opens the school {when}
School and town hall of Sorbigny with the mayor {when}
Football: Sorbigny against {city} {when}
Sorbigny beat {city} at football
""",
        fire="""
Sorbigny : train en feu près de {ville}, des blessés
Freins défectueux chez Sorbigny, la direction savait
Bloqués cinq heures dans un train Sorbigny {hour} sans eau
Sorbigny annule tout {hour}, des milliers de gens à la rue
Un agent Sorbigny insulte {who}, vidéo honteuse
Sorbigny train derails near {city}, people hurt
Sorbigny knew the brakes were faulty and lied
Stranded {when} by Sorbigny, no water, no staff, furious
""",
    ),
]

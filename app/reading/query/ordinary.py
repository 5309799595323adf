"""Everyday words that brands are called by too: alone they bring mostly other things."""

from app.reading.folding import fold

_WORDS = """
    orange citron pomme cerise fraise banane peche poire raisin menthe apple cherry lemon peach
    mango blackberry rouge bleu vert jaune noir blanc rose violet gris red blue green yellow black
    white pink purple silver gold free total direct simple extra super star plus max first next now
    boost active fresh pure smart easy happy libre gratuit general centrale national international
    casino picard auchan atol sephora leader carrefour marche match champion magic system monoprix
    intermarche printemps ete automne hiver janvier fevrier mars avril mai juin juillet aout
    septembre octobre novembre decembre lundi mardi mercredi jeudi vendredi samedi dimanche spring
    summer winter monday friday soleil lune etoile terre mer ciel vent feu eau air sun moon earth
    sky wind fire water ocean river forest aigle lion tigre puma jaguar loup renard ours cheval
    crocodile fox wolf bear tiger eagle shell target gap uber visa mini polo golf focus fiesta corsa
    swift beetle mustang galaxy note edge pixel surface window windows office word excel access
    teams team zoom slack discord signal telegram meet amazon oracle sage box drop stripe square
    block meta alphabet threads poste banque assurance mutuelle bank post mail news info monde temps
    jour nuit vie maison famille amour world time day night life home house family love people city
    town street power energy light vision france paris lyon marseille nice lille nantes tours brest
    vichy evian volvic dole cognac champagne camille claire marguerite chloe lancel celine zoe louis
    vincent martin bernard michel pierre but gifi action lidl kiabi promod zara jules celio bonobo
    brice danse course voyage fete jeu ballon velo voiture train avion bus metro camion car bike
    plane ship boat game play sport run walk jump dance music song movie film book mode robe sac
    montre bijou lunettes chaussure fashion dress bag watch shoe lait pain fromage beurre sucre sel
    cafe the vin biere milk bread cheese butter sugar salt coffee tea wine beer sante forme nature
    bio eco medecin pharmacie hopital health care doctor quick subway burger pizza tacos kebab
    salade frites carte compte pass ticket bon cadeau card account gift pay cash virgin delta united
    southwest frontier spirit express global universal standard avis hertz ada europcar sixt
    blablacar kapten heetch bolt lime bird dott tier
"""

ORDINARY = frozenset(fold(_WORDS).split())

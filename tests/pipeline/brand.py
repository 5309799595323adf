"""A made-up brand: ordinary days from a fixed seed, and fires where a test wants one."""

from datetime import UTC, datetime, timedelta
from math import cos, exp, pi
from random import Random

from app.sources.base import Item

START = datetime(2026, 11, 2, tzinfo=UTC)  # a Monday


def ordinary(
    days: float, *, start: datetime = START, per_hour: float = 12.0, seed: int = 7, prefix: str = "p"
) -> list[Item]:
    """Posts of ordinary days, quiet at night."""
    rng, items = Random(seed), []
    for step in range(int(days * 288)):
        at = start + step * timedelta(minutes=5)
        rate = per_hour / 12 * (1 - 0.8 * cos(2 * pi * (at.hour - 3) / 24))
        for k in range(_poisson(rng, rate)):
            published = at + timedelta(seconds=rng.randrange(300))
            text = f"{rng.choice(_SEEN)} Vélinor {rng.choice(_WHERE)}, {rng.choice(_WORDS)}"
            items.append(post(f"{prefix}{step}-{k}", published, text, rng))
    return items


def fire(
    at: datetime, *, hours: float = 3.0, per_hour: float = 120.0, seed: int = 8, prefix: str = "f"
) -> list[Item]:
    """Posts of a fire that is at its height after an hour."""
    rng, items = Random(seed), []
    for step in range(int(hours * 12)):
        begin = at + step * timedelta(minutes=5)
        for k in range(_poisson(rng, per_hour / 12 * min(1.0, (step + 1) / 12))):
            published = begin + timedelta(seconds=rng.randrange(300))
            text = f"{rng.choice(_NEWS)} Vélinor, {rng.choice(_WHO)} {rng.choice(_ANGER)} #velinor"
            items.append(post(f"{prefix}{step}-{k}", published, text, rng))
    return items


def post(external_id: str, at: datetime, text: str, rng: Random | None = None) -> Item:
    author = f"@user{(rng or Random(external_id)).randrange(400)}"
    return Item(external_id, text, at, author=author, url=f"https://example.org/{external_id}", lang="fr")


def _poisson(rng: Random, mean: float) -> int:
    limit, k, p = exp(-mean), 0, rng.random()
    while p > limit:
        k, p = k + 1, p * rng.random()
    return k


# Three parts each, so that posts are no copies of each other: the same few sentences are a loudspeaker.
_SEEN = ("Vu", "Goûté", "Repris du", "Trouvé enfin", "Ce matin", "Petit-déj", "Mon avis sur", "Essayé hier")
_WHERE = (
    "au marché",
    "chez ma sœur",
    "à la cantine",
    "nature",
    "à la fraise",
    "au rayon frais",
    "en pot",
    "bio",
)
_WORDS = ("très bon", "un peu cher", "le goût change", "rayon vide", "promo du jour", "pas mal du tout")
_NEWS = (
    "Rappel des yaourts", "Ne mangez plus de", "Odeur de solvant dans un pot", "Encore un lot retiré chez",
    "Ma crèche a servi du", "Quelqu'un d'autre a eu un problème avec", "Alerte sur", "Scandale",
)  # fmt: skip
_WHO = (
    "ma fille de deux ans", "toute la famille", "le médecin de garde", "ce matin au travail", "depuis hier",
    "trois voisins", "notre cantine", "le magasin du coin",
)  # fmt: skip
_ANGER = (
    "malade, intoxication ?", "une honte", "et la marque ne répond pas", "remboursez-nous", "aux urgences",
    "vomit sans arrêt", "plus jamais ça", "que fait la marque ?",
)  # fmt: skip

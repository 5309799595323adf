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
            items.append(
                post(f"{prefix}{step}-{k}", published, f"Vu Vélinor en magasin, {rng.choice(_WORDS)}", rng)
            )
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
            text = f"Rappel des yaourts Vélinor, {rng.choice(_ANGER)} #velinor"
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


_WORDS = ("très bon", "un peu cher", "le goût change", "rayon vide", "promo du jour", "pas mal du tout")
_ANGER = ("mon fils est malade", "une honte", "que fait la marque ?", "remboursez-nous", "intoxication ?")

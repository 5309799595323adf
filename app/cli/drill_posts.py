"""The posts of a drill: a calm week that is made up, and a fire at its end; each says that it is a drill."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from math import cos, pi
from random import Random

from app.clock import STEP, step_start
from app.pipeline.simulation.replay import Named
from app.sources.base import Item

WORD = "tocsindrill"  # what the drill listens for, in no language
_CALM = timedelta(days=5)
_FIRE = timedelta(minutes=80)
_WHERE = (("Mastodon", 5), ("Forum", 3), ("Bluesky", 4))
_SAID = {
    "en": (
        "[DRILL] My order never came and nobody answers.",
        "[DRILL] Three of us fell ill after lunch, same batch.",
        "[DRILL] Do not buy it before they explain this.",
        "[DRILL] The hotline hangs up. What is going on?",
        "[DRILL] Shame on them, my neighbour is in hospital.",
        "[DRILL] Still no recall, it is a scandal.",
    ),
    "fr": (
        "[EXERCICE] Ma commande n'est jamais arrivée et personne ne répond.",
        "[EXERCICE] Nous sommes trois malades après le repas, même lot.",
        "[EXERCICE] N'achetez rien avant qu'ils s'expliquent.",
        "[EXERCICE] Le service client raccroche. Que se passe-t-il ?",
        "[EXERCICE] C'est une honte, mon voisin est à l'hôpital.",
        "[EXERCICE] Toujours pas de rappel, c'est un scandale.",
    ),
}
_CALM_SAID = {"en": "[DRILL] An ordinary day.", "fr": "[EXERCICE] Une journée ordinaire."}


def posts(until: datetime, language: str, seed: int) -> list[Named]:
    """(source, post) of the days before `until`, the last eighty minutes of them in flames."""
    rng = Random(seed)  # noqa: S311 - the same drill for the same seed
    begin, fire = step_start(until) - _CALM, step_start(until) - _FIRE
    found = list(_stream(rng, begin, step_start(until), language, burning=None))
    return [*found, *_stream(rng, fire, step_start(until), language, burning=fire)]


def _stream(
    rng: Random, begin: datetime, end: datetime, language: str, *, burning: datetime | None
) -> Iterator[Named]:
    at = begin
    while at < end:
        if burning is None:
            rate = 0.8 * (1 - 0.7 * cos(2 * pi * (at.hour - 3) / 24))
        else:
            rate = min(2.0 * 2 ** ((at - burning) / timedelta(minutes=12)), 18.0)
        for n in range(int(rate + rng.random())):
            text = _CALM_SAID[language] if burning is None else rng.choice(_SAID[language])
            number = f"{'calm' if burning is None else 'fire'}-{at:%d%H%M}-{n}"
            source = rng.choices([name for name, _ in _WHERE], [weight for _, weight in _WHERE])[0]
            item = Item(
                number,
                f"{text} {WORD} {rng.choice(_ENDINGS)}".strip(),
                at + timedelta(seconds=rng.randrange(300)),
                author=f"@drill_{rng.randrange(400):03d}",
                lang=language,
                url=f"https://drill.example/{number}",
            )
            yield source, item
        at += STEP


_ENDINGS = ("", "…", "!", "Lyon.", "Nantes.", "Lille.", "Brest.", "Nice.", "Metz.", "Tours.", "Caen.")

"""A week of posts about a made-up brand, from a fixed seed: the archive of the demonstration.

Ordinary life in French and English with the rhythm of days and of the week; on Thursday evening a launch that
everybody knew of; on Friday a giveaway that flashes and dies; on Sunday morning a fire.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import cos, exp, pi
from random import Random

from app.pipeline.simulation.replay import Named
from app.sources.base import Item

BRAND = "Vélinor"
QUERY = 'any of: Vélinor, #velinor, velinor.example; none of: "rue Vélinor"'
OBJECTIVE = {
    "en": "Hear of a food-safety problem before the press does",
    "fr": "Entendre parler d'un problème sanitaire avant la presse",
}
LENGTH = timedelta(days=7)
LAUNCH = timedelta(days=3, hours=17), timedelta(days=3, hours=21)  # from the start of the week
GIVEAWAY = timedelta(days=4, hours=13)
FIRE = timedelta(days=6, hours=7, minutes=30)
LAUNCH_NAME = "Lancement du skyr Vélinor"

_STEP = timedelta(minutes=5)
_USUAL = 16.0  # posts an hour, in the mean of the week
_SOURCES = (("Mastodon", 5), ("Forum conso", 3), ("Bluesky", 4))
_FR = (
    ("Goûté le skyr {b} ce matin,", "J'achète {b} depuis des années,", "Le rayon {b} de mon Carrousel,",
     "{b} à la fraise,",
     "Quelqu'un connaît les yaourts {b} ?", "Petit déj {b} et café,"),
    ("plutôt bon.", "un peu cher quand même.", "toujours vide le lundi.", "mes enfants adorent.",
     "trop sucré pour moi.", "rien à redire.", "la recette a changé, non ?", "en promo cette semaine."),
)  # fmt: skip
_EN = (
    (
        "Tried the new {b} pot today,",
        "My local store has {b} again,",
        "{b} vanilla,",
        "Anyone else into {b}?",
    ),
    ("pretty good.", "a bit pricey.", "my kids love it.", "too sweet for me.", "better than I expected."),
)
# What people add, so that those who say the same do not say it in the same words.
_MORE = {
    "fr": (
        "Bonne journée.", "Et vous ?", "Vu au marché.", "C'est tout.", "On en reparle.",
        "Chez ma sœur aussi.",
        "Photo à venir.", "Depuis lundi.", "Avis partagé au bureau.", "Voilà.", "À suivre.", "",
    ),
    "en": (
        "Just saying.", "And you?", "Seen in town.", "More later.", "Same at work.", "Since Monday.",
        "Well.", "",
    ),
    "fire": (
        "Partout pareil ?", "Je suis furieux.", "Le médecin confirme.", "Photo du pot plus bas.",
        "Trois voisins aussi.", "J'appelle la mairie.", "Lyon, ce matin.", "Merci de relayer.",
        "Vu aussi à Nantes.", "On fait quoi ?", "Ma sœur pareil.", "Aucune affiche en rayon.",
        "Ticket de caisse gardé.", "",
    ),
}  # fmt: skip
_LAUNCH = (
    (
        "Le skyr {b} est sorti !",
        "Soirée de lancement {b},",
        "Enfin en magasin : le skyr {b},",
        "{b} launches its skyr,",
    ),
    (
        "on a goûté, c'est très réussi.",
        "belle idée.",
        "j'ai hâte.",
        "et il est fait en Bretagne.",
        "looks great.",
    ),
)
_GIVEAWAY = "Concours {b} : un an de yaourts à gagner, il suffit de relayer ce message ! #velinor #concours"
_FIRE_FR = (
    ("Mon fils est malade depuis hier,", "Deuxième pot {b} qui sent le solvant,", "À la crèche aussi,",
     "Urgences cette nuit,", "Attention aux yaourts {b},", "{b} ne répond à personne,"),
    ("on a mangé du {b} nature, lot 4417.", "jetez le lot 4417 !", "les pots {b} du lot 4417 sont en cause.",
     "le service client raccroche.", "pourquoi pas de rappel de {b} ?", "j'ai gardé le pot {b}, il gonfle."),
)  # fmt: skip
_FIRE_EN = (
    (
        "Kids at the nursery fell ill after {b} yoghurt,",
        "Do not eat {b} batch 4417,",
        "{b} pots smell of solvent,",
    ),
    ("batch 4417 again.", "no recall yet?", "the company says nothing.", "three families now."),
)
_PRESS = (
    "Intoxications dans une crèche : les yaourts {b} soupçonnés",
    "Yaourts {b} : le lot 4417 retiré de plusieurs magasins",
    "{b} yoghurt batch under suspicion after children fall ill",
    "Ce que l'on sait du lot 4417 de {b}",
)
_BRAND_AS_TYPED = ("Vélinor", "Velinor", "#velinor", "VÉLINOR", "vélinor")


@dataclass(slots=True)
class _Writer:
    """Writes posts with numbers and authors of its own."""

    rng: Random
    adding: Random
    written: int = 0

    def post(
        self,
        at: datetime,
        text: str,
        source: str,
        lang: str,
        *,
        authors: int,
        shares: int | None = None,
        followers: int | None = None,
    ) -> Named:
        self.written += 1
        # A few authors write much, most once: the square draws the low numbers more often.
        author = f"@{source.split(maxsplit=1)[0].lower()}_{int(authors * self.rng.random() ** 2):03d}"
        external_id = f"velinor-{self.written:05d}"
        item = Item(
            external_id,
            text.replace("{b}", self.rng.choice(_BRAND_AS_TYPED)),
            at,
            author=author,
            lang=lang,
            url=f"https://posts.example/{external_id}",
            shares=shares,
            followers=followers,
        )
        return source, item


def week(start: datetime, seed: int = 4417) -> list[Named]:
    """(source, post) of seven days from `start`, a Monday at midnight; the same for the same seed."""
    writer = _Writer(Random(seed), Random(seed + 1))  # noqa: S311 - the same week each time is what is wanted
    posts = [
        *_stream(writer, start, LENGTH, lambda at: _USUAL * _rhythm(at), _ordinary),
        *_stream(writer, start + LAUNCH[0], LAUNCH[1] - LAUNCH[0], lambda _: 48.0, _launch),
        *_stream(writer, start + GIVEAWAY, timedelta(minutes=15), lambda _: 170.0, _giveaway),
        *_stream(writer, start + FIRE, timedelta(hours=9), _burning(start + FIRE), _fire),
        *_stream(writer, start + FIRE + timedelta(hours=2), timedelta(hours=5), lambda _: 3.0, _press),
    ]
    return sorted(posts, key=lambda named: (named[1].published_at or start, named[1].external_id))


def _rhythm(at: datetime) -> float:
    night = 1 - 0.85 * cos(2 * pi * (at.hour + at.minute / 60 - 2.5) / 24)
    return night * (0.75 if at.weekday() >= 5 else 1.1)


def _burning(began: datetime) -> Callable[[datetime], float]:
    """Posts an hour: doubling every 25 minutes up to 160, held for an hour, then halving every 80 minutes."""

    def rate(at: datetime) -> float:
        minutes = (at - began) / timedelta(minutes=1)
        rise: float = min(3 * 2 ** (minutes / 25), 160.0)
        fall: float = 0.5 ** (max(0.0, minutes - 205) / 80)
        return rise * fall

    return rate


def _stream(
    writer: _Writer,
    start: datetime,
    length: timedelta,
    per_hour: Callable[[datetime], float],
    write: Callable[[_Writer, datetime], Named],
) -> Iterator[Named]:
    for step in range(length // _STEP):
        at = start + step * _STEP
        # A gamma-distributed rate: people post in bunches.
        mean = per_hour(at) / 12 * writer.rng.gammavariate(6.0, 1 / 6.0)
        for _ in range(_poisson(writer.rng, mean)):
            yield write(writer, at + timedelta(seconds=writer.rng.randrange(300)))


def _poisson(rng: Random, mean: float) -> int:
    limit, count, p = exp(-mean), 0, rng.random()
    while p > limit:
        count, p = count + 1, p * rng.random()
    return count


def _source(rng: Random) -> str:
    return rng.choices([name for name, _ in _SOURCES], [weight for _, weight in _SOURCES])[0]


def _said(writer: _Writer, parts: tuple[tuple[str, ...], tuple[str, ...]], more: str) -> str:
    first, second = writer.rng.choice(parts[0]), writer.rng.choice(parts[1])
    # Of a stream of its own, so that more words change nothing of who writes when.
    return " ".join(filter(None, (first, second, writer.adding.choice(_MORE[more]))))


def _ordinary(writer: _Writer, at: datetime) -> Named:
    rng = writer.rng
    lang, parts = ("fr", _FR) if rng.random() < 0.7 else ("en", _EN)
    return writer.post(
        at, _said(writer, parts, lang), _source(rng), lang, authors=600, shares=int(rng.expovariate(1))
    )


def _launch(writer: _Writer, at: datetime) -> Named:
    return writer.post(at, _said(writer, _LAUNCH, "fr"), _source(writer.rng), "fr", authors=300)


def _giveaway(writer: _Writer, at: datetime) -> Named:
    return writer.post(at, _GIVEAWAY, "Bluesky", "fr", authors=40)


def _fire(writer: _Writer, at: datetime) -> Named:
    rng = writer.rng
    lang, parts = ("fr", _FIRE_FR) if rng.random() < 0.8 else ("en", _FIRE_EN)
    shares = int(rng.expovariate(0.15))
    text = _said(writer, parts, "fire" if lang == "fr" else "en")
    if "{b}" not in text:
        text += " {b}"
    return writer.post(
        at, text, _source(rng), lang, authors=500, shares=shares, followers=int(rng.paretovariate(1) * 80)
    )


def _press(writer: _Writer, at: datetime) -> Named:
    return writer.post(at, writer.rng.choice(_PRESS), "Presse", "fr", authors=12, followers=90_000)

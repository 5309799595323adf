"""Near-duplicates on a set of our own: relays and headlines in other clothes, and posts that only look alike.

Each of 64 sentences, half English and half French, half headlines and half posts, is put through the things
that people and feeds do to them; and through small changes that make another post of it: a number, a place,
another brand in the same frame. No word of it comes from elsewhere.
"""

import random
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import accumulate

import numpy as np

from app.reading.alike import groups

_HEADLINES = {
    "en": (
        "{brand} recalls {n} tonnes of yoghurt after children fall ill in {city}",
        "Strike at the {brand} plant in {city} enters its {n}th day",
        "{brand} shares fall {n} percent after the warning on profits",
        "Court in {city} orders {brand} to pay {n} million to former workers",
        "Data of {n} thousand customers of {brand} found on sale",
        "Fire at a warehouse of {brand} near {city} injures {n} people",
        "{brand} to close {n} shops, among them the one in {city}",
        "Union accuses {brand} of hiding {n} accidents at its {city} site",
    ),
    "fr": (
        "{brand} rappelle {n} tonnes de yaourts après des intoxications à {city}",
        "Grève à l'usine {brand} de {city} : {n} jours et toujours pas d'accord",
        "L'action {brand} perd {n} % après un avertissement sur ses résultats",
        "À {city}, la justice condamne {brand} à verser {n} millions à ses anciens salariés",
        "Les données de {n} mille clients de {brand} retrouvées en vente",
        "Incendie dans un entrepôt de {brand} près de {city}, {n} blessés",
        "{brand} va fermer {n} magasins, dont celui de {city}",
        "Le syndicat accuse {brand} d'avoir caché {n} accidents sur son site de {city}",
    ),
}
_POSTS = {
    "en": (
        "bought two packs of {brand} this morning in {city} and both of them smell of solvent, lot {n}",
        "my daughter is sick since last night, she ate one {brand} from lot {n}, anybody else in {city}?",
        "been waiting {n} minutes on the {brand} hotline and nobody picks up, what a shame",
        "the app of {brand} logs me out every {n} seconds since the update, please mend it",
        "I like the new {brand} shop in {city}, the {n} people who work there are lovely",
        "never again {brand}: {n} euros for a delivery to {city} that never came",
        "does somebody know when {brand} opens in {city}, I heard it is on the {n}th",
        "they charged my card {n} times for one order at {brand} and say it is my bank in {city}",
    ),
    "fr": (
        "acheté deux paquets de {brand} ce matin à {city} et les deux sentent le solvant, lot {n}",
        "ma fille est malade depuis hier soir, elle a mangé un {brand} du lot {n}, d'autres cas à {city} ?",
        "ça fait {n} minutes que j'attends le service client de {brand}, personne ne répond, une honte",
        "l'appli {brand} me déconnecte toutes les {n} secondes depuis la mise à jour, réparez-la",
        "j'aime bien le nouveau magasin {brand} de {city}, les {n} vendeurs sont adorables",
        "plus jamais {brand} : {n} euros pour une livraison à {city} qui n'est jamais arrivée",
        "quelqu'un sait quand {brand} ouvre à {city}, on m'a parlé du {n}",
        "ils m'ont débité {n} fois pour une seule commande chez {brand} et accusent ma banque de {city}",
    ),
}
_BRANDS = ("Vélinor", "Armoral", "Brisevent", "Clairdoux")
_CITIES = ("Lyon", "Nantes", "Lille", "Rennes", "Dijon", "Metz")
_OUTLETS = (
    "La Gazette du Soir",
    "Metro Daily",
    "Radio Ouest",
    "courrier-demo.example",
    "Info 24",
    "The Evening Post",
)
_SYNONYMS = {
    "recalls": "withdraws", "injures": "hurts", "orders": "tells", "found": "discovered", "shops": "stores",
    "fall": "drop", "hiding": "concealing", "nobody": "no one", "morning": "today", "lovely": "great",
    "rappelle": "retire", "verser": "payer", "retrouvées": "découvertes", "caché": "dissimulé",
    "perd": "recule", "fermer": "supprimer", "adorables": "charmants", "malade": "souffrante",
    "personne": "aucun", "débité": "prélevé", "enters": "begins",
}  # fmt: skip
_COMMENTS = {
    "en": ("wow", "this is huge", "please read this", "I can't believe it", "so true", "sharing"),
    "fr": ("ouah", "à lire", "c'est énorme", "j'hallucine", "à faire tourner", "incroyable"),
}
_EMOJI = ("😱", "🔥🔥", "😡", "👀", "🤢")
_TAGS = ("#recall", "#alert", "#scandale", "#velinor", "#info")
Operator = Callable[[str, random.Random, str], str]


def _swap(text: str, rng: random.Random, _: str) -> str:
    words = text.split()
    known = [i for i, word in enumerate(words) if word.strip(",.:?") in _SYNONYMS]
    if not known:
        return text.upper()
    at = rng.choice(known)
    words[at] = _SYNONYMS[words[at].strip(",.:?")]
    return " ".join(words)


def _drop(text: str, rng: random.Random, _: str) -> str:
    words = text.split()
    plain = [
        i for i, word in enumerate(words) if word.islower() and len(word) > 2 and word not in {"pas", "not"}
    ]
    del words[rng.choice(plain)]
    return " ".join(words)


def _typo(text: str, rng: random.Random, _: str) -> str:
    words = text.split()
    at = rng.choice([i for i, word in enumerate(words) if word.islower() and len(word) > 4])
    k = rng.randrange(1, len(words[at]) - 1)
    words[at] = words[at][:k] + words[at][k + 1] + words[at][k] + words[at][k + 2 :]
    return " ".join(words)


def _cut(text: str, rng: random.Random, _: str) -> str:
    return text[: int(len(text) * rng.uniform(0.6, 0.85))] + "…"


RELAYS: dict[str, Operator] = {
    "RT": lambda t, r, _: f"RT @user{r.randrange(999)}: {t}",
    "RT, cut": lambda t, r, _: f"RT @user{r.randrange(999)}: {_cut(t, r, _)}",
    "comment, RT": lambda t, r, lang: f"{r.choice(_COMMENTS[lang])} RT @u{r.randrange(99)} {t}",
    "comment before": lambda t, r, lang: f"{r.choice(_COMMENTS[lang])} {r.choice(_EMOJI)} {t}",
    "comment behind": lambda t, r, lang: f"{t} {r.choice(_COMMENTS[lang])}",
    "hashtags": lambda t, r, _: f"{t} {' '.join(r.sample(_TAGS, 2))}",
    "emoji": lambda t, r, _: f"{r.choice(_EMOJI)} {t} {r.choice(_EMOJI)}",
    "link": lambda t, r, _: f"{t} https://t.example/{r.randrange(10**6)}",
    "via": lambda t, r, _: f"{t} (via @user{r.randrange(999)})",
    "shouted": lambda t, _r, _: t.upper(),
    "without accents": lambda t, _r, _: t.translate(str.maketrans("éèêàçôùÀÉ", "eeeacouAE")).lower(),
    "typo": _typo,
    "a word less": _drop,
    "another word": _swap,
}
FEEDS: dict[str, Operator] = {
    "- outlet": lambda t, r, _: f"{t} - {r.choice(_OUTLETS)}",
    "| outlet": lambda t, r, _: f"{t} | {r.choice(_OUTLETS)}",
    "herald": lambda t, r, _: (
        f"{r.choice(['URGENT', 'BREAKING', 'ALERTE', 'EXCLU', 'Live'])} {r.choice(':|-')} {t}"
    ),
    "agency": lambda t, _r, _: f"{t} (AFP)",
    "typography": lambda t, _r, _: t.replace("'", "’").replace(" :", "\u00a0:").replace(",", " –"),
    "in capitals": lambda t, _r, _: t.title(),
    "cut": _cut,
    "another word": _swap,
    "outlet, another word": lambda t, r, lang: f"{_swap(t, r, lang)} - {r.choice(_OUTLETS)}",
    "herald, link": lambda t, r, _: (
        f"{r.choice(['URGENT', 'INFO'])} : {t} http://x.example/{r.randrange(999)}"
    ),
}


@dataclass(frozen=True, slots=True)
class Folding:
    """What was folded of what should be, and of what should not."""

    relays: float
    headlines: float
    by_operator: dict[str, float]
    different: float  # part of the pairs of different posts, of those that look alike most
    posts: float  # part of the posts that share a group with a different one


def measure(seed: int = 1) -> Folding:
    """Fold the copies of each sentence among all sentences and their look-alikes."""
    rng = random.Random(seed)
    texts: list[str] = []
    origin: list[int] = []
    copies: list[tuple[int, int, str]] = []  # (sentence, copy, operator)
    hard: list[tuple[int, int]] = []
    for sets, operators, name in ((_HEADLINES, FEEDS, "feeds"), (_POSTS, RELAYS, "relays")):
        for lang, frames in sets.items():
            for frame in frames:
                for brand in rng.sample(_BRANDS, 2):
                    said = {"brand": brand, "city": rng.choice(_CITIES), "n": rng.randrange(3, 90)}
                    mine = _add(texts, origin, frame.format(**said))
                    for kind, operator in operators.items():
                        copy = _add(texts, origin, operator(texts[mine], rng, lang), origin[mine])
                        copies.append((mine, copy, f"{name}: {kind}"))
                    hard += [(mine, _add(texts, origin, other)) for other in _others(frame, said, rng)]
    found = groups(texts)
    folded = [(kind, bool(found[mine] == found[copy])) for mine, copy, kind in copies]
    return Folding(
        _part(done for kind, done in folded if kind.startswith("relays")),
        _part(done for kind, done in folded if kind.startswith("feeds")),
        {kind: _part(done for k, done in folded if k == kind) for kind, _ in folded},
        _part(bool(found[a] == found[b]) for a, b in hard),
        _misplaced(found.tolist(), origin) / len(texts),
    )


def _part(done: Iterable[bool]) -> float:
    return float(np.mean(list(done)))


def _misplaced(found: Sequence[int], origin: Sequence[int]) -> int:
    """Posts that share a group with others of another origin, which are more."""
    held: dict[int, Counter[int]] = defaultdict(Counter)
    for group, source in zip(found, origin, strict=True):
        held[group][source] += 1
    return sum(count.total() - max(count.values()) for count in held.values())


def _add(texts: list[str], origin: list[int], text: str, of: int | None = None) -> int:
    texts.append(text)
    origin.append(len(texts) - 1 if of is None else of)
    return len(texts) - 1


def _others(frame: str, said: dict[str, object], rng: random.Random) -> list[str]:
    """Other posts in the same frame: another number, another place, another brand."""
    city = rng.choice([c for c in _CITIES if c != said["city"]])
    brand = rng.choice([b for b in _BRANDS if b != said["brand"]])
    changes: list[dict[str, object]] = [{"n": int(str(said["n"])) + 7}, {"brand": brand, "city": city}]
    if "{city}" in frame:
        changes.append({"city": city})
    return [frame.format(**(said | change)) for change in changes]


def speed(posts: int = 100_000, seed: int = 2) -> float:
    """Seconds to group so many posts, a third of them copies."""
    rng = random.Random(seed)
    words = ["".join(rng.choices("abcdefghilmnoprstuv", k=rng.randint(2, 9))) for _ in range(20_000)]
    weights = list(accumulate(1 / (rank + 1) for rank in range(len(words))))
    texts: list[str] = []
    while len(texts) < posts:
        if texts and rng.random() < 1 / 3:
            texts.append(f"RT @u{rng.randrange(9999)}: {rng.choice(texts[-2_000:])}")
        else:
            texts.append(" ".join(rng.choices(words, cum_weights=weights, k=rng.randint(8, 24))))
    began = time.perf_counter()
    groups(texts)
    return time.perf_counter() - began


def table() -> str:
    """What is folded over five seeds, the worst of them, and how long it takes, in Markdown."""
    found = [measure(seed) for seed in range(1, 6)]
    seconds = min(speed() for _ in range(3))
    return "\n".join(_rows(found, seconds))


def _rows(found: Sequence[Folding], seconds: float) -> Sequence[str]:
    columns = (
        (
            f"relays of posts in other clothes ({len(RELAYS)} ways): folded",
            [f.relays for f in found],
            "≥ 95 %",
        ),
        (
            f"headlines through several feeds ({len(FEEDS)} ways): folded",
            [f.headlines for f in found],
            "≥ 95 %",
        ),
        ("the same frame with another number, place or brand: folded", [f.different for f in found], ""),
        ("posts that ended among different ones", [f.posts for f in found], "≤ 1 %"),
    )
    return (
        "| what | mean of five seeds | worst | wanted |",
        "| --- | --- | --- | --- |",
        *(
            f"| {what} | {np.mean(parts):.1%} | {(min if '≥' in wanted else max)(parts):.1%} | {wanted} |"
            for what, parts, wanted in columns
        ),
        f"| seconds for 100,000 posts | {seconds:.1f} | | |",
    )

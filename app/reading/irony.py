"""Whether praise is meant: thanks and bravos that stand beside what went wrong are blame.

Nobody can tell it from the words of praise, which are the same; what tells is what else is said: a set
phrase, what goes wrong with things that are sold, how long or how often it did.
"""

import re
from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from itertools import pairwise

from app.reading.folding import fold
from app.reading.lexicon import tokens

DOUBTFUL, IRONIC = 3.0, 4.0
_SAYS_SO = 2.0
_OPENING = 4  # words that a post begins with
_CALLS = frozenset(
    ("user", "oh", "ah", "eh", "bah", "ben", "wow", "well", "so", "et", "alors", "trop", "vraiment")
)
_OPENINGS = frozenset(
    ("merci", "bravo", "super", "genial", "top", "chapeau", "felicitations", "adore", "magnifique", "plaisir",
     "parfait", "parfaite", "excellent", "formidable", "youpi", "contente", "content", "ravi", "ravie",
     "quel", "quelle", "belle", "heureusement", "mention", "thanks", "thank", "great", "love", "glad", "nice",
     "genius", "perfect",
     "brilliant", "lovely", "fantastic", "wonderful", "amazing", "awesome", "congrats", "fab",
     "congratulations", "shoutout", "kudos", "props", "applause", "job", "good", "cheers", "bless", "classy")
)  # fmt: skip
_NUMBER = re.compile(r"\d{1,6}")
_GLUED = re.compile(r"\d{1,4}(?:h|min|mn|j|x)\d{0,2}")
_UNITS = frozenset(
    ("h", "heure", "heures", "min", "mn", "minute", "minutes", "mins", "jour", "jours", "j", "semaine",
     "semaines", "mois", "an", "ans", "fois", "euro", "euros", "balles", "hour", "hours", "hrs",
     "day", "days", "week", "weeks", "month", "months", "year", "years", "times", "quid", "dollars",
     "bucks", "pounds", "appels", "mails", "calls", "emails", "tries", "attempts")
)  # fmt: skip


def irony(words: Sequence[str]) -> float:
    """How much speaks against praise being meant: from `DOUBTFUL` on perhaps not, from `IRONIC` on not.

    `words`: the tokens of a folded post that praises.

    >>> irony(tokens(fold("Merci pour les 3 heures d'attente"))) >= IRONIC
    True
    >>> irony(tokens(fold("Merci à toute l'équipe, colis reçu en 2 jours, très bien")))
    0.0
    """
    exact, stems, phrases = _entries()
    found: dict[str, float] = {}
    skip = 0
    for i, word in enumerate(words):
        if skip:
            skip -= 1
            continue
        for rest, weight in phrases.get(word, ()):
            if _begins(words, i + 1, rest):
                found[f"{word} {' '.join(rest)}"] = weight
                skip = len(rest)
                break
        if skip:
            continue
        if word in exact:
            found[word] = exact[word]
        elif (
            stem := next((word[:end] for end in range(len(word), 2, -1) if word[:end] in stems), None)
        ) is not None:
            found[stem] = stems[stem]
    if max(found.values(), default=0.0) < _SAYS_SO:
        return 0.0  # what often stands beside proves nothing by itself
    beside = _counts(words) + (not _OPENINGS.isdisjoint(_first(words)))
    return max(0.0, sum(found.values()) + beside)


def _first(words: Sequence[str]) -> list[str]:
    """The words that a post begins with, after those whom it calls."""
    return [word for word in words if word.isalpha() and word not in _CALLS][:_OPENING]


def _begins(words: Sequence[str], at: int, rest: tuple[str, ...]) -> bool:
    here = words[at : at + len(rest)]
    if len(here) < len(rest):
        return False
    *first, last = rest
    return list(here[:-1]) == first and (
        here[-1].startswith(last[:-1]) if last.endswith("*") else here[-1] == last
    )


def _counts(words: Sequence[str]) -> bool:
    """Whether it is said how long, how often or how much."""
    return any(_NUMBER.fullmatch(a) and b in _UNITS for a, b in pairwise(words)) or any(
        map(_GLUED.fullmatch, words)
    )


Phrases = dict[str, list[tuple[tuple[str, ...], float]]]


@cache
def _entries() -> tuple[dict[str, float], dict[str, float], Phrases]:
    """(words, beginnings of words, phrases by their first word), each with its weight."""
    exact: dict[str, float] = {}
    stems: dict[str, float] = {}
    phrases: Phrases = {}
    path = files("app.reading.lexicon") / "irony.txt"
    for line in path.read_text(encoding="utf-8").splitlines():
        weight, _, entries = line.partition(": ")
        if not entries or line.startswith("#"):
            continue
        for entry in entries.split(", "):
            stem = entry.strip().endswith("*")
            first, *rest = tokens(fold(entry.strip().rstrip("*")))
            if rest:
                last = rest[-1] + ("*" if stem else "")
                phrases.setdefault(first, []).append(((*rest[:-1], last), float(weight)))
            else:
                (stems if stem else exact)[first] = float(weight)
    for known in phrases.values():
        known.sort(key=lambda one: -len(one[0]))
    return exact, stems, phrases

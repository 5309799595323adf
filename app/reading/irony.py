"""Whether praise is meant: thanks and bravos that stand beside what went wrong are blame.

Nobody can tell it from the words of praise, which are the same; what tells is what else is said: a set
phrase, what goes wrong with things that are sold, how long or how often it did.
"""

import re
from collections.abc import Sequence
from functools import cache
from itertools import pairwise

from app.reading.lexicon import read_list
from app.reading.lexicon.listed import Listed

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

    >>> from app.reading.folding import fold
    >>> from app.reading.lexicon import tokens
    >>> irony(tokens(fold("Merci pour les 3 heures d'attente"))) >= IRONIC
    True
    >>> irony(tokens(fold("Merci à toute l'équipe, colis reçu en 2 jours, très bien")))
    0.0
    """
    found: dict[str, float] = {}
    i = 0
    while i < len(words):
        entry = _list().at(words, i)
        if entry is None:
            i += 1
            continue
        found[entry[0]] = entry[1]
        i += entry[2]
    if max(found.values(), default=0.0) < _SAYS_SO:
        return 0.0  # what often stands beside proves nothing by itself
    beside = _counts(words) + (not _OPENINGS.isdisjoint(_first(words)))
    return max(0.0, sum(found.values()) + beside)


def _first(words: Sequence[str]) -> list[str]:
    """The words that a post begins with, after those whom it calls."""
    return [word for word in words if word.isalpha() and word not in _CALLS][:_OPENING]


def _counts(words: Sequence[str]) -> bool:
    """Whether it is said how long, how often or how much."""
    return any(_NUMBER.fullmatch(a) and b in _UNITS for a, b in pairwise(words)) or any(
        map(_GLUED.fullmatch, words)
    )


@cache
def _list() -> Listed:
    return Listed(read_list("irony"))

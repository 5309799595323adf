"""Whether praise is meant: thanks and bravos that stand beside what went wrong are blame.

The words of praise cannot tell it, as they are the same; what tells is what else is said: what failed, how
long it took, who refused, what was promised, whether it was put right, who was kind. Groups of such signs
are counted, and weighed as a logistic regression on our own sentences found (benchmarks/reading/praise.py).
"""

import json
import re
from collections.abc import Iterator, Sequence
from functools import cache
from importlib.resources import files
from itertools import zip_longest
from math import exp
from operator import mul
from typing import Literal

from app.reading.folding import fold
from app.reading.lexicon import tokens
from app.reading.lexicon.listed import Listed

Praise = Literal["meant", "open", "doubtful", "blame"]

# From where on praise is doubted: soon where both words of set praise and a failure stand there, later where
# only one of them does, and never without either. Below the last it is meant.
_BOTH, _PRAISE_ALONE, _FAILURE_ALONE, _MEANT = 0.2, 0.5, 0.6, 0.2
_PUT_RIGHT = 0.7
_BLAME = 0.5  # from where on it is blame, where both stand there and nothing was put right
READ = 60  # tokens of a post; what comes after says no more of its praise
_MOST = 3  # signs of one group that count
_FOLDER = files("app.reading.lexicon")
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
_GLUED = re.compile(r"\d{1,4}(?:h|min|mn|j|x)\d{0,2}")
_UNITS = frozenset(
    ("h", "heure", "heures", "min", "mn", "minute", "minutes", "mins", "jour", "jours", "j", "semaine",
     "semaines", "mois", "an", "ans", "fois", "euro", "euros", "balles", "hour", "hours", "hrs",
     "day", "days", "week", "weeks", "month", "months", "year", "years", "times", "quid", "dollars",
     "bucks", "pounds", "appels", "mails", "calls", "emails", "tries", "attempts")
)  # fmt: skip
_NEGATIONS = frozenset(
    ("pas", "plus", "jamais", "rien", "aucun", "aucune", "personne", "sans", "no", "not", "never", "nobody",
     "t", "nothing", "none", "without")
)  # fmt: skip
_DENIALS = frozenset(("no", "not", "never", "without", "zero", "pas", "aucun", "aucune", "jamais", "sans"))
_FOR, _BEHIND = frozenset(("for", "pour")), 3  # words of thanks, and how many after them are looked at
_QUOTES = frozenset('"“”«»')
_SET_PRAISE = ("set phrases", "grand", "for whom", "mocking signs", "promised", "opening")
_FAILURE = ("set phrases", "sold and failed", "failed", "broken", "waiting", "money", "spoilt", "refused",
            "for whom", "promised", "turned")  # fmt: skip
_MENDED = ("mended",)
_WHOLE = ("put right", "bad", "good", "counts", "opening", "number", "quoted", "denied")


def believed(words: Sequence[str], bad: float, good: float) -> Praise:
    """Whether praise is meant, may be, may well not be, or is blame.

    `words`: the tokens of a folded post that praises; `bad` and `good`: how bad and how good its words sound.

    >>> from app.reading.folding import fold
    >>> from app.reading.lexicon import tokens
    >>> believed(tokens(fold("Merci pour les 3 heures d'attente")), 1.0, 2.0)
    'blame'
    >>> believed(tokens(fold("Merci à toute l'équipe, colis reçu en 2 jours, très bien")), 0.0, 4.0)
    'meant'
    """
    said = signs(words, bad, good)
    praise, failure, mended = (any(said[i] for i in at) for at in _stands())
    always, weights = _weights()
    blame = 1 / (1 + exp(-always - sum(map(mul, weights, said))))
    if mended and praise and (blame < _PUT_RIGHT or _thanked(words)):
        return "meant"
    if praise and failure and blame >= _BOTH:
        return "blame" if blame >= _BLAME and not mended else "doubtful"
    if (praise and blame >= _PRAISE_ALONE) or (failure and blame >= _FAILURE_ALONE):
        return "doubtful"
    return "meant" if blame < _MEANT else "open"


def signs(words: Sequence[str], bad: float, good: float) -> list[float]:
    """What is weighed of a post that praises, in the order of `names`."""
    words = words[:READ]
    found = [0.0] * len(_groups())
    for group in _found(words):
        if found[group] < _MOST:
            found[group] += 1.0
    opens = _opens(words)
    _, failures, mended = _stands()
    counts, number = _counts(words)
    return [
        *found,
        float(any(found[i] for i in failures) and any(found[i] for i in mended)),
        min(bad, 6.0) ** 0.7 / 2,
        min(good, 6.0) ** 0.7 / 2,
        float(counts),
        float(opens),
        float(number),
        float(opens and not _QUOTES.isdisjoint(words)),
        min(sum(map(_NEGATIONS.__contains__, words)), 3) / 2,
    ]


def names() -> list[str]:
    """What each of `signs` is: the groups of the list, then what is said of the whole post."""
    return [*_groups(), *_WHOLE]


def _found(words: Sequence[str]) -> Iterator[int]:
    """The groups of the signs in a post, each as often as it occurs; a failure that is denied is none."""
    known, i = _list(), 0
    _, failures, mended = _stands()
    while i < len(words):
        entry = known.at(words, i)
        if entry is None:
            i += 1
            continue
        if _DENIALS.isdisjoint(words[max(0, i - 2) : i]) or not any(group in failures for group in entry[1]):
            yield from entry[1]
        else:
            yield from mended
        i += entry[2]


def _opens(words: Sequence[str]) -> bool:
    """Whether a post begins with a word of set praise, after those whom it calls."""
    seen = 0
    for word in words:
        if word in _OPENINGS:
            return True
        if word not in _CALLS and word.isalpha():
            seen += 1
            if seen == _OPENING:
                break
    return False


def _thanked(words: Sequence[str]) -> bool:
    """Whether the thanks are for what was put right: "bravo pour la réparation"."""
    known, (*_, mended) = _list(), _stands()
    for i, word in enumerate(words):
        if word in _FOR and not _OPENINGS.isdisjoint(words[max(0, i - 2) : i]):
            for at in range(i + 1, min(i + 1 + _BEHIND, len(words))):
                entry = known.at(words, at)
                if entry and not set(mended).isdisjoint(entry[1]):
                    return True
    return False


def _counts(words: Sequence[str]) -> tuple[bool, bool]:
    """Whether it is said how long, how often or how much; and whether a number stands there at all."""
    counts = number = False
    for word, then in zip_longest(words, words[1:], fillvalue=""):
        if word[0].isdigit():
            number = number or word.isdigit()
            counts = counts or bool(_GLUED.fullmatch(word)) or (word.isdigit() and then in _UNITS)
    return counts, number


@cache
def _groups() -> dict[str, list[str]]:
    """The entries of each group of the list."""
    groups: dict[str, list[str]] = {}
    name = ""
    for line in (_FOLDER / "irony.txt").read_text(encoding="utf-8").splitlines():
        if line.startswith("["):
            name = line.strip("[]")
            groups[name] = []
        elif line and not line.startswith("#"):
            groups[name] += line.split(", ")
    return groups


@cache
def _list() -> Listed[tuple[int, ...]]:
    """The entries with the groups that they stand in; a word also with those of the stem it begins with."""
    found: dict[str, list[int]] = {}
    for i, entries in enumerate(_groups().values()):
        for entry in entries:
            word = " ".join(tokens(fold(entry.rstrip("*")))) + "*" * entry.endswith("*")
            found.setdefault(word, []).append(i)
    stems = {
        entry[:-1]: groups for entry, groups in found.items() if entry.endswith("*") and " " not in entry
    }
    for entry, groups in found.items():
        if " " not in entry:
            whole = entry.rstrip("*")
            for end in range(1, len(whole) + (entry == whole)):
                groups += [group for group in stems.get(whole[:end], ()) if group not in groups]
    return Listed((entry, tuple(groups)) for entry, groups in found.items())


@cache
def _weights() -> tuple[float, list[float]]:
    """What is added always, and for each of `signs`."""
    held: dict[str, float] = json.loads((_FOLDER / "irony.json").read_text(encoding="utf-8"))
    return held["always"], [held[name] for name in names()]


@cache
def _stands() -> tuple[list[int], list[int], list[int]]:
    """Where in `signs` set praise is seen, where a failure is, and where what was put right."""
    at = {name: i for i, name in enumerate(names())}
    praise, failure, mended = ([at[name] for name in of] for of in (_SET_PRAISE, _FAILURE, _MENDED))
    return praise, failure, mended

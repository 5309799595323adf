"""A name within a #hashtag that is made of several words: #BoycottBrand, #BrandGate, #jeboycottebrand."""

import re
from functools import cache, lru_cache

from app.reading.folding import fold
from app.reading.language import COMMONEST
from app.reading.query.ordinary import ORDINARY

_PIECE = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+|_+|[^A-Za-z\d_]+")
_LONG_NAME = 7  # letters: too many to stand at the edge of another word by chance
_LEAST_REST = 4
# What is said of a brand in a tag, beside the commonest words of French and English: to blame it, or else.
_BLAME = """
    boycott boycotte boycottons boycottez boycotter boycotting gate leaks leak fail fails scandale
    scandal affaire honte shame arnaque arnaques scam stop anti contre against adieu bye ciao
    balance balanceton fuck fck hate sucks lies lie liar mensonge mensonges menteur menteurs voleur
    voleurs rappel rappels recall greve strike panne pannes bug bugs down outage delete quit cancel
    cancelled annule exit justice demission resign degage ras bol marre assez enough sos pollution
    polluter pollueur incendie hack hacked piratage breach fuite tox toxic toxique poison
    intoxication dangereux alerte alert crise crisis plainte plaintes proces
"""
_BESIDE = """
    bravo merci team help must fall fallen off over party pay paye payez tax taxe fire feu danger
    attention court service client clients sav support food love jaime j aime aimons sauvons sauver
    save fin end the dead mort killer tue kills kill assassin coupable guilty ban banned interdit
    license licenciements layoffs plan social ecoute repond reveille rends rendez rembourse
    remboursez refund argent money prix hausse vie chere actu news live info infos officiel produit
    produits product products usine factory magasin store official france fr uk us usa eu paris
    world monde group groupe day week night jour semaine concours promo offre addict fan fans lover
    lovers life mania
"""
# Of the shortest words those that begin a tag; others are parts of longer words.
_SHORT = "je tu on le la de du un et no is we us my ma ta sa fr uk eu"


@cache
def _words() -> frozenset[str]:
    common = " ".join((COMMONEST["fr"], COMMONEST["en"]))
    long = {word for word in fold(f"{common} {_BLAME} {_BESIDE}").split() if len(word) > 2 and word.isalnum()}
    return frozenset(long.union(_SHORT.split()))


def is_in_tag(tag: str, cased: str, start: int, end: int) -> bool:
    """Whether the letters from `start` to `end` of a tag are a name in it, and no part of another word.

    >>> [is_in_tag(t.lower(), t, t.lower().index("velinor"), t.lower().index("velinor") + 7)
    ...  for t in ("BoycottVelinor", "jeboycottevelinor", "velinor_scandale", "avelinorien")]
    [True, True, True, False]
    """
    edges = _edges(cased)
    before, after = start in edges, end in edges
    if before and after:
        return True
    left, right = tag[:start].rstrip("_"), tag[end:].lstrip("_")
    is_word = tag[start:end] in ORDINARY  # #freefood is no brand, and #boycottfree is one
    if (before or not left or _is_said(left)) and (after or not right or _is_said(right)):
        return not is_word or _blames(left) or _blames(right)
    if is_word or end - start < _LONG_NAME:
        return False
    return (not left and len(right) >= _LEAST_REST) or (not right and len(left) >= _LEAST_REST)


def _edges(cased: str) -> frozenset[int]:
    """Where the words of a tag meet, as its large letters, digits and underscores show."""
    return frozenset({0, len(cased)} | {found.start() for found in _PIECE.finditer(cased)})


@lru_cache(maxsize=4096)
def _is_said(rest: str) -> bool:
    """Whether all of it is words that stand beside a brand: je-boycotte."""
    known = _words()
    reached = {0}
    for end in range(1, len(rest) + 1):
        if any(rest[start:end] in known for start in reached):
            reached.add(end)
    return len(rest) in reached


@cache
def _blame() -> frozenset[str]:
    return frozenset(_BLAME.split())


@lru_cache(maxsize=4096)
def _blames(rest: str) -> bool:
    return any(rest.startswith(word) or rest.endswith(word) for word in _blame())

"""The words that are new: said now, and not said of this watch before."""

import re
from collections import Counter
from collections.abc import Collection, Sequence
from functools import cache, lru_cache
from itertools import chain, pairwise

import numpy as np
import numpy.typing as npt

from app.reading.folding import fold
from app.reading.samples import words

Floats = npt.NDArray[np.float64]

# Words that say nothing by themselves; where little is known of before, they would look new.
_FRENCH = """
ainsi alors après assez aussi autre autres aux avant avec avoir avons bien car cela celle celui
ces cet cette ceux chaque chez comme comment contre dans depuis des donc dont elle elles encore
entre est est-ce et étaient était être eux fait faire faut font hier ici ils leur leurs lui mais
même mes mon notre nos nous ont par parce pas peu plus pour pourquoi quand que quel quelle qui
quoi sans sera ses son sont sous sur tes ton tous tout toute toutes très une vers vos votre vous
c'est d'un d'une j'ai l'on n'a n'est qu'il qu'on s'est
"""
_WORD = re.compile(r"[^\W\d_][\w#'-]{2,}")
LEAST_USUAL = 20  # posts to compare with; fewer say nothing of what is usual
_LEAST_POSTS = 3
_LEAST_Z = 2.5


@cache
def silent_words() -> frozenset[str]:
    """Function words of English and French, folded."""
    from sklearn.feature_extraction.text import ENGLISH_STOP_WORDS  # noqa: PLC0415 - a third of what each start took

    return frozenset(map(fold, ENGLISH_STOP_WORDS | frozenset(_FRENCH.split())))


def new_words(
    now: Sequence[str], usual: Sequence[str], *, leave_out: Collection[str] = (), most: int = 5
) -> tuple[str, ...]:
    """Words and pairs of words over-represented in `now` against `usual`, the most telling first.

    Log-odds ratio with an informative Dirichlet prior, as a z-score, on the number of posts that hold a word
    (Monroe, Colaresi and Quinn, "Fightin' Words", Political Analysis 16:4, 2008).
    """
    if len(usual) < LEAST_USUAL or len(now) < _LEAST_POSTS:
        return ()
    here, there = (Counter(chain.from_iterable(map(_terms, texts))) for texts in (now, usual))
    seen = len(here.keys() | there.keys())
    total = 0.5 * (here.total() + there.total()) / (len(now) + len(usual)) * 10 + 0.01 * seen
    # In the order of the alphabet, so that of equals the same one is chosen always.
    names = sorted(term for term, count in here.items() if count >= _LEAST_POSTS)
    if not names:
        return ()
    of_now, of_usual = (np.asarray([count[name] for name in names], float) for count in (here, there))
    # Half a post of both together is the prior: a word seen once on one side only is no news.
    prior = 0.5 * (of_now + of_usual) / (len(now) + len(usual)) * 10 + 0.01

    def log_odds(count: Floats, of_all: int) -> Floats:
        odds: Floats = np.log((count + prior) / (of_all + total - count - prior))
        return odds

    z = log_odds(of_now, here.total()) - log_odds(of_usual, there.total())
    z /= np.sqrt(1 / (of_now + prior) + 1 / (of_usual + prior))
    known = {part for term in leave_out for part in words(fold(term)).split()} | silent_words()
    chosen: list[str] = []
    for i in np.argsort(-z, kind="stable"):
        if z[i] < _LEAST_Z or len(chosen) == most:
            break
        parts = set(names[i].split())
        said = {part for term in chosen for part in term.split()}
        if not known & parts and not said & parts:
            chosen.append(names[i])
    return tuple(chosen)


@lru_cache(maxsize=4096)  # the same posts are compared again and again while a fire goes on
def _terms(text: str) -> frozenset[str]:
    """The words and pairs of words of a post."""
    found = _WORD.findall(words(text))
    return frozenset(chain(found, map(" ".join, pairwise(found))))

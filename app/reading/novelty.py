"""The words that are new: said now, and not said of this watch before."""

import re
from collections.abc import Collection, Sequence

import numpy as np
import numpy.typing as npt
from sklearn.feature_extraction.text import ENGLISH_STOP_WORDS, CountVectorizer

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
_FUNCTION_WORDS = ENGLISH_STOP_WORDS | frozenset(_FRENCH.split())
_WORD = re.compile(r"[^\W\d_][\w#'-]{2,}")
_SILENT = frozenset(map(fold, _FUNCTION_WORDS))
LEAST_USUAL = 20  # posts to compare with; fewer say nothing of what is usual
_LEAST_POSTS = 3
_LEAST_Z = 2.5


def new_words(
    now: Sequence[str], usual: Sequence[str], *, leave_out: Collection[str] = (), most: int = 5
) -> tuple[str, ...]:
    """Words and pairs of words over-represented in `now` against `usual`, the most telling first.

    Log-odds ratio with an informative Dirichlet prior, as a z-score, on the number of posts that hold a word
    (Monroe, Colaresi and Quinn, "Fightin' Words", Political Analysis 16:4, 2008).
    """
    if len(usual) < LEAST_USUAL or len(now) < _LEAST_POSTS:
        return ()
    counter = CountVectorizer(
        preprocessor=words, tokenizer=_WORD.findall, token_pattern=None, ngram_range=(1, 2), binary=True
    )
    try:
        table = counter.fit_transform([*now, *usual])
    except ValueError:
        return ()
    names = counter.get_feature_names_out()
    here = np.asarray(table[: len(now)].sum(axis=0), dtype=float).ravel()
    there = np.asarray(table[len(now) :].sum(axis=0), dtype=float).ravel()
    # Half a post of both together is the prior: a word seen once on one side only is no news.
    prior = 0.5 * (here + there) / (len(now) + len(usual)) * 10 + 0.01
    total = prior.sum()

    def log_odds(count: Floats) -> Floats:
        odds: Floats = np.log((count + prior) / (count.sum() + total - count - prior))
        return odds

    z = (log_odds(here) - log_odds(there)) / np.sqrt(1 / (here + prior) + 1 / (there + prior))
    known = {part for term in leave_out for part in words(fold(term)).split()} | _SILENT
    chosen: list[str] = []
    for i in np.argsort(-z, kind="stable"):
        if z[i] < _LEAST_Z or len(chosen) == most:
            break
        parts = str(names[i]).split()
        said = {part for term in chosen for part in term.split()}
        if here[i] >= _LEAST_POSTS and not known & set(parts) and not said & set(parts):
            chosen.append(str(names[i]))
    return tuple(chosen)

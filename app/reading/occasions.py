"""What a stir is about, as far as single words tell: a launch, harm, or a feast.

A feast is what people gather for: a match, a show, a ceremony, a day of the calendar.
"""

from collections.abc import Sequence
from functools import cache
from importlib.resources import files

import numpy as np
from numpy.typing import NDArray

from app.reading.folding import fold
from app.reading.lexicon import tokens
from app.reading.lexicon.listed import Listed

OCCASIONS = ("launch", "harm", "feast")
MOST_TOKENS = 120  # of a post: what it is about stands at its beginning


def occasions(texts: Sequence[str]) -> NDArray[np.bool_]:
    """(n, 3): whether a text holds words of a launch, of harm, and of a feast; French and English."""
    found = np.zeros((len(texts), len(OCCASIONS)), np.bool_)
    for i, text in enumerate(texts):
        words = tokens(fold(text))[:MOST_TOKENS]
        for k, occasion in enumerate(OCCASIONS):
            known = _list_of(occasion)
            found[i, k] = any(known.at(words, at) for at in range(len(words)))
    return found


@cache
def _list_of(occasion: str) -> Listed[float]:
    text = (files("app.reading.lexicon") / "occasions.txt").read_text(encoding="utf-8")
    part = text.split(f"[{occasion}]")[1].split("[")[0]
    entries = [entry.strip() for line in part.splitlines() for entry in line.split(", ") if entry.strip()]
    return Listed((entry, 1.0) for entry in entries)

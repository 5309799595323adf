"""What a stir is about, as far as single words tell: a launch, or harm."""

from collections.abc import Sequence
from functools import cache
from importlib.resources import files

import numpy as np
from numpy.typing import NDArray

from app.reading.folding import fold
from app.reading.lexicon import tokens

OCCASIONS = ("launch", "harm")
MOST_TOKENS = 120  # of a post: what it is about stands at its beginning

_LEAST_STEM = 3


def occasions(texts: Sequence[str]) -> NDArray[np.bool_]:
    """(n, 2): whether a text holds words of a launch, and words of harm; French and English."""
    found = np.zeros((len(texts), len(OCCASIONS)), np.bool_)
    for i, text in enumerate(texts):
        words = tokens(fold(text))[:MOST_TOKENS]
        for k, occasion in enumerate(OCCASIONS):
            found[i, k] = _holds(words, _list_of(occasion))
    return found


class _List:
    """The entries of one occasion, by their first word."""

    def __init__(self, entries: Sequence[str]) -> None:
        self.exact: set[str] = set()
        self.stems: set[str] = set()
        self.phrases: dict[str, list[tuple[str, ...]]] = {}  # what follows; a star where the last one goes on
        for entry in entries:
            words = tuple(tokens(fold(entry.rstrip("*"))))
            if len(words) > 1:
                last = words[-1] + "*" * entry.endswith("*")
                self.phrases.setdefault(words[0], []).append((*words[1:-1], last))
            else:
                (self.stems if entry.endswith("*") else self.exact).add(words[0])

    def begins(self, word: str) -> bool:
        """Whether the word or one of its beginnings is on the list."""
        ends = range(_LEAST_STEM, len(word) + 1)
        return word in self.exact or any(word[:end] in self.stems for end in ends)


def _holds(words: Sequence[str], known: _List) -> bool:
    return any(
        known.begins(word) or any(_follows(words[i + 1 :], rest) for rest in known.phrases.get(word, ()))
        for i, word in enumerate(words)
    )


def _follows(words: Sequence[str], rest: tuple[str, ...]) -> bool:
    if len(words) < len(rest):
        return False
    return all(
        word.startswith(wanted[:-1]) if wanted.endswith("*") and wanted != "*" else word == wanted
        for word, wanted in zip(words, rest, strict=False)
    )


@cache
def _list_of(occasion: str) -> _List:
    text = (files("app.reading.lexicon") / "occasions.txt").read_text(encoding="utf-8")
    part = text.split(f"[{occasion}]")[1].split("[")[0]
    return _List([entry.strip() for line in part.splitlines() for entry in line.split(", ") if entry.strip()])

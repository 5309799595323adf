"""Lists of words and phrases, each with its weight, looked up at a word of a text."""

from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Generic, TypeVar

from app.reading.folding import fold
from app.reading.lexicon import tokens

_LEAST_STEM = 3

Weight = TypeVar("Weight")


class Listed(Generic[Weight]):
    """The entries of a list; a star at the end of one stands for any ending of its last word."""

    def __init__(self, entries: Iterable[tuple[str, Weight]]) -> None:
        self._exact: dict[str, Weight] = {}
        self._stems: dict[str, Weight] = {}
        # What follows the first word: by the second one, or by none where a star stands for its ending.
        self._phrases: dict[str, dict[str, list[tuple[tuple[str, ...], Weight]]]] = {}
        for entry, weight in entries:
            stem = entry.endswith("*")
            first, *rest = tokens(fold(entry.rstrip("*")))
            if rest:
                after = (*rest[:-1], rest[-1] + "*" * stem)
                second = "" if after[0].endswith("*") else after[0]
                self._phrases.setdefault(first, {}).setdefault(second, []).append((after, weight))
            else:
                (self._stems if stem else self._exact)[first] = weight
        for seconds in self._phrases.values():
            for known in seconds.values():
                known.sort(key=lambda one: -len(one[0]))
        self._single = lru_cache(maxsize=65_536)(self._one)

    def at(self, words: Sequence[str], i: int) -> tuple[str, Weight, int] | None:
        """The longest entry that begins here, its weight, and how many words it takes; None if none does."""
        word = words[i]
        if word in self._phrases and i + 1 < len(words):
            seconds = self._phrases[word]
            for second in (words[i + 1], ""):
                for after, weight in seconds.get(second, ()):
                    if _follows(words, i + 1, after):
                        return f"{word} {' '.join(after)}", weight, 1 + len(after)
        return self._single(word)

    def _one(self, word: str) -> tuple[str, Weight, int] | None:
        if word in self._exact:
            return word, self._exact[word], 1
        for end in range(len(word), _LEAST_STEM - 1, -1):
            if word[:end] in self._stems:
                return word[:end], self._stems[word[:end]], 1
        return None


def _follows(words: Sequence[str], at: int, after: tuple[str, ...]) -> bool:
    here = words[at : at + len(after)]
    if len(here) < len(after):
        return False
    *firsts, last = after
    ends = here[-1].startswith(last[:-1]) if last.endswith("*") and last != "*" else here[-1] == last
    return ends and list(here[:-1]) == firsts

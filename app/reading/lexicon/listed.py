"""Lists of words and phrases, each with its weight, looked up at a word of a text."""

from collections.abc import Iterable, Sequence

from app.reading.folding import fold
from app.reading.lexicon import tokens

_LEAST_STEM = 3

Found = tuple[str, float, int]
"""An entry, its weight, and how many words it takes."""


class Listed:
    """The entries of a list; a star at the end of one stands for any ending of its last word."""

    def __init__(self, entries: Iterable[tuple[str, float]]) -> None:
        self._exact: dict[str, float] = {}
        self._stems: dict[str, float] = {}
        self._phrases: dict[str, list[tuple[tuple[str, ...], float]]] = {}  # what follows the first word
        for entry, weight in entries:
            stem = entry.endswith("*")
            first, *rest = tokens(fold(entry.rstrip("*")))
            if rest:
                after = (*rest[:-1], rest[-1] + "*" * stem)
                self._phrases.setdefault(first, []).append((after, weight))
            else:
                (self._stems if stem else self._exact)[first] = weight
        for known in self._phrases.values():
            known.sort(key=lambda one: -len(one[0]))

    def at(self, words: Sequence[str], i: int) -> Found | None:
        """The longest entry that begins at this word of a text; None if none does."""
        word = words[i]
        for after, weight in self._phrases.get(word, ()):
            if _follows(words, i + 1, after):
                return f"{word} {' '.join(after)}", weight, 1 + len(after)
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

"""How words sound, French and English, from -4 (worst) to 4 (best): our own lists, compiled once."""

import re
from functools import cache, lru_cache
from importlib.resources import files

from app.reading.folding import fold

# A word, a run of ! or ?, an emoticon, or one sign such as an emoji.
TOKEN = re.compile(
    r"[:;=8x>][-'o]?[)(\[\]/\\|dpso*]+(?!\w)|<33?|</3|\^\^|\^_\^|-_-|t_t|;_;|[^\W_]+|[!?]+|[^\w\s]"
)
_PARTING = frozenset(("'", "-"))
_LEAST_STEM = 3
_LEAST_FOREIGN = 5  # letters; the short words of one language begin others of the other (tue, Tuesday)
Phrases = dict[str, tuple[tuple[tuple[str, ...], float], ...]]


def tokens(text: str) -> list[str]:
    """The tokens of a folded text; an apostrophe or a hyphen parts words, and is none itself."""
    return [token for token in TOKEN.findall(text) if token not in _PARTING]


class Lexicon:
    """What the words of a language say; those of the other language and of both where it is silent."""

    def __init__(self, first: str, *then: str) -> None:
        self._exact: dict[str, float] = {}
        self._stems: dict[str, float] = {}
        phrases: dict[str, list[tuple[tuple[str, ...], float]]] = {}
        for name in (first, *then):
            for entry, strength in read_list(name):
                stem = entry.endswith("*")
                words = tuple(tokens(fold(entry.rstrip("*"))))
                if not words:
                    continue
                if len(words) > 1:
                    phrases.setdefault(words[0], []).append((words[1:], strength))
                else:
                    if name in (first, "any") or len(words[0]) >= _LEAST_FOREIGN + stem:
                        (self._stems if stem else self._exact).setdefault(words[0], strength)
        self.phrases: Phrases = {
            word: tuple(sorted(rest, key=lambda r: -len(r[0]))) for word, rest in phrases.items()
        }
        self.value = lru_cache(maxsize=65_536)(self._value)

    def _value(self, word: str) -> float:
        """The strength of a word, 0 where the lists are silent or call it harmless."""
        if word in self._exact:
            return self._exact[word]
        for end in range(len(word), _LEAST_STEM - 1, -1):
            if word[:end] in self._stems:
                return self._stems[word[:end]]
        short = _RUNS.sub(r"\1", word)  # sooo gooood
        return self._value(short) if short != word else 0.0


_RUNS = re.compile(r"(\w)\1{2,}")


@cache
def lexicon(language: str | None) -> Lexicon:
    """The lists to read a language with; English ones first where it is not French."""
    return Lexicon("fr", "any", "en") if language == "fr" else Lexicon("en", "any", "fr")


def read_list(name: str) -> list[tuple[str, float]]:
    """The entries of a list with their strengths."""
    found: list[tuple[str, float]] = []
    for line in (files(__name__) / f"{name}.txt").read_text(encoding="utf-8").splitlines():
        head, _, rest = line.partition(": ")
        if rest and not line.startswith("#"):
            found += [(entry.strip(), float(head)) for entry in rest.split(", ")]
    return found

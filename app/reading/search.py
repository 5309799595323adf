"""What a person types to search posts: words, "phrases", -words and beginnings*, blind to case and accents.

A search is written for an index of words, in which texts are taken apart at all that is no letter or digit.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice, product

from app.errors import BadInput

MOST_TERMS = 20
_MOST_SPELLINGS = 8
_TERM = re.compile(r'(-?)(?:"([^"]*)"?|([^\s"]+))')
_QUOTES = str.maketrans(dict.fromkeys("«»“”„‟″", '"'))
_WORD = re.compile(r"[^\W_]+")
_MARKS = re.compile("[\u0300-\u036f]")
_LIGATURES = (("oe", "œ"), ("ae", "æ"), ("ss", "ß"))  # two spellings of one word, which no index folds


@dataclass(frozen=True, slots=True)
class Term:
    """A word or a phrase: its words in each of their spellings; `begins`: the last word may go on."""

    spellings: tuple[tuple[str, ...], ...]
    begins: bool = False


@dataclass(frozen=True, slots=True)
class Search:
    """All of `wanted`, and none of `unwanted`; one of the two holds something."""

    wanted: tuple[Term, ...]
    unwanted: tuple[Term, ...]

    @property
    def only_leaves_out(self) -> bool:
        """Whether it wants nothing: it then finds all that `matching` and `tsquery` do not."""
        return not self.wanted

    def matching(self) -> str:
        """The search as FTS5 of SQLite reads it; where it only leaves out, what it leaves out."""
        wanted = " AND ".join(map(_of_sqlite, self.wanted))
        unwanted = " OR ".join(map(_of_sqlite, self.unwanted))
        return f"({wanted}) NOT ({unwanted})" if wanted and unwanted else wanted or unwanted

    def tsquery(self) -> str:
        """The same as `to_tsquery` of PostgreSQL reads it."""
        wanted = " & ".join(map(_of_postgresql, self.wanted))
        unwanted = " | ".join(map(_of_postgresql, self.unwanted))
        return f"{wanted} & !({unwanted})" if wanted and unwanted else wanted or unwanted


def read_search(text: str) -> Search | None:
    """What was typed as a search; None: nothing was. BadInput if a part of it holds no word.

    >>> read_search('rappel "lot 4417" -jouet').matching()
    '(("rappel") AND ("lot 4417")) NOT (("jouet"))'
    >>> read_search("L’ORÉAL cœur").tsquery()
    "('l' <-> 'oreal') & ('cœur' | 'coeur')"
    """
    wanted: list[Term] = []
    unwanted: list[Term] = []
    for minus, phrase, word in _TERM.findall(text.translate(_QUOTES)):
        if not (phrase.strip() or word):
            continue  # quotes with nothing in them, as somebody types
        (unwanted if minus else wanted).append(_term(phrase or word, begins=word.endswith("*")))
    if len(wanted) + len(unwanted) > MOST_TERMS:
        raise BadInput(f"a search takes {MOST_TERMS} words and phrases at most")
    return Search(tuple(wanted), tuple(unwanted)) if wanted or unwanted else None


def _term(said: str, *, begins: bool) -> Term:
    words = _WORD.findall(_plain(said))
    if not words:
        raise BadInput(f"“{said[:40]}” holds no word: words are made of letters and digits")
    spellings = product(*(tuple(dict.fromkeys(_spellings(word))) for word in words))
    return Term(tuple(islice(spellings, _MOST_SPELLINGS)), begins)


def _plain(text: str) -> str:
    """The text without case and accents, as both indexes keep it."""
    return unicodedata.normalize("NFC", _MARKS.sub("", unicodedata.normalize("NFD", text))).lower()


def _spellings(word: str) -> Iterator[str]:
    apart = together = word
    for two, one in _LIGATURES:
        apart, together = apart.replace(one, two), together.replace(two, one)
    yield from (word, apart, together)


def _of_sqlite(term: Term) -> str:
    star = "*" if term.begins else ""
    return "(" + " OR ".join(f'"{" ".join(words)}"{star}' for words in term.spellings) + ")"


def _of_postgresql(term: Term) -> str:
    star = ":*" if term.begins else ""
    return "(" + " | ".join(
        " <-> ".join(f"'{word}'" for word in words) + star for words in term.spellings
    ) + ")"  # fmt: skip

"""What one term of a query is looked for by, and whether it really stands where its letters were found."""

import re
from dataclasses import dataclass
from functools import lru_cache

from app.reading.folding import fold, is_word
from app.reading.language import COMMONEST
from app.reading.matching.endings import (
    LEAST_INFLECTED,
    is_ending,
    is_particle_after,
    is_particle_before,
    stem,
)
from app.reading.matching.heard import Hay, compared_term
from app.reading.matching.links import folded_link, is_domain
from app.reading.matching.tags import is_in_tag
from app.reading.query.tree import Term

_CAMEL = re.compile(r"[A-Z][a-z]+(?:[A-Z][a-z]+)+")
_S_AT_END = re.compile(r"[^\W\d_]{4,}[sS]")
_PART = re.compile(r"[^\W_]+(?:&[^\W_]+)*")
_HUMP = re.compile(r"(?<=[a-z])(?=[A-Z])")
_HANGUL = re.compile("[\uac00-\ud7a3]")
_SEMITIC = re.compile("[\u0590-\u06ff]")
_LEAST_GLUED = 4  # letters of a name whose parts may be written together
_MOST_GLUED = 3  # parts
_LEAST_IN_TAG = 3
_LONGEST_RUN = 8  # letters of what may be written to a name
_LONGEST_TAG = 80

# Short everyday words that are acronyms as well: a term in capitals means the acronym.
_SHORT_NOUNS = {
    "fr": "es as ont eu aie ait air art eau ami amie an ans or os ame bon cas fin mal main vie rue sel jus "
    "ete non loi mer",
    "en": "it us who aid age arm art may can ice map app act all any cat day pay tax war win dot gap next",
}


@lru_cache(maxsize=256)  # asked by the language of a post, which strangers say
def everyday(language: str) -> frozenset[str]:
    """The commonest words of a language, folded, and its short nouns."""
    return frozenset(fold(f"{COMMONEST.get(language, '')} {_SHORT_NOUNS.get(language, '')}").split())


@dataclass(frozen=True, slots=True)
class Form:
    """One spelling of a term, as it is looked for and in its case; of a `stem`, an ending must follow."""

    words: str
    cased: str
    is_stem: bool = False


@dataclass(frozen=True, slots=True)
class Atom:
    """A term as it is looked for: in the words of a post, or in its links."""

    forms: tuple[Form, ...]
    in_links: bool = False
    exact: bool = False
    open_ended: bool = False  # any ending
    inflected: bool | None = None  # asked for, not asked for but a long name, or never
    rest: str = ""  # what follows the spelling, where a * stands within a phrase
    capitals: bool = False  # an acronym that is an everyday word too

    @property
    def is_strict(self) -> bool:
        """Whether it ends where its letters do."""
        return not (self.open_ended or self.rest) and self.inflected is None

    def ends(self, hay: Hay, form: Form, start: int, end: int) -> int:
        """Where the term ends if it stands at this place of the words of a post, else -1."""
        words = hay.words
        if self.rest:
            found = _compiled(self.rest).match(words, end)
            if found is None:
                return -1
            end = found.end()
        if self.exact and hay.cased[start : start + len(form.cased)] != form.cased:
            return -1
        if self.capitals and not hay.cased[start:end].isupper() and self._is_everyday(form, hay.tagged):
            return -1
        first, last = words[start], words[end - 1]
        before = start > 0 and is_word(words[start - 1]) and (is_word(first) or first == "@")
        after = end < len(words) and is_word(words[end]) and is_word(last)
        if not (before or after):
            return -1 if form.is_stem else end
        if self._is_written_to(hay, form, start, end, before, after):
            return end
        return end if self._is_in_tag(hay, start, end) else -1

    def _is_everyday(self, form: Form, spoken: str) -> bool:
        languages = (spoken,) if spoken else ("fr", "en")
        return any(form.words in everyday(language) for language in languages)

    def _is_written_to(self, hay: Hay, form: Form, start: int, end: int, before: bool, after: bool) -> bool:
        words = hay.words
        if before:
            if not _SEMITIC.match(words[start - 1]) or words[start] in "#@":
                return False
            head = _run_before(words, start)
            if not is_particle_before(head, form.words):
                return False
        if not after or self.open_ended:
            return not form.is_stem or after
        tail = _run_after(words, end)
        if _HANGUL.match(tail):
            return is_particle_after(tail)
        if self.inflected is None or not words[end - 1].isalpha():
            return False
        if form.is_stem:
            return is_ending(tail, hay.tagged, asked=True)
        return is_ending(tail, hay.tagged, asked=self.inflected)

    def _is_in_tag(self, hay: Hay, start: int, end: int) -> bool:
        words = hay.words
        if end - start < _LEAST_IN_TAG or words[start] in "#@" or " " in words[start:end]:
            return False
        sign = words.rfind("#", max(0, start - _LONGEST_TAG), start)
        if sign < 0:
            return False
        stop = end
        while stop < len(words) and stop - sign < _LONGEST_TAG and _continues_tag(words[stop]):
            stop += 1
        if not all(map(_continues_tag, words[sign + 1 : start])):
            return False
        return is_in_tag(words[sign + 1 : stop], hay.cased[sign + 1 : stop], start - sign - 1, end - sign - 1)


def _continues_tag(char: str) -> bool:
    return char.isalnum() or char == "_"


@lru_cache(maxsize=4096)  # of terms, also of queries that are only tried
def _compiled(rest: str) -> re.Pattern[str]:
    return re.compile(rest)


def _run_before(words: str, start: int) -> str:
    at = start
    while at > 0 and start - at < _LONGEST_RUN and is_word(words[at - 1]):
        at -= 1
    return words[at:start]


def _run_after(words: str, end: int) -> str:
    at = end
    while at < len(words) and at - end < _LONGEST_RUN and is_word(words[at]):
        at += 1
    return words[end:at]


def stands_in_link(links: str, start: int, end: int, *, open_ended: bool) -> bool:
    """Whether a domain stands there as one: below it is it (shop.example.com), beside it is not."""
    before = links[start - 1] if start else " "
    if is_word(before) or before in "-@":  # the host of an e-mail address is no link to it
        return False
    if open_ended or end == len(links):
        return True
    after = links[end]
    more = after == "." and end + 1 < len(links) and is_word(links[end + 1])
    return not (is_word(after) or after == "-" or more)


def atom_of(term: Term) -> Atom:
    """What is looked for by a term."""
    text = term.text.rstrip("*")
    open_ended = term.text.endswith("*") and bool(text)
    if is_domain(text):
        link = folded_link(text).rstrip("/").removeprefix("www.")
        return Atom((Form(link, link),), in_links=True, open_ended=open_ended)
    first, *others = text.split("*")
    cased = compared_term(first)
    rest = "".join(rf"\w*(?: {re.escape(compared_term(o).casefold())})" for o in others if o.strip())
    letters = sum(map(str.isalpha, cased))
    inflected = True if term.inflected else None
    if (
        inflected is None
        and not (term.exact or (term.quoted and " " not in cased))
        and letters >= LEAST_INFLECTED - cased.count(" ")
    ):
        inflected = False
    if cased[:1] in {"#", "@"} or not cased[-1:].isalpha():
        inflected = None
    forms = [cased] if rest else _spellings(cased)
    made = [Form(form.casefold(), form) for form in forms]
    if inflected is not None and not term.exact:
        made += [Form(cut, cut, True) for form in made if (cut := stem(form.words))]
    return Atom(
        tuple(dict.fromkeys(made)),
        exact=term.exact,
        open_ended=open_ended,
        inflected=inflected,
        rest=rest,
        capitals=not open_ended and len(cased) > 1 and cased.isupper() and _is_everyday_word(cased),
    )


def _is_everyday_word(cased: str) -> bool:
    return any(cased.casefold() in everyday(language) for language in ("fr", "en"))


def _spellings(cased: str) -> list[str]:
    """The term as it is written, with its parts together, and apart where its capitals show them.

    >>> _spellings("Coca Cola"), _spellings("PayPal"), _spellings("Vélinor")
    (['Coca Cola', 'CocaCola', 'Coca_Cola'], ['PayPal', 'Pay Pal'], ['Vélinor'])
    """
    forms = [cased]
    parts = cased.split(" ")
    if 1 < len(parts) <= _MOST_GLUED and all(_PART.fullmatch(part) for part in parts):
        glued = "".join(parts)
        if len(glued) >= _LEAST_GLUED and not glued.isdecimal():
            forms += [glued, "_".join(parts)]
    if _CAMEL.fullmatch(cased):
        forms.append(_HUMP.sub(" ", cased))
    if _S_AT_END.fullmatch(cased):
        forms.append(f"{cased[:-1]} {cased[-1]}")  # McDonalds is McDonald’s
    return forms

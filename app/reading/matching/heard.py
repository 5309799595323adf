"""A post as it is compared: words without links, addresses and the signs that people type in many ways."""

import html
import re
from dataclasses import dataclass

from app.reading.folding import unaccented
from app.reading.language import spoken, tag
from app.reading.matching.links import folded_link, take_links
from app.reading.readable import readable

FIELD_END = "\x00"  # between title and text: no term reaches over it

_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[a-zA-Z][a-zA-Z0-9]{1,30});")
# S.N.C.F., U.S.A, A.I.: one letter and a full stop, again and again.
_INITIALS = re.compile(r"(?<![^\W_])[^\W\d_](?:\.[^\W\d_])+(?:\.(?!\w)|(?![^\W_]))")
_INITIAL = re.compile(r"\.[^\W\d_](?![^\W_])")
# What joins the parts of one name in different ways, or sets it off: each of them reads as a space.
_JOINTS = re.compile("[-'`:\"*~•·・|\\\\^]")
_STOP = re.compile(r"\.(?:(?=\S)|(?<=\b\w\.)|(?<=\b\w\w\.))")
_EMPHASIS = re.compile(r"(?<![^\W_])_+|_+(?![^\W_])")
_AND = re.compile(r" ?& ?")
_SIGNS_AT_END = " .,;:!?…"


@dataclass(frozen=True, slots=True)
class Heard:
    """What a query may ask of a post."""

    title: str
    text: str
    url: str | None = None
    lang: str | None = None
    author: str | None = None
    source: tuple[str, ...] = ()  # its name and its kind
    likes: int | None = None
    shares: int | None = None
    replies: int | None = None
    reach: int | None = None
    followers: int | None = None

    @property
    def spoken(self) -> str | None:
        """The language that the post is plainly in; None: nobody knows, and whoever asks for one gets it."""
        return spoken(readable(f"{self.title} {self.text}"), self.lang)


class Hay:
    """The words of a post, folded and in their case (letter by letter the same places), and its links."""

    __slots__ = ("cased", "links", "tagged", "title_end", "words")

    def __init__(self, title: str, text: str, url: str | None, lang: str | None = None) -> None:
        if FIELD_END in title:
            title = title.replace(FIELD_END, " ")
        whole = f"{title}{FIELD_END}{text}"
        if "&" in whole and ";" in whole:
            whole = unescaped(whole)
        whole, links = take_links(whole)
        self.cased = compared(whole)
        self.words = self.cased.casefold()
        self.title_end = self.words.find(FIELD_END)
        if url:
            links.append(url)
        self.links = FIELD_END.join(map(folded_link, links))
        self.tagged = tag(lang) or ""  # as its source says


def unescaped(text: str) -> str:
    """The text without HTML entities, of what was escaped twice too.

    >>> unescaped("H&amp;amp;M &c; AT&amp;T")
    'H&M &c; AT&T'
    """
    for _ in range(2):
        if _ENTITY.search(text):
            text = _ENTITY.sub(lambda found: html.unescape(found[0]), text)
    return text


def compared(text: str) -> str:
    """The text as it is compared, in its case.

    >>> compared("**E.Leclerc** et la S.N.C.F., L’Oréal : Coca-Cola! H & M _Vélinor_ a_b")
    'E Leclerc et la SNCF, L Oreal Coca Cola! H&M Velinor a_b'
    """
    text = unaccented(text)
    if "." in text:
        if _INITIAL.search(text):
            text = _INITIALS.sub(lambda found: found[0].replace(".", ""), text)
        text = _STOP.sub(" ", text)
    text = _JOINTS.sub(" ", text)
    if "_" in text:
        text = _EMPHASIS.sub(" ", text)
    if "&" in text:
        text = _AND.sub("&", text)
    return " ".join(text.split())


def compared_term(text: str) -> str:
    """A term as it is compared, in its case: what ends a sentence is no part of it.

    >>> compared_term("Yahoo!"), compared_term("C++"), compared_term("S.N.C.F."), compared_term("!")
    ('Yahoo', 'C++', 'SNCF', '!')
    """
    written = compared(unescaped(text))
    return written.rstrip(_SIGNS_AT_END) or written

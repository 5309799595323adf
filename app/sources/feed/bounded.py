"""feedparser's two parsers with bounds: nothing that a feed holds makes them take the square of its length.

As they come, they look for an address of e-mail at each place of an author, compare each tag of a post with
all before it and each attribute with all others, and take the base, the language, the type and the namespaces
that hold at an element into the hand again at each one below it. Should there be more of that kind, a feed is
read for a minute of the processor's time and no longer: how busy the machine is has no part in it.
"""

import re
import xml.sax
import xml.sax.handler
from collections import Counter
from collections.abc import Iterable, Mapping
from io import BytesIO
from time import thread_time
from typing import Any

import feedparser
from feedparser.api import LooseFeedParser, StrictFeedParser
from feedparser.encodings import convert_to_utf8
from feedparser.mixin import _FeedParserMixin
from feedparser.sanitizer import replace_doctype

MOST_TAGS = 50  # of one post
_MOST_NAMESPACES, _MOST_ATTRIBUTES = 100, 50
_MOST_ADDRESSES = 2_000  # authors in whom an address of e-mail is looked for
_LONGEST_PROLOG, _LONGEST_HEAD = (
    500,
    10_000,
)  # bytes before the first line's end, and before the first element
_LONGEST_NAMESPACE = 500
_LONGEST_READING = 60.0  # seconds of the processor's time; ten megabytes of posts take ten
_LONGEST_FIELD = 400_000  # as much of it is read as HTML
_PLACES = re.compile(rb"\s+")
_DECLARED = b"<?xml version='1.0' encoding='utf-8'?>"  # as feedparser writes it anew
_ELEMENT = re.compile(rb"<\w")

CAPTION, CAPTIONS = "caption", "captions"  # what stands below a picture, or for those who do not see it
MOST_CAPTIONS = 20
_ENTRIES = frozenset({"item", "entry"})
_CAPTIONS = frozenset({"media:description", "media:title"})
_OF_ENTRIES = frozenset(
    ("title", "dc:title", "description", "dc:description", "summary", "subtitle", "tagline", "content",
     "body", "content:encoded", "encoded", "fullitem", "guid", "id", "link", "author", "dc:creator",
     "pubdate", "published", "updated", "modified", "created", "issued", "expired", "dc:date",
     "dcterms:created", "dcterms:modified", "dcterms:issued",
     "language", "dc:language", "category", "comments", "enclosure")
)  # fmt: skip

_LONGEST = {
    **dict.fromkeys(("author", "name", "email", "publisher"), 300),
    CAPTION: 2_000,
    **dict.fromkeys(("published", "updated", "created", "expired", "language"), 100),
}
_INHERITED = {"xml:base": 500, "base": 500, "xml:lang": 40, "lang": 40, "type": 100}


class TooMuchError(ValueError):
    """The feed has more of something than any feed needs."""


class _Bounded(_FeedParserMixin):  # type: ignore[misc]  # feedparser has no types
    """What both parsers do with elements, each part of them cut at what is kept of it at most."""

    _addresses = 0
    can_be_relative_uri = _FeedParserMixin.can_be_relative_uri - {
        "id"
    }  # a name, which a move must not change

    def __init__(self, *given: Any, **more: Any) -> None:  # noqa: ANN401 - feedparser has no types
        # The elements that are open, each with what it was taken for, and whether it is markup of a text.
        self._path: list[tuple[str, str, bool]] = []
        self._open: Counter[str] = Counter()  # of each how many: most ends of broken XML end nothing
        self._until = thread_time() + _LONGEST_READING
        super().__init__(*given, **more)

    def unknown_starttag(self, tag: str, attrs: Iterable[tuple[str, str]]) -> None:
        """Begin an element."""
        if thread_time() > self._until:
            raise TooMuchError(f"takes longer than {_LONGEST_READING:.0f} seconds to be read")
        taken_for = self._own(tag) if self.inentry else tag
        self._path.append((tag, taken_for, bool(self.incontent)))
        self._open[tag] += 1
        kept = () if taken_for == CAPTION else attrs  # of what feedparser does not know it keeps either
        super().unknown_starttag(taken_for, [(name, _inherited(name, value)) for name, value in kept])

    def unknown_endtag(self, tag: str) -> None:
        """End an element, and those inside it that broken XML has left open; what never began ends nothing.

        A title that is left open in one post must not take in all the posts behind it.
        """
        while self._open[tag]:
            ended, taken_for, markup = self._path.pop()
            self._open[ended] -= 1
            if ended == tag or (tag in _ENTRIES and not markup):
                super().unknown_endtag(taken_for)
            if ended == tag:
                break

    @property
    def in_entry(self) -> bool:
        """Whether an entry has begun and not ended."""
        return any(self._open[tag] for tag in _ENTRIES)

    def _own(self, tag: str) -> str:
        """What an element in an entry is taken for: what stands deeper in it is not the entry's own.

        A picture has a title, an author a link, and a card a description; feedparser takes each of them for
        that of the entry.
        """
        parent = self._path[-1][0] if self._path else ""
        if parent in _ENTRIES or parent == "media:group" or self.insource:
            return CAPTION if tag in _CAPTIONS and parent in _ENTRIES else tag
        if tag in _CAPTIONS and parent.startswith("media:"):
            return CAPTION
        return f"nested_{tag.replace(':', '_')}" if tag in _OF_ENTRIES else tag

    def pop(self, element: str, strip_whitespace: int = 1) -> Any:  # noqa: ANN401 - feedparser has no types
        """End an element, and keep what it holds."""
        if self.elementstack and self.elementstack[-1][0] == element:
            pieces = self.elementstack[-1][2]
            self.elementstack[-1][2] = _cut(pieces, _LONGEST.get(element, _LONGEST_FIELD))
        output = super().pop(element, strip_whitespace)
        if element == CAPTION and output and self.entries and not self.insource:
            captions = self.entries[-1].setdefault(CAPTIONS, [])
            if len(captions) < MOST_CAPTIONS:
                captions.append(output)
        return output

    def track_namespace(self, prefix: str | None, uri: str) -> None:
        """Note a namespace."""
        if len(uri) > _LONGEST_NAMESPACE or len(prefix or "") > _LONGEST_NAMESPACE:
            raise TooMuchError(f"names a namespace with more than {_LONGEST_NAMESPACE} characters")
        super().track_namespace(prefix, uri)
        if len(self.namespaces_in_use) > _MOST_NAMESPACES:
            raise TooMuchError(f"has more than {_MOST_NAMESPACES} namespaces")

    def _add_tag(self, term: str | None, scheme: str | None, label: str | None) -> None:
        if len(self._get_context().get("tags") or ()) < MOST_TAGS:
            super()._add_tag(term, scheme, label)

    def _sync_author_detail(self, key: str = "author") -> None:
        context = self._get_context()
        details = context.get(f"{key}s")
        if not (details and details[-1]):  # an address of e-mail is looked for in the text
            if "@" not in str(context.get(key, "")) or self._addresses >= _MOST_ADDRESSES:
                return
            self._addresses += 1
        super()._sync_author_detail(key)


class _Strict(_Bounded, StrictFeedParser):  # type: ignore[misc]  # as above
    """For XML as it should be."""

    def startElementNS(self, name: Any, qname: Any, attrs: Any) -> None:  # noqa: ANN401, N802 - the name is SAX's
        """Begin an element."""
        if len(attrs) > _MOST_ATTRIBUTES:
            raise TooMuchError(f"has an element with more than {_MOST_ATTRIBUTES} attributes")
        super().startElementNS(name, qname, attrs)


class _Loose(_Bounded, LooseFeedParser):  # type: ignore[misc]  # as above
    """For XML that is broken."""


def parse(content: bytes, headers: Mapping[str, str]) -> Any:  # noqa: ANN401 - feedparser has no types
    """What feedparser reads in the feed; TooMuchError if it is one that no reader should be given."""
    found = feedparser.FeedParserDict(bozo=False, entries=[], feed=feedparser.FeedParserDict())
    if not content:
        return found
    apart = _prolog_apart(content)
    data = convert_to_utf8(headers, apart, found)
    if apart is not content and data.startswith(_DECLARED + b"\n"):
        data = _DECLARED + data[len(_DECLARED) + 1 :]  # lines are told by their numbers
    version, data, entities = replace_doctype(_head_bounded(data))
    parser: Any = _Strict("", None, "utf-8") if found["encoding"] else None
    if parser is not None:
        try:
            _read(data, parser)
        except xml.sax.SAXException as error:
            found["bozo"], found["bozo_exception"] = True, parser.exc or error
            parser = None
    if parser is None:
        parser = _without_cleaning(_Loose("", None, "utf-8", entities))
        parser.feed(data.decode(errors="replace"))
        if parser.in_entry and parser.entries:
            parser.entries.pop()  # it was cut, perhaps before its id: the next answer has it whole
    found["feed"], found["entries"] = parser.feeddata, parser.entries
    found["version"] = version or parser.version
    return found


def _read(data: bytes, parser: Any) -> None:  # noqa: ANN401 - as above
    reader = xml.sax.make_parser()  # noqa: S317 - entities of its own were refused before
    reader.setFeature(xml.sax.handler.feature_namespaces, True)
    reader.setFeature(xml.sax.handler.feature_external_ges, False)
    reader.setContentHandler(_without_cleaning(parser))
    reader.setErrorHandler(parser)
    reader.parse(BytesIO(data))


def _without_cleaning(parser: Any) -> Any:  # noqa: ANN401 - as above
    """The parser, told to leave HTML as it is: all that is read of it is its text."""
    parser.resolve_relative_uris = parser.sanitize_html = False
    return parser


def _prolog_apart(content: bytes) -> bytes:
    """The feed, its XML declaration on a line of its own: the rest is not looked through for a charset."""
    begin = content.find(b"<?", 0, 8)
    if begin < 0:
        return content
    end = content.find(b"?>", begin, begin + _LONGEST_PROLOG)
    end = end + 2 if end >= 0 else begin + _LONGEST_PROLOG
    return content[:end] + b"\n" + content[end:] if b"\n" not in content[begin : end + 1] else content


def _head_bounded(data: bytes) -> bytes:
    """The feed, its white space before the first element taken together if there is much of it."""
    first = _ELEMENT.search(data)
    if first is None or first.start() <= _LONGEST_HEAD:
        return data
    head = _PLACES.sub(b"\n", data[: first.start()])
    if len(head) > _LONGEST_HEAD:
        raise TooMuchError(f"begins with more than {_LONGEST_HEAD:,} bytes before its first element")
    return head + data[first.start() :]


def _inherited(name: str, value: str) -> str:
    """The value of an attribute; those that hold for all elements below are cut."""
    longest = _INHERITED.get(name.lower())
    return value if longest is None else value[:longest]


def _cut(pieces: Iterable[str | bytes], longest: int) -> list[str | bytes]:
    """The pieces of a text up to so many characters."""
    kept: list[str | bytes] = []
    for piece in pieces:
        if longest <= 0:
            break
        kept.append(piece if isinstance(piece, bytes) else piece[:longest])  # bytes are one character
        longest -= len(piece)
    return kept

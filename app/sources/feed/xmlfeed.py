"""RSS 2.0, RSS 1.0 and Atom, read by feedparser from bytes that were looked at first."""

import calendar
import codecs
import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urljoin

import feedparser

from app.clock import EPOCH
from app.errors import SourceError
from app.sources.base import Item
from app.sources.feed import bounded
from app.sources.feed.page import Page
from app.sources.toolkit.markup import plain
from app.sources.toolkit.text import MAX_AUTHOR, MAX_TITLE, clean, digest, fit_id, language, web_url

_MAX_TAGS = 300_000  # a feed of 10 MB has a third of that; feedparser takes 20 µs for each
# Decoding these takes time that grows with the square of the length, or lets markup hide from our look.
_ODD_CHARSETS = frozenset({"punycode", "idna", "utf-7", "unicode-escape", "raw-unicode-escape", "undefined"})
_WIDER = ("utf-16", "utf-32")  # these were made UTF-8 before
_EBCDIC = b"Lo\xa7\x94"  # how "<?xm" begins there
_CHARSET = re.compile(rb"""(?:charset|encoding)\s*=\s*["']?([\w.:-]{1,40})""", re.IGNORECASE)
_REFERENCES = re.compile(rb"(?:&#(?:[xX][0-9a-fA-F]{1,6}|[0-9]{1,7});)+")
# feedparser takes zone names that it does not know for UTC, and Europe's are among them.
_ZONES = {"cet": 1, "cest": 2, "bst": 1, "west": 1, "eet": 2, "eest": 3, "msk": 3}
_WIDE = {  # how a feed begins in an encoding of two or four bytes
    codecs.BOM_UTF32_LE: "utf-32",
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
    b"<\0?\0": "utf-16-le",
    b"\0<\0?": "utf-16-be",
}
_BAD_FEED = (
    ValueError,
    LookupError,
    TypeError,
    AttributeError,
    AssertionError,
    OverflowError,
    RecursionError,
)


def parse(content: bytes, headers: Mapping[str, str], *, url: str, where: str) -> Page:
    """The items as they stand in the feed; a SourceError if it is none, is broken, or is a trap."""
    content_type = headers.get("content-type", "")
    if wide := next((name for start, name in _WIDE.items() if content.startswith(start)), None):
        # feedparser would take these for UTF-8 full of NULs, and so would the look below.
        content = content.decode(wide, errors="replace").encode(errors="replace")
        content_type = "application/xml; charset=utf-8"
    _look(content, content_type, where)
    # Its address is kept from feedparser, which would make it part of ids: they must outlive a move.
    told = {"content-type": content_type or "application/xml"}
    try:
        feed = bounded.parse(_REFERENCES.sub(_mended, content), told)
        lang = language(feed.feed.get("language"))
        items = [item for entry in feed.entries if (item := _item(entry, lang, url))]
        links = feed.feed.get("links", [])
        ttl = str(feed.feed.get("ttl", ""))
    except bounded.TooMuchError as error:
        raise SourceError(f"{where} {error}. It is not read.") from error
    except _BAD_FEED as error:
        raise SourceError(f"{where} gives a feed that cannot be read ({type(error).__name__}).") from error
    problem = _problem(feed)
    if not feed.get("version"):
        html = b"<html" in content[:5_000].lower()
        what = "a web page and not a feed" if html else "something that is not a feed"
        raise SourceError(f"{where} gives {what}. Look for the address of its feed.")
    if problem and not feed.entries:
        raise SourceError(f"{where} gives a feed that is broken and empty: {problem}.")
    return Page(
        items=items,
        next_url=next((_link(link, url) for link in links if link.get("rel") == "next"), None),
        ttl=timedelta(minutes=int(ttl)) if ttl.isascii() and ttl.isdigit() and len(ttl) < 6 else None,
        hubs=tuple(hub for link in links if link.get("rel") == "hub" and (hub := _link(link, url))),
        topic=next((_link(link, url) for link in links if link.get("rel") == "self"), None),
        malformed=problem,
    )


def _look(content: bytes, content_type: str, where: str) -> None:
    if content.startswith(_EBCDIC):
        raise SourceError(f"{where} is written in EBCDIC, which no feed needs. It is not read.")
    if re.search(rb"<!DOCTYPE", content, re.IGNORECASE) and re.search(rb"<!ENTITY", content, re.IGNORECASE):
        raise SourceError(f"{where} declares entities of its own, which no feed needs. It is not read.")
    if content.count(b"<") > _MAX_TAGS:
        raise SourceError(f"{where} has more than {_MAX_TAGS:,} tags. It is not read.")
    for name in _CHARSET.findall(content_type.encode()) + _CHARSET.findall(content[:1_000]):
        try:
            charset = codecs.lookup(name.decode()).name.replace("_", "-")
        except (LookupError, ValueError):
            continue
        if charset in _ODD_CHARSETS or _hides_markup(charset):
            raise SourceError(f"{where} is written in {charset}, which no feed needs. It is not read.")


def _hides_markup(charset: str) -> bool:
    """Whether what looks like markup in these bytes is none, and what is none does: EBCDIC is such a one."""
    try:
        return not charset.startswith(_WIDER) and b"<!&>".decode(charset) != "<!&>"
    except (LookupError, ValueError):
        return False


def _mended(match: re.Match[bytes]) -> bytes:
    """Character references as XML has them: old software writes an emoji as two halves, which XML refuses."""
    codes = [int(code[1:], 16) if code[:1] in b"xX" else int(code) for code in match[0][2:-1].split(b";&#")]
    halves = "".join(chr(code) for code in codes if code in (9, 10, 13) or 32 <= code < 0x110000)
    whole = halves.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "ignore")
    return b"".join(b"&#%d;" % ord(character) for character in whole)


def _problem(feed: Any) -> str:  # noqa: ANN401 - feedparser has no types
    error = feed.get("bozo_exception")
    harmless = (feedparser.CharacterEncodingOverride, feedparser.NonXMLContentType)
    if not feed.get("bozo") or isinstance(error, harmless):
        return ""
    line = getattr(error, "getLineNumber", lambda: None)()
    return clean(str(getattr(error, "getMessage", lambda: error)()), 200) + (
        f" in line {line}" if line else ""
    )


def _item(entry: Any, lang: str | None, base: str) -> Item | None:  # noqa: ANN401 - feedparser has no types
    title = _words(entry.get("title_detail"), MAX_TITLE)
    bodies = [_words(part) for part in (*entry.get("content", []), entry.get("summary_detail"))]
    text = next((body for body in bodies if body), "")
    url = _link(entry, base)
    published = str(dict.get(entry, "published", ""))
    external_id = clean(str(entry.get("id", ""))) or url or (digest(title, published) if title else "")
    if not external_id or not (title or text):
        return None
    published_at = _instant(entry, "published")
    updated_at = _instant(entry, "updated")
    written = published if published_at else str(dict.get(entry, "updated", ""))
    detail = entry.get("title_detail") or entry.get("summary_detail") or {}
    return Item(
        external_id=fit_id(external_id),
        text=text,
        published_at=published_at or updated_at,
        precision="exact" if ":" in written or not written else "day",
        title=title,
        author=clean(str(entry.get("author", "")), MAX_AUTHOR) or None,
        url=url,
        lang=language(detail.get("language")) or lang,
        edited_at=updated_at if published_at and updated_at and updated_at > published_at else None,
        replies=_count(entry.get("slash_comments")),
        extra=_extra(entry),
    )


def _link(found: Any, base: str) -> str | None:  # noqa: ANN401 - feedparser has no types
    target = found.get("link") or found.get("href")
    try:
        return web_url(urljoin(base, str(target))) if target else None
    except ValueError:  # "http://[" is one
        return None


def _words(detail: Any, limit: int = 50_000) -> str:  # noqa: ANN401 - feedparser has no types
    if not detail:
        return ""
    value = str(detail.get("value") or "")
    return clean(value, limit) if detail.get("type") == "text/plain" else plain(value, limit)


def _instant(entry: Any, name: str) -> datetime | None:  # noqa: ANN401 - feedparser has no types
    # dict.get, for feedparser's own would give the date of publication for a missing update.
    parsed = dict.get(entry, f"{name}_parsed")
    if not parsed:
        return None
    zone = str(dict.get(entry, name, "")).rpartition(" ")[2].lower()
    try:
        return EPOCH + timedelta(seconds=calendar.timegm(parsed), hours=-_ZONES.get(zone, 0))
    except (OverflowError, ValueError):
        return None


def _count(value: Any) -> int | None:  # noqa: ANN401 - feedparser has no types
    return (
        int(value)
        if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 9
        else None
    )


def _extra(entry: Any) -> dict[str, Any] | None:  # noqa: ANN401 - feedparser has no types
    tags = [clean(str(tag.get("term")), 100) for tag in entry.get("tags", [])[:50] if tag.get("term")]
    publisher = clean(str((entry.get("source") or {}).get("title", "")), MAX_AUTHOR)
    return ({"tags": tags} if tags else {}) | ({"publisher": publisher} if publisher else {}) or None

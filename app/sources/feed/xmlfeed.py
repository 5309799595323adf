"""RSS 2.0, RSS 1.0 and Atom, read by feedparser from bytes that were looked at first."""

import codecs
import re
from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any
from urllib.parse import urljoin

import feedparser

from app import http_client
from app.errors import SourceError
from app.sources.base import Item
from app.sources.feed import bounded
from app.sources.feed.dating import Dates
from app.sources.feed.page import Page
from app.sources.toolkit.markup import plain
from app.sources.toolkit.pictures import pictures
from app.sources.toolkit.text import MAX_AUTHOR, MAX_TITLE, clean, digest, fit_id, language, one_line, web_url

_MAX_TAGS = 300_000  # a feed of 10 MB has a third of that; feedparser takes 20 µs for each
# Decoding these takes time that grows with the square of the length, or lets markup hide from our look.
_ODD_CHARSETS = frozenset({"punycode", "idna", "utf-7", "unicode-escape", "raw-unicode-escape", "undefined"})
_WIDER = ("utf-16", "utf-32")  # these were made UTF-8 before
_EBCDIC = b"Lo\xa7\x94"  # how "<?xm" begins there
_CHARSET = re.compile(rb"""(?:charset|encoding)\s*=\s*["']?([\w.:-]{1,40})""", re.IGNORECASE)
_REFERENCES = re.compile(rb"(?:&#(?:[xX][0-9a-fA-F]{1,6}|[0-9]{1,7});)+")
_CDATA = b"<![CDATA["
_LONE = re.compile(rb"&(?!(?:[A-Za-z][A-Za-z0-9]{0,30}|#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6});)")
_ELEMENT = re.compile(rb"<[A-Za-z]")
_MEND = "tocsin: mend"
_OLDER = ("next", "prev-archive")  # how a feed calls the page with older posts (RFC 5005)
_BROKEN = re.compile("\N{REPLACEMENT CHARACTER}")
_ADDRESS = re.compile(r"https?:|/", re.IGNORECASE)
_BEGINS = frozenset((b"\xc2", b"\xc3", b"\xc5", b"\xe2", b"\xf0"))  # how letters begin
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
    content, broken = _whole(content, content_type)
    # Its address is kept from feedparser, which would make it part of ids: they must outlive a move.
    told = {"content-type": content_type or "application/xml"}
    try:
        feed = bounded.parse(_signs(_REFERENCES.sub(_mended, content)), told)
        lang = language(feed.feed.get("language"))
        dates = Dates.of(feed.entries, lang)
        items = [item for entry in feed.entries if (item := _item(entry, dates, lang, url))]
        links = feed.feed.get("links", [])
        ttl = str(feed.feed.get("ttl", ""))
    except bounded.TooMuchError as error:
        raise SourceError(f"{where} {error}. It is not read.") from error
    except _BAD_FEED as error:
        raise SourceError(f"{where} gives a feed that cannot be read ({type(error).__name__}).") from error
    problem = _problem(feed)
    if not feed.get("version"):
        raise SourceError(_no_feed(content, headers, where))
    if problem and not feed.entries:
        raise SourceError(f"{where} gives a feed that is broken and empty: {problem}.")
    return Page(
        items=items,
        next_url=next((_link(link, url) for rel in _OLDER for link in links if link.get("rel") == rel), None),
        ttl=timedelta(minutes=int(ttl)) if ttl.isascii() and ttl.isdigit() and len(ttl) < 6 else None,
        hubs=tuple(hub for link in links if link.get("rel") == "hub" and (hub := _link(link, url))),
        topic=next((_link(link, url) for link in links if link.get("rel") == "self"), None),
        malformed=problem or broken,
        unread=dates.unread,
    )


def _no_feed(content: bytes, headers: Mapping[str, str], where: str) -> str:
    if found := http_client.wall(headers, content):
        return (
            f"{where} gives {found} and not its feed, as sites do that shut out programs. It is asked again; "
            "if that stays so, ask its owner to let in this machine."
        )
    html = b"<html" in content[:5_000].lower()
    what = "a web page and not a feed" if html else "something that is not a feed"
    return f"{where} gives {what}. Look for the address of its feed."


def _look(content: bytes, content_type: str, where: str) -> None:
    if content.startswith(_EBCDIC):
        raise SourceError(f"{where} is written in EBCDIC, which no feed needs. It is not read.")
    first = _ELEMENT.search(content)  # behind the first element it is a text about such things
    head = content[: first.start()] if first else content
    if re.search(rb"<!DOCTYPE", head, re.IGNORECASE) and re.search(rb"<!ENTITY", head, re.IGNORECASE):
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


def _whole(content: bytes, content_type: str) -> tuple[bytes, str]:
    """(the feed, its broken bytes mended one by one; what was wrong with it).

    A text that was cut in the middle of a letter is no reason to read all others in another encoding.
    """
    named = _CHARSET.findall(content_type.encode()) + _CHARSET.findall(content[:1_000])
    if any(name.lower().replace(b"_", b"-") not in {b"utf-8", b"utf8"} for name in named):
        return content, ""
    try:
        content.decode()
    except UnicodeDecodeError:
        text = content.decode(errors=_MEND)
        broken = len(_BROKEN.findall(content.decode(errors="replace")))
        letters = sum(sign > "\x7f" for sign in content.decode(errors="ignore"))
        if letters >= 2 * broken:  # else it is another encoding that calls itself UTF-8
            return text.encode(), f"{broken} bytes of it are no UTF-8"
    return content, ""


def _mend(error: UnicodeError) -> tuple[str, int]:
    """A broken byte as the letter that it is in Windows' encoding, or the sign for a letter that was cut."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    broken = error.object[error.start : error.end]
    if len(broken) == 1 and broken not in _BEGINS and broken > b"\x9f":
        return broken.decode("cp1252"), error.end
    return "\N{REPLACEMENT CHARACTER}", error.end


codecs.register_error(_MEND, _mend)


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


def _signs(content: bytes) -> bytes:
    """The feed, each ampersand in its text that begins no reference written as one: "Marks & Spencer"."""
    if b"&" not in content or b"\x1b" in content:  # behind an escape, bytes may stand for other signs
        return content
    before, *parts = content.split(_CDATA)
    mended = [_LONE.sub(b"&amp;", before)]
    for part in parts:
        inside, end, after = part.partition(b"]]>")
        mended.append(inside + end + _LONE.sub(b"&amp;", after))
    return _CDATA.join(mended)


def _problem(feed: Any) -> str:  # noqa: ANN401 - feedparser has no types
    error = feed.get("bozo_exception")
    harmless = (feedparser.CharacterEncodingOverride, feedparser.NonXMLContentType)
    if not feed.get("bozo") or isinstance(error, harmless):
        return ""
    line = getattr(error, "getLineNumber", lambda: None)()
    return clean(str(getattr(error, "getMessage", lambda: error)()), 200) + (
        f" in line {line}" if line else ""
    )


def _item(entry: Any, dates: Dates, lang: str | None, base: str) -> Item | None:  # noqa: ANN401 - as above
    title = one_line(_words(entry.get("title_detail"), MAX_TITLE))
    text = _text(entry, title)
    url = _link(entry, base)
    published, updated = dates.of_entry(entry, "published"), dates.of_entry(entry, "updated")
    written = str(dict.get(entry, "published", "")) or str(dict.get(entry, "updated", ""))
    if not (title or text):
        return None
    external_id = clean(str(entry.get("id", ""))) or url or digest(title or text, written)
    when = published or updated
    detail = entry.get("title_detail") or entry.get("summary_detail") or {}
    return Item(
        external_id=fit_id(external_id),
        text=text,
        published_at=when.at if when else None,
        precision=when.precision if when else "exact",
        title=title,
        author=clean(str(entry.get("author", "")), MAX_AUTHOR) or None,
        url=url,
        lang=language(detail.get("language")) or lang,
        edited_at=updated.at if published and updated and updated.at > published.at else None,
        replies=_count(entry.get("slash_comments")),
        extra=_extra(entry),
    )


def _text(entry: Any, title: str) -> str:  # noqa: ANN401 - as above
    """The entry's text: the longer of what it gives as content and as summary.

    The content of some is a picture and its caption, and the summary of others its first words.
    """
    parts = [part for part in entry.get("content", []) if _is_text(part)] + [entry.get("summary_detail")]
    text = max((_words(part) for part in parts), key=len, default="")
    captions = [clean(str(caption)) for caption in entry.get(bounded.CAPTIONS, [])]
    if title and text:
        return text  # an article, and what stands below its picture
    return "\n\n".join(dict.fromkeys(filter(None, [text, *captions])))


def _is_text(part: Any) -> bool:  # noqa: ANN401 - as above
    kind = str(part.get("type") or "text/html")
    return kind.startswith("text/") or kind.endswith(("xml", "html"))


def _link(found: Any, base: str) -> str | None:  # noqa: ANN401 - feedparser has no types
    target, guid = found.get("link") or found.get("href"), found.get("id")
    if not target and "link" in found and web_url(guid):
        target = guid  # an empty link beside a guid that is one
    if guid and target == guid and not _ADDRESS.match(str(guid)):
        return None  # a guid that calls itself a link, and is a number
    try:
        return web_url(urljoin(base, str(target))) if target else None
    except ValueError:  # "http://[" is one
        return None


def _words(detail: Any, limit: int = 50_000) -> str:  # noqa: ANN401 - feedparser has no types
    if not detail:
        return ""
    value = str(detail.get("value") or "")
    return clean(value, limit) if detail.get("type") == "text/plain" else plain(value, limit)


def _count(value: Any) -> int | None:  # noqa: ANN401 - feedparser has no types
    return (
        int(value)
        if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 9
        else None
    )


def _extra(entry: Any) -> dict[str, Any] | None:  # noqa: ANN401 - feedparser has no types
    tags = [clean(str(tag.get("term")), 100) for tag in entry.get("tags", [])[:50] if tag.get("term")]
    publisher = clean(str((entry.get("source") or {}).get("title", "")), MAX_AUTHOR)
    shown = pictures(_pictures(entry))
    extra = {"tags": tags, "publisher": publisher, "pictures": shown}
    return {name: value for name, value in extra.items() if value} or None


def _pictures(entry: Any) -> Iterator[object]:  # noqa: ANN401 - as above
    """What it names as pictures of its own: media, enclosures, thumbnails."""
    for part in (*entry.get("media_content", []), *entry.get("enclosures", [])):
        if part.get("medium") == "image" or str(part.get("type", "")).startswith("image/"):
            yield part.get("url") or part.get("href")
    for part in entry.get("media_thumbnail", []):
        yield part.get("url")

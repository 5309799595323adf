"""JSON Feed 1.0 and 1.1, which feedparser does not read."""

from typing import Any

from app.errors import SourceError
from app.sources.base import Item
from app.sources.feed.dating import Dates
from app.sources.feed.page import Page
from app.sources.toolkit import strict_json
from app.sources.toolkit.markup import plain
from app.sources.toolkit.pictures import pictures
from app.sources.toolkit.text import MAX_AUTHOR, MAX_TITLE, clean, digest, fit_id, language, one_line, web_url


def looks_like_json(content: bytes) -> bool:
    """Whether the body is JSON, whatever its content type says."""
    return content[:100].removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"{")


def parse(content: bytes, *, where: str) -> Page:
    """The items as they stand in the feed; a SourceError if it is none or is broken."""
    try:
        feed = strict_json.loads(content.decode("utf-8-sig", errors="replace"))
    except ValueError as error:
        raise SourceError(f"{where} gives JSON that is broken: {error}.") from error
    entries = feed.get("items")
    if "jsonfeed.org" not in str(feed.get("version", "")) or not isinstance(entries, list):
        raise SourceError(f"{where} gives JSON, but not a JSON Feed. Check the address.")
    lang = language(feed.get("language"))
    entries = [entry for entry in entries if isinstance(entry, dict)]
    written = [_text(entry, name) for entry in entries for name in ("date_published", "date_modified")]
    dates = Dates(written, lang)
    items = [item for entry in entries if (item := _item(entry, dates, lang))]
    hubs = feed.get("hubs")
    found = (web_url(hub.get("url")) for hub in (hubs if isinstance(hubs, list) else []) if _is_websub(hub))
    return Page(
        items,
        web_url(feed.get("next_url")),
        hubs=tuple(filter(None, found)),
        topic=web_url(feed.get("feed_url")),
        unread=dates.unread,
    )


def _is_websub(hub: object) -> bool:
    return isinstance(hub, dict) and str(hub.get("type", "")).lower() == "websub"


def _item(entry: dict[str, Any], dates: Dates, lang: str | None) -> Item | None:
    title = one_line(clean(_text(entry, "title"), MAX_TITLE))
    text = plain(_text(entry, "content_html")) or clean(_text(entry, "content_text"))
    text = text or clean(_text(entry, "summary"))
    url = web_url(entry.get("url")) or web_url(entry.get("external_url"))
    published = _text(entry, "date_published")
    if not (title or text):
        return None
    external_id = clean(_text(entry, "id")) or url or digest(title or text, published)
    when, modified = dates.read(published), dates.read(_text(entry, "date_modified"))
    shown = when or modified
    tags = entry.get("tags")
    return Item(
        external_id=fit_id(external_id),
        text=text,
        published_at=shown.at if shown else None,
        precision=shown.precision if shown else "exact",
        title=title,
        author=_author(entry),
        url=url,
        lang=language(entry.get("language")) or lang,
        edited_at=modified.at if when and modified and modified.at > when.at else None,
        extra=(
            ({"tags": [clean(str(tag), 100) for tag in tags[:50]]} if isinstance(tags, list) and tags else {})
            | ({"pictures": images} if (images := pictures([entry.get("image")])) else {})
        )
        or None,
    )


def _text(entry: dict[str, Any], name: str) -> str:
    value = entry.get(name)
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return str(value)
    return value if isinstance(value, str) else ""


def _author(entry: dict[str, Any]) -> str | None:
    authors = entry.get("authors")
    candidates = [*(authors if isinstance(authors, list) else []), entry.get("author")]
    names = [_text(author, "name") for author in candidates if isinstance(author, dict)]
    return clean(", ".join(name for name in names if name), MAX_AUTHOR) or None

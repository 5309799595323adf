"""One post as a flat row, from a file or from a sender, read into an Item."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from math import isfinite
from typing import Any, Literal

from app.errors import BadInput
from app.sources.base import Item
from app.sources.toolkit.text import MAX_AUTHOR, MAX_TITLE, clean, fit_id, language, web_url

COUNTS = ("likes", "shares", "replies", "reach", "followers")
FIELDS = frozenset(
    {"id", "published_at", "created_at", "source", "author", "title", "text", "url", "lang", *COUNTS}
)
_NOTHING = ("", "nan", "null", "none")  # as tables write an empty cell
_LARGEST = 2**31 - 1
_OLDEST = datetime(1990, 1, 1, tzinfo=UTC)  # before the web there was nothing to post on
_DEEPEST = 6


def item_of(row: Mapping[str, Any]) -> tuple[str | None, Item]:
    """The name of the row's source, if it has one, and its post; a BadInput says what is wrong with it.

    Fields: `id`, `published_at` (or `created_at`; ISO 8601, UTC if it has no zone) and `text` (which may be
    empty if there is a `title`), and if known `source, author, url, title, lang, likes, shares, replies,
    reach, followers`. Other fields are kept in `extra`.
    """
    external_id = clean(_word(row, "id"))
    if not external_id:
        raise BadInput("id is missing")
    text, title = clean(_word(row, "text")), clean(_word(row, "title"), MAX_TITLE)
    if not (text or title):
        raise BadInput("text is missing, and there is no title either")
    published_at, precision = _instant(row)
    item = Item(
        external_id=fit_id(external_id),
        text=text,
        published_at=published_at,
        precision=precision,
        title=title,
        author=clean(_word(row, "author"), MAX_AUTHOR) or None,
        url=web_url(row.get("url")),
        lang=language(row.get("lang")),
        likes=_count(row, "likes"),
        shares=_count(row, "shares"),
        replies=_count(row, "replies"),
        reach=_count(row, "reach"),
        followers=_count(row, "followers"),
        extra={
            clean(name, 100): _kept(value, name)
            for name, value in row.items()
            if name not in FIELDS and value not in (None, "")
        }
        or None,
    )
    return clean(_word(row, "source"), MAX_AUTHOR) or None, item


def with_source(item: Item, source: str | None) -> Item:
    """The item with the name of its source kept aside, where that name says more than the source itself."""
    return replace(item, extra={**(item.extra or {}), "source": source}) if source else item


def _word(row: Mapping[str, Any], name: str) -> str:
    value = row.get(name)
    if value is None or isinstance(value, str):
        return value or ""
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return str(value)
    raise BadInput(f"{name} is not text")


def _instant(row: Mapping[str, Any]) -> tuple[datetime, Literal["exact", "day"]]:
    value = row.get("published_at") or row.get("created_at")
    if not value:
        raise BadInput("published_at is missing")
    try:
        at = datetime.fromisoformat(value.strip())
        at = at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
    except (ValueError, OverflowError, AttributeError, TypeError) as error:
        raise BadInput(f"published_at is {str(value)[:40]!r}: write it as 2026-11-22T09:14:00Z") from error
    if at < _OLDEST:
        raise BadInput(f"published_at is {str(value)[:40]!r}: nothing was posted then")
    return at, "exact" if len(value.strip()) > len("2026-11-22") else "day"


def _count(row: Mapping[str, Any], name: str) -> int | None:
    value = row.get(name)
    if value is None or (isinstance(value, str) and value.strip().lower() in _NOTHING):
        return None
    try:
        number = float(value) if isinstance(value, str) else value
        whole = None if isinstance(number, bool) else int(number)
    except (ValueError, TypeError, OverflowError):
        whole = None
    if whole is None or whole != number:
        raise BadInput(f"{name} is {str(value)[:40]!r}: write a whole number")
    return min(max(whole, 0), _LARGEST)


def _kept(value: Any, name: str, depth: int = 0) -> Any:  # noqa: ANN401 - whatever JSON holds
    if isinstance(value, str):
        return clean(value, 2_000)
    if isinstance(value, int) and abs(value) > 2**53:
        return str(value)  # JSON readers elsewhere would round it
    if value is None or isinstance(value, (bool, int)) or (isinstance(value, float) and isfinite(value)):
        return value
    if isinstance(value, float):
        raise BadInput(f"{name[:40]} is too large a number")
    if depth >= _DEEPEST:
        raise BadInput(f"{name[:40]} is nested too deeply")
    if isinstance(value, Mapping):
        return {clean(str(key), 100): _kept(inner, name, depth + 1) for key, inner in value.items()}
    return [_kept(inner, name, depth + 1) for inner in value]

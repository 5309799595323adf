"""Posts as other tools write them, read into ours: by the paths that were set, else by the usual names."""

import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Any

from app.errors import BadInput
from app.sources.base import Item
from app.sources.push.settings import PushSettings
from app.sources.toolkit import loose
from app.sources.toolkit.markup import plain
from app.sources.toolkit.rows import COUNTS, item_of, with_source

_PLACES = (
    "posts",
    "documents",
    "mentions",
    "items",
    "results",
    "data",
    "data.mentions",
    "data.documents",
    "payload",
)
_MILLISECONDS = 1e11
_USUAL: Mapping[str, tuple[str, ...]] = {
    "id": ("id", "mentionId", "document_id", "external_id", "postId", "post_id", "guid", "resourceId"),
    "published_at": (
        "published_at", "published_date", "published", "publishedAt", "created_at", "createdAt", "pub_date",
        "date", "timestamp", "added",
    ),
    "title": ("title", "content.title", "headline"),
    "text": (
        "text", "fullText", "full_text", "content.body", "content.opening_text", "content.text", "body",
        "content", "description", "snippet", "message", "description_short",
    ),
    "url": ("url", "permalink", "original_url", "link", "document_url"),
    "author": (
        "author.name", "author.handle", "author.nickname", "author_name", "authorName", "author", "username",
    ),
    "source": ("source.name", "source_name", "sourceName", "source", "domain"),
    "lang": ("lang", "language.code", "language_code", "language", "enrichments.language_code"),
    "likes": ("likes", "engagement.likes", "metrics.likes", "likes_count"),
    "shares": ("shares", "engagement.shares", "engagement.reposts", "metrics.shares", "reposts"),
    "replies": ("replies", "engagement.comments", "metrics.replies", "comments_count"),
    "reach": ("reach", "metrics.reach", "audience", "potentialAudience", "views"),
    "followers": ("followers", "author.subscribers", "author.followers", "author_info.followers_count"),
}  # fmt: skip


def posts_in(body: Any, settings: PushSettings) -> list[Any]:  # noqa: ANN401 - whatever JSON holds
    """The posts of a body: at the path that was set, or in a usual place, or one post alone."""
    if isinstance(body, list):
        return body
    if settings.posts:
        found = at(body, settings.posts)
        if found is None:
            raise BadInput(
                f"there is nothing at {settings.posts!r} in the body: set `posts` to where they are"
            )
        return found if isinstance(found, list) else [found]
    if not isinstance(body, dict):
        raise BadInput("the body must be a post, a list of posts, or an object that holds them")
    return next((found for place in _PLACES if isinstance(found := at(body, place), list)), [body])


def read(post: Mapping[str, Any], settings: PushSettings) -> Item:
    """The post; a BadInput says which field is missing."""
    paths = {name: tuple(given.split("|")) for name, given in settings.fields.items()}
    row = {name: _first(post, paths.get(name, usual)) for name, usual in _USUAL.items()}
    row |= {name: _first(post, given) for name, given in paths.items() if name not in row}
    row["published_at"] = _when(row["published_at"] or row.pop("created_at", None))
    row |= {name: loose.whole(row[name]) for name in COUNTS}
    for name in ("title", "text"):
        if settings.html and isinstance(row[name], str):
            row[name] = plain(row[name])
    source, item = item_of({name: value for name, value in row.items() if value is not None})
    return with_source(item, source)


def at(value: Any, path: str) -> Any:  # noqa: ANN401 - whatever JSON holds
    """What stands at the path; None if there is nothing.

    >>> at({"data": {"posts": [{"id": 7}]}}, "$.data.posts[0].id"), at({"a.b": 1}, "a.b"), at([], "a")
    (7, 1, None)
    """
    path = path.strip().removeprefix("$.")
    if isinstance(value, dict) and path in value:
        return value[path]
    for step in re.findall(r"[^.\[\]]+", path):
        if isinstance(value, dict):
            value = value.get(step)
        elif isinstance(value, list) and step.isdecimal() and int(step[:9]) < len(value):
            value = value[int(step)]
        else:
            return None
    return value


def _first(post: Mapping[str, Any], paths: Iterable[str]) -> Any:  # noqa: ANN401 - whatever JSON holds
    found = (at(post, path) for path in paths)
    return next((one for one in found if one not in (None, "") and not isinstance(one, dict | list)), None)


def _when(value: Any) -> Any:  # noqa: ANN401 - whatever JSON holds
    """The instant as ISO 8601, where it is written otherwise."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    try:
        seconds = float(value)
    except OverflowError:
        return None
    except ValueError:
        text = str(value).strip()
        if loose.instant(text) is None:
            try:
                return parsedate_to_datetime(text).isoformat()
            except (ValueError, TypeError, IndexError):
                return text
        return text
    instant: datetime | None = loose.epoch(seconds / 1_000 if seconds > _MILLISECONDS else seconds)
    return instant.isoformat() if instant else str(value)

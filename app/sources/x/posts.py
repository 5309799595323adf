"""Posts of X as its search answers, and the instants that are in their ids."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

from app.sources.base import Item
from app.sources.toolkit import loose
from app.sources.toolkit.markup import unescaped
from app.sources.toolkit.text import MAX_AUTHOR, clean, fit_id, language

_BEGAN = datetime(2010, 11, 4, 1, 42, 54, 657_000, tzinfo=UTC)  # ids count milliseconds from here
_SHIFT = 22
_NO_LANGUAGE = re.compile(r"und|zxx|art|q[a-z]{2}")


def instant_of(post: int) -> datetime:
    """When the post of that id was written.

    >>> instant_of(1050118621198921728).isoformat()
    '2018-10-10T20:19:24.211000+00:00'
    """
    return _BEGAN + timedelta(milliseconds=min(post, 2**63) >> _SHIFT)


def id_of(instant: datetime) -> int:
    """The smallest id that a post of that instant may have."""
    return max(int((instant - _BEGAN) / timedelta(milliseconds=1)) << _SHIFT, 1)


def read(found: dict[str, Any]) -> list[Item]:
    """The posts of an answer, with what it says of their authors."""
    users = {loose.word(user.get("id")): user for user in loose.rows(loose.inner(found, "includes", "users"))}
    return [item for row in loose.rows(found.get("data")) if (item := _item(row, users))]


def _item(row: dict[str, Any], users: dict[str, dict[str, Any]]) -> Item | None:
    post = clean(loose.word(row.get("id")))
    written = loose.word(loose.inner(row, "note_tweet", "text")) or loose.word(row.get("text"))
    text = clean(unescaped(written))
    if not post or not text:
        return None
    author = clean(loose.word(row.get("author_id")), MAX_AUTHOR)
    user = users.get(author, {})
    counts, published = row.get("public_metrics"), loose.instant(row.get("created_at"))
    shares = [loose.whole(loose.inner(counts, name)) for name in ("retweet_count", "quote_count")]
    # Each edit makes a new id; the post goes on under that of its first version.
    versions = row.get("edit_history_tweet_ids")
    first = clean(loose.word(versions[0])) if isinstance(versions, list) and versions else ""
    lang = loose.word(row.get("lang"))
    return Item(
        external_id=fit_id(first or post),
        text=text,
        published_at=instant_of(int(first))
        if first not in ("", post) and first.isascii() and first.isdecimal() and len(first) < 20
        else published,
        author=clean(loose.word(user.get("username")), MAX_AUTHOR) or author or None,
        url=f"https://x.com/i/web/status/{post}",
        lang=None if _NO_LANGUAGE.fullmatch(lang) else language(lang),
        edited_at=published if first not in ("", post) else None,
        likes=loose.whole(loose.inner(counts, "like_count")),
        shares=sum(filter(None, shares)) if any(count is not None for count in shares) else None,
        replies=loose.whole(loose.inner(counts, "reply_count")),
        reach=loose.whole(loose.inner(counts, "impression_count")),
        followers=loose.whole(loose.inner(user, "public_metrics", "followers_count")),
        extra=_extra(row, user),
    )


def _extra(row: dict[str, Any], user: dict[str, Any]) -> dict[str, Any] | None:
    referenced = {
        loose.word(other.get("type")): clean(loose.word(other.get("id")), 30)
        for other in loose.rows(row.get("referenced_tweets"))
    }
    extra = {
        "repost_of": referenced.get("retweeted"),
        "quote_of": referenced.get("quoted"),
        "reply_to": referenced.get("replied_to"),
        "conversation": clean(loose.word(row.get("conversation_id")), 30),
        "verified": user.get("verified") is True,
    }
    return {name: value for name, value in extra.items() if value} or None

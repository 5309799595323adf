"""What YouTube answers: videos, comments, and errors that each have a word for their reason."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from app import http_client
from app.errors import SourceError
from app.sources.base import Item
from app.sources.toolkit import loose
from app.sources.toolkit.markup import unescaped
from app.sources.toolkit.text import MAX_AUTHOR, MAX_TITLE, clean, fit_id, language

_PACIFIC = ZoneInfo("America/Los_Angeles")  # where the day of the quota ends
_DAY_SPENT = {"quotaExceeded", "dailyLimitExceeded"}
_TOO_FAST = {"rateLimitExceeded", "userRateLimitExceeded", "servingLimitExceeded"}
_CLOSED = {"commentsDisabled", "videoNotFound", "channelNotFound", "forbidden"}
_KEY = {"keyInvalid", "keyExpired", "API_KEY_INVALID", "API_KEY_EXPIRED"}
_NOT_ALLOWED = {"accessNotConfigured", "ipRefererBlocked", "SERVICE_DISABLED", "API_KEY_SERVICE_BLOCKED"}
_PASSING = {"processingFailure", "backendError", "internalError"}


class ClosedError(SourceError):
    """One list cannot be read, for a reason that says nothing of the others."""


def good(response: http_client.HttpResponse, *, now: datetime) -> http_client.HttpResponse:
    """The answer if it is one of success; else the SourceError that its reason asks for."""
    error: Any = None
    if response.content.lstrip().startswith(b"{"):
        error = loose.document(response).get("error")
    if not isinstance(error, dict):
        return http_client.good(response, now=now, secret="the API key")  # noqa: S106 - words
    text = http_client.message(response)
    text = f" It says: “{text}”." if text else ""
    why = _reasons(error)
    if why & _DAY_SPENT:
        raise SourceError(
            f"The key's quota of today is used up; YouTube goes on at midnight in California.{text}",
            retry_after=_until_midnight(now),
            asked=response.asked,
        )
    if why & _TOO_FAST or response.status == 429:
        wait = timedelta(minutes=1)
        raise SourceError(
            f"YouTube asks us to come less often.{text}", retry_after=wait, asked=response.asked
        )
    if why & _KEY:
        raise SourceError(
            f"YouTube refuses the API key. Check the secret of the source.{text}", permanent=True
        )
    if why & _NOT_ALLOWED:
        raise SourceError(
            "YouTube refuses the API key for this. Check in Google Cloud that the YouTube Data API v3 is "
            f"enabled and that the key is not kept to other addresses.{text}",
            permanent=True,
        )
    if why & _CLOSED:
        raise ClosedError(f"its comments cannot be read.{text}", permanent=True)
    if why & _PASSING or response.status >= 500:
        raise SourceError(f"YouTube is out of order.{text}")
    if response.status < 300:
        raise SourceError(
            f"YouTube answers with an error.{text} It is asked again; if this stays, check the settings."
        )
    return http_client.good(response, now=now, secret="the API key")  # noqa: S106 - words


def _reasons(error: dict[str, Any]) -> set[str]:
    found = [*loose.rows(error.get("errors")), *loose.rows(error.get("details"))]
    return {loose.word(one.get("reason")) for one in found} - {""}


def _until_midnight(now: datetime) -> timedelta:
    there = now.astimezone(_PACIFIC)
    midnight = (there + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
    return midnight.astimezone(now.tzinfo) - now


def video(row: dict[str, Any]) -> Item | None:
    """A result of a search; None if it is no video."""
    snippet, found = row.get("snippet"), loose.inner(row, "id", "videoId")
    name = clean(loose.word(found))
    title = clean(unescaped(loose.word(loose.inner(snippet, "title"))), MAX_TITLE)
    text = clean(unescaped(loose.word(loose.inner(snippet, "description"))))
    if not name or not (title or text):
        return None
    return Item(
        external_id=fit_id(name),
        text=text,
        published_at=loose.instant(loose.inner(snippet, "publishedAt")),
        title=title,
        author=clean(unescaped(loose.word(loose.inner(snippet, "channelTitle"))), MAX_AUTHOR) or None,
        url=f"https://www.youtube.com/watch?v={name}",
        extra={"channel_id": clean(loose.word(loose.inner(snippet, "channelId")), 100) or "?"},
    )


def with_statistics(item: Item, told: dict[str, Any] | None) -> Item:
    """The video with what the list of videos says of it."""
    if told is None:
        return item
    snippet, counts = told.get("snippet"), told.get("statistics")
    spoken = loose.inner(snippet, "defaultAudioLanguage") or loose.inner(snippet, "defaultLanguage")
    return replace(
        item,
        text=clean(loose.word(loose.inner(snippet, "description"))) or item.text,
        lang=language(spoken),
        likes=loose.whole(loose.inner(counts, "likeCount")),
        replies=loose.whole(loose.inner(counts, "commentCount")),
        reach=loose.whole(loose.inner(counts, "viewCount")),
    )


def comment(row: dict[str, Any]) -> Item | None:
    """The comment that a thread begins with."""
    top = loose.inner(row, "snippet", "topLevelComment")
    snippet = loose.inner(top, "snippet")
    name = clean(loose.word(loose.inner(top, "id")) or loose.word(row.get("id")))
    text = clean(
        loose.word(loose.inner(snippet, "textOriginal")) or loose.word(loose.inner(snippet, "textDisplay"))
    )
    if not name or not text:
        return None
    of = clean(
        loose.word(loose.inner(snippet, "videoId")) or loose.word(loose.inner(row, "snippet", "videoId")), 50
    )
    written, changed = (loose.instant(loose.inner(snippet, key)) for key in ("publishedAt", "updatedAt"))
    return Item(
        external_id=fit_id(name),
        text=text,
        published_at=written or changed,
        author=clean(loose.word(loose.inner(snippet, "authorDisplayName")), MAX_AUTHOR) or None,
        url=f"https://www.youtube.com/watch?v={of}&lc={name}" if of else None,
        edited_at=changed if written and changed and changed > written else None,
        likes=loose.whole(loose.inner(snippet, "likeCount")),
        replies=loose.whole(loose.inner(row, "snippet", "totalReplyCount")),
        extra={"video_id": of} if of else None,
    )

"""Trustpilot: reviews of one's own business, by the interface for its accounts."""

import re
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote

import httpx
from pydantic import BaseModel, ConfigDict, Field

from app import http_client
from app.clock import EPOCH
from app.sources.base import Batch, Item, Kind
from app.sources.toolkit import loose
from app.sources.toolkit.about import About
from app.sources.toolkit.text import MAX_AUTHOR, MAX_TITLE, clean, fit_id, language
from app.sources.toolkit.vanished import Listed
from app.sources.toolkit.walk import Terms, gather

_API = "https://api.trustpilot.com/v1"
_KEY = "the API key of Trustpilot"
_AT_ONCE = 100
_LIST = "reviews"
_TERMS = Terms(overlap=timedelta(hours=24), pages=20, stays=True)


class TrustpilotSettings(BaseModel):
    """Which business, and what its reviews are about."""

    model_config = ConfigDict(extra="forbid")

    business: str = Field(description="id of your business unit, 24 signs", pattern=r"^[0-9a-f]{24}$")
    about: About


class Trustpilot:
    """The reviews, newest first, until the known ones."""

    def __init__(self, settings: TrustpilotSettings, client: httpx.Client, key: str | None) -> None:
        self._at, self._client, self._key = settings, client, key

    def fetch(self, cursor: dict[str, Any], *, now: datetime) -> Batch:
        """The reviews that are new, edited or deleted since the cursor."""
        listed = Listed(cursor.get("recent", {}))
        lists = {_LIST: lambda number: self._page(listed, number or 1, now)}
        batch = gather(lists, cursor, now=now, terms=_TERMS)
        gone = listed.gone(lambda _, one: self._is_gone(one, now))
        return replace(batch, cursor=batch.cursor | {"recent": listed.recent(now)}, deleted=gone)

    def _page(self, listed: Listed, number: int, now: datetime) -> tuple[list[Item], int | None]:
        params: dict[str, str | int] = {
            "orderBy": "createdat.desc", "perPage": _AT_ONCE, "page": number,
        }  # fmt: skip
        response = self._ask(f"business-units/{self._at.business}/reviews", params, now)
        rows = loose.listed(http_client.good(response, now=now, secret=_KEY), "reviews")
        items = [item for row in rows if (item := self._item(row))]
        links = loose.rows(loose.document(response).get("links"))
        more = bool(rows) and any(link.get("rel") == "next-page" for link in links)
        dates = [item.published_at for item in items if item.published_at]
        listed.add(_LIST, items)
        listed.shown(_LIST, min(dates, default=now) if more else EPOCH)
        return items, number + 1 if more else None

    def _is_gone(self, review: str, now: datetime) -> bool:
        response = self._ask(f"reviews/{quote(review, safe='')}", {}, now)
        return response.status in (404, 410) or not http_client.good(response, now=now, secret=_KEY)

    def _ask(self, path: str, params: dict[str, str | int], now: datetime) -> http_client.HttpResponse:
        headers = {"apikey": self._key} if self._key else {}
        return http_client.ask(self._client, f"{_API}/{path}", params=params, headers=headers, now=now)

    def _item(self, row: dict[str, Any]) -> Item | None:
        review, title = clean(loose.word(row.get("id"))), clean(loose.word(row.get("title")), MAX_TITLE)
        text = clean(loose.word(row.get("text")))
        if not review or not (title or text):
            return None
        written, changed = loose.instant(row.get("createdAt")), loose.instant(row.get("updatedAt"))
        answer = loose.inner(row, "companyReply", "text")
        extra = {
            "rating": loose.whole(row.get("stars")),
            "verified": row.get("isVerified") is True,
            "answered": bool(loose.word(answer)),
            "answer": clean(loose.word(answer), 500),
        }
        return Item(
            external_id=fit_id(review),
            text=text or title,
            published_at=written,
            title=clean(f"{self._at.about} · {title}" if title and text else self._at.about, MAX_TITLE),
            author=clean(loose.word(loose.inner(row, "consumer", "displayName")), MAX_AUTHOR) or None,
            url=f"https://www.trustpilot.com/reviews/{quote(review, safe='')}",
            lang=language(row.get("language")),
            edited_at=changed if written and changed and changed > written else None,
            likes=loose.whole(row.get("numberOfLikes")),
            extra={name: value for name, value in extra.items() if value} or None,
        )


def _from_url(url: str) -> dict[str, str] | None:
    match = re.search(r"://api\.trustpilot\.com/v1/business-units/([0-9a-f]{24})/reviews", url)
    return {"business": match[1]} if match else None


def _build(settings: TrustpilotSettings, client: httpx.Client, secret: str | None) -> Trustpilot:
    return Trustpilot(settings, client, secret)


KIND = Kind(
    name="trustpilot",
    summary="Reviews of your own business on Trustpilot, with their stars.",
    settings=TrustpilotSettings,
    build=_build,
    cadence=timedelta(minutes=10),
    secret="needed",  # noqa: S106 - a word, not a secret
    gives="stars, likes, language, edits, deletions, whether and what you answered",
    needs=(
        "A business account with access to the interface, an add-on of its larger plans; the secret is its "
        "API key."
    ),
    starts=False,
    from_url=_from_url,
)

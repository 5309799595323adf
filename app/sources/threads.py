"""Threads: posts that hold a word, by the keyword search of Meta's interface."""

from datetime import datetime, timedelta
from typing import Any, Literal
from urllib.parse import parse_qsl, urlsplit

import httpx
from pydantic import BaseModel, ConfigDict, Field

from app import http_client
from app.sources.base import Batch, Item, Kind, Past, StepBack
from app.sources.toolkit import loose, meta
from app.sources.toolkit.past import page_back
from app.sources.toolkit.text import MAX_AUTHOR, clean, fit_id, web_url
from app.sources.toolkit.walk import FIRST_LOOK, Terms, gather, last

_SEARCH = "https://graph.threads.net/v1.0/keyword_search"
_FIELDS = "id,text,media_type,permalink,timestamp,username,has_replies,is_quote_post,is_reply"
_OVERLAP = timedelta(minutes=30)  # its index is late
_TERMS = Terms(overlap=_OVERLAP)
_RIGHTS = "Ask Meta for the permissions threads_basic and threads_keyword_search for your app."


class ThreadsSettings(BaseModel):
    """What to look for."""

    model_config = ConfigDict(extra="forbid")

    query: str = Field(description="the word or phrase to look for", min_length=1, max_length=200)
    mode: Literal["keyword", "tag"] = Field(
        "keyword", description="keyword: in the text; tag: in the topic tag"
    )


class Threads:
    """One search, newest first, until a known post."""

    def __init__(self, settings: ThreadsSettings, client: httpx.Client, token: str | None) -> None:
        self._query, self._mode = settings.query, settings.mode
        self._client, self._token = client, token

    def fetch(self, cursor: dict[str, Any], *, now: datetime) -> Batch:
        """The posts that are new since the cursor."""
        since = last(cursor)
        start = now - FIRST_LOOK if since is None else since - _OVERLAP
        return gather({"search": lambda mark: self._page(start, mark, now)}, cursor, now=now, terms=_TERMS)

    def look_back(self, step: StepBack) -> Past:
        """The next page of older posts."""
        return page_back({"search": lambda mark: self._page(step.since, mark, step.now)}, step)

    def _page(self, start: datetime, after: str | None, now: datetime) -> tuple[list[Item], str | None]:
        params: dict[str, str | int] = {
            "q": self._query,
            "search_type": "RECENT",
            "search_mode": self._mode.upper(),
            "since": int(start.timestamp()),
            "limit": 100,
            "fields": _FIELDS,
        }
        if after:
            params["after"] = after
        headers = {"Authorization": f"Bearer {self._token}"} if self._token else {}
        response = http_client.ask(self._client, _SEARCH, params=params, headers=headers, now=now)
        meta.good(response, now=now, rights=_RIGHTS, doing="search")
        items = [item for row in loose.listed(response, "data") if (item := _item(row))]
        paging = loose.document(response).get("paging")
        more = loose.word(loose.inner(paging, "cursors", "after")) if loose.inner(paging, "next") else ""
        return items, more or None


def _item(row: dict[str, Any]) -> Item | None:
    post, text = clean(loose.word(row.get("id"))), clean(loose.word(row.get("text")))
    if not post or not text:  # a picture without words says nothing that could be matched
        return None
    extra = {
        "media_type": clean(loose.word(row.get("media_type")), 50),
        "is_reply": row.get("is_reply") is True,
        "is_quote": row.get("is_quote_post") is True,
    }
    return Item(
        external_id=fit_id(post),
        text=text,
        published_at=loose.instant(row.get("timestamp")),
        author=clean(loose.word(row.get("username")), MAX_AUTHOR) or None,
        url=web_url(row.get("permalink")),
        extra={name: value for name, value in extra.items() if value} or None,
    )


def _from_url(url: str) -> dict[str, str] | None:
    parts = urlsplit(url)
    query = dict(parse_qsl(parts.query))
    if not parts.path.endswith("/keyword_search") or not query.get("q"):
        return None
    return {"query": query["q"], "mode": "tag" if query.get("search_mode") == "TAG" else "keyword"}


def _build(settings: ThreadsSettings, client: httpx.Client, secret: str | None) -> Threads:
    return Threads(settings, client, secret)


KIND = Kind(
    name="threads",
    summary="Posts on Threads that hold a word or carry a topic tag.",
    settings=ThreadsSettings,
    build=_build,
    cadence=timedelta(minutes=5),
    secret="needed",  # noqa: S106 - a word, not a secret
    gives="text and author; no engagement",
    looks_back=timedelta(days=90),
    needs=(
        "An app at Meta with threads_basic and threads_keyword_search, granted by its review, and an access "
        "token; without the review only your own posts are found."
    ),
    starts=False,
    from_url=_from_url,
)

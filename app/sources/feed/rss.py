"""Feeds of sites and blogs: RSS 2.0, RSS 1.0, Atom and JSON Feed, told of by a hub where there is one."""

import re
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import httpx
from pydantic import BaseModel, ConfigDict, Field, field_validator

from app import http_client
from app.errors import SourceError
from app.sources.base import Batch, Item, Kind, Past, StepBack
from app.sources.feed import document as feed
from app.sources.feed import websub
from app.sources.feed.archives import older_page
from app.sources.feed.dating import doubt_of_age, placed
from app.sources.feed.memory import Memory
from app.sources.feed.page import Page
from app.sources.toolkit.past import oldest_of, page_back

_ACCEPT = (
    "application/rss+xml, application/atom+xml, application/feed+json, "
    "application/xml;q=0.9, application/json;q=0.9, */*;q=0.5"
)
_MAX_PAGES = 5
_MAX_ITEMS = 2_000
_SOONEST = timedelta(seconds=60)
# A feed may wish for a day of peace; an early warning that waits so long is none, and a 304 costs little.
_LATEST = timedelta(minutes=15)


class RssSettings(BaseModel):
    """Which feed."""

    model_config = ConfigDict(extra="forbid")

    url: str = Field(description="address of the feed: RSS, Atom or JSON Feed", max_length=2_000)

    @field_validator("url")
    @classmethod
    def _of_the_web(cls, url: str) -> str:
        try:
            parts = httpx.URL(url.strip())
        except httpx.InvalidURL as error:
            raise ValueError("this is not an address") from error
        if parts.scheme not in ("http", "https") or not parts.host:
            raise ValueError("the address must begin with https:// or http://")
        if parts.userinfo:
            raise ValueError("the address holds a password, which would be stored in the open: take it out")
        return url.strip()


class Feed:
    """One feed, asked only for what is new."""

    def __init__(self, settings: RssSettings, client: httpx.Client) -> None:
        self._url = settings.url
        self._client = client

    def fetch(self, cursor: dict[str, Any], *, now: datetime) -> Batch:
        """The posts that are new or edited since the cursor, and whether some may have been missed."""
        memory = Memory.of(cursor, self._url)
        answer, moved = self._ask(memory, now)
        wish = _wish(answer)
        if answer.status == 304:
            seen = memory.seen(now, moved)
            return Batch(
                [], seen.cursor(), memory.at, now, "unchanged", next_in=wish, latest_in=seen.turnover
            )
        page = _read(answer)
        wish = _wish(answer, page)
        settled, identities, odd = memory.identities.settle(page.items, now)
        page = replace(page, items=settled)
        collected = self._walk(page, memory, now)
        items = collected[:_MAX_ITEMS]
        after = memory.after(
            items, settled, identities=identities, now=now, moved=moved, headers=answer.headers
        )
        status, coverage, note = memory.judge(items, size=len(page.items), now=now)
        if status == "partial" and memory.at:
            # After a gap of hours half of it would be hours, too; half of what the feed holds is no more.
            wish = min(max(_SOONEST, (now - memory.at) * coverage / 2), _LATEST)
        fresh = memory.fresh(items)
        doubts = [*odd, doubt_of_age(fresh, now) if memory.at else "", *_doubts(page, len(collected))]
        return Batch(
            items=fresh + memory.known.recounted(items) if memory.at else placed(fresh, now),
            cursor=after.cursor(),
            window_from=memory.at,
            window_to=now,
            status=status,
            coverage=coverage,
            note="; ".join(filter(None, [note, *doubts])),
            next_in=wish,
            hub=websub.hub_of(page, answer.headers, url=answer.url),
            latest_in=None if page.next_url else after.turnover,  # older pages can be read
        )

    def look_back(self, step: StepBack) -> Past:
        """What the feed holds, then page after page of its archive where it has one (RFC 5005, WordPress)."""
        memory = Memory.of(step.cursor, self._url)
        if memory.identities.moving:
            return Past([], step.until, None, requests=0, note="its dates are those of the request")

        def read(address: str | None) -> tuple[list[Item], str | None]:
            try:
                answer = http_client.fetch(
                    self._client,
                    address or memory.moved or self._url,
                    headers={"Accept": _ACCEPT},
                    now=step.now,
                )
                page = _read(answer)
            except SourceError as error:
                if address is None or not error.permanent:
                    raise
                return [], None  # the archive has no such page
            items = memory.identities.settle(page.items, step.now)[0]
            known = address is not None and oldest_of(items, step.until, pinned=True) >= step.until
            return items, None if known or not items else page.next_url or older_page(answer)

        return page_back({"feed": read}, step, cut=True, pinned=True)

    def _ask(self, memory: Memory, now: datetime) -> tuple[http_client.Answer, str | None]:
        headers = {"Accept": _ACCEPT}
        if memory.moved:
            try:
                answer = http_client.fetch(
                    self._client, memory.moved, headers=headers | memory.conditions(), now=now
                )
            except SourceError as error:
                if not error.permanent:
                    raise
                # The new address is gone; the one that was set may be back.
            else:
                return answer, answer.moved_to or memory.moved
        else:
            headers |= memory.conditions()
        answer = http_client.fetch(self._client, self._url, headers=headers, now=now)
        return answer, answer.moved_to

    def _walk(self, page: Page, memory: Memory, now: datetime) -> list[Item]:
        """The items of the page, and of older pages until a known one; of each id the first counts."""
        items = list(page.items)
        for _ in range(_MAX_PAGES - 1):
            if memory.at is None or not page.next_url or not page.items or memory.knows_any(page.items):
                break
            page = _read(http_client.fetch(self._client, page.next_url, headers={"Accept": _ACCEPT}, now=now))
            items += page.items
        return list({item.external_id: item for item in reversed(items)}.values())[::-1]


def _read(answer: http_client.Answer) -> Page:
    return feed.read(answer.content, answer.headers, url=answer.url)


def _doubts(page: Page, found: int) -> list[str]:
    doubts = [f"the feed is malformed: {page.malformed}"] if page.malformed else []
    if page.unread:
        doubts.append(f"{len(page.unread)} dates cannot be read, the first {page.unread[0]!r}")
    if found > _MAX_ITEMS:
        doubts.append(f"only the first {_MAX_ITEMS:,} of {found:,} posts were taken")
    return doubts


def _wish(answer: http_client.Answer, page: Page | None = None) -> timedelta | None:
    """When the feed would like to be asked again, within reason."""
    match = re.search(r"\bmax-age\s*=\s*\"?(\d{1,8})", answer.headers.get("cache-control", ""))
    wishes = [timedelta(seconds=int(match[1]))] if match else []
    if page and page.ttl:
        wishes.append(page.ttl)
    return min(max(*wishes, _SOONEST), _LATEST) if wishes else None


def _build(settings: RssSettings, client: httpx.Client, _secret: str | None) -> Feed:
    return Feed(settings, client)


KIND = Kind(
    name="rss",
    summary="The feed of a site, a blog or a newspaper: RSS, Atom or JSON Feed.",
    settings=RssSettings,
    build=_build,
    cadence=timedelta(minutes=5),
    looks_back=timedelta(days=90),
    hub=True,
    from_url=lambda url: {"url": url} if url.startswith(("https://", "http://")) else None,
)

"""Mastodon: the posts with a hashtag, or those that a search finds, as one instance knows them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote

import httpx
from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from app import http_client
from app.errors import SourceError
from app.sources.base import Batch, Item, Kind, Past, StepBack
from app.sources.mastodon.status import item_of, order, status_id
from app.sources.mastodon.stream import RECENT, HashtagStream
from app.sources.toolkit import loose
from app.sources.toolkit.address import path_and_query, site
from app.sources.toolkit.past import page_back
from app.sources.toolkit.progress import OVERLAP, Gathered, Progress, gather

_LIMIT = 40
_MOST_PAGES = 25
_ASKED_AFTER = 5  # posts that vanished, in one run


class MastodonSettings(BaseModel):
    """Which instance, and what to look for there."""

    model_config = ConfigDict(extra="forbid")

    instance: str = Field(description="name of the instance: mastodon.social, piaille.fr", max_length=200)
    hashtag: str = Field(default="", description="a hashtag, without #", max_length=100)
    also: list[str] = Field(default=[], description="other hashtags that count as well", max_length=10)
    search: str = Field(
        default="",
        description="instead of a hashtag: words that a post must hold; needs an access token, "
        "and finds only authors who let themselves be found",
        max_length=300,
    )
    stream: bool = Field(
        default=False, description="whether to be told of each post at once; needs a token and one hashtag"
    )

    @field_validator("instance")
    @classmethod
    def _of_the_web(cls, instance: str) -> str:
        return site(instance)

    @field_validator("hashtag", "also")
    @classmethod
    def _without_its_sign(cls, tags: str | list[str]) -> str | list[str]:
        return (
            tags.strip().lstrip("#") if isinstance(tags, str) else [tag.strip().lstrip("#") for tag in tags]
        )

    @model_validator(mode="after")
    def _one_of_them(self) -> "MastodonSettings":
        if bool(self.hashtag) == bool(self.search.strip()):
            raise ValueError("set either hashtag or search")
        if self.stream and (self.search or self.also):
            raise ValueError(
                "a stream follows one hashtag: take out search and also, or make a source for each"
            )
        return self


class Mastodon:
    """One hashtag or search on one instance."""

    def __init__(self, settings: MastodonSettings, client: httpx.Client, secret: str | None) -> None:
        self._at = settings
        self._client = client
        self._headers = {"Authorization": f"Bearer {secret}"} if secret else {}

    def fetch(self, cursor: dict[str, Any], *, now: datetime) -> Batch:
        """What came since the cursor, and of the last minutes what was edited or taken back."""
        at = self._at
        progress = Progress.of(cursor, at.instance, at.hashtag, *at.also, at.search)
        recent: dict[str, list[str]] = dict(progress.position.get("recent", {}))
        after = _start(progress.position.get("id", ""), recent, now)
        seen: dict[str, list[str]] = {}
        oldest_first = bool(after) and not at.search
        pages = self._onward(after, seen, now) if oldest_first else self._back(after, progress, seen, now)
        gathered = gather(pages, most=_MOST_PAGES)
        gone = self._gone(gathered, after, recent, seen, now)
        known = {one: what for one, what in (recent | seen).items() if one not in gone}
        kept = sorted(known, key=order)[-RECENT:]
        position = {
            "id": max([*seen, progress.position.get("id", "")], key=order),
            "recent": {one: known[one] for one in kept},
        }
        batch = progress.batch(gathered, now=now, position=position, oldest_first=oldest_first)
        return replace(batch, deleted=[recent[one][1] for one in gone])

    def look_back(self, step: StepBack) -> Past:
        """The next page of older posts, as far as the instance knows any."""

        def read(below: str | None) -> tuple[list[Item], str | None]:
            statuses = self._ask({"max_id": below} if below else {}, step.now)
            lowest = min(filter(None, map(status_id, statuses)), key=order, default="")
            return _items(statuses, {}), lowest if lowest != below and lowest else None

        return page_back({"posts": read}, step)

    def recount(self, external_ids: Sequence[str], *, now: datetime) -> list[Item]:
        """Those of the posts that were written on this instance, as they are now, one by one."""
        found = []
        for uri in external_ids:
            one = uri.rpartition("/statuses/")[2] if uri.startswith(f"{self._at.instance}/") else ""
            if not (one.isascii() and one.isalnum()):
                continue
            address = f"{self._at.instance}/api/v1/statuses/{one}"
            response = http_client.ask(self._client, address, headers=self._headers, now=now)
            if response.status not in (404, 410):  # what was deleted is found by the runs
                status = loose.document(http_client.good(response, now=now))
                found += [item] if (item := item_of(status)) else []
        return found

    def _onward(self, after: str, seen: dict[str, list[str]], now: datetime) -> Iterator[list[Item]]:
        """From the oldest that is new to the newest: `min_id` gives the page just above it.

        Until a page is empty, for an instance gives as few at once as it likes.
        """
        while True:
            statuses = self._ask({"min_id": after}, now)
            yield _items(statuses, seen)
            highest = max(map(status_id, statuses), key=order, default="")
            if order(highest) <= order(after):
                return
            after = highest

    def _back(
        self, after: str, progress: Progress, seen: dict[str, list[str]], now: datetime
    ) -> Iterator[list[Item]]:
        """From the newest back, until the id that is known or the time that a first run looks back on."""
        since, bounds = progress.since(now), {"min_id": after} if after else {}
        while True:
            statuses = self._ask(bounds, now)
            yield _items(statuses, seen)
            last = min(filter(status_id, statuses), key=lambda status: order(status_id(status)), default={})
            lowest, at = status_id(last), loose.instant(last.get("created_at"))
            past = not after and at is not None and at < since
            if past or lowest in ("", bounds.get("max_id")):
                return
            bounds = bounds | {"max_id": lowest}

    def _ask(self, bounds: Mapping[str, str], now: datetime) -> list[dict[str, Any]]:
        params: dict[str, Any] = {"limit": _LIMIT, **bounds}
        if self._at.search:
            path, params = "/api/v2/search", {"q": self._at.search, "type": "statuses"} | params
        else:
            path = f"/api/v1/timelines/tag/{quote(self._at.hashtag, safe='')}"
            params |= {"any[]": self._at.also} if self._at.also else {}
        response = http_client.ask(
            self._client, self._at.instance + path, params=params, headers=self._headers, now=now
        )
        host = httpx.URL(self._at.instance).host
        if response.status in (401, 422) and not self._headers:
            raise SourceError(
                f"{host} answers this only to its members. Make an access token there (Preferences, "
                "Development, with read:statuses and read:search) and set it as the secret of the source.",
                permanent=True,
            )
        http_client.good(response, now=now, secret=f"the access token of {host}" if self._headers else "")
        if self._at.search:
            return loose.listed(response, "statuses")
        return loose.rows_of(response)

    def _gone(
        self,
        gathered: Gathered,
        after: str,
        recent: Mapping[str, list[str]],
        seen: Mapping[str, list[str]],
        now: datetime,
    ) -> list[str]:
        """Posts that vanished from between others, and that the instance, when asked, does not have."""
        asked = {one for one in recent if after and order(one) > order(after)}
        if not gathered.whole or self._at.search or not asked & set(seen):
            return []
        gone = []
        for one in sorted(asked - set(seen), key=order)[:_ASKED_AFTER]:
            address = f"{self._at.instance}/api/v1/statuses/{quote(one, safe='')}"
            try:
                response = http_client.ask(self._client, address, headers=self._headers, now=now)
            except SourceError:
                break
            if response.status in (404, 410):
                gone.append(one)
        return gone


def _start(newest: str, recent: Mapping[str, list[str]], now: datetime) -> str:
    """The id above which to ask: below the posts of the last minutes, which may have been edited."""
    young = [one for one, (at, _) in recent.items() if (when := loose.instant(at)) and when >= now - OVERLAP]
    if not young:
        return newest
    first = min(young, key=order)
    below = max((one for one in recent if order(one) < order(first)), key=order, default="")
    return below or (str(int(first) - 1) if first.isascii() and first.isdigit() else newest)


def _items(statuses: list[dict[str, Any]], seen: dict[str, list[str]]) -> list[Item]:
    items = []
    for status in statuses:
        item, one = item_of(status), status_id(status)
        if one:
            at = item.published_at.isoformat() if item and item.published_at else ""
            seen[one] = [at, item.external_id if item else ""]
        if item:
            items.append(item)
    return items


def _listen(settings: MastodonSettings, secret: str | None) -> HashtagStream | None:
    if not (settings.stream and secret):
        return None
    about = (settings.instance, settings.hashtag, settings.search)
    return HashtagStream(settings.instance, settings.hashtag, secret, about)


def _from_url(url: str) -> Mapping[str, Any] | None:
    found = path_and_query(url)
    if found is None:
        return None
    instance, path, query = found
    _, is_tag, tag = path.partition("/api/v1/timelines/tag/")
    if is_tag and tag:
        return {"instance": instance, "hashtag": httpx.URL(url).path.rpartition("/")[2]}
    if path == "/api/v2/search" and query.get("q"):
        return {"instance": instance, "search": query["q"]}
    if path.startswith("/api/v1/streaming") and query.get("tag"):
        return {"instance": instance, "hashtag": query["tag"], "stream": True}
    return None


def _build(settings: MastodonSettings, client: httpx.Client, secret: str | None) -> Mastodon:
    return Mastodon(settings, client, secret)


KIND = Kind(
    name="mastodon",
    summary="Posts with a hashtag, or found by a search, as one Mastodon instance knows them.",
    settings=MastodonSettings,
    build=_build,
    cadence=timedelta(minutes=2),
    secret="optional",  # noqa: S106 - a word, not a secret
    gives="engagement as far as the instance knows it, followers, edits and deletions",
    looks_back=timedelta(days=90),
    recounts=5,
    needs="An access token of the instance, for search, for streaming and where only members see hashtags.",
    listen=_listen,
    from_url=_from_url,
)

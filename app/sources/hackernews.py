"""Hacker News: its stories and comments, found by the search service that Algolia runs for it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import count
from typing import Any

import httpx
from pydantic import BaseModel, ConfigDict, Field

from app import http_client
from app.errors import SourceError
from app.sources.base import Batch, Item, Kind, Past, StepBack
from app.sources.toolkit import loose
from app.sources.toolkit.address import path_and_query
from app.sources.toolkit.markup import plain
from app.sources.toolkit.past import oldest_of
from app.sources.toolkit.progress import Progress, gather
from app.sources.toolkit.text import MAX_AUTHOR, MAX_TITLE, clean, fit_id, web_url

_SEARCH = "https://hn.algolia.com/api/v1/search_by_date"
_PAGE = "https://news.ycombinator.com/item?id="
_EXACTLY: dict[str, str | int] = {"typoTolerance": "false", "advancedSyntax": "true"}
_AT_ONCE = 500
_MOST_PAGES = 20
_STALLED = timedelta(
    minutes=45
)  # somebody posts every minute, so an index without news for so long stands still


class HackerNewsSettings(BaseModel):
    """What to look for."""

    model_config = ConfigDict(extra="forbid")

    query: str = Field(
        default="",
        description='words that a story or comment must hold; "in quotes" for a phrase; empty: all of them',
        max_length=300,
    )
    comments: bool = Field(default=True, description="whether comments are wanted beside stories")


class HackerNews:
    """One search, newest first, walked back until what is known."""

    def __init__(self, settings: HackerNewsSettings, client: httpx.Client) -> None:
        self._query = settings.query
        self._tags = "(story,comment)" if settings.comments else "story"
        self._client = client

    def fetch(self, cursor: dict[str, Any], *, now: datetime) -> Batch:
        """The stories and comments that came since the cursor, late ones included."""
        progress = Progress.of(cursor, self._query, self._tags)
        gathered = gather(self._pages(progress.since(now), now), most=_MOST_PAGES)
        batch = progress.batch(gathered, now=now)
        heard = max(filter(None, (progress.at, progress.newest)), default=None)
        if not (gathered.whole and heard and not batch.items and now - heard > _STALLED):
            return batch
        stands_at = self._newest_of_all(now)
        if stands_at is None or now - stands_at <= _STALLED:
            return batch
        until = max(stands_at, progress.at or stands_at)
        return replace(
            batch,
            cursor=batch.cursor | {"at": until.isoformat()},
            window_to=until,
            status="partial",
            note=f"the search of Hacker News stands still since {stands_at:%d %b %H:%M} UTC",
        )

    def look_back(self, step: StepBack) -> Past:
        """What was written before `until`, 500 at once."""
        response = self._ask(int(step.since.timestamp()), int(step.until.timestamp()), 0, step.now)
        hits = loose.listed(response, "hits")
        items = [item for hit in hits if (item := _item(hit))]
        total = loose.whole(loose.document(response).get("nbHits")) or 0
        if len(hits) >= total or not items:
            return Past(items, step.since, None)
        # The same second is asked for again, as it may hold more; where it holds a page, it is passed.
        return Past(items, min(oldest_of(items, step.since), step.until - timedelta(seconds=1)), {})

    def recount(self, external_ids: Sequence[str], *, now: datetime) -> list[Item]:
        """The stories among the posts as they are now, one by one; of comments it counts nothing."""
        found = []
        for name in external_ids:
            params: dict[str, str | int] = {"tags": f"story,story_{name}", "hitsPerPage": 1}
            response = http_client.good(
                http_client.ask(self._client, _SEARCH, params=params, now=now), now=now
            )
            found += [item for hit in loose.listed(response, "hits") if (item := _item(hit))]
        return found

    def _pages(self, since: datetime, now: datetime) -> Iterator[list[Item]]:
        """Page after page; where a query has more results than can be reached, another goes on below it."""
        above, below = int(since.timestamp()), None
        while True:
            seen, oldest, total = 0, None, 0
            for page in count():
                response = self._ask(above, below, page, now)
                hits = loose.listed(response, "hits")
                yield [item for hit in hits if (item := _item(hit))]
                times = [at for hit in hits if (at := loose.whole(hit.get("created_at_i")))]
                oldest = min([oldest, *times] if oldest else times, default=None)
                seen += len(hits)
                total = loose.whole(loose.document(response).get("nbHits")) or total
                if not hits or page + 1 >= (loose.whole(loose.document(response).get("nbPages")) or 0):
                    break
            if seen >= total or oldest is None or oldest == below:
                return
            below = oldest

    def _ask(self, above: int, below: int | None, page: int, now: datetime) -> http_client.HttpResponse:
        times = f"created_at_i>{above}" + (f",created_at_i<={below}" if below else "")
        params: dict[str, str | int] = {
            "query": self._query,
            "tags": self._tags,
            "numericFilters": times,
            "hitsPerPage": _AT_ONCE,
            "page": page,
        }
        response = http_client.ask(self._client, _SEARCH, params=params | _EXACTLY, now=now)
        if response.status == 400:  # perhaps for these, which it takes and does not promise
            response = http_client.ask(self._client, _SEARCH, params=params, now=now)
        return http_client.good(response, now=now)

    def _newest_of_all(self, now: datetime) -> datetime | None:
        """When the newest post of all was published that the search knows; None if it does not say."""
        params: dict[str, str | int] = {"tags": "(story,comment)", "hitsPerPage": 1}
        try:
            response = http_client.good(
                http_client.ask(self._client, _SEARCH, params=params, now=now), now=now
            )
            times = [loose.epoch(hit.get("created_at_i")) for hit in loose.listed(response, "hits")]
        except SourceError:
            return None
        return max(filter(None, times), default=None)


def _item(hit: dict[str, Any]) -> Item | None:
    external_id = clean(loose.word(hit.get("objectID")))
    title = plain(loose.word(hit.get("title")), MAX_TITLE)
    text = plain(loose.word(hit.get("comment_text")) or loose.word(hit.get("story_text")))
    link = web_url(hit.get("url"))
    if not external_id or not (title or text):
        return None
    about = {
        "story_id": loose.word(hit.get("story_id")),
        "story": plain(loose.word(hit.get("story_title")), MAX_TITLE) if not title else "",
        "link": link or web_url(hit.get("story_url")) or "",
    }
    return Item(
        external_id=fit_id(external_id),
        # Where a story leads to is part of what it says: a watch may listen for the domain.
        text="\n\n".join(filter(None, (text, link if link and link not in text else ""))),
        published_at=loose.epoch(hit.get("created_at_i")) or loose.instant(hit.get("created_at")),
        title=title,
        author=clean(loose.word(hit.get("author")), MAX_AUTHOR) or None,
        url=_PAGE + external_id,
        likes=loose.whole(hit.get("points")),
        replies=loose.whole(hit.get("num_comments")),
        extra={name: value for name, value in about.items() if value} or None,
    )


def _from_url(url: str) -> Mapping[str, Any] | None:
    found = path_and_query(url)
    if found is None or not found[1].endswith("/api/v1/search_by_date"):
        return None
    tags = found[2].get("tags", "")
    return {"query": found[2].get("query", ""), "comments": not tags or "comment" in tags}


def _build(settings: HackerNewsSettings, client: httpx.Client, _secret: str | None) -> HackerNews:
    return HackerNews(settings, client)


KIND = Kind(
    name="hackernews",
    summary="Stories and comments of Hacker News that hold the words of a query.",
    settings=HackerNewsSettings,
    build=_build,
    cadence=timedelta(minutes=5),
    gives="points, number of comments",
    looks_back=timedelta(days=90),
    recounts=5,
    from_url=_from_url,
)

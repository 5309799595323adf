"""Discourse: the posts of a forum, all of them or those that a search finds."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import count
from typing import Any

import httpx
from pydantic import BaseModel, ConfigDict, Field, field_validator

from app import http_client
from app.errors import SourceError
from app.sources.base import Batch, Item, Kind, Past, StepBack
from app.sources.discourse.posts import found_item, item_of, post_id, taken_back
from app.sources.toolkit import loose
from app.sources.toolkit.address import path_and_query, site
from app.sources.toolkit.past import oldest_of, page_back
from app.sources.toolkit.progress import Gathered, Progress, gather

_WINDOW = 50  # a page holds what is visible among so many ids
_MOST_PAGES = 40
_MOST_SEARCHES = 10  # it allows fifteen a minute
_EMPTY_PAGES = 8  # in a row, on the way down to an id that must be there
_REMEMBERED = 100
_ASKED_AFTER = 5  # posts that vanished, in one run


class DiscourseSettings(BaseModel):
    """Which forum, and what to look for there."""

    model_config = ConfigDict(extra="forbid")

    forum: str = Field(description="address of the forum: https://forum.example.org", max_length=500)
    query: str = Field(
        default="",
        description="words that a post must hold, at least three letters; empty: all posts of the forum",
        max_length=200,
    )
    username: str = Field(
        default="", description="user that the API key belongs to, for a closed forum", max_length=100
    )
    lang: str = Field(
        default="", description="language of the forum: fr", pattern=r"^([a-z]{2,3}(-[A-Za-z]{2,8})?)?$"
    )

    @field_validator("forum")
    @classmethod
    def _of_the_web(cls, forum: str) -> str:
        return site(forum)

    @field_validator("query")
    @classmethod
    def _long_enough(cls, query: str) -> str:
        query = query.strip()
        if query and len(query) < 3:
            raise ValueError("the forum searches for three letters or more")
        return query


class Discourse:
    """One forum, newest first, walked back until what is known."""

    def __init__(self, settings: DiscourseSettings, client: httpx.Client, secret: str | None) -> None:
        self._at = settings
        self._client = client
        self._headers = {"Api-Key": secret} if secret else {}
        if secret and settings.username:
            self._headers["Api-Username"] = settings.username

    def fetch(self, cursor: dict[str, Any], *, now: datetime) -> Batch:
        """The posts that came since the cursor, and which of the last ones were edited or taken back."""
        progress = Progress.of(cursor, self._at.forum, self._at.query)
        if self._at.query:
            gathered = gather(self._found(progress.since(now), now), most=_MOST_SEARCHES)
            return progress.batch(gathered, now=now)
        last, recent = progress.position.get("id", 0), set(progress.position.get("recent", []))
        seen: dict[int, bool] = {}
        gathered = gather(self._newest(last, progress.since(now), seen, now), most=_MOST_PAGES)
        gone = [one for one, back in seen.items() if back and one in recent]
        gone += self._vanished(gathered, recent, seen, now)
        here = {one for one, back in seen.items() if not back}
        position = {
            "id": max([last, *seen]),
            "recent": sorted((recent | here) - set(gone))[-_REMEMBERED:],
        }
        batch = progress.batch(gathered, now=now, position=position)
        return replace(batch, deleted=[str(one) for one in gone])

    def look_back(self, step: StepBack) -> Past:
        """The next page of older posts, or of what a search finds before that day."""
        if not self._at.query:
            return page_back({"posts": lambda below: self._before(below, step.now)}, step)
        day = step.until + timedelta(days=1)
        words = f"{self._at.query} order:latest after:{step.since:%Y-%m-%d} before:{day:%Y-%m-%d}"
        items, more = self._search(words, 1, step.now)
        if not (items and more):
            return Past(items, step.since, None)
        reached, day = oldest_of(items, step.since), step.until - timedelta(days=1)
        if reached > day:  # the search knows days only, and shows no more of this one
            return Past(items, day, {}, coverage=0.0)
        return Past(items, reached, {})

    def _before(self, below: int | None, now: datetime) -> tuple[list[Item], int | None]:
        """(the posts of a page, the number below which the next one goes on)."""
        response = self._ask("/posts.json", {"before": below} if below else {}, now)
        posts = loose.listed(response, "latest_posts")
        lowest = min(filter(None, map(post_id, posts)), default=(below or 0) - _WINDOW)
        items = [item for post in posts if (item := item_of(post, self._at.forum, self._at.lang))]
        return items, lowest if 1 < lowest != below else None

    def _newest(
        self, last: int, since: datetime, seen: dict[int, bool], now: datetime
    ) -> Iterator[list[Item]]:
        """Pages of the newest posts, down to the last known one or past what a first run looks at."""
        below: int | None = None
        empty = 0
        while True:
            response = self._ask("/posts.json", {"before": below} if below else {}, now)
            posts = loose.listed(response, "latest_posts")
            numbers = {number: post for post in posts if (number := post_id(post))}
            seen |= {number: taken_back(post) for number, post in numbers.items()}
            yield [item for post in posts if (item := item_of(post, self._at.forum, self._at.lang))]
            lowest = min(numbers, default=None)
            if lowest is None and below is None:
                return
            stuck = lowest is None or (below is not None and lowest >= below)
            empty = empty + 1 if stuck else 0
            below = max((below or 0) - _WINDOW, 0) if stuck or lowest is None else lowest
            times = [at for post in posts if (at := loose.instant(post.get("created_at")))]
            past = not last and times and min(times) < since
            if below <= max(last, 1) or past or empty > (_EMPTY_PAGES if last else 1):
                return

    def _found(self, since: datetime, now: datetime) -> Iterator[list[Item]]:
        """Page after page of a search, newest first."""
        words = f"{self._at.query} order:latest after:{since - timedelta(days=1):%Y-%m-%d}"
        for page in count(1):
            items, more = self._search(words, page, now)
            yield items
            times = [item.published_at for item in items if item.published_at]
            if not more or (times and min(times) < since):
                return

    def _search(self, words: str, page: int, now: datetime) -> tuple[list[Item], bool]:
        """(what a search finds on that page, whether there is another one)."""
        response = self._ask("/search.json", {"q": words, "page": page}, now)
        found = loose.document(response)
        result = found.get("grouped_search_result")
        if why := loose.word(loose.inner(result, "error")):
            raise SourceError(f"{http_client.shown(response.url)} refuses the search: {why[:200]}")
        posts = loose.listed(response, "posts") if "posts" in found or not result else []
        topics = {loose.word(topic.get("id")): topic for topic in loose.rows(found.get("topics"))}
        items = [item for post in posts if (item := found_item(post, topics, self._at.forum, self._at.lang))]
        return items, bool(posts) and _more(result)

    def _ask(self, path: str, params: Mapping[str, str | int], now: datetime) -> http_client.HttpResponse:
        response = http_client.ask(
            self._client, self._at.forum + path, params=params, headers=self._headers, now=now
        )
        return http_client.good(response, now=now, secret="the API key of the forum")  # noqa: S106 - words

    def _vanished(
        self, gathered: Gathered, recent: set[int], seen: Mapping[int, bool], now: datetime
    ) -> list[int]:
        """Posts that are no more among their neighbours, and that the forum, when asked, does not show."""
        if not gathered.whole or not recent & set(seen):
            return []
        missing = sorted(one for one in recent - set(seen) if one > min(seen))
        gone = []
        for one in missing[:_ASKED_AFTER]:
            address = f"{self._at.forum}/posts/{one}.json"
            try:
                response = http_client.ask(self._client, address, headers=self._headers, now=now)
            except SourceError:
                break
            if response.status in (403, 404, 410):
                gone.append(one)
        return gone


def _more(result: object) -> bool:
    """Whether the search has another page; older forums name it otherwise."""
    names = ("more_full_page_results", "more_posts", "more_results")
    told = (loose.inner(result, name) for name in names)
    return next((more for more in told if isinstance(more, bool)), False)


def _from_url(url: str) -> Mapping[str, Any] | None:
    found = path_and_query(url)
    if found is None:
        return None
    base, path, query = found
    if path.endswith("/posts.json") and "/t/" not in path:
        return {"forum": base + path.removesuffix("/posts.json")}
    if path.endswith("/search.json") and query.get("q"):
        words = [word for word in query["q"].split() if not word.startswith(("order:", "after:", "before:"))]
        return {"forum": base + path.removesuffix("/search.json"), "query": " ".join(words)}
    return None


def _build(settings: DiscourseSettings, client: httpx.Client, secret: str | None) -> Discourse:
    return Discourse(settings, client, secret)


KIND = Kind(
    name="discourse",
    summary="Posts of a Discourse forum: all of them, or those that a search finds.",
    settings=DiscourseSettings,
    build=_build,
    cadence=timedelta(minutes=3),
    secret="optional",  # noqa: S106 - a word, not a secret
    gives="likes, replies, readers, edits and deletions",
    looks_back=timedelta(days=90),
    needs="An API key and its user name where a forum shows its posts to members only.",
    from_url=_from_url,
)

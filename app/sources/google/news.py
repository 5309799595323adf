"""Google News: the headlines of the press that hold a query, from the feed of its search."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from math import ceil
from typing import Any

import httpx
from pydantic import BaseModel, ConfigDict, Field, field_validator

from app import http_client
from app.errors import SourceError
from app.sources.base import Batch, Item, Kind, Past, StepBack
from app.sources.feed import xmlfeed
from app.sources.toolkit.address import path_and_query
from app.sources.toolkit.progress import OVERLAP, Progress, gather
from app.sources.toolkit.text import digest

_SEARCH = "https://news.google.com/rss/search"
_FULL = 100  # items; there is no other page
_REST = timedelta(minutes=15)  # that it wants once it takes us for a robot
_PACE = timedelta(minutes=1)
_REMEMBERED = 500
_WEEK = timedelta(days=7)
_TIMES = re.compile(r"(?:^|\s)(?:when|after|before):\S+", re.IGNORECASE)


class GoogleNewsSettings(BaseModel):
    """What to look for, in which edition."""

    model_config = ConfigDict(extra="forbid")

    query: str = Field(
        description='words of the articles; "in quotes" for a phrase, OR, -without, site:, intitle:',
        min_length=1,
        max_length=400,
    )
    language: str = Field(default="fr", description="language of the edition: fr", pattern=r"^[a-z]{2,3}$")
    country: str = Field(default="FR", description="country of the edition: FR", pattern=r"^[A-Z]{2}$")

    @field_validator("query")
    @classmethod
    def _without_times(cls, query: str) -> str:
        if _TIMES.search(query):
            raise ValueError("take out when:, after: and before:, which are set at each run")
        return query.strip()


@dataclass(slots=True)
class _Titles:
    """Headlines by publisher, for an article may come again under another id."""

    known: dict[str, str]  # digest of publisher and title to that of the id
    full: bool = False
    seen: dict[str, str] = field(default_factory=dict)

    def first(self, item: Item) -> bool:
        """Whether the article was not there before under another id."""
        publisher = str((item.extra or {}).get("publisher", ""))
        key = digest(publisher.casefold(), re.sub(r"\W+", " ", item.title).strip().casefold())[:16]
        own = digest(item.external_id)[:12]
        before = self.seen.get(key) or self.known.get(key)
        self.seen[key] = before or own
        return before in (None, own)


class GoogleNews:
    """One query in one edition, asked for the time that has passed."""

    def __init__(self, settings: GoogleNewsSettings, client: httpx.Client) -> None:
        self._at = settings
        self._client = client

    def fetch(self, cursor: dict[str, Any], *, now: datetime) -> Batch:
        """The articles that came since the cursor; it orders them by relevance, and shows a hundred."""
        progress = Progress.of(cursor, self._at.query, self._at.language, self._at.country)
        titles = _Titles(dict(progress.position.get("titles", {})))
        gathered = gather(self._pages(progress.at, titles, now), most=2)
        known = titles.seen | {key: own for key, own in titles.known.items() if key not in titles.seen}
        return progress.batch(
            replace(gathered, capped=titles.full),
            now=now,
            position={"titles": dict(list(known.items())[: max(_REMEMBERED, len(titles.seen))])},
            next_in=_PACE if titles.full else None,
            note=f"{_FULL} articles are all it shows: narrow the query" if titles.full else "",
        )

    def look_back(self, step: StepBack) -> Past:
        """A week of articles, those that it likes to show: how many there were they do not say."""
        start = max(step.until - _WEEK, step.since)
        day = step.until + timedelta(days=1)
        items = self._search(f"after:{start:%Y-%m-%d} before:{day:%Y-%m-%d}", step.now)
        note = "it shows some of the articles of a week: they are read, and count for no baseline"
        return Past(items, start, {} if start > step.since else None, coverage=0.0, note=note)

    def _pages(self, since: datetime | None, titles: _Titles, now: datetime) -> Iterator[list[Item]]:
        """The articles of the time that passed; if that is more than it shows, those of the last hour too."""
        hours = ceil((now - since + OVERLAP) / timedelta(hours=1)) if since else 24
        items = self._ask(hours, now)
        titles.full = len(items) >= _FULL
        yield [item for item in items if titles.first(item)]
        if titles.full and hours > 1:
            yield [item for item in self._ask(1, now) if titles.first(item)]

    def _ask(self, hours: int, now: datetime) -> list[Item]:
        return self._search(f"when:{f'{hours}h' if hours < 24 else f'{ceil(hours / 24)}d'}", now)

    def _search(self, times: str, now: datetime) -> list[Item]:
        language, country = self._at.language, self._at.country
        params = {
            "q": f"{self._at.query} {times}",
            "hl": f"{language}-{country}" if language == "en" else language,
            "gl": country,
            "ceid": f"{country}:{language}",
        }
        response = http_client.ask(self._client, _SEARCH, params=params, now=now)
        try:
            http_client.good(response, now=now)
        except SourceError as error:
            if response.status not in (403, 429, 503):
                raise  # the others do not mean that it takes us for a robot
            wait = max(error.retry_after or _REST, _REST)
            raise SourceError(str(error), retry_after=wait, asked=response.asked) from error
        return [_named(item, language) for item in _read(response)]


def _read(response: http_client.HttpResponse) -> list[Item]:
    where, start = http_client.shown(response.url), response.content[:2_000].lstrip()
    if not start:
        raise SourceError(f"{where} gives an empty answer where a feed was expected. It is asked again.")
    if b"<html" in start.lower() or start.lower().startswith(b"<!doctype html"):
        raise SourceError(
            f"{where} gives a web page where a feed was expected: a check for robots, or for consent. "
            "It is left alone for a while; ask for fewer queries if this goes on.",
            retry_after=_REST,
            asked=response.asked,
        )
    if not start.removeprefix(b"\xef\xbb\xbf").startswith(b"<"):
        raise SourceError(f"{where} gives something that is not a feed, or is cut short. It is asked again.")
    return xmlfeed.parse(response.content, response.headers, url=response.url, where=where).items


def _named(item: Item, language: str) -> Item:
    """The item with its headline alone, and its publisher as who says it."""
    publisher = str((item.extra or {}).get("publisher", ""))
    title = item.title.removesuffix(f" - {publisher}") if publisher else item.title
    # Its description is the headline and the publisher once more, or headlines of others beside it.
    return replace(item, title=title, text="", author=publisher or item.author, lang=item.lang or language)


def _from_url(url: str) -> Mapping[str, Any] | None:
    found = path_and_query(url)
    if found is None or not found[1].endswith("/rss/search") or not found[2].get("q"):
        return None
    query = found[2]
    country, _, language = query.get("ceid", "FR:fr").partition(":")
    return {"query": _TIMES.sub("", query["q"]).strip(), "language": language or "fr", "country": country}


def _build(settings: GoogleNewsSettings, client: httpx.Client, _secret: str | None) -> GoogleNews:
    return GoogleNews(settings, client)


KIND = Kind(
    name="google_news",
    summary="Headlines of the press that hold a query, from the search of Google News.",
    settings=GoogleNewsSettings,
    build=_build,
    cadence=timedelta(minutes=5),
    gives="headline and publisher within minutes; the address is Google's own",
    looks_back=timedelta(days=90),
    from_url=_from_url,
)

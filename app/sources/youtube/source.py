"""YouTube: videos that a search finds, and the comments under given videos or channels."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
from pydantic import BaseModel, ConfigDict, Field, model_validator

from app import http_client
from app.errors import SourceError
from app.sources.base import Batch, Item, Kind, Past, StepBack
from app.sources.toolkit import loose
from app.sources.toolkit.past import page_back
from app.sources.toolkit.walk import FIRST_LOOK, Read, Terms, gather, last
from app.sources.youtube.answers import ClosedError, comment, good, video, with_statistics

_API = "https://www.googleapis.com/youtube/v3"
_LATE = timedelta(hours=24)  # a video may be found hours after it was published
# Each page of a search is one of 100 in a day, so the pages are only read until a known video.
_TERMS = Terms(kept=500)
_AT_ONCE = 50
_SEARCHED = 500  # videos that a search shows at most
_ID = re.compile(r"[A-Za-z0-9_-]{5,40}")


class YouTubeSettings(BaseModel):
    """What to look for."""

    model_config = ConfigDict(extra="forbid")

    query: str = Field("", description="search for videos: words, | for or, - for not", max_length=300)
    videos: list[str] = Field(
        default_factory=list, description="ids of videos whose comments are wanted", max_length=50
    )
    channels: list[str] = Field(
        default_factory=list, description="ids (UC…) of channels: comments on all their videos", max_length=20
    )
    language: str = Field(
        "", description="language that the search prefers, such as fr", pattern=r"^([a-zA-Z-]{2,10})?$"
    )
    region: str = Field(
        "", description="country where the videos can be seen, such as FR", pattern=r"^([A-Z]{2})?$"
    )

    @model_validator(mode="after")
    def _something(self) -> "YouTubeSettings":
        if not (self.query or self.videos or self.channels):
            raise ValueError("give a query, videos or channels")
        for name in (*self.videos, *self.channels):
            if not _ID.fullmatch(name):
                raise ValueError(f"{name[:40]!r} is no id, which stands in the address after v= or /channel/")
        return self


class YouTube:
    """One search and some lists of comments, newest first, until what is known."""

    def __init__(self, settings: YouTubeSettings, client: httpx.Client, key: str | None) -> None:
        self._settings, self._client, self._key = settings, client, key
        self._closed: list[str] = []

    def fetch(self, cursor: dict[str, Any], *, now: datetime) -> Batch:
        """The videos and comments that are new or edited since the cursor."""
        self._closed = []
        batch = gather(self._lists(last(cursor), now), cursor, now=now, terms=_TERMS)
        notes = [batch.note] if batch.note else []
        return replace(batch, items=self._counted(batch.items, now), note="; ".join([*notes, *self._closed]))

    def look_back(self, step: StepBack) -> Past:
        """The next page of older videos or comments, whichever list was read the least far."""
        self._closed = []
        past = page_back(self._lists(step.since, step.now), step, most=_SEARCHED)
        return replace(past, items=self._counted(list(past.items), step.now), requests=2)

    def recount(self, external_ids: Sequence[str], *, now: datetime) -> list[Item]:
        """The videos as they are now; one question costs one of 10,000 units a day."""
        response = self._ask("videos", {"id": ",".join(external_ids)}, now, part="snippet,statistics")
        rows = loose.listed(response, "items")
        found = [(video(row | {"id": {"videoId": row.get("id")}}), row) for row in rows]
        return [with_statistics(item, row) for item, row in found if item]

    def _lists(self, since: datetime | None, now: datetime) -> dict[str, Read]:
        wanted, lists = self._settings, dict[str, Read]()
        if wanted.query:
            start = now - FIRST_LOOK if since is None else since - _LATE
            params = {
                "type": "video", "order": "date", "q": wanted.query, "maxResults": f"{_AT_ONCE}",
                "publishedAfter": f"{start:%Y-%m-%dT%H:%M:%SZ}", "relevanceLanguage": wanted.language,
                "regionCode": wanted.region,
            }  # fmt: skip
            lists["search"] = lambda token: self._search(params, token, now)
        of = [("videoId", name) for name in wanted.videos]
        of += [("allThreadsRelatedToChannelId", name) for name in wanted.channels]
        for parameter, name in of:
            lists[name] = self._comments({parameter: name}, name, now)
        return lists

    def _search(
        self, params: Mapping[str, str], token: str | None, now: datetime
    ) -> tuple[list[Item], str | None]:
        response = self._ask("search", {**params, "pageToken": token or ""}, now)
        items = [item for row in loose.listed(response, "items") if (item := video(row))]
        return items, loose.word(loose.document(response).get("nextPageToken")) or None

    def _comments(self, which: Mapping[str, str], name: str, now: datetime) -> Read:
        def read(token: str | None) -> tuple[list[Item], str | None]:
            params = {
                "order": "time",
                "maxResults": "100",
                "textFormat": "plainText",
                "pageToken": token or "",
            }
            try:
                response = self._ask("commentThreads", {**which, **params}, now)
            except ClosedError as error:  # the others can still be heard
                self._closed.append(f"{name}: {error}")
                return [], None
            items = [item for row in loose.listed(response, "items") if (item := comment(row))]
            return items, loose.word(loose.document(response).get("nextPageToken")) or None

        return read

    def _counted(self, items: list[Item], now: datetime) -> list[Item]:
        """The same, videos with their counts and whole description; without them if these do not come."""
        ids = [item.external_id for item in items if (item.extra or {}).get("channel_id")]
        told: dict[str, dict[str, Any]] = {}
        for start in range(0, len(ids), _AT_ONCE):
            params = {"id": ",".join(ids[start : start + _AT_ONCE])}
            try:
                response = self._ask("videos", params, now, part="snippet,statistics")
                told |= {loose.word(row.get("id")): row for row in loose.listed(response, "items")}
            except SourceError:
                break
        return [with_statistics(item, told.get(item.external_id)) for item in items]

    def _ask(
        self, what: str, params: Mapping[str, str], now: datetime, *, part: str = "snippet"
    ) -> http_client.HttpResponse:
        parameters = {
            "part": part,
            **{name: value for name, value in params.items() if value},
            "key": self._key or "",
        }
        return good(http_client.ask(self._client, f"{_API}/{what}", params=parameters, now=now), now=now)


def _from_url(url: str) -> dict[str, Any] | None:
    parts = urlsplit(url)
    query = {name: values[-1] for name, values in parse_qs(parts.query).items()}
    if parts.path.endswith("/youtube/v3/search") and query.get("q"):
        told = {
            "query": query["q"],
            "language": query.get("relevanceLanguage"),
            "region": query.get("regionCode"),
        }
        return {name: value for name, value in told.items() if value}
    if parts.path.endswith("/youtube/v3/commentThreads"):
        if query.get("videoId"):
            return {"videos": [query["videoId"]]}
        if query.get("allThreadsRelatedToChannelId"):
            return {"channels": [query["allThreadsRelatedToChannelId"]]}
    return None


def _build(settings: YouTubeSettings, client: httpx.Client, secret: str | None) -> YouTube:
    return YouTube(settings, client, secret)


KIND = Kind(
    name="youtube",
    summary="Videos on YouTube that a search finds, and comments on given videos and channels.",
    settings=YouTubeSettings,
    build=_build,
    cadence=timedelta(minutes=15),
    secret="needed",  # noqa: S106 - a word, not a secret
    gives="views, likes, comments",
    looks_back=timedelta(days=90),
    recounts=_AT_ONCE,
    needs="A free key of the YouTube Data API; it allows 100 searches a day, one every quarter of an hour.",
    from_url=_from_url,
)

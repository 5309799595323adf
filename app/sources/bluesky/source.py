"""Bluesky: the posts that a search finds, asked for with the app password of an account."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import httpx
from pydantic import BaseModel, ConfigDict, Field, field_validator

from app import http_client
from app.errors import SourceError
from app.sources.base import Batch, Item, Kind, Past, StepBack
from app.sources.bluesky.post import item_of
from app.sources.toolkit import loose
from app.sources.toolkit.address import path_and_query, site
from app.sources.toolkit.past import oldest_of
from app.sources.toolkit.progress import Progress, gather
from app.sources.toolkit.text import clean, digest
from app.sources.toolkit.tokens import Tokens

_SEARCH = "/xrpc/app.bsky.feed.searchPosts"
_POSTS = "/xrpc/app.bsky.feed.getPosts"
_PROFILES = "/xrpc/app.bsky.actor.getProfiles"
_LOGIN = "/xrpc/com.atproto.server.createSession"
_LIMIT = 100
_MOST_PAGES = 30
_ACTORS, _MOST_PROFILES = 25, 4
_LASTS = timedelta(minutes=90)  # a session is good for two hours; twelve logins a day are far below the limit
_STALE = ("ExpiredToken", "InvalidToken")
_SECRET = "the handle and the app password of the account"  # noqa: S105 - words
_sessions = Tokens()


class BlueskySettings(BaseModel):
    """What to look for, and as whom."""

    model_config = ConfigDict(extra="forbid")

    query: str = Field(
        description='words that a post must hold; "in quotes" for a phrase, #tag, domain:brand.example',
        min_length=1,
        max_length=300,
    )
    handle: str = Field(
        description="handle of the account whose app password is the secret: brand.bsky.social",
        max_length=253,
    )
    lang: str = Field(
        default="", description="only posts in this language: fr", pattern=r"^([a-z]{2,3}(-[A-Za-z]{2,8})?)?$"
    )
    service: str = Field(
        default="https://bsky.social",
        description="the account's server, if it is not Bluesky's",
        max_length=253,
    )

    @field_validator("service")
    @classmethod
    def _of_the_web(cls, service: str) -> str:
        return site(service)

    @field_validator("handle")
    @classmethod
    def _without_its_sign(cls, handle: str) -> str:
        handle = handle.strip().lstrip("@")
        if not handle:
            raise ValueError("the handle is missing: write it as brand.bsky.social")
        return handle


class Bluesky:
    """One search, newest first, walked back until what is known."""

    def __init__(self, settings: BlueskySettings, client: httpx.Client, secret: str | None) -> None:
        self._at = settings
        self._client = client
        self._password = secret
        self._key = digest(settings.service, settings.handle, secret or "")

    def fetch(self, cursor: dict[str, Any], *, now: datetime) -> Batch:
        """The posts that came since the cursor; the search is late at times, so with an overlap."""
        progress = Progress.of(cursor, self._at.query, self._at.lang)
        gathered = gather(self._pages(progress.since(now), now), most=_MOST_PAGES)
        batch = progress.batch(gathered, now=now)
        followers = self._followers(batch.items, now)
        known = [replace(item, followers=followers.get(_did(item), item.followers)) for item in batch.items]
        return replace(batch, items=known)

    def look_back(self, step: StepBack) -> Past:
        """The hundred posts before `until`; a page may hold fewer, and only an empty one is the last."""
        params = self._query(step.since) | {"until": f"{step.until:%Y-%m-%dT%H:%M:%S}.999Z"}
        items = [item for post in loose.listed(self._ask(params, step.now), "posts") if (item := _item(post))]
        if not items:
            return Past(items, step.since, None)
        return Past(items, min(oldest_of(items, step.since), step.until - timedelta(seconds=1)), {})

    def recount(self, external_ids: Sequence[str], *, now: datetime) -> list[Item]:
        """The posts as they are now, by their addresses."""
        response = http_client.good(self._asked(_POSTS, {"uris": list(external_ids)}, now), now=now)
        return [item for post in loose.listed(response, "posts") if (item := _item(post))]

    def _query(self, since: datetime) -> dict[str, str | int]:
        params: dict[str, str | int] = {
            "q": self._at.query,
            "sort": "latest",
            "since": f"{since:%Y-%m-%dT%H:%M:%SZ}",
            "limit": _LIMIT,
        }
        return params | ({"lang": self._at.lang} if self._at.lang else {})

    def _pages(self, since: datetime, now: datetime) -> Iterator[list[Item]]:
        params = self._query(since)
        while True:
            response = self._ask(params, now)
            posts = loose.listed(response, "posts")
            yield [item for post in posts if (item := _item(post))]
            after = loose.word(loose.document(response).get("cursor"))
            times = [at for post in posts if (at := loose.instant(post.get("indexedAt")))]
            past = times and max(times) < since
            if not posts or not after or past or after == params.get("cursor"):
                return
            params["cursor"] = after

    def _followers(self, items: list[Item], now: datetime) -> dict[str, int]:
        """How many follow the authors of these posts, which a search does not say; of the first hundred."""
        authors = list(dict.fromkeys(map(_did, items)))[: _ACTORS * _MOST_PROFILES]
        followers = dict[str, int]()
        for start in range(0, len(authors), _ACTORS):
            try:
                response = self._asked(_PROFILES, {"actors": authors[start : start + _ACTORS]}, now)
                profiles = loose.listed(http_client.good(response, now=now), "profiles")
            except SourceError:
                break  # the posts are what counts
            for profile in profiles:
                if (count := loose.whole(profile.get("followersCount"))) is not None:
                    followers[loose.word(profile.get("did"))] = count
        return followers

    def _ask(self, params: Mapping[str, str | int], now: datetime) -> http_client.HttpResponse:
        response = self._asked(_SEARCH, params, now)
        if response.status in (400, 401) and _error(response) in _STALE:
            _sessions.forget(self._key)
            response = self._asked(_SEARCH, params, now)
        if response.status == 403 and _error(response) in ("", "AuthMissing"):
            raise SourceError(
                f"{http_client.shown(response.url)} answers only to who is logged in (403). Check {_SECRET}.",
                permanent=True,
            )
        return http_client.good(response, now=now, secret=_SECRET)

    def _asked(
        self, path: str, params: Mapping[str, str | int | Sequence[str]], now: datetime
    ) -> http_client.HttpResponse:
        token = _sessions.get(self._key, lambda: self._log_in(now), now=now)
        headers = {"Authorization": f"Bearer {token}"}
        return http_client.ask(self._client, self._at.service + path, params=params, headers=headers, now=now)

    def _log_in(self, now: datetime) -> tuple[str, timedelta]:
        if not self._password:
            raise SourceError(
                "Bluesky is searched only by who is logged in. Make an app password (Settings, Privacy and "
                "security, App passwords) and set it as the secret of the source.",
                permanent=True,
            )
        body = {"identifier": self._at.handle, "password": self._password}
        address = self._at.service + _LOGIN
        response = http_client.ask(self._client, address, method="POST", body=body, now=now)
        http_client.good(response, now=now, secret=_SECRET)
        token = loose.word(loose.document(response).get("accessJwt"))
        if not token:
            raise SourceError(f"{http_client.shown(address)} lets us in without a token. Check {_SECRET}.")
        return token, _LASTS


def _error(response: http_client.HttpResponse) -> str:
    try:
        return loose.word(loose.inner(response.json(), "error"))
    except SourceError:
        return ""


def _item(post: dict[str, Any]) -> Item | None:
    uri, record = clean(loose.word(post.get("uri"))), post.get("record")
    if not uri or not isinstance(record, dict):
        return None
    author = loose.inner(post, "author")
    name = loose.word(loose.inner(author, "handle")) or loose.word(loose.inner(author, "did"))
    return replace(
        item_of(uri, record, author=name, seen_at=loose.instant(post.get("indexedAt"))),
        likes=loose.whole(post.get("likeCount")),
        shares=loose.whole(post.get("repostCount")),
        replies=loose.whole(post.get("replyCount")),
        followers=loose.whole(loose.inner(author, "followersCount")),
    )


def _did(item: Item) -> str:
    return item.external_id.removeprefix("at://").partition("/")[0]


def _from_url(url: str) -> Mapping[str, Any] | None:
    found = path_and_query(url)
    if found is None or found[1] != _SEARCH or not found[2].get("q"):
        return None
    service, _, query = found
    lang = {"lang": query["lang"]} if query.get("lang") else {}
    return {"query": query["q"], "handle": "replay.invalid", "service": service} | lang


def _build(settings: BlueskySettings, client: httpx.Client, secret: str | None) -> Bluesky:
    return Bluesky(settings, client, secret)


KIND = Kind(
    name="bluesky",
    summary="Posts of Bluesky that a search finds, asked for with an app password.",
    settings=BlueskySettings,
    build=_build,
    cadence=timedelta(minutes=2),
    secret="needed",  # noqa: S106 - a word, not a secret
    gives="engagement, followers, language",
    looks_back=timedelta(days=90),
    recounts=25,
    needs="A free account and an app password of it.",
    from_url=_from_url,
)

"""Reddit: the newest posts and comments of subreddits, or what a search finds, for an approved client."""

from base64 import b64encode
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from importlib.metadata import version
from math import inf
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx
from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from app import http_client
from app.errors import NotYet, SourceError
from app.sources.base import Batch, Item, Kind, Past, StepBack
from app.sources.reddit.posts import Seen, read
from app.sources.toolkit import loose
from app.sources.toolkit.past import page_back
from app.sources.toolkit.text import digest
from app.sources.toolkit.tokens import Tokens
from app.sources.toolkit.walk import Read, Terms, gather, last

_TOKEN = "https://www.reddit.com/api/v1/access_token"  # noqa: S105 - an address
_API = "https://oauth.reddit.com"
_SECRET = "the secret of the source, which is CLIENT_ID:CLIENT_SECRET"  # noqa: S105 - words for people
_TERMS = Terms(overlap=timedelta(minutes=10))  # a list reaches back 1,000 posts, 100 on a page
_RECENT = 100  # as many as can be looked at again in one request
_LOOKED_AT_AGAIN = timedelta(hours=1)
_SPANS = (("day", timedelta(hours=20)), ("week", timedelta(days=6)), ("month", timedelta(days=28)),
          ("year", timedelta(days=360)))  # fmt: skip
_FEW = 5  # requests left
_LISTED = 1_000  # posts that a list reaches back
_tokens = Tokens()


class RedditSettings(BaseModel):
    """What to listen to."""

    model_config = ConfigDict(extra="forbid")

    subreddits: list[str] = Field(
        default_factory=list, description="names without r/; empty: everywhere, for a search", max_length=50
    )
    query: str = Field(
        "", description="search for this instead of taking every post; Reddit's own operators", max_length=500
    )
    comments: bool = Field(
        default=False, description="whether all comments of the subreddits are wanted; a search finds none"
    )
    user: str = Field(
        "", description="your Reddit user name, which its rules want to be told", pattern=r"^[\w-]{0,30}$"
    )

    @field_validator("subreddits")
    @classmethod
    def _names(cls, given: list[str]) -> list[str]:
        names = [name.strip().removeprefix("/").removeprefix("r/").strip("/") for name in given]
        if not all(name.isascii() and name.replace("_", "").isalnum() and len(name) < 40 for name in names):
            raise ValueError("write each name as in its address, without r/: france, AskFrance")
        return names

    @model_validator(mode="after")
    def _something(self) -> "RedditSettings":
        if not (self.subreddits or self.query):
            raise ValueError("give subreddits, a query, or both")
        if self.comments and not self.subreddits:
            raise ValueError("comments are taken from subreddits: name some")
        return self


class Reddit:
    """One list of posts and perhaps one of comments, newest first, until what is known."""

    def __init__(self, settings: RedditSettings, client: httpx.Client, secret: str | None) -> None:
        self._settings, self._client, self._secret = settings, client, secret
        self._seen = Seen()
        self._wait: timedelta | None = None

    def fetch(self, cursor: dict[str, Any], *, now: datetime) -> Batch:
        """The posts and comments that are new or edited since the cursor, and those that were taken back."""
        self._seen, self._wait = Seen(), None
        batch = gather(self._lists(last(cursor), now), cursor, now=now, terms=_TERMS)
        recent: list[str] = cursor.get("recent", [])
        looked_at, again = self._look_again(recent, loose.instant(cursor.get("looked_at")), now)
        known = {item.external_id for item in batch.items}
        gone = [name for name in recent if name in self._seen.removed]
        left = [name for name in recent if name not in gone]
        names = list(dict.fromkeys([*(item.external_id for item in batch.items), *left]))[:_RECENT]
        return replace(
            batch,
            items=[*batch.items, *(item for item in again if item.external_id not in known)],
            deleted=gone,
            cursor=batch.cursor | {"recent": names, "looked_at": looked_at.isoformat()},
            next_in=batch.next_in or self._wait,
        )

    def look_back(self, step: StepBack) -> Past:
        """The next page of older posts or comments, whichever was read the least far."""
        self._seen, self._wait = Seen(), None
        past = page_back(self._lists(step.since, step.now), step, most=_LISTED)
        if self._wait:
            raise NotYet("Reddit's limit of requests is near, and listening needs it.", self._wait)
        return past

    def recount(self, external_ids: Sequence[str], *, now: datetime) -> list[Item]:
        """The posts and comments as they are now, by their full names."""
        response = self._ask("/api/info", {"id": ",".join(external_ids), "raw_json": "1"}, now)
        return read(loose.rows(loose.inner(loose.document(response), "data", "children")), Seen())

    def _lists(self, since: datetime | None, now: datetime) -> dict[str, Read]:
        where = f"/r/{'+'.join(self._settings.subreddits)}" if self._settings.subreddits else ""
        lists: dict[str, Read] = {}
        if self._settings.query:
            ago = now - since if since else timedelta(0)
            span = next((name for name, most in _SPANS if ago <= most), "all")
            params = {
                "q": self._settings.query,
                "sort": "new",
                "t": span,
                "type": "link",
            }
            params |= {"restrict_sr": "1"} if where else {}
            lists["search"] = lambda after: self._page(f"{where}/search", params, after, now)
        else:
            lists["posts"] = lambda after: self._page(f"{where}/new", {}, after, now)
        if self._settings.comments:
            lists["comments"] = lambda after: self._page(f"{where}/comments", {}, after, now)
        return lists

    def _page(
        self, path: str, params: Mapping[str, str], after: str | None, now: datetime
    ) -> tuple[list[Item], str | None]:
        more = {"after": after} if after else {}
        response = self._ask(path, {"limit": "100", "raw_json": "1", **params, **more}, now)
        if "/subreddits/search" in response.url:
            raise SourceError("Reddit knows no such subreddit. Check the names.", permanent=True)
        listing = loose.inner(loose.document(response), "data")
        children = loose.inner(listing, "children")
        if not isinstance(children, list):
            why = http_client.message(response)
            raise SourceError(
                f"Reddit answers without a listing. {f'It says: “{why}”.' if why else ''}".rstrip()
            )
        if _left(response) < _FEW:
            self._wait = http_client.reset_in(response.headers.get("x-ratelimit-reset", ""), now=now)
        return read(loose.rows(children), self._seen), loose.word(listing.get("after")) or None

    def _look_again(
        self, recent: list[str], looked_at: datetime | None, now: datetime
    ) -> tuple[datetime, Iterable[Item]]:
        """Once an hour, the newest posts once more: what was taken back there must be deleted here."""
        looked_at = looked_at or now
        if not recent or now - looked_at < _LOOKED_AT_AGAIN:
            return looked_at, []
        try:
            response = self._ask("/api/info", {"id": ",".join(recent), "raw_json": "1"}, now)
            children = loose.inner(loose.document(response), "data", "children")
        except SourceError:  # the next hour is soon enough
            return looked_at, []
        items = read(loose.rows(children), self._seen)
        return now, [item for item in items if item.edited_at and item.edited_at > looked_at]

    def _ask(self, path: str, params: Mapping[str, str], now: datetime) -> http_client.HttpResponse:
        user = self._settings.user
        headers = {"User-Agent": f"server:tocsin:{version('tocsin')} (by /u/{user})"} if user else {}
        for last_try in (False, True):
            token = self._token(headers, now)
            parameters = headers | {"Authorization": f"Bearer {token}"}
            response = http_client.ask(self._client, _API + path, params=params, headers=parameters, now=now)
            if response.status != 401 or last_try:
                break
            _tokens.forget(digest(self._secret or ""))  # it was taken back before its end
        return http_client.good(response, now=now, secret=_SECRET)

    def _token(self, headers: Mapping[str, str], now: datetime) -> str:
        if not self._secret or ":" not in self._secret:
            raise SourceError(f"Reddit wants a login. Check {_SECRET}.", permanent=True)
        basic = b64encode(self._secret.encode()).decode()

        def borrow() -> tuple[str, timedelta]:
            response = http_client.ask(
                self._client, _TOKEN, method="POST", form={"grant_type": "client_credentials"},
                headers={**headers, "Authorization": f"Basic {basic}"}, now=now,
            )  # fmt: skip
            told = loose.document(http_client.good(response, now=now, secret=_SECRET))
            token = loose.word(told.get("access_token"))
            if not token:
                why = http_client.message(response)
                raise SourceError(f"Reddit gives no token{why and f': “{why}”'}. Check {_SECRET}.")
            return token, timedelta(seconds=loose.whole(told.get("expires_in")) or 3_600)

        return _tokens.get(digest(self._secret), borrow, now=now)


def _left(response: http_client.HttpResponse) -> float:
    """How many requests are left until the limit is lifted."""
    try:
        return float(response.headers.get("x-ratelimit-remaining", "inf"))
    except ValueError:
        return inf


def _from_url(url: str) -> dict[str, Any] | None:
    parts = urlsplit(url)
    if not (parts.hostname or "").endswith("reddit.com"):
        return None
    steps, query = parts.path.strip("/").removesuffix(".json").split("/"), dict(parse_qsl(parts.query))
    subreddits = steps[1].split("+") if steps[0] == "r" and len(steps) > 2 else []
    if steps[-1] == "search" and query.get("q"):
        return {"query": query["q"], "subreddits": subreddits}
    if subreddits and steps[-1] in ("new", "comments"):
        return {"subreddits": subreddits, "comments": steps[-1] == "comments"}
    return None


def _build(settings: RedditSettings, client: httpx.Client, secret: str | None) -> Reddit:
    return Reddit(settings, client, secret)


KIND = Kind(
    name="reddit",
    summary="Posts and comments of subreddits, or posts that a search of Reddit finds.",
    settings=RedditSettings,
    build=_build,
    cadence=timedelta(minutes=2),
    secret="needed",  # noqa: S106 - a word, not a secret
    gives="score, number of comments, size of the subreddit",
    looks_back=timedelta(days=90),
    recounts=_RECENT,
    needs=(
        "A client that Reddit has approved (its Responsible Builder Policy), and a contract for commercial "
        "use; the secret is CLIENT_ID:CLIENT_SECRET."
    ),
    starts=False,
    from_url=_from_url,
)

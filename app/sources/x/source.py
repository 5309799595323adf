"""X: the posts of the last days that a search finds, for a price by the post that a daily limit bounds."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, Literal
from urllib.parse import parse_qsl, urlsplit

import httpx
from pydantic import BaseModel, ConfigDict, Field

from app import http_client
from app.clock import step_start
from app.errors import SourceError
from app.sources.base import Batch, Budget, Item, Kind, Volume
from app.sources.toolkit import loose
from app.sources.toolkit.known import Known, covered, words_and_dates
from app.sources.toolkit.walk import FIRST_LOOK, last
from app.sources.x.counts import QUARTER, CountProgress, a_day_of, counted_in, volume_of
from app.sources.x.posts import id_of, instant_of, read

_SEARCH = "https://api.x.com/2/tweets/search/recent"
_COUNTS = "https://api.x.com/2/tweets/counts/recent"
_FIELDS = (
    "created_at,lang,public_metrics,author_id,conversation_id,referenced_tweets,note_tweet,"
    "edit_history_tweet_ids"
)
_LEAST, _MOST = 10, 100  # posts on a page
_PAGES = 20
_OVERLAP = timedelta(minutes=10)  # the index is late; what was read on the same day is not billed again
_REACH = timedelta(days=7) - timedelta(minutes=5)  # the search goes no further back
_KEPT = 2_000


class XSettings(BaseModel):
    """What to look for, and what it may cost."""

    model_config = ConfigDict(extra="forbid")

    query: str = Field(
        description='X\'s own operators: "phrase" OR brand lang:fr -is:retweet', min_length=1, max_length=512
    )
    usd_a_day: float = Field(5.0, gt=0, le=10_000, description="spend limit: no more USD in a day (UTC)")
    authors: bool = Field(default=True, description="whether names and followers are wanted, which cost more")
    post_usd: float = Field(0.005, ge=0, le=1, description="price of a post in USD")
    user_usd: float = Field(0.010, ge=0, le=1, description="price of an author in USD")
    counts: bool = Field(
        default=False,
        description="whether X's count of all matching posts is asked for too, every quarter of an hour",
    )
    counts_usd: float = Field(0.005, ge=0, le=1, description="price of a question for counts in USD")


@dataclass(slots=True)
class _Run:
    """What one run has read and spent so far."""

    left: float
    items: dict[str, Item] = field(default_factory=dict)
    cost: float = 0.0
    pages: int = 0
    newest: int = 0
    rest: list[dict[str, str]] = field(default_factory=list)  # spans that a later run must read
    unread: bool = False  # even the newest posts
    note: str = ""
    stopped: SourceError | None = None
    volume: list[Volume] = field(default_factory=list)
    counted: CountProgress | None = None  # None: nothing is counted


class X:
    """One search, newest first; what the limit or an error left out is read by a later run."""

    def __init__(self, settings: XSettings, client: httpx.Client, token: str | None) -> None:
        self._settings, self._client, self._token = settings, client, token
        self._price = settings.post_usd + (settings.user_usd if settings.authors else 0)

    def fetch(self, cursor: dict[str, Any], *, now: datetime) -> Batch:
        """The posts that are new since the cursor, as far as the money of the day goes."""
        since, spent = last(cursor), _spent(cursor, now)
        known = Known.of(cursor.get("known", []), words_and_dates)
        left = self._settings.usd_a_day - spent
        run = _Run(left=left - self._kept_for_counts(now), newest=int(cursor.get("newest", 0)))
        if since is None:
            run.left /= 2  # the look back must leave something for the day
        start, lost = _start(cursor, since, now)
        for span in (start, *_reachable(cursor.get("rest", []), now)):
            self._span(run, span, known, now)
        if since is None and run.rest:
            run.rest, run.note = [], "the look back ended early, to leave money for the day"
        if self._settings.counts:
            self._count(run, CountProgress.of(cursor), left, now)
        return self._batch(run, since, known, spent, lost, now)

    def _batch(
        self, run: _Run, since: datetime | None, known: Known, spent: float, lost: float, now: datetime
    ) -> Batch:
        items = list(run.items.values())
        fresh = known.fresh(items)
        whole = since is None or not (run.rest or run.unread)
        notes = [run.note] if run.note else []
        if since is None and fresh:
            notes.insert(0, f"first run: the {len(fresh)} newest posts")
        if lost:
            notes.append("gap: the last run was longer ago than the seven days that the search reaches back")
        if not whole:
            notes.append("what is left is read by a later run")
        coverage = 1 - lost if whole or since is None else covered(items, since, now) if items else 0.0
        full: Literal["ok", "unchanged", "empty"] = "ok" if fresh else "unchanged" if items else "empty"
        return Batch(
            items=fresh + known.recounted(items),
            cursor={
                "at": (now if whole or since is None else since).isoformat(),
                "newest": str(run.newest),
                "known": known.after(items, kept=_KEPT).listed(),
                "spent": {"day": f"{now:%Y-%m-%d}", "usd": round(spent + run.cost, 4)},
                "rest": run.rest,
                **({"counted": run.counted.cursor()} if run.counted else {}),
            },
            window_from=since,
            window_to=now if whole or since is None else since,
            status="partial" if lost or run.stopped or not whole else full,
            coverage=round(coverage, 3),
            note="; ".join(notes),
            next_in=self._wait(run, now),
            cost=round(run.cost, 4),
            volume=run.volume,
        )

    def _kept_for_counts(self, now: datetime) -> float:
        """What posts must leave, so that the loudest days are counted to their end."""
        settings = self._settings
        return min(a_day_of(settings.counts_usd, now), settings.usd_a_day / 2) if settings.counts else 0.0

    def _count(self, run: _Run, counted: CountProgress, left: float, now: datetime) -> None:
        """Ask for the counts of the quarters of an hour that are over; an error is a note, no more."""
        run.counted, span, price = counted, counted.span(now), self._settings.counts_usd
        if span is None or run.stopped or left - run.cost < price - 1e-9:
            return
        start, end = span
        try:
            found = self._get(_COUNTS, counted_in(self._settings.query, start, end), now)
        except SourceError as error:
            run.note = "; ".join(filter(None, [run.note, f"posts were not counted: {error}"]))
            run.counted = replace(counted, tried=end)
            return
        run.volume, run.counted, run.cost = volume_of(found), CountProgress(end, end), run.cost + price

    def _wait(self, run: _Run, now: datetime) -> timedelta | None:
        if run.stopped:
            return run.stopped.retry_after
        if not (run.rest or run.unread):
            return None
        if self._affordable(run) >= _LEAST:
            return timedelta(minutes=1)
        # Posts wait for the money of tomorrow, counts for the next quarter of an hour.
        counting = step_start(now, QUARTER) + QUARTER + timedelta(minutes=1)
        return (min(counting, _midnight(now)) if self._settings.counts else _midnight(now)) - now

    def _affordable(self, run: _Run) -> int:
        """How many posts may be on the next page."""
        return min(int(run.left / self._price + 1e-9), _MOST) if self._price else _MOST

    def _span(self, run: _Run, span: Mapping[str, str], known: Known, now: datetime) -> None:
        """Read a span from its newest post on; what is left of it is noted."""
        token, oldest = "", span.get("until_id", "")
        while True:
            size = self._affordable(run)
            if size < _LEAST and not run.stopped:
                but = " but for counts" if self._settings.counts else ""
                run.note = f"the {self._settings.usd_a_day:g} USD of today are spent{but}, until midnight UTC"
            if size < _LEAST or run.stopped or run.pages >= _PAGES:
                break
            try:
                found = self._page(span, token, size, now)
            except SourceError as error:
                if not run.pages:
                    raise
                run.stopped, run.note = error, str(error)
                break
            oldest = self._take(run, found, known, now) or oldest
            token = loose.word(loose.inner(found, "meta", "next_token"))
            if not token:
                return
        if oldest:
            run.rest.append({**span, "until_id": oldest})
        else:
            run.unread = True  # the next run begins in the same place

    def _take(self, run: _Run, found: dict[str, Any], known: Known, now: datetime) -> str:
        """Note the posts of a page and what it cost; the oldest id on it."""
        items = read(found)
        unknown = [item for item in items if not known.has(item) and item.external_id not in run.items]
        writers = {item.author for item in unknown}
        cost = len(unknown) * self._settings.post_usd
        cost += len(writers) * self._settings.user_usd if self._settings.authors else 0
        run.cost, run.left, run.pages = run.cost + cost, run.left - cost, run.pages + 1
        run.items = {item.external_id: item for item in items} | run.items
        names = [loose.word(row.get("id")) for row in loose.rows(found.get("data"))]
        ids = [int(name) for name in names if _is_id(name)]
        # An id from the future would have us skip all that comes until then.
        run.newest = max([run.newest, *(one for one in ids if instant_of(one) <= now)])
        return str(min(ids)) if ids else ""

    def _page(self, span: Mapping[str, str], token: str, size: int, now: datetime) -> dict[str, Any]:
        params = {
            "query": self._settings.query, "max_results": str(size), "sort_order": "recency",
            "tweet.fields": _FIELDS, **span,
        }  # fmt: skip
        params |= {"next_token": token} if token else {}
        if self._settings.authors:
            params |= {"expansions": "author_id", "user.fields": "username,public_metrics,verified"}
        return self._get(_SEARCH, params, now)

    def _get(self, url: str, params: Mapping[str, str], now: datetime) -> dict[str, Any]:
        headers = {"Authorization": f"Bearer {self._token}"} if self._token else {}
        response = http_client.ask(self._client, url, params=params, headers=headers, now=now)
        if response.status == 429 and b"usage-capped" in response.content:
            text = f"The plan at X is used up. It says: “{http_client.message(response)}”."
            raise SourceError(text, retry_after=timedelta(days=1), asked=response.asked)
        found = loose.document(http_client.good(response, now=now, secret="the bearer token"))  # noqa: S106 - words
        if not isinstance(found.get("data"), list) and not isinstance(found.get("meta"), dict):
            loose.listed(response, "data")  # which tells the error
        return found


def _start(cursor: Mapping[str, Any], since: datetime | None, now: datetime) -> tuple[dict[str, str], float]:
    """Where the search begins, and which part of the time since the last run it cannot reach any more."""
    newest, reach = int(cursor.get("newest", 0)), now - _REACH
    if since is None:
        return _from(now - FIRST_LOOK), 0.0
    if newest and instant_of(newest) - _OVERLAP > reach:
        return {"since_id": str(id_of(instant_of(newest) - _OVERLAP))}, 0.0
    if since - _OVERLAP > reach:
        return _from(since - _OVERLAP), 0.0
    return _from(reach), min(max((reach - since) / (now - since), 0.0), 0.95)


def _reachable(rest: Iterable[dict[str, str]], now: datetime) -> Iterator[dict[str, str]]:
    """The spans that were left, as far as the search still reaches back."""
    reach = now - _REACH
    for span in rest:
        if instant_of(int(span["until_id"])) <= reach:
            continue
        begin = loose.instant(span.get("start_time")) or instant_of(int(span.get("since_id", "0")))
        yield span if begin > reach else {**_from(reach), "until_id": span["until_id"]}


def _from(instant: datetime) -> dict[str, str]:
    return {"start_time": f"{instant:%Y-%m-%dT%H:%M:%SZ}"}


def _spent(cursor: Mapping[str, Any], now: datetime) -> float:
    """What was spent today, in USD."""
    today = loose.inner(cursor, "spent", "day") == f"{now:%Y-%m-%d}"
    return float(cursor["spent"]["usd"]) if today else 0.0


def _is_id(name: str) -> bool:
    return name.isascii() and name.isdecimal() and len(name) < 20


def _midnight(now: datetime) -> datetime:
    return (now + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)


def _budget(settings: XSettings, cursor: Mapping[str, Any], now: datetime) -> Budget:
    return Budget("USD for posts of X", _spent(cursor, now), settings.usd_a_day, _midnight(now))


def _from_url(url: str) -> dict[str, Any] | None:
    parts = urlsplit(url)
    query = dict(parse_qsl(parts.query)).get("query")
    if not query or not parts.path.endswith(("/2/tweets/search/recent", "/2/tweets/counts/recent")):
        return None
    # A replay of saved answers asks for counts only if they were saved too.
    return {"query": query, "counts": parts.path.endswith("/2/tweets/counts/recent")}


def _build(settings: XSettings, client: httpx.Client, secret: str | None) -> X:
    return X(settings, client, secret)


KIND = Kind(
    name="x",
    summary="Posts on X that a search finds, within a spend limit for the day.",
    settings=XSettings,
    build=_build,
    cadence=timedelta(minutes=5),
    secret="needed",  # noqa: S106 - a word, not a secret
    gives="likes, reposts, replies, impressions, followers; with `counts`, how many posts there are in all",
    needs="An app at X that pays by use (a card, no contract); the secret is its bearer token.",
    price="0.005 USD a post, and 0.010 USD an author and 0.48 USD a day for counts if these are wanted",
    budget=_budget,
    starts=False,
    from_url=_from_url,
)

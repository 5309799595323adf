"""Stack Exchange: questions and answers of one of its sites that hold the words of a query."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
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
from app.sources.toolkit.text import MAX_AUTHOR, MAX_TITLE, clean, web_url

_API = "https://api.stackexchange.com/2.3/search/excerpts"
_LIMIT = 100
_MOST_PAGES = 20
_THROTTLED = 502  # as an error_id; the status is 400
_LISTS = ("/search/excerpts", "/search/advanced", "/search", "/questions", "/answers")
_OWN_NAMES = {
    "stackoverflow": "stackoverflow.com",
    "serverfault": "serverfault.com",
    "superuser": "superuser.com",
    "askubuntu": "askubuntu.com",
    "stackapps": "stackapps.com",
    "mathoverflow": "mathoverflow.net",
}


class StackExchangeSettings(BaseModel):
    """Which site, and what to look for there."""

    model_config = ConfigDict(extra="forbid")

    site: str = Field(
        default="stackoverflow",
        description="short name of the site: stackoverflow, superuser, security",
        pattern=r"^[a-z0-9.-]{2,60}$",
    )
    query: str = Field(description="words of a question or an answer", min_length=1, max_length=300)


class StackExchange:
    """One search on one site, from the oldest that is new on."""

    def __init__(self, settings: StackExchangeSettings, client: httpx.Client, secret: str | None) -> None:
        self._site, self._query = settings.site, settings.query
        self._key = {"key": secret} if secret else {}
        self._client = client
        self._pause: timedelta | None = None

    def fetch(self, cursor: dict[str, Any], *, now: datetime) -> Batch:
        """The questions and answers that came since the cursor."""
        self._pause = None
        progress = Progress.of(cursor, self._site, self._query)
        gathered = gather(self._pages(progress.since(now), now), most=_MOST_PAGES)
        batch = progress.batch(gathered, now=now, oldest_first=True)
        pause = max(filter(None, (self._pause, batch.next_in)), default=None)
        return replace(batch, next_in=pause)

    def look_back(self, step: StepBack) -> Past:
        """What was written before `until`, a hundred at once."""
        before: dict[str, str | int] = {"order": "desc", "todate": int(step.until.timestamp())}
        response = self._ask(step.since, 1, step.now, before)
        wrapper, rows = loose.document(response), loose.listed(response, "items")
        items = [item for row in rows if (item := _item(row, self._site))]
        if wrapper.get("has_more") is not True or not items:
            return Past(items, step.since, None)
        return Past(items, min(oldest_of(items, step.since), step.until - timedelta(seconds=1)), {})

    def _pages(self, since: datetime, now: datetime) -> Iterator[list[Item]]:
        page = 1
        while True:
            response = self._ask(since, page, now)
            wrapper, rows = loose.document(response), loose.listed(response, "items")
            yield [item for row in rows if (item := _item(row, self._site))]
            seconds = loose.whole(wrapper.get("backoff"))
            self._pause = timedelta(seconds=seconds) if seconds else None
            if wrapper.get("has_more") is not True or not rows:
                return
            if self._pause:
                raise SourceError("Stack Exchange asks us to pause between pages", retry_after=self._pause)
            page += 1

    def _ask(
        self, since: datetime, page: int, now: datetime, more: Mapping[str, str | int] | None = None
    ) -> http_client.HttpResponse:
        params: dict[str, str | int] = {
            "q": self._query,
            "site": self._site,
            "fromdate": int(since.timestamp()),
            "sort": "creation",
            "order": "asc",
            "page": page,
            "pagesize": _LIMIT,
            **(more or {}),
            **self._key,
        }
        response = http_client.ask(self._client, _API, params=params, now=now)
        if response.status >= 400 and (wait := _throttle(response)) is not None:
            raise SourceError(
                "Stack Exchange asks us to come less often. A free key, set as the secret of the source, "
                "allows 10,000 calls a day in place of 300.",
                retry_after=wait,
                asked=response.asked,
            )
        return http_client.good(response, now=now, secret="the key of Stack Exchange" if self._key else "")


def _throttle(response: http_client.HttpResponse) -> timedelta | None:
    """How long to wait, if the error is one of asking too often."""
    try:
        error = response.json()
    except SourceError:
        return None
    if loose.whole(loose.inner(error, "error_id")) != _THROTTLED:
        return None
    match = re.search(r"(\d{1,6}) seconds?", loose.word(loose.inner(error, "error_message")))
    return timedelta(seconds=int(match[1])) if match else timedelta(minutes=5)


def _item(row: Mapping[str, Any], site: str) -> Item | None:
    answer, question = loose.word(row.get("answer_id")), loose.word(row.get("question_id"))
    number = answer or question  # one row of numbers for both on a site
    title = plain(loose.word(row.get("title")), MAX_TITLE)
    text = plain(loose.word(row.get("body"))) or plain(loose.word(row.get("excerpt")))
    if not number or not (title or text):
        return None
    tags = row.get("tags")
    named = [clean(loose.word(tag), 100) for tag in tags[:20]] if isinstance(tags, list) else []
    return Item(
        external_id=clean(number, 64),
        text=text,
        published_at=loose.epoch(row.get("creation_date")),
        title=title,
        author=plain(loose.word(loose.inner(row, "owner", "display_name")), MAX_AUTHOR) or None,
        url=web_url(f"https://{_host(site)}/{'a' if answer else 'q'}/{number}"),
        likes=loose.whole(row.get("score")),
        replies=loose.whole(row.get("answer_count")),
        extra={"tags": named} if named else None,
    )


def _host(site: str) -> str:
    return _OWN_NAMES.get(site) or (site if "." in site else f"{site}.stackexchange.com")


def _from_url(url: str) -> Mapping[str, Any] | None:
    found = path_and_query(url)
    if found is None or not found[1].endswith(_LISTS) or not (found[2].get("q") or found[2].get("site")):
        return None
    query = found[2]
    words = query.get("q") or query.get("intitle") or query.get("tagged") or "replay"
    return {"query": words, "site": query.get("site", "stackoverflow")}


def _build(settings: StackExchangeSettings, client: httpx.Client, secret: str | None) -> StackExchange:
    return StackExchange(settings, client, secret)


KIND = Kind(
    name="stackexchange",
    summary="Questions and answers of a Stack Exchange site that hold the words of a query.",
    settings=StackExchangeSettings,
    build=_build,
    cadence=timedelta(minutes=10),
    secret="optional",  # noqa: S106 - a word, not a secret
    gives="score, number of answers",
    looks_back=timedelta(days=90),
    needs="A free key for more than 300 calls a day.",
    from_url=_from_url,
)

"""GDELT: articles of the world's press that its monitoring found, in windows that are halved when full."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import httpx
from pydantic import BaseModel, ConfigDict, Field, field_validator

from app import http_client
from app.errors import NotYet, SourceError
from app.pages import canonical
from app.sources.base import Batch, Item, Kind, Past, StepBack, Volume
from app.sources.gdelt import timeline as gdelt_timeline
from app.sources.gdelt.languages import LANGUAGES
from app.sources.gdelt.timeline import Turn, instant, volume_of
from app.sources.toolkit import loose
from app.sources.toolkit.address import path_and_query
from app.sources.toolkit.markup import plain
from app.sources.toolkit.progress import BACKFILL, Progress, gather
from app.sources.toolkit.text import MAX_AUTHOR, MAX_TITLE, clean, fit_id, web_url

_API = "https://api.gdeltproject.org/api/v2/doc/doc"
_MOST = 250
_ARTICLES: dict[str, str | int] = {
    "mode": "artlist",
    "format": "json",
    "maxrecords": _MOST,
    "sort": "dateasc",
}
_SLOT = timedelta(minutes=15)  # it looks around so often, and dates what it found by that
_OVERLAP = timedelta(minutes=30)
_WINDOW = timedelta(days=3)  # of a look back
_MOST_PAGES = 40
_PACE = timedelta(seconds=8)
_SLOW = timedelta(seconds=60)
_BACKSLASH = re.compile(rb'\\([\\"/bfnrt]|u[0-9a-fA-F]{4})?')
_OUR_FAULT = re.compile(
    r"too short|too long|OR'd terms|surrounded by|timespan|invalid|not supported", re.IGNORECASE
)


class GdeltSettings(BaseModel):
    """What to look for."""

    model_config = ConfigDict(extra="forbid")

    query: str = Field(
        description='words that an article must all hold; "in quotes" for a phrase, (A OR B), -without, '
        "sourcelang:french, sourcecountry:france, domainis:lemonde.fr",
        min_length=3,
        max_length=500,
    )
    timeline: bool = Field(
        default=True,
        description="whether its count of all matching articles is read too, every quarter of an hour",
    )

    @field_validator("query")
    @classmethod
    def _alternatives_in_brackets(cls, query: str) -> str:
        query = query.strip()
        return f"({query})" if " OR " in query and "(" not in query else query


@dataclass(slots=True)
class _Walk:
    """How far the windows came."""

    heard: datetime  # all until then was seen
    span: timedelta  # of the next window
    lost: timedelta = timedelta(0)  # of windows that were full and could not be halved any more


class Gdelt:
    """One query, window after window from the oldest on."""

    def __init__(self, settings: GdeltSettings, client: httpx.Client) -> None:
        self._query, self._timeline = settings.query, settings.timeline
        self._client = client

    def fetch(self, cursor: dict[str, Any], *, now: datetime) -> Batch:
        """The articles that were found since the cursor, or the volume timeline once these are heard."""
        progress = Progress.of(cursor, self._query)
        if not self._timeline:
            return self._articles(progress, now)[0]
        turn = Turn.of(cursor if cursor.get("about") == progress.about else {})
        if progress.at and turn.alone(progress.at, now):
            return self._aside(progress.at, cursor, turn, now)
        batch, whole = self._articles(progress, now)
        told: dict[str, Any] = {}
        turn = turn.waiting(waits=False)
        if whole and turn.due(now):
            try:
                told, turn = {"volume": self._volume(turn, now)}, turn.read(now)
            except NotYet:  # the rule: its pace allows one question a run
                told, turn = {"next_in": _PACE}, turn.waiting()
            except SourceError as error:
                told, turn = {"note": "; ".join(filter(None, [batch.note, _missed(error)]))}, turn.waiting()
        return replace(batch, cursor=batch.cursor | turn.cursor(), **told)

    def look_back(self, step: StepBack) -> Past:
        """A window of older articles, halved when it is full; before it, its count of all that match then."""
        counted = loose.instant(step.mark.get("counted"))
        if self._timeline and (counted is None or step.until <= counted):
            start = max(step.until - gdelt_timeline.FAR, step.since)
            volume = self._counted(start, step.until, step.now)
            # Of the same instant nothing more is to be counted.
            mark = {**step.mark, "counted": (start - timedelta(seconds=1)).isoformat()}
            return Past([], step.until, mark, volume=volume)
        span = timedelta(seconds=step.mark.get("span") or _WINDOW.total_seconds())
        start = max(step.until - span, step.since)
        articles, width = self._window(start, step.until, step.now), step.until - start
        items = [item for article in articles if (item := _item(article))]
        if len(articles) >= _MOST and width > _SLOT:
            narrower = max(width / 2, _SLOT).total_seconds()
            return Past(items, step.until, {**step.mark, "span": narrower})
        mark = {**step.mark, "span": min(2 * span, _WINDOW).total_seconds()}
        # Of a full quarter of an hour some are missing, nobody knows how many.
        coverage = 0.0 if len(articles) >= _MOST else 1.0
        return Past(items, start, mark if start > step.since else None, coverage=coverage)

    def _aside(self, heard: datetime, cursor: dict[str, Any], turn: Turn, now: datetime) -> Batch:
        """The timeline by itself; the articles are where they were."""
        volume, note = list[Volume](), ""
        try:
            volume, turn = self._volume(turn, now), turn.read(now)
        except NotYet:
            raise
        except SourceError as error:
            note, turn = _missed(error), turn.waiting(waits=False)
        return Batch(
            [], cursor | turn.cursor(), heard, heard, "unchanged", note=note, volume=volume, aside=True
        )

    def _articles(self, progress: Progress, now: datetime) -> tuple[Batch, bool]:
        """(the articles since the cursor, whether these are all until now)."""
        # A walk that its pace broke off goes on where it was; else it begins a little before the cursor.
        start = loose.instant(progress.position.get("from"))
        start = start or (progress.at - _OVERLAP if progress.at else now - BACKFILL)
        span = timedelta(seconds=progress.position.get("span") or (now - start).total_seconds())
        walk = _Walk(start, span)
        gathered = gather(self._pages(walk, now), most=_MOST_PAGES)
        batch = progress.batch(
            gathered,
            now=now,
            position={}
            if gathered.whole
            else {"from": walk.heard.isoformat(), "span": int(walk.span.total_seconds())},
            oldest_first=True,
            heard=walk.heard,
            next_in=None if gathered.whole else _PACE,
        )
        if not walk.lost:
            return batch, gathered.whole
        missed = min(walk.lost / (2 * max(batch.window_to - start, _SLOT)), 0.9)
        note = f"more than {_MOST} articles in a quarter of an hour: some are missing; narrow the query"
        return replace(batch, status="partial", coverage=round(1 - missed, 3), note=note), gathered.whole

    def _pages(self, walk: _Walk, now: datetime) -> Iterator[list[Item]]:
        """The articles of each window; a full one is asked for again by halves."""
        while walk.heard < now:
            end = min(now, walk.heard + walk.span)
            articles = self._window(walk.heard, end, now)
            full, width = len(articles) >= _MOST, end - walk.heard
            if full and width > _SLOT:
                walk.span = max(width / 2, _SLOT)
            else:
                walk.lost += width if full else timedelta(0)
                walk.heard, walk.span = end, walk.span * 2
            yield [item for article in articles if (item := _item(article))]

    def _window(self, start: datetime, end: datetime, now: datetime) -> list[dict[str, Any]]:
        found, response = self._ask(_ARTICLES, start, end, now)
        if not found:
            return []
        return loose.rows(found["articles"]) if found.get("articles") else loose.listed(response, "articles")

    def _volume(self, turn: Turn, now: datetime) -> list[Volume]:
        return self._counted(turn.since(now), now, now)

    def _counted(self, start: datetime, end: datetime, now: datetime) -> list[Volume]:
        found, response = self._ask(gdelt_timeline.PARAMS, start, end, now)
        if found and not isinstance(found.get("timeline"), list):
            loose.listed(response, "timeline")  # which tells the error
        return volume_of(found, now)

    def _ask(
        self, wanted: Mapping[str, str | int], start: datetime, end: datetime, now: datetime
    ) -> tuple[dict[str, Any], http_client.HttpResponse]:
        """(what it found, if anything; how it said so)."""
        params: dict[str, str | int] = {
            "query": self._query,
            **wanted,
            "startdatetime": f"{start:%Y%m%d%H%M%S}",
            "enddatetime": f"{end:%Y%m%d%H%M%S}",
        }
        response = http_client.ask(
            self._client, _API, params=params, now=now, deadline=2 * _SLOW, patience=_SLOW
        )
        _refused(response)
        http_client.good(response, now=now)
        return (
            _read(response) if response.content.strip() else {}
        ), response  # it says nothing when it found nothing


def _missed(error: SourceError) -> str:
    return f"its volume timeline was not read: {error}"


def _refused(response: http_client.HttpResponse) -> None:
    """Its errors are plain sentences, most with status 200: raise the SourceError that fits."""
    text = clean(response.content[:2_000].decode("utf-8", "replace"))
    if not text or text.startswith("{") or "<html" in text.lower():
        return
    where = http_client.shown(response.url)
    if "limit requests" in text.lower():
        message = f"{where} asks us to come less often: “{text[:120]}”."
        raise SourceError(message, retry_after=_PACE, asked=response.asked)
    if response.status == 200 and _OUR_FAULT.search(text):
        raise SourceError(f"{where} refuses the query: “{text[:200]}”. Change the query.", permanent=True)


def _read(response: http_client.HttpResponse) -> dict[str, Any]:
    try:
        found = json.loads(response.content, strict=False)
    except (ValueError, RecursionError):
        try:  # its titles may hold backslashes that mean nothing
            found = json.loads(_BACKSLASH.sub(_meant, response.content), strict=False)
        except (ValueError, RecursionError):
            found = response.json()
    if not isinstance(found, dict):
        raise SourceError(f"{http_client.shown(response.url)} gives JSON of a shape that is not known.")
    return found


def _meant(match: re.Match[bytes]) -> bytes:
    return match[0] if match[1] else b""


def _item(article: Mapping[str, Any]) -> Item | None:
    url, title = web_url(article.get("url")), _tidy(plain(loose.word(article.get("title")), MAX_TITLE))
    if url is None or not title:
        return None
    domain = clean(loose.word(article.get("domain")), MAX_AUTHOR)
    country = clean(loose.word(article.get("sourcecountry")), 100)
    return Item(
        external_id=fit_id(canonical(url)),
        text="",
        published_at=instant(article.get("seendate")),
        title=title,
        author=domain or None,
        url=url,
        lang=LANGUAGES.get(loose.word(article.get("language")).strip().lower()),
        extra={"country": country} if country else None,
    )


def _tidy(title: str) -> str:
    """The title without the spaces that it puts around punctuation.

    >>> _tidy("L ' Oréal : le rappel , enfin ( vidéo ) !")
    "L'Oréal: le rappel, enfin (vidéo)!"
    """
    title = re.sub(r"(?<=\w) (['’]) (?=\w)", r"\1", title)
    return re.sub(r"([(\[«“]) (?=\S)", r"\1", re.sub(r" ([,.;:!?%)\]»”])", r"\1", title))


def _from_url(url: str) -> Mapping[str, Any] | None:
    found = path_and_query(url)
    if found is None or not found[1].endswith("/doc/doc") or not found[2].get("query"):
        return None
    # A replay of saved answers asks for the timeline only if it was saved too.
    timeline = found[2].get("mode", "").lower() == gdelt_timeline.PARAMS["mode"]
    return {"query": found[2]["query"], "timeline": timeline}


def _build(settings: GdeltSettings, client: httpx.Client, _secret: str | None) -> Gdelt:
    return Gdelt(settings, client)


KIND = Kind(
    name="gdelt",
    summary="Articles of the world's press that GDELT found, in 65 languages, without a key.",
    settings=GdeltSettings,
    build=_build,
    cadence=timedelta(minutes=15),
    gives="title, language and country of the press, to the quarter of an hour; no text and no author; "
    "beside these the number of articles in each quarter of an hour, of how many in all",
    looks_back=timedelta(days=88),  # it searches the last three months
    from_url=_from_url,
)

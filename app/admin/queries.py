"""Queries that are tried before they are saved: on what is stored, and on a live look at chosen sources."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.admin import scope
from app.admin.change import Invalid, get_by_name, pointer
from app.admin.relevance import labelled
from app.admin.watches import named_or_numbered
from app.db import Sessions, only_read
from app.errors import AppError, BadInput
from app.logs import mask
from app.models import WITH_SOURCES, Source, Watch
from app.pipeline.ingest.record_run import IngestContext
from app.pipeline.simulation.trial import Look, Scope, Trial, looked, try_query
from app.reading.language import code
from app.reading.query import Query
from app.reading.query.doubts import doubts_of
from app.reading.query.wrong import Doubt

MOST_LIVE = 5  # sources that are asked at once


@dataclass(frozen=True, slots=True)
class Attempt:
    """A query, and the posts that it is to be tried on."""

    query: Query
    days: int
    watch: str = ""  # whose query it would replace: its name or id
    sources: tuple[str, ...] = ()  # names; empty: those of the watch, else all
    live: tuple[str, ...] = ()  # names of sources that are asked now
    noise: frozenset[int] = (
        frozenset()
    )  # ids of posts that are not about the brand, beside the watch's labels


def attempt(
    sessions: Sessions, context: IngestContext, asked: Attempt, *, now: datetime
) -> tuple[Trial, list[Doubt]]:
    """What the query would have matched, and what is likely a slip in it; Invalid if it must be refused.

    The network is asked first, outside of any transaction.
    """
    doubts = doubts_of(asked.query)
    if refused := [doubt for doubt in doubts if doubt.refused]:
        raise Invalid([{"pointer": "#/query", "detail": doubt.sentence()} for doubt in refused])
    if len(asked.live) > MOST_LIVE:
        raise BadInput(f"at most {MOST_LIVE} sources are asked at once")
    with sessions() as session:
        only_read(session)
        scope = _scope(session, asked, now)
        named = _named(session, asked.live, "live")
    looks = [_look(context, asked.query, source, now) for source in named]
    with sessions() as session:
        only_read(session)
        return try_query(session, asked.query, scope, looks=looks), doubts


def _scope(session: Session, asked: Attempt, now: datetime) -> Scope:
    watch = named_or_numbered(session, asked.watch) if asked.watch else None
    if watch is not None:
        watch = session.scalars(select(Watch).where(Watch.id == watch.id).options(WITH_SOURCES)).one()
    ids = frozenset(source.id for source in _named(session, asked.sources, "sources"))
    about, noise = labelled(session, watch.id) if watch is not None else ([], [])
    return Scope(
        since=now - timedelta(days=asked.days),
        until=now,
        source_ids=ids or (watch.source_ids if watch is not None else frozenset()) or _open(session, watch),
        languages=frozenset(map(code, watch.languages)) if watch is not None else frozenset(),
        watch=watch,
        noise=asked.noise | frozenset(noise),
        brand=frozenset(about) - asked.noise,
    )


def _open(session: Session, watch: Watch | None) -> frozenset[int]:
    """The sources that posts may be of: of the watch's team, or that the session sees; empty: all."""
    rows = session.execute(select(Source.id, Source.team_id)).all()
    hidden = scope.teams_of(session) is not None
    teams = {row.team_id for row in rows} if watch is None else {watch.team_id, None}
    if not hidden and teams >= {row.team_id for row in rows}:
        return frozenset()
    # No source has the number 0: that is none, where an empty set would be all.
    return frozenset(row.id for row in rows if row.team_id in teams) or frozenset({0})


def _named(session: Session, names: Sequence[str], field: str) -> list[Source]:
    return [get_by_name(session, Source, name, pointer(field, i)) for i, name in enumerate(names)]


def _look(context: IngestContext, query: Query, source: Source, now: datetime) -> Look:
    try:
        listening = context.open(source)
        if listening is None:
            raise BadInput("posts are brought to it: it cannot be asked")
        return looked(query, source.name, source.kind, listening.fetch({}, now=now).items)
    except AppError as error:
        return Look(source=source.name, posts=0, matched=0, samples=(), error=mask(str(error)))

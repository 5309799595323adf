"""The time before a source was made, asked for step by step: a new watch has something to stand on.

Newest first, a few requests in a pass, and never before listening: what a step found is stored with where the
next one begins, so that a crash loses and repeats nothing. What lies before the source was heard is history:
it is counted where it belongs, learnt from, previewed, and rings nothing. A new watch begins to be judged at
the present, and what came late is looked at again only where it is younger than its source.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.backoff import LONGEST_ASKED, Backoff, wait_after
from app.db import Sessions, only_read
from app.errors import NotYet, SourceError
from app.logs import log, mask
from app.models import Coverage, LookBack, Source, Watch, require_readable
from app.pipeline.claim import claim
from app.pipeline.guard import Guard
from app.pipeline.ingest.collect import LEASE, note_ended, store_with_care
from app.pipeline.ingest.count import observed
from app.pipeline.ingest.record_run import IngestContext
from app.pipeline.ingest.store import store
from app.pipeline.ingest.volume import remember
from app.sources import KINDS
from app.sources.base import Item, LooksBack, Past, StepBack

LOOK_BACK = "look_back"  # the step
LONGEST, _DAY = timedelta(days=90), timedelta(days=1)
MOST_POSTS, MOST_REQUESTS = 20_000, 500  # of one source
_AT_ONCE, _STEPS = 4, 4  # sources that are begun in a pass; requests of one of them
_PATIENCE = timedelta(seconds=2)  # a pass waits no longer
_SWITCHED_OFF = timedelta(minutes=15)
_PAUSE = timedelta(seconds=30)  # listening comes first, and nobody waits for the last of ninety days
_BACKOFF = Backoff(timedelta(minutes=2), timedelta(hours=2))
_GIVES_UP = 12  # failures in a row: most of a day
_REACHES = {kind.name: kind.looks_back for kind in KINDS}


def ask_for(session: Session, sources: Iterable[Source], *, now: datetime) -> None:
    """Have the sources look back, if they can and never did; the passes do it."""
    able = {source.id: source for source in sources if source.enabled and _REACHES.get(source.kind)}
    known = set(session.scalars(select(LookBack.source_id).where(LookBack.source_id.in_(able))))
    for source_id, source in able.items():
        if source_id not in known:
            far = min(_REACHES[source.kind], LONGEST)
            session.add(LookBack(source_id=source_id, asked_at=now, since=now - far, mark={}, due_at=now))


def histories_of(session: Session, watch: Watch) -> list[LookBack]:
    """How far the sources of the watch have looked back; `watch` with the sources it names."""
    query = select(LookBack).order_by(LookBack.source_id)
    named = [source.id for source in watch.sources]
    return list(session.scalars(query.where(LookBack.source_id.in_(named)) if named else query))


def progress_of(row: LookBack) -> str:
    """How far a look back has come, in a few words."""
    until, reached = row.until, row.reached
    posts = f"{row.posts:,} {'post' if row.posts == 1 else 'posts'}"
    if until is None or reached is None:
        return "looking back: begins once it is heard"
    days, of = (until - reached) // _DAY, (until - row.since) // _DAY
    if row.ended_at is None:
        waits = f"; waits: {row.note}" if row.failures else ""
        return f"looking back: {days} of {of} days, {posts}{waits}"
    return f"looked back on {days} days, {posts}{f' ({row.note})' if row.note else ''}"


def look_back(
    sessions: Sessions,
    context: IngestContext,
    guard: Guard,
    *,
    now: datetime,
    patience: timedelta = _PATIENCE,
) -> None:
    """Go on with the looks back that are due, a few sources at a time; no slow one holds us up."""
    with sessions() as session:
        only_read(session)
        query = select(LookBack.source_id).where(LookBack.due_at <= now).order_by(LookBack.due_at)
        due = [one for one in session.scalars(query) if one not in context.beside.busy()][:_AT_ONCE]
    work = {one: partial(_go_on, sessions, context, one, now) for one in due}
    note_ended(sessions, guard, LOOK_BACK, context.beside.run(work, patience=patience))


@dataclass(frozen=True, slots=True)
class _Way:
    """How far a look back has come."""

    source: Source
    mark: Mapping[str, object]
    since: datetime
    until: datetime
    reached: datetime


def _go_on(sessions: Sessions, context: IngestContext, source_id: int, now: datetime) -> None:
    for step in range(_STEPS):
        way = _begin(sessions, context, source_id, now, first=step == 0)
        if way is None:
            return
        try:
            past = _step(context, way, now)
        except SourceError as error:
            if error.retry_after and error.asked:
                context.paces.rest(error.asked, error.retry_after, now=now)
            _put_off(context, sessions, source_id, error, now)
            return
        except Exception as error:
            wrong = SourceError(f"Tocsin made a mistake with what it says ({type(error).__name__}: {error})")
            _put_off(context, sessions, source_id, wrong, now)
            raise
        write = partial(_write, context=context, way=way, past=past, now=now)
        store_with_care(context, sessions, source_id, write)


def _begin(
    sessions: Sessions, context: IngestContext, source_id: int, now: datetime, *, first: bool
) -> _Way | None:
    """Where to go on; None: it ended, waits, or somebody else goes on with it."""
    with sessions.begin() as session:
        row, source = session.get(LookBack, source_id), session.get(Source, source_id)
        if row is None or source is None or row.due_at is None or (first and row.due_at > now):
            return None
        require_readable(row)
        lease = now + LEASE
        if first and not claim(session, LookBack, source_id, was=row.due_at, until=lease):
            return None
        if not source.enabled or source.heard_until is None or source.failures:
            # Listening comes first, and shows that it can be asked at all.
            row.due_at = now + (_PAUSE if source.enabled else _SWITCHED_OFF)
            return None
        if row.until is None or row.reached is None:
            row.since = max(row.since, now - context.retention)
            heard = session.scalar(select(func.min(Coverage.at)).where(Coverage.source_id == source_id))
            row.until = row.reached = min(filter(None, (heard, source.heard_until)))
        return _Way(source, dict(row.mark), row.since, row.until, row.reached)


def _step(context: IngestContext, way: _Way, now: datetime) -> Past:
    listening = context.open_beside(way.source)
    if not isinstance(listening, LooksBack):
        return Past([], way.reached, None, requests=0, note="it cannot look back as it is set")
    return listening.look_back(StepBack(way.since, way.reached, now, way.mark, way.source.cursor))


def _write(
    session: Session,
    *,
    context: IngestContext,
    way: _Way,
    past: Past,
    now: datetime,
    careful: bool = False,
) -> None:
    """Store what a step found, how much of its time was seen, and where the next one begins."""
    source = session.get_one(Source, way.source.id, with_for_update={"key_share": True})
    row = session.get_one(LookBack, source.id, with_for_update=True)
    if row.reached != way.reached or row.ended_at is not None:
        return  # another process took the same step
    reached = min(max(past.reached, way.since), way.reached)
    items = _of_then(past.items, way)
    stored = store(
        session, context.matchers.current(session), source.id, items, now=now,
        keep_from=now - context.retention, careful=careful, forgotten=context.forgotten,
    )  # fmt: skip
    remember(session, source.id, past.volume)
    if past.coverage:
        observed(session, source.id, reached, way.reached, coverage=past.coverage)
    row.posts += stored.stored
    row.requests += past.requests
    row.failures = 0
    row.reached = reached
    row.note = past.note or row.note
    stuck = past.mark is not None and reached == way.reached and dict(past.mark) == dict(way.mark)
    full = row.posts >= MOST_POSTS or row.requests >= MOST_REQUESTS
    over = past.mark is None or reached <= way.since
    if full and not over:
        row.note = f"so much is enough: {row.posts:,} posts, {row.requests:,} requests"
    if over or full or stuck:
        _end(row, now)
        return
    row.mark, row.due_at = dict(past.mark or {}), now + _PAUSE


def _of_then(items: Sequence[Item], way: _Way) -> list[Item]:
    """Those that say that they are of the time that is looked back on; no other is dated by us."""
    return [one for one in items if one.published_at and way.since <= one.published_at < way.until]


def _put_off(
    context: IngestContext, sessions: Sessions, source_id: int, error: SourceError, now: datetime
) -> None:
    """Write down why a step could not be made, and when it is tried again, if it is."""

    def write(session: Session) -> None:
        row = session.get_one(LookBack, source_id)
        if isinstance(error, NotYet):
            row.due_at = now + min(max(error.wait, timedelta(seconds=1)), LONGEST_ASKED)
            return
        row.failures += 1
        row.note = mask(str(error))[:500]
        if error.permanent or row.failures >= _GIVES_UP:
            _end(row, now)
            return
        row.due_at = now + wait_after(_BACKOFF, row.failures, retry_after=error.retry_after)

    context.pool.together.store(sessions, source_id, write)
    log().info("look back waits", source_id=source_id, why=mask(str(error)))


def _end(row: LookBack, now: datetime) -> None:
    row.ended_at, row.due_at = now, None
    log().info("looked back", source_id=row.source_id, posts=row.posts, requests=row.requests)

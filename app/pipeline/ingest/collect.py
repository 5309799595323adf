"""Sources to posts: runs what is due, stores what came with its cursor, and keeps each source's health."""

from collections.abc import Callable, Collection, Mapping
from datetime import datetime, timedelta
from functools import partial
from time import perf_counter
from typing import Protocol

from sqlalchemy import select
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from app.db import Sessions, only_read
from app.errors import NotFound, NotYet, SourceError
from app.logs import log, mask
from app.models import Source, UnreadableRow, require_readable
from app.pipeline.claim import claim
from app.pipeline.guard import Guard, Row
from app.pipeline.ingest.quotas import keep_quotas
from app.pipeline.ingest.record_run import DOWN_AFTER, PATIENCE, IngestContext, failed, postponed, record_run
from app.pipeline.ingest.store import Stored
from app.sources.base import Batch, Item

__all__ = ["DOWN_AFTER", "LEASE", "PATIENCE", "Attend", "IngestContext", "collect", "receive", "run"]

COLLECT = "collect"  # the step
LEASE = timedelta(minutes=5)  # a run that takes longer is taken for dead, and another may start


class Writing(Protocol):
    """Writes what was heard into the caller's transaction."""

    def __call__(self, session: Session, *, careful: bool = False) -> None:
        """`careful`: one by one, leaving out what the database refuses."""


Attend = Callable[[Source], bool]  # whether it is a stream, whose line somebody holds from now on


def collect(
    sessions: Sessions,
    context: IngestContext,
    guard: Guard | None = None,
    *,
    now: datetime,
    attend: Attend = lambda _source: False,
    patience: timedelta | None = None,
) -> None:
    """Run every source that is due, side by side; one that fails or is slow stops no other.

    What could not be stored is told to the guard of the pass; without one it is raised at the end.
    """
    guard, alone = guard or Guard(sessions, now=now), guard is None
    work = {}
    for source in _claimed(sessions, context.pool.busy(), now):
        with guard.row(COLLECT, Row.of(source)):
            if not attend(source):
                work[source.id] = partial(run, sessions, context, source, now=now)
    ended = context.pool.run(work, patience=context.patience if patience is None else patience)
    note_ended(sessions, guard, COLLECT, ended)
    if alone:
        guard.raise_errors()


def note_ended(sessions: Sessions, guard: Guard, step: str, ended: Mapping[int, Exception | None]) -> None:
    """Write down which runs of sources could not be stored, and which could again."""
    for source_id, error in ended.items():
        if error is None:
            guard.clear(step, Row("source", source_id, ""))
            continue
        with sessions() as session:
            only_read(session)
            name = session.scalars(select(Source.name).where(Source.id == source_id)).one_or_none()
        guard.fail(step, Row("source", source_id, name or f"source {source_id}"), error)


def _claimed(sessions: Sessions, busy: Collection[int], now: datetime) -> list[Source]:
    with sessions() as session:
        only_read(session)
        query = select(Source).where(Source.enabled, Source.due_at <= now).order_by(Source.due_at)
        due = [source for source in session.scalars(query) if source.id not in busy]
    if not due:
        return []  # most often: nobody else need wait for us
    with sessions.begin() as session:
        return [source for source in due if _claim(session, source, now)]


def _claim(session: Session, source: Source, now: datetime) -> bool:
    return source.due_at is not None and claim(
        session, Source, source.id, was=source.due_at, until=now + LEASE
    )


def run(sessions: Sessions, context: IngestContext, source: Source, *, now: datetime) -> None:
    """One run of a source: the network first, then all that it brought in one transaction."""
    began = perf_counter()
    batch: Batch | None = None
    try:
        require_readable(source)
        listening = context.open(source)
        batch = _listened(source, now) if listening is None else listening.fetch(source.cursor, now=now)
    except SourceError as error:
        if error.retry_after and error.asked:
            # Its other sources need not run into the same wall.
            context.paces.rest(error.asked, error.retry_after, now=now)
        failure = error
    except UnreadableRow as error:
        failure = SourceError(f"{error}. Set it again.", permanent=True)
    except Exception as error:  # noqa: BLE001
        # A mistake of ours must not stop the other sources; it is written down where people look, and logged.
        log().exception("source crashed", source=source.name)
        failure = SourceError(
            f"Tocsin made a mistake with what it says ({type(error).__name__}: {error}). It is asked again; "
            "if this stays, report it with the lines of the log."
        )
    took = timedelta(seconds=perf_counter() - began)

    def write(session: Session, *, careful: bool = False) -> None:
        if batch is not None:
            record_run(session, context, source.id, batch, now, took, careful=careful)
        elif isinstance(failure, NotYet):
            postponed(session, source.id, failure, now)
        else:
            failed(session, source.id, failure, now, took)
        keep_quotas(session, context.paces)

    try:
        store_with_care(context, sessions, source.id, write)
    except Exception as error:  # the posts come again with the next run, as the cursor stayed where it was
        why = f"what it brought could not be stored ({type(error).__name__}: {error})"
        lost = SourceError(mask(why)[:500])
        context.pool.together.store(
            sessions, source.id, lambda session: failed(session, source.id, lost, now, took)
        )
        raise


def store_with_care(context: IngestContext, sessions: Sessions, source_id: int, write: Writing) -> None:
    """Store together with what others have to store; what is refused as a whole is stored piece by piece."""
    try:
        context.pool.together.store(sessions, source_id, write)
    except OperationalError:
        raise  # the disk or the database fails: nothing that was brought does
    except Exception:  # noqa: BLE001 - it is raised again if it is not one of the posts
        log().info("stored piece by piece")
        context.pool.together.store(sessions, source_id, partial(write, careful=True))


def receive(
    session: Session,
    context: IngestContext,
    source_id: int,
    items: list[Item],
    *,
    now: datetime,
    note: str = "",
) -> Stored:
    """Store posts that were brought to us, and leave a run as a record."""
    source = session.get(Source, source_id)
    if source is None:
        raise NotFound(f"there is no source {source_id}")
    until, due = source.heard_until, source.due_at
    batch = Batch(items, source.cursor, None, until or now, "ok" if items else "empty", note=note)
    stored = record_run(session, context, source_id, batch, now, timedelta(0), careful=True)
    source.due_at = due  # what is brought says nothing of how long we were there to be told
    return stored


def _listened(source: Source, now: datetime) -> Batch:
    # Posts are brought to us, so we heard the source for as long as we were there to be told.
    since = source.heard_until
    missed = since is not None and now - since > PATIENCE * timedelta(seconds=source.cadence_seconds)
    return Batch(
        [], source.cursor, None if missed else since, now, "unchanged",
        note="the service was not listening for a while" if missed else "",
    )  # fmt: skip

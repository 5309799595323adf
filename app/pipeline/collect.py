"""Sources to posts: runs what is due, stores what came with its cursor, and keeps each source's health."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from time import perf_counter
from zlib import crc32

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app import metrics
from app.db import Sessions
from app.errors import NotFound, NotYet, SourceError
from app.logs import log, mask
from app.models import Run, Source
from app.outside import Paces, attended
from app.pipeline.count import observed
from app.pipeline.match import Matchers
from app.pipeline.quotas import keep_quotas
from app.pipeline.store import Stored, forget, store
from app.sources.base import Batch, Item
from app.sources.base import Source as Listening

LEASE = timedelta(minutes=5)  # a run that takes longer is taken for dead, and another may start
DOWN_AFTER = 3  # failures in a row
PATIENCE = 3  # cadences without a word before a source counts as degraded
_LONGEST_BACK_OFF = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Ears:
    """What listening needs beside the database."""

    matchers: Matchers
    open: Callable[[Source], Listening | None]  # None: posts are brought to us
    retention: timedelta
    paces: Paces = field(default_factory=Paces)
    threads: int = 8


def collect(sessions: Sessions, ears: Ears, *, now: datetime) -> None:
    """Run every source that is due, side by side; one that fails stops no other."""
    with sessions.begin() as session:
        due = list(session.scalars(select(Source).where(Source.enabled, Source.due_at <= now)))
        claimed = [source for source in due if _claim(session, source, now)]
    with ThreadPoolExecutor(ears.threads, thread_name_prefix="source") as pool:
        running = [pool.submit(run, sessions, ears, source, now=now) for source in claimed]
    for future in running:
        future.result()  # what the database could not store ends the pass, after all have had their turn


def _claim(session: Session, source: Source, now: datetime) -> bool:
    mine = update(Source).where(Source.id == source.id, Source.due_at == source.due_at)
    return session.connection().execute(mine.values(due_at=now + LEASE)).rowcount == 1


def run(sessions: Sessions, ears: Ears, source: Source, *, now: datetime) -> None:
    """One run of a source: the network first, then all that it brought in one transaction."""
    began = perf_counter()
    try:
        with attended() as asked:
            listening = ears.open(source)
            batch = _listened(source, now) if listening is None else listening.fetch(source.cursor, now=now)
    except NotYet as error:
        with sessions.begin() as session:
            _postponed(session, source.id, error, now)
        return
    except SourceError as error:
        if error.retry_after and asked:  # its other sources need not run into the same wall
            ears.paces.rest(asked[-1], error.retry_after, now=now)
        with sessions.begin() as session:
            _failed(session, source.id, error, now, _since(began))
            keep_quotas(session, ears.paces)
        return
    except Exception as error:  # noqa: BLE001
        # A mistake of ours must not stop the other sources; it is written down where people look, and logged.
        log().exception("source crashed", source=source.name)
        with sessions.begin() as session:
            failure = SourceError(f"{type(error).__name__}: {error}")
            _failed(session, source.id, failure, now, _since(began))
        return
    with sessions.begin() as session:
        _heard(session, ears, source.id, batch, now, _since(began))
        keep_quotas(session, ears.paces)


def _since(began: float) -> timedelta:
    return timedelta(seconds=perf_counter() - began)


def receive(
    session: Session, ears: Ears, source_id: int, items: list[Item], *, now: datetime, note: str = ""
) -> Stored:
    """Store posts that were brought to us, and leave a run as a record."""
    source = session.get(Source, source_id)
    if source is None:
        raise NotFound(f"there is no source {source_id}")
    heard, due = source.heard_until, source.due_at
    batch = Batch(items, source.cursor, None, heard or now, "ok" if items else "empty", note=note)
    stored = _heard(session, ears, source_id, batch, now, timedelta(0))
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


def _heard(
    session: Session, ears: Ears, source_id: int, batch: Batch, now: datetime, took: timedelta
) -> Stored:
    source = session.get_one(Source, source_id, with_for_update=True)
    stored = store(
        session,
        ears.matchers.current(session),
        source_id,
        batch.items,
        now=now,
        keep_from=now - ears.retention,
    )
    if batch.deleted:
        forget(session, source_id, batch.deleted, now=now)
    if batch.window_from is not None:
        # A run that comes again after a crash must not count the same minutes twice.
        since = max(batch.window_from, source.heard_until or batch.window_from)
        observed(session, source_id, since, batch.window_to, coverage=batch.coverage)
    source.cursor = dict(batch.cursor)
    source.heard_until = max(batch.window_to, source.heard_until or batch.window_to)
    source.failures = 0
    source.due_at = now + (batch.next_in or timedelta(seconds=source.cadence_seconds))
    note = batch.note
    if stored.too_old:
        note = f"{note}; {stored.too_old} posts older than the retention were not stored".lstrip("; ")
    partial = batch.status == "partial" or batch.coverage < 1
    _health(source, "degraded" if partial else "ok", note if partial else "", now)
    if batch.status != "unchanged" or note or batch.cost:
        session.add(
            Run(
                source_id=source_id, started_at=now, ended_at=now + took,
                window_from=batch.window_from, window_to=batch.window_to, status=batch.status,
                received=stored.received, stored=stored.stored, edited=stored.edited,
                coverage=batch.coverage, note=note, cost=batch.cost,
            )
        )  # fmt: skip
    metrics.count(metrics.posts, source.kind, by=stored.stored)
    metrics.count(metrics.runs, source.kind, batch.status)
    return stored


def _postponed(session: Session, source_id: int, error: NotYet, now: datetime) -> None:
    source = session.get_one(Source, source_id, with_for_update=True)
    source.due_at = now + max(error.wait, timedelta(seconds=1))
    since = source.heard_until or source.created_at
    if source.health == "ok" and now - since > PATIENCE * timedelta(seconds=source.cadence_seconds):
        _health(source, "degraded", mask(str(error))[:500], now)
    log().info("source waits", source=source.name, seconds=error.wait.total_seconds(), why=mask(str(error)))


def _failed(session: Session, source_id: int, error: SourceError, now: datetime, took: timedelta) -> None:
    source = session.get_one(Source, source_id, with_for_update=True)
    source.failures += 1
    cadence = timedelta(seconds=source.cadence_seconds)
    source.due_at = now + back_off(cadence, source.failures, error.retry_after, seed=source.id)
    why = mask(str(error))[:500]
    _health(source, "down" if error.permanent or source.failures >= DOWN_AFTER else "degraded", why, now)
    session.add(
        Run(
            source_id=source_id, started_at=now, ended_at=now + took, window_from=source.heard_until,
            window_to=now, status="failed", coverage=0.0, note=why,
        )
    )  # fmt: skip
    metrics.count(metrics.runs, source.kind, "failed")
    log().warning("source failed", source=source.name, failures=source.failures, why=why)


def back_off(
    cadence: timedelta, failures: int, asked: timedelta | None, *, seed: int | None = None
) -> timedelta:
    """How long a source is left alone after so many failures in a row, or as long as it asked for.

    With a seed up to a fifth longer, always the same for the same number: many sources that failed together
    do not come back together.
    """
    if asked:
        return asked
    longer = 0.0 if seed is None else crc32(f"{seed}:{failures}".encode()) / 2**32 / 5
    doubled: timedelta = cadence * 2 ** min(failures - 1, 6)
    return min(doubled, _LONGEST_BACK_OFF) * (1 + longer)


def _health(source: Source, health: str, why: str, now: datetime) -> None:
    if health != source.health:
        log().info("source health", source=source.name, was=source.health, health=health, why=why)
        source.health, source.health_since = health, now
    source.health_why = why

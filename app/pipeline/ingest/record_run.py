"""What a run of a source leaves behind: posts, coverage, cursor, health, and a record, in one transaction."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from app import metrics
from app.backoff import LONGEST_ASKED, of_source, wait_after
from app.errors import NotYet, SourceError
from app.forgotten import Forgotten
from app.http_client import Paces
from app.logs import log, mask
from app.models import Run, RunStatus, Source, SourceHealth
from app.pipeline.ingest.count import observed
from app.pipeline.ingest.match import Matchers
from app.pipeline.ingest.store import Stored, forget, store
from app.pipeline.ingest.volume import remember
from app.pipeline.ingest.websub import after_run
from app.pipeline.ingest.worker_pool import WorkerPool
from app.sources import WITH_HUB
from app.sources.base import Batch
from app.sources.base import Source as Listening

DOWN_AFTER = 3  # failures in a row
_LOCK = {"key_share": True}  # its key stays: what others store meanwhile may refer to it
PATIENCE = 3  # cadences without a word before a source counts as degraded


@dataclass(frozen=True, slots=True)
class IngestContext:
    """What listening needs beside the database."""

    matchers: Matchers
    open: Callable[[Source], Listening | None]  # None: posts are brought to us
    retention: timedelta
    paces: Paces = field(default_factory=Paces)
    pool: WorkerPool = field(default_factory=WorkerPool)
    forgotten: Forgotten | None = None  # what is not to come again; None: nothing ever was
    # The same sources, asked for what can wait at a pace that leaves the listening its own.
    open_beside: Callable[[Source], Listening | None] = lambda _source: None
    beside: WorkerPool = field(default_factory=lambda: WorkerPool(2))
    patience: timedelta = timedelta(seconds=30)  # a pass waits so long for runs; slower ones go on without it


def record_run(
    session: Session,
    context: IngestContext,
    source_id: int,
    batch: Batch,
    now: datetime,
    took: timedelta,
    *,
    recorded: bool = True,
    careful: bool = False,
) -> Stored:
    """Store what a source brought, its cursor, and how far it was heard; `recorded`: as a run of its own.

    `careful`: as in `store`.
    """
    source = session.get_one(Source, source_id, with_for_update=_LOCK)
    stored = store(
        session,
        context.matchers.current(session),
        source_id,
        batch.items,
        now=now,
        keep_from=now - context.retention,
        careful=careful,
        forgotten=context.forgotten,
    )
    if batch.deleted:
        forget(session, source_id, batch.deleted, now=now, forgotten=context.forgotten)
    remember(session, source_id, batch.volume)
    if batch.window_from is not None and not batch.aside:
        # A run that comes again after a crash must not count the same minutes twice.
        since = max(batch.window_from, source.heard_until or batch.window_from, now - context.retention)
        observed(session, source_id, since, batch.window_to, coverage=batch.coverage)
    source.cursor = dict(batch.cursor)
    if not batch.aside:
        source.heard_until = max(batch.window_to, source.heard_until or batch.window_to)
        source.failures = 0
    pause = batch.next_in or timedelta(seconds=source.cadence_seconds)
    if recorded and source.kind in WITH_HUB:
        pause = max(pause, after_run(session, source, batch, stored.stored, now=now) or pause)
    source.due_at = now + min(pause, batch.latest_in or pause, LONGEST_ASKED)
    note = batch.note
    if stored.too_old:
        note = f"{note}; {stored.too_old} posts older than the retention were not stored".lstrip("; ")
    if stored.refused:
        external_id, why = stored.refused[0]
        many = f"{len(stored.refused)} posts could not be stored, the first {external_id[:80]!r}"
        note = f"{note}; {many}: {mask(why)[:200]}".lstrip("; ")
    partial = batch.status == "partial" or batch.coverage < 1 or bool(stored.refused)
    partial = partial or dates_new_as_old(stored, batch)
    trouble = (note or "only a part of it was seen") if partial else source.doubt
    if not batch.aside:
        set_health(source, SourceHealth.degraded if trouble else SourceHealth.ok, trouble, now)
    if recorded and (batch.status != "unchanged" or note or batch.cost):
        session.add(
            Run(
                source_id=source_id, started_at=now, ended_at=now + took,
                window_from=batch.window_from, window_to=batch.window_to, status=RunStatus(batch.status),
                received=stored.received, stored=stored.stored, edited=stored.edited,
                coverage=batch.coverage, note=note, cost=batch.cost,
            )
        )  # fmt: skip
    if recorded:
        metrics.count(metrics.runs, source.kind, batch.status)
    metrics.count(metrics.posts, source.kind, by=stored.stored)
    return stored


def dates_new_as_old(stored: Stored, batch: Batch) -> bool:
    """Whether most of what is new is dated too old to be stored; what is first read may hold an archive."""
    return stored.too_old > stored.stored and batch.window_from is not None


def postponed(session: Session, source_id: int, error: NotYet, now: datetime) -> None:
    """Write down that a source was not asked, for its host would rather wait: no failure, and no news."""
    source = session.get_one(Source, source_id, with_for_update=_LOCK)
    source.due_at = now + min(max(error.wait, timedelta(seconds=1)), LONGEST_ASKED)
    since = source.heard_until or source.created_at
    late = now - since > PATIENCE * timedelta(seconds=source.cadence_seconds)
    if late and source.health is SourceHealth.ok:
        set_health(source, SourceHealth.degraded, mask(str(error))[:500], now)
    log().info("source waits", source=source.name, seconds=error.wait.total_seconds(), why=mask(str(error)))


def failed(session: Session, source_id: int, error: SourceError, now: datetime, took: timedelta) -> None:
    """Write down that a source could not be heard, and when it is asked again."""
    source = session.get_one(Source, source_id, with_for_update=_LOCK)
    source.failures += 1
    policy = of_source(timedelta(seconds=source.cadence_seconds))
    source.due_at = now + wait_after(policy, source.failures, retry_after=error.retry_after, seed=source.id)
    why = mask(str(error))[:500]
    down = error.permanent or source.failures >= DOWN_AFTER
    set_health(source, SourceHealth.down if down else SourceHealth.degraded, why, now)
    session.add(
        Run(
            source_id=source_id, started_at=now, ended_at=now + took, window_from=source.heard_until,
            window_to=now, status=RunStatus.failed, coverage=0.0, note=why,
        )
    )  # fmt: skip
    metrics.count(metrics.runs, source.kind, RunStatus.failed)
    log().warning("source failed", source=source.name, failures=source.failures, why=why)


def set_health(source: Source, health: SourceHealth, why: str, now: datetime) -> None:
    """Set the health of a source, and since when it is so."""
    if health != source.health:
        log().info("source health", source=source.name, was=source.health, health=health, why=why)
        source.health, source.health_since = health, now
    source.health_why = why

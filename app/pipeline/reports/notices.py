"""News of a source's health: a notice of each change that people should know, queued with the alerts."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from app.db import Sessions, only_read
from app.models import WITH_SOURCES, Channel, Notice, Source, SourceHealth, Watch, hears, require_readable
from app.pipeline.delivery.outbox import enabled, enqueue_notice, first_told, named_channels, open_to
from app.pipeline.guard import Guard, Row

ANNOUNCE = "announce"  # the step
PATIENCE = timedelta(minutes=10)  # what is heard only in part so long is told; what is down is told at once
_STEADY = timedelta(minutes=5)  # heard again so long is mended
_WELL = [SourceHealth.new, SourceHealth.ok]  # one is no news beside the other
_CHANGED = select(Source.id, Source.name).where(
    Source.announced_health != Source.health,
    or_(Source.announced_health.not_in(_WELL), Source.health.not_in(_WELL)),
)
TO_ANNOUNCE = _CHANGED.exists()
_RANK = {SourceHealth.new: 0, SourceHealth.ok: 0, SourceHealth.degraded: 1, SourceHealth.down: 2}


def announce(sessions: Sessions, guard: Guard, *, now: datetime) -> None:
    """Make a notice of each change of health that people should know, with a delivery for each channel."""
    with sessions() as session:
        only_read(session)
        rows = [Row("source", source_id, name) for source_id, name in session.execute(_CHANGED)]

    def tell(session: Session, group: Sequence[Row]) -> None:
        for row in group:
            _announce(session, require_readable(session.get_one(Source, row.id)), now)

    guard.work(ANNOUNCE, rows, tell, row_of=lambda row: row)


def _announce(session: Session, source: Source, now: datetime) -> None:
    told = worth_telling(
        source.announced_health, source.health, now - source.health_since, enabled=source.enabled
    )
    if told is None:
        return
    since = source.health_since if told is not SourceHealth.ok else _began(session, source)
    source.announced_health = told
    if not source.enabled:
        return
    notice = Notice(source_id=source.id, at=now, health=told, since=since, why=source.health_why)
    session.add(notice)
    session.flush()
    for channel in _channels(session, source):
        enqueue_notice(session, notice, channel)


def worth_telling(
    told: SourceHealth, health: SourceHealth, lasted: timedelta, *, enabled: bool
) -> SourceHealth | None:
    """The health to tell now, or None: worse is told, what is deaf at once; better only once it is heard."""
    if not enabled:
        return SourceHealth.ok if told is not SourceHealth.ok else None
    here, there = _RANK[health], _RANK[told]
    if here > there:
        return health if health is SourceHealth.down or lasted >= PATIENCE else None
    if here == 0 < there:
        return SourceHealth.ok if lasted >= _STEADY else None
    return None


def _began(session: Session, source: Source) -> datetime:
    """When the trouble began that is over now."""
    notices = select(Notice).where(Notice.source_id == source.id, Notice.health.in_(list(SourceHealth)))
    since = source.health_since
    for notice in session.scalars(notices.order_by(Notice.id.desc())):
        if notice.health == SourceHealth.ok:
            break
        since = notice.since
    return since


def _channels(session: Session, source: Source) -> list[Channel]:
    """The channels of the watches that listen to the source; all, if one of them or no watch names any."""
    everyone = enabled(session)
    if source.team_id is not None:
        everyone = open_to(everyone, source.team_id)
    watches = session.scalars(select(Watch).where(Watch.enabled).options(WITH_SOURCES))
    listening = [watch for watch in watches if hears(watch, source)]
    told = named_channels(session, [watch.id for watch in listening])
    if not listening or not all(told.values()):
        return first_told(everyone)
    named = frozenset[int]().union(*told.values())
    return [channel for channel in everyone if channel.id in named]

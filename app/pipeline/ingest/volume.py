"""The volume that a source counts itself: kept, and set beside what is usual at that hour of the week."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.db import upsert
from app.models import Volume
from app.sources.base import Volume as Counted

_WEEKS = 8  # what is usual is that of the last so many weeks
_WEEK = timedelta(weeks=1)


@dataclass(frozen=True, slots=True)
class VolumePoint:
    """A stretch of time of a source, as it counted it, and what is usual for it."""

    at: datetime
    step_seconds: int
    count: int
    total: int | None
    share: float | None  # count of total; None: the total is not known
    usual: float | None  # the count that is usual; None: no earlier week is known
    weeks: int  # how many earlier weeks say so


def remember(session: Session, source_id: int, volume: Iterable[Counted]) -> None:
    """Keep what a source counted; what it counted again takes the place of what it had said before."""
    rows = {
        one.at: {
            "source_id": source_id,
            "at": one.at,
            "step_seconds": int(one.step.total_seconds()),
            "count": one.count,
            "total": one.total,
        }
        for one in volume
    }
    if not rows:
        return
    insert = upsert(session.get_bind().dialect, Volume)
    latest = {name: insert.excluded[name] for name in ("step_seconds", "count", "total")}
    insert = insert.on_conflict_do_update(index_elements=["source_id", "at"], set_=latest)
    session.connection().execute(insert, list(rows.values()))


def points(session: Session, rows: Sequence[Volume], *, zone: str) -> list[VolumePoint]:
    """The rows of one source with what is usual for each, told from the weeks before it alone."""
    if not rows:
        return []
    first, last = min(row.at for row in rows), max(row.at for row in rows)
    known = select(Volume.at, Volume.step_seconds, Volume.count, Volume.total).where(
        Volume.source_id == rows[0].source_id, Volume.at >= first - _WEEKS * _WEEK, Volume.at < last
    )
    local = ZoneInfo(zone)
    hours: dict[tuple[int, int], list[_Counted]] = {}
    for at, step, count, total in session.execute(known.order_by(Volume.at)):
        hours.setdefault(_hour(at, local), []).append(_Counted(at, step, count, total))
    return [_point(row, hours.get(_hour(row.at, local), [])) for row in rows]


@dataclass(frozen=True, slots=True)
class _Counted:
    at: datetime
    step_seconds: int
    count: int
    total: int | None


def _hour(at: datetime, zone: ZoneInfo) -> tuple[int, int]:
    there = at.astimezone(zone)
    return there.weekday(), there.hour


def _point(row: Volume, same_hour: Sequence[_Counted]) -> VolumePoint:
    # Other quarters of the same hour are of no earlier week; a change of clock moves an hour by one.
    earlier = [one for one in same_hour if timedelta(days=6) < row.at - one.at <= _WEEKS * _WEEK]
    usual: float | None = None
    if earlier:
        shares = [one.count / one.total for one in earlier if one.total]
        if row.total and shares:
            usual = median(shares) * row.total  # when the source looks at less, less is usual
        else:
            usual = median(one.count * row.step_seconds / one.step_seconds for one in earlier)
    weeks = {round((row.at - one.at) / _WEEK) for one in earlier}
    share = row.count / row.total if row.total else None
    return VolumePoint(row.at, row.step_seconds, row.count, row.total, share, usual, len(weeks))

"""Whether it is a source that swings: the proof without which no rise is taken for a fault of the listening.

A source that is fed with an archive, or that doubles all that it brings, raises all of its posts at once,
also those that no watch asks for. A fire raises those of the watches that it burns in.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import sqrt
from statistics import median

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.models import Bucket, Intake, Source, Watch

_DAY = timedelta(days=1)
_DAYS, _LEAST_DAYS = 14, 3  # what is usual at that time of the day is that of the days before
_LONGEST, _SHORTEST = timedelta(hours=3), timedelta(minutes=30)  # of the time that is looked at
_SWINGS = 1.5  # times what is usual
_LEAST, _SPREADS = 5.0, 3.0  # posts more than usual, and in units of their chance
_AS_MUCH = 2.0  # times what the swing makes of the usual: a fire goes beyond it
_NEARLY_ALL = 0.8  # of the excess


@dataclass(frozen=True, slots=True)
class SourceSwing:
    """A source of which everything rose at once."""

    source: str
    times: float  # what is usual, of what no watch asks for


def swing_of(session: Session, watch: Watch, *, began: datetime, at: datetime) -> SourceSwing | None:
    """The source whose swing explains the watch's excess since `began`; None where nothing proves that.

    Of the sources that bring the excess, nearly all of it must come from such as bring so much more than
    usual of what no watch asks for, and it must be no larger than that swing makes of what is usual.
    """
    since = min(max(began, at - _LONGEST), at - _SHORTEST)
    mine = select(Bucket.source_id, Bucket.at, Bucket.mentions).where(
        Bucket.watch_id == watch.id, Bucket.at >= since - _DAYS * _DAY, Bucket.at < at
    )
    mentions: dict[int, list[tuple[datetime, int]]] = defaultdict(list)
    for source_id, bucket, count in session.execute(mine):
        mentions[source_id].append((bucket, count))
    first = _first_days(session, mentions)
    excess: dict[int, float] = {}
    swings: dict[int, float] = {}
    for source_id, counts in mentions.items():
        days = min(_DAYS, (since - first.get(source_id, at)) // _DAY)
        now, usual = _now_and_usual(counts, since, at, days)
        excess[source_id] = max(0.0, now - usual)
        if excess[source_id] and days >= _LEAST_DAYS:
            times = _times(session, source_id, since, at, days)
            wanted = times * (usual + 0.5)
            if times >= _SWINGS and now <= _AS_MUCH * wanted + _SPREADS * sqrt(wanted):
                swings[source_id] = times
    whole = sum(excess.values())
    if not swings or sum(excess[source_id] for source_id in swings) < _NEARLY_ALL * whole:
        return None
    largest = max(swings, key=lambda source_id: (excess[source_id], -source_id))
    return SourceSwing(session.get_one(Source, largest).name, swings[largest])


def _first_days(session: Session, sources: Iterable[int]) -> Mapping[int, datetime]:
    """Since when the whole volume of each source is known."""
    query = select(Intake.source_id, func.min(Intake.at)).where(Intake.source_id.in_(list(sources)))
    return dict(iter(session.execute(query.group_by(Intake.source_id))))


def _times(session: Session, source_id: int, since: datetime, at: datetime, days: int) -> float:
    """How often the usual it brings of what no watch asks for; 0 where that is no more than chance."""
    query = select(Intake.at, Intake.unasked).where(
        Intake.source_id == source_id, Intake.at >= since - days * _DAY, Intake.at < at
    )
    now, usual = _now_and_usual([(bucket, n) for bucket, n in session.execute(query)], since, at, days)
    if now - usual < max(_LEAST, _SPREADS * sqrt(usual)):
        return 0.0
    return now / max(usual, 1.0)


def _now_and_usual(
    counts: Iterable[tuple[datetime, int]], since: datetime, at: datetime, days: int
) -> tuple[float, float]:
    """(what was counted from `since` to `at`, the median of the same time of the days before)."""
    by_day = [0] * (days + 1)
    for bucket, count in counts:
        before = -((bucket - at) // _DAY) - 1  # whole days before the time that ends at `at`
        if before <= days and bucket + before * _DAY >= since:
            by_day[before] += count
    return float(by_day[0]), float(median(by_day[1:])) if days else 0.0

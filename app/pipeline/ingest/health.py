"""Whether sources are heard as they used to be: each on its own cadence, against its own history."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from statistics import median

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.models import Post, PostPrecision, Run, RunStatus, Source, SourceHealth, require_readable, unreadable
from app.pipeline.guard import Guard, Row
from app.pipeline.ingest.record_run import PATIENCE, set_health

HEALTH = "health"  # the step
HISTORY = timedelta(days=15)
_HOUR, _DAY = timedelta(hours=1), timedelta(days=1)
_ROUND = timedelta(hours=1)  # each source is held against its history so often, not all in the same pass
_GRACE = timedelta(minutes=10)  # a pass or two may be late
_DEAF = timedelta(hours=1)
_FEW = 20  # runs with posts below which a history says nothing of pauses
_LEAST = timedelta(hours=3)  # a pause that is shorter is none
_VOLUME, _FALLEN = 50, 0.2  # posts a day that make a volume, and the part of it that is a fall
_SLOW = timedelta(seconds=30)
_RANK = {SourceHealth.new: 0, SourceHealth.ok: 0, SourceHealth.degraded: 1, SourceHealth.down: 2}
_SKEWED, _SKEWED_SHARE = 5, 0.2


@dataclass(frozen=True, slots=True)
class RunHistory:
    """What the runs of a source were, oldest first."""

    posted: Sequence[tuple[datetime, int]]  # runs that brought new posts, and how many
    failed: Sequence[datetime]
    took: Sequence[timedelta]  # the newest runs
    clamped: int  # posts of the last day that are dated in the future
    dated: int  # of so many


def watch_health(sources: Sequence[Source], guard: Guard, *, now: datetime) -> None:
    """Look at every source: at its silence always, at its history once an hour."""
    rows = [Row.of(source) for source in sources if _wants_a_look(source, now)]

    def look(session: Session, group: Sequence[Row]) -> None:
        mine = select(Source).where(Source.id.in_([row.id for row in group])).order_by(Source.id)
        for source in session.scalars(mine):
            _look_at(session, require_readable(source), now)

    guard.work(HEALTH, rows, look, row_of=lambda row: row)


def _wants_a_look(source: Source, now: datetime) -> bool:
    """Whether something may be to be written of the source; said of what cannot be read as well."""
    if unreadable(source) or source.health not in _RANK:
        return True
    silent = silence(source, now=now)
    return _has_its_turn(source, now) or (silent is not None and _RANK[silent[0]] > _RANK[source.health])


def _has_its_turn(source: Source, now: datetime) -> bool:
    minutes = int(now.timestamp() // 60)
    return (source.id - minutes) % (_ROUND // timedelta(minutes=1)) == 0 and "holds" not in source.cursor


def _look_at(session: Session, source: Source, now: datetime) -> None:
    if _has_its_turn(source, now):
        source.doubt = doubt(run_history_of(session, source, now), source, now=now)
        if source.health is SourceHealth.ok and source.doubt:
            set_health(source, SourceHealth.degraded, source.doubt, now)
        elif source.health is SourceHealth.degraded and not source.doubt and not source.failures:
            set_health(source, SourceHealth.ok, "", now)
    silent = silence(source, now=now)
    if silent is not None and _RANK[silent[0]] > _RANK[source.health]:
        set_health(source, silent[0], "; ".join(filter(None, [silent[1], source.health_why])), now)


def silence(source: Source, *, now: datetime) -> tuple[SourceHealth, str] | None:
    """(health, why) of a source that was not heard for far longer than its cadence; None if it was."""
    if "holds" in source.cursor:
        return None  # an archive, read whole
    cadence = timedelta(seconds=source.cadence_seconds)
    waits = (source.due_at - now) if source.due_at and source.due_at > now else timedelta(0)
    since = max(filter(None, (source.heard_until, source.created_at)))
    quiet = now - since
    if quiet <= PATIENCE * cadence + _GRACE or (waits > cadence and source.health is not SourceHealth.ok):
        return None  # one that waits was told to, and says so itself
    why = f"nothing was heard since {since:%Y-%m-%d %H:%M} UTC, and it is asked every {_span(cadence)}"
    deaf = quiet > 4 * PATIENCE * cadence + _DEAF
    return SourceHealth.down if deaf else SourceHealth.degraded, why


def run_history_of(session: Session, source: Source, now: datetime) -> RunHistory:
    """The runs of the last two weeks."""
    runs = session.execute(
        select(Run.started_at, Run.ended_at, Run.stored, Run.status)
        .where(Run.source_id == source.id, Run.started_at >= now - HISTORY)
        .order_by(Run.started_at)
    ).all()
    recent = select(Post.precision).where(Post.source_id == source.id, Post.bucket_at >= now - _DAY)
    precisions = session.scalars(recent.limit(2_000)).all()
    return RunHistory(
        posted=[(run.started_at, run.stored) for run in runs if run.stored],
        failed=[run.started_at for run in runs if run.status is RunStatus.failed],
        took=[run.ended_at - run.started_at for run in runs[-5:]],
        clamped=sum(one is PostPrecision.clamped for one in precisions),
        dated=len(precisions),
    )


def doubt(history: RunHistory, source: Source, *, now: datetime) -> str:
    """Why the source may not be heard as it used to be, although it answers; empty if it seems to be."""
    cadence = timedelta(seconds=source.cadence_seconds)
    return (
        _pause(history, now)
        or _fall(history, now)
        or _slow(history, cadence)
        or (
            f"{history.clamped} of the {history.dated} posts of the last day are dated in the future: "
            "its clock or its time zone is wrong"
            if history.clamped >= max(_SKEWED, _SKEWED_SHARE * history.dated)
            else ""
        )
    )


def _pause(history: RunHistory, now: datetime) -> str:
    times = [at for at, _ in history.posted]
    if len(times) < _FEW:
        return ""
    gaps = sorted(later - earlier for earlier, later in pairwise(times))
    quiet, longest = now - times[-1], gaps[-1]
    if quiet < max(_LEAST, 2 * longest, 6 * gaps[len(gaps) // 2]):
        return ""
    return (
        f"no post since {times[-1]:%Y-%m-%d %H:%M} UTC; "
        f"the longest pause in two weeks was {_span(longest)}. See whether it still shows new posts"
    )


def _fall(history: RunHistory, now: datetime) -> str:
    days = [0] * (HISTORY // _DAY)
    for at, stored in history.posted:
        if at > now - len(days) * _DAY:
            days[int((now - at) / _DAY)] += stored
    before = [posts for posts in days[1:] if posts]
    if len(before) < 7 or any(now - at < _DAY for at in history.failed):
        return ""  # what was not heard has fallen for a known reason
    usual = median(before)
    if usual < _VOLUME or days[0] >= _FALLEN * usual:
        return ""
    return f"{days[0]:,} posts in the last day, where {usual:,.0f} are usual: part of it may not reach us"


def _slow(history: RunHistory, cadence: timedelta) -> str:
    if len(history.took) < 5:
        return ""
    usual = sorted(history.took)[len(history.took) // 2]
    if usual <= max(_SLOW, cadence / 2):
        return ""
    return f"a run takes {_span(usual)}, and it is asked every {_span(cadence)}: it answers slowly"


def _span(duration: timedelta) -> str:
    minutes = duration / timedelta(minutes=1)
    if minutes < 2:
        return f"{duration.total_seconds():.0f} s"
    return f"{minutes:.0f} min" if minutes < 120 else f"{minutes / 60:.0f} h"

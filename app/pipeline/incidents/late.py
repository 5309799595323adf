"""Posts that came late: what was judged without them is looked at again.

A sender that was cut off delivers what it kept; a feed is read again after hours. Their posts are counted
where they belong, in buckets that are judged already. Where these now cross the threshold by themselves the
fire is told at once, late and as what it was, from the newest bucket on; what was judged stays as it is.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import numpy as np
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.clock import STEP
from app.models import Bucket, Incident, Source, State, Watch
from app.pipeline.scoring.counts import Floats, Series
from app.pipeline.scoring.detect import ScoringEngine
from app.pipeline.scoring.hours import hour_before
from app.pipeline.scoring.scored_series import ScoredSeries
from app.pipeline.scoring.thresholds import Threshold

_WITHIN = timedelta(hours=24)  # what is older is no news
_NEVER = datetime.max.replace(tzinfo=UTC)
_DAY_STEPS, _DAYS = timedelta(days=1) // STEP, 7
_HOUR = timedelta(hours=1) // STEP  # at least so much is set beside what is usual
_LEAST, _PART = 5, 1.3  # posts more than usual, and times: what comes as usual is not judged again


@dataclass(frozen=True, slots=True)
class LateFire:
    """The strongest of the buckets that were judged before their posts came."""

    column: int
    score: float


def late_buckets(session: Session, watches: Sequence[Watch]) -> dict[int, tuple[datetime, datetime]]:
    """By watch, the first and the last bucket that was judged and has been counted again since.

    What is from before a watch or a source was made, or asked for otherwise, is history and no news.
    """
    judged = {w.id: w.scored_until for w in watches if w.scored_until and w.rematch_until is None}
    changed = {watch.id: watch.updated_at for watch in watches}
    if not judged:
        return {}
    since = max(min(judged.values()), max(judged.values()) - _WITHIN)
    # Asked by `counted_at` and nothing else, so that SQLite reads that index and not a month of buckets.
    query = select(Bucket.watch_id, Bucket.source_id, Bucket.at, Bucket.counted_at)
    came: list[tuple[int, int, datetime]] = []
    for watch_id, source_id, at, counted_at in session.execute(query.where(Bucket.counted_at >= since)):
        until = judged.get(watch_id)
        if until is None or not until - _WITHIN <= at < until <= counted_at or changed[watch_id] >= until:
            continue
        came.append((watch_id, source_id, at))
    found: dict[int, tuple[datetime, datetime]] = {}
    if not came:
        return found  # most often: when its source was made need not be asked
    made = dict(iter(session.execute(select(Source.id, Source.created_at))))
    for watch_id, source_id, at in came:
        if at >= made.get(source_id, at):
            first, last = found.get(watch_id, (at, at))
            found[watch_id] = min(at, first), max(at, last)
    return found


def late_fires(
    session: Session,
    scoring: ScoringEngine,
    scored: ScoredSeries,
    watches: Sequence[Watch],
    thresholds: Callable[[], Mapping[int, Threshold]],
) -> dict[int, LateFire]:
    """By watch, what burnt in buckets whose posts came late, where nothing burns or was told of it."""
    found = late_buckets(session, watches)
    if not found:
        return {}
    told = _told_until(session, list(found))
    fires: dict[int, LateFire] = {}
    for row, watch in enumerate(watches):
        if watch.id not in found or watch.scored_until is None:
            continue
        until = watch.scored_until
        begin, newest = found[watch.id]
        since = max(begin, until - _WITHIN, told.get(watch.id, until - _WITHIN))
        first, last = scored.series.column(since), scored.series.column(until)
        came = scored.series.column(newest) + 1
        # What lags all the time comes bucket by bucket: one is little beside all that passed since.
        lags = last - came >= _HOUR
        judged = (min(first, came - _HOUR), came) if lags else (first, last)
        if since >= until or (lags and newest < since) or not _is_more(scored.series, row, *judged):
            continue
        before = scored.scores(row, first, last)[0]
        scoring.judge_again(session, row, first, last)
        fire = _strongest(scored, row, first, before, thresholds()[watch.id].alarm)
        if fire is not None:
            fires[watch.id] = fire
    return fires


def _strongest(scored: ScoredSeries, row: int, first: int, before: Floats, alarm: float) -> LateFire | None:
    """The strongest of the columns that cross the threshold now and, as far as is known, did not `before`."""
    now = scored.scores(row, first, first + len(before))[0]
    # The score remembers hours: where the hour itself is as usual, it was calm by then.
    for column in np.argsort(-np.nan_to_num(now, nan=-np.inf), kind="stable").tolist():
        if not now[column] >= alarm:
            break
        hour = hour_before(scored, row, first + column + 1)
        if not before[column] >= alarm and hour.observed > hour.high:
            return LateFire(first + column, float(now[column]))
    return None


def _told_until(session: Session, watch_ids: Sequence[int]) -> dict[int, datetime]:
    """By watch, until when its newest fire burnt; of one that burns, for ever."""
    query = (
        select(Incident.watch_id, Incident.state, Incident.out_at, Incident.last_transition_at)
        .where(Incident.watch_id.in_(watch_ids), Incident.burning_at.is_not(None))
        .order_by(Incident.id)
    )
    ends: dict[int, datetime] = {}
    for watch_id, state, out_at, changed_at in session.execute(query):
        end = None if state is State.burning else out_at or changed_at
        # What cannot be read is looked at by whoever can mend it.
        ends[watch_id] = end if isinstance(end, datetime) else _NEVER
    return ends


def _is_more(series: Series, row: int, first: int, last: int) -> bool:
    """Whether more was said in these columns than in the same ones of the days before."""
    counts = series.mentions[row]
    now = counts[first:last].sum()
    days = [k * _DAY_STEPS for k in range(1, _DAYS + 1) if first >= k * _DAY_STEPS]
    usual = float(np.median([counts[first - k : last - k].sum() for k in days])) if days else 0.0
    return bool(now >= usual + _LEAST and now >= _PART * usual)

"""The curve of a report: mentions in equal steps beside what was usual, with its interval."""

from bisect import bisect_right
from collections.abc import Sequence
from datetime import datetime, timedelta

import numpy as np
from sqlalchemy.orm import Session

from app.channels.report.facts import Curve, CurveMark, CurvePoint
from app.clock import step_start
from app.pipeline.scoring.hours import joint_width
from app.pipeline.scoring.series import SeriesPoint, series, sketches

_STEPS = tuple(timedelta(minutes=minutes) for minutes in (5, 15, 30, 60, 120, 360, 720, 1440))
_MOST = 96  # points
_LONGEST = timedelta(days=31)  # that is read: of a longer story the newest part
_HEARD = 0.5  # part of a step that must have been observed, for it to be drawn


def curve_around(
    session: Session,
    watch_id: int,
    *,
    began: datetime,
    ended: datetime,
    marks: Sequence[CurveMark],
    now: datetime,
) -> Curve:
    """The curve of a fire, from some hours before its onset to an hour after its end."""
    before = min(max((ended - began) / 4, timedelta(hours=3)), timedelta(days=1))
    until = min(now, ended + timedelta(hours=1))
    since = max(began - before, until - _LONGEST)
    step = next((step for step in _STEPS if step * _MOST >= until - since), _STEPS[-1])
    first = step_start(since, min(step, timedelta(hours=1)))
    # Whole steps only: half a step at the end looks like a fall.
    edges = [first + n * step for n in range(max(1, (until - first) // step))]
    until = first + len(edges) * step
    shown = tuple(mark for mark in marks if first <= mark.at < until)
    return _summed(session, watch_id, edges, until, step, shown, now)


def curves_of_today(session: Session, watch_ids: Sequence[int], *, now: datetime) -> dict[int, Curve]:
    """The curves of the last 24 hours, by half hours: sketches, as there may be hundreds of them."""
    step = timedelta(minutes=30)
    until = step_start(now)
    edges = [until - n * step for n in range(int(timedelta(days=1) / step), 0, -1)]
    drawn = sketches(session, watch_ids, since=edges[0], until=until, now=now)
    return {watch_id: _curve(points, edges, step, ()) for watch_id, points in drawn.items()}


def curve_of_past(
    session: Session, watch_id: int, *, since: datetime, until: datetime, now: datetime
) -> Curve:
    """The curve of some weeks, in at most 96 equal steps."""
    step = next((step for step in _STEPS if step * _MOST >= until - since), _STEPS[-1])
    first = step_start(since, min(step, timedelta(hours=1)))
    edges = [first + n * step for n in range(max(1, (until - first) // step))]
    return _summed(session, watch_id, edges, first + len(edges) * step, step, (), now)


def curve_of_days(
    session: Session, watch_id: int, *, days: Sequence[datetime], until: datetime, now: datetime
) -> Curve:
    """The curve of a week or a month by day; `days`: when each began, on the watch's clock."""
    return _summed(session, watch_id, days, until, timedelta(days=1), (), now)


def _summed(
    session: Session,
    watch_id: int,
    edges: Sequence[datetime],
    until: datetime,
    step: timedelta,
    marks: tuple[CurveMark, ...],
    now: datetime,
) -> Curve:
    """The five minutes from the first edge until then, summed between the edges."""
    until = min(until, now)
    points = series(session, watch_id, since=edges[0], until=until, now=now) if edges else ()
    return _curve(points, edges, step, marks)


def _curve(
    found: Sequence[SeriesPoint], edges: Sequence[datetime], step: timedelta, marks: tuple[CurveMark, ...]
) -> Curve:
    parts: list[list[SeriesPoint]] = [[] for _ in edges]
    for point in found:
        parts[max(0, bisect_right(edges, point.at) - 1)].append(point)
    points = tuple(_point(at, part) for at, part in zip(edges, parts, strict=True) if part)
    return Curve(step // timedelta(minutes=1), points, marks)


def _point(at: datetime, part: Sequence[SeriesPoint]) -> CurvePoint:
    seen = [one.observed for one in part if one.observed is not None]
    observed = round(sum(seen), 1) if len(seen) >= _HEARD * len(part) else None
    known = [one for one in part if one.expected is not None]
    if not known:
        return CurvePoint(at, observed, None, None, None)
    usual = np.array([one.expected or 0.0 for one in known])
    high = np.array([one.high if one.high is not None else one.expected or 0.0 for one in known])
    low = np.array([one.low if one.low is not None else one.expected or 0.0 for one in known])
    middle = float(usual.sum())
    return CurvePoint(
        at,
        observed,
        round(middle, 1),
        round(max(0.0, middle - joint_width(usual - low)), 1),
        round(middle + joint_width(high - usual), 1),
    )

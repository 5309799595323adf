"""Planned events: by how much they raise what is expected, as the team says or as earlier ones did."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

import numpy as np
from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import set_committed_value

from app.clock import STEP, step_start
from app.db import Sessions, only_read
from app.models import Bucket, PlannedEvent, unreadable
from app.pipeline.scoring.counts import Floats, Series
from detectors.grid import Ints

UNKNOWN = 2.0  # times the usual, of a kind of event that was never seen
MOST = 100.0
_HOUR = timedelta(hours=1)
_DAY = timedelta(days=1)
_EARLIER = 3  # events that count: the newest
_USUAL_DAYS, _LEAST_DAYS = 28, 7
_LONGEST = 14 * 24  # hours


def events_between(session: Session, since: datetime, until: datetime) -> list[PlannedEvent]:
    """The planned events that touch the time between; one that this version cannot read raises nothing.

    What is to be learnt for them is known here as well, though `learn_events` has not written it down yet.
    """
    events, fresh = _events(session, since, until)
    for event in fresh:
        set_committed_value(event, "learnt", _learnt(session, event))
    return events


def learn_events(sessions: Sessions, since: datetime, until: datetime) -> list[PlannedEvent]:
    """The planned events between, after what earlier ones teach is written into each of them, once.

    So a later look at that time expects what was expected then.
    """
    with sessions() as session:
        only_read(session)
        events, fresh = _events(session, since, until)
    if not fresh:
        return events
    with sessions.begin() as session:
        for event in fresh:
            row = session.get(PlannedEvent, event.id, with_for_update=True)
            if row is not None and row.factor is None and row.learnt is None:
                row.learnt = _learnt(session, row)
    with sessions() as session:
        only_read(session)
        return events_between(session, since, until)


def _events(
    session: Session, since: datetime, until: datetime
) -> tuple[list[PlannedEvent], list[PlannedEvent]]:
    """(those that touch the time between, of these those that have nothing learnt yet)."""
    touching = select(PlannedEvent).where(PlannedEvent.starts_at < until, PlannedEvent.ends_at > since)
    events = [e for e in session.scalars(touching.order_by(PlannedEvent.id)) if not wrong_with(e)]
    return events, [event for event in events if event.factor is None and event.learnt is None]


def wrong_with(event: PlannedEvent) -> str:
    """Why the event cannot be reckoned with; empty if it can."""
    wrong = unreadable(event)
    for factors in (event.learnt or {}).values() if not wrong else ():
        if not isinstance(factors, list) or not all(isinstance(f, int | float) for f in factors):
            wrong.append(f"learnt holds {str(factors)[:80]!r}, which are no factors")
    return "; ".join(wrong)


def _learnt(session: Session, event: PlannedEvent) -> dict[str, list[float]]:
    return {str(watch): factors for watch, factors in learn(session, event).items()}


def learn(session: Session, event: PlannedEvent) -> dict[int, list[float]]:
    """For each watch, times the usual in each hour of the event: the most that earlier ones of its kind did.

    An hour is compared with the same hour of the 28 days before its event; one post is added to both, so that
    small brands do not learn from chance. An hour early or late counts as well, as no event is on the minute.
    """
    hours = min(-((event.starts_at - event.ends_at) // _HOUR), _LONGEST)
    most: dict[int, Floats] = {}
    for earlier in _earlier(session, event):
        for watch, factors in _effect(session, earlier, event.watch_id).items():
            wide = np.maximum(factors, np.maximum(np.append(factors[1:], 1.0), np.append(1.0, factors[:-1])))
            whole = np.append(wide, np.full(max(0, hours - len(wide)), wide[-1]))[:hours]
            most[watch] = np.maximum(most.get(watch, np.ones(hours)), whole)
    return {watch: [round(float(f), 2) for f in factors.clip(1.0, MOST)] for watch, factors in most.items()}


def uplift(
    events: Sequence[PlannedEvent],
    series: Series,
    first: int,
    last: int,
    rows: Sequence[int] | None = None,
) -> Floats:
    """(watches, columns): by how much planned events raise the expectation, of all rows or of some."""
    ids = series.watch_ids if rows is None else [series.watch_ids[row] for row in rows]
    raised = np.ones((len(ids), last - first))
    since, until = series.start + first * STEP, series.start + last * STEP
    for event in events:
        begin = series.column(step_start(max(event.starts_at, since))) - first
        end = series.column(step_start(min(event.ends_at, until))) - first
        if begin >= end:
            continue
        whose = [place for place, watch in enumerate(ids) if event.watch_id in (None, watch)]
        hour = _hours(event, series, first + begin, first + end)
        for place in whose:
            hourly = np.asarray(factors_of(event, ids[place], event.learnt))
            factors = hourly[np.minimum(hour, len(hourly) - 1)]
            raised[place, begin:end] = np.maximum(raised[place, begin:end], factors)
    return raised


def factors_of(event: PlannedEvent, watch_id: int, learnt: Mapping[str, list[float]] | None) -> list[float]:
    """Times the usual in each hour of the event; the last one holds for what comes after."""
    if event.factor is not None:
        return [event.factor]
    return (learnt or {}).get(str(watch_id)) or [UNKNOWN]


def _hours(event: PlannedEvent, series: Series, first: int, last: int) -> Ints:
    """The hour of the event, counted from 0, in which each column begins."""
    at = series.start - event.starts_at
    return np.asarray([max(0, (at + column * STEP) // _HOUR) for column in range(first, last)], np.int64)


def _earlier(session: Session, event: PlannedEvent) -> list[PlannedEvent]:
    """The newest events of the same kind that were over before this one begins."""
    same = PlannedEvent.kind == event.kind if event.kind else PlannedEvent.name == event.name
    query = select(PlannedEvent).where(same, PlannedEvent.ends_at <= event.starts_at)
    if event.watch_id is not None:
        query = query.where(or_(PlannedEvent.watch_id == event.watch_id, PlannedEvent.watch_id.is_(None)))
    return list(session.scalars(query.order_by(PlannedEvent.ends_at.desc()).limit(_EARLIER)))


def _effect(session: Session, event: PlannedEvent, watch_id: int | None) -> dict[int, Floats]:
    """For each watch that has a past of a week, times the usual in each hour of an event that is over."""
    hours = min(-((event.starts_at - event.ends_at) // _HOUR), _LONGEST)
    since = step_start(event.starts_at)
    spans = [(since - d * _DAY, since - d * _DAY + hours * _HOUR) for d in range(_USUAL_DAYS + 1)]
    whose = watch_id if watch_id is not None else event.watch_id
    mine = [Bucket.watch_id == whose] if whose is not None else []
    query = (
        select(Bucket.watch_id, Bucket.at, func.sum(Bucket.mentions))
        .where(or_(*(and_(Bucket.at >= begin, Bucket.at < end) for begin, end in spans)), *mine)
        .group_by(Bucket.watch_id, Bucket.at)
    )
    counts: dict[int, Floats] = {}
    for watch, at, mentions in session.execute(query):
        table = counts.setdefault(watch, np.zeros((_USUAL_DAYS + 1, hours)))
        for day, (begin, end) in enumerate(spans):
            if begin <= at < end:
                table[day, (at - begin) // _HOUR] += mentions
    found = {}
    for watch, table in counts.items():
        first = session.scalar(select(func.min(Bucket.at)).where(Bucket.watch_id == watch))
        days = min(_USUAL_DAYS, (since - (first or since)) // _DAY)
        if days >= _LEAST_DAYS:
            before = table[1 : days + 1]
            # Half the mean beside the median: of a small brand most hours are empty.
            usual = np.maximum(np.median(before, axis=0), before.mean(axis=0) / 2)
            found[watch] = np.asarray((table[0] + 1.0) / (usual + 1.0))
    return found

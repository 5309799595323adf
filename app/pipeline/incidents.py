"""Scores to incidents: follows each watch bucket by bucket, and writes what happens as transitions."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import nan

import numpy as np
from sqlalchemy import Select, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app import metrics
from app.channels.base import Facts
from app.clock import STEP, floor
from app.errors import AppError
from app.logs import log
from app.models import Incident, Policy, Reason, Source, State, Transition, Watch
from app.pipeline.counts import HEARD
from app.pipeline.decide import Lines, Rules, Signal, Standing, decide
from app.pipeline.deliver import enqueue
from app.pipeline.detect import Judge, Judged
from app.pipeline.explain import explain
from app.pipeline.hours import hour_before, onset
from detectors import calm_for, line_for

SMOKE = 0.75  # of the alarm line: worth recording, not worth telling
STANDING = (
    "opened_at", "burning_at", "out_at", "peak", "peak_at",
    "acknowledged_by", "acknowledged_at", "snoozed_until", "verdict",
)  # fmt: skip
LATE = timedelta(minutes=10)  # a source may answer so long after its cadence
LONGEST_WAIT = timedelta(hours=6)
GIVE_UP_AFTER = timedelta(
    hours=1
)  # on buckets that could not be followed: better a gap than nothing ever again


@dataclass(frozen=True, slots=True)
class Following:
    """What following needs to know of the service."""

    judge: Judge
    told: Callable[[Transition, Incident], None] | None = None  # a replay listens in


def rules_of(policy: Policy) -> Rules:
    """The lines and waits that a policy asks for; its budget decides unless an expert set a threshold."""
    alarm = policy.threshold if policy.threshold is not None else line_for(policy.alarms_per_month)
    return Rules(
        Lines(alarm, calm_for(alarm), SMOKE * alarm),
        timedelta(minutes=policy.calm_minutes),
        timedelta(minutes=policy.out_minutes),
    )


def follow(session: Session, following: Following, watches: Sequence[Watch], *, now: datetime) -> None:
    """Judge every bucket that ended since the last time, in order, and write what follows from it."""
    until = floor(now)
    for watch in watches:
        # What was before a watch was made is history and not news.
        watch.scored_until = watch.scored_until or until
    since = min((w.scored_until or until for w in watches), default=until)
    if since >= until:
        return
    waits = _patience(session, watches)
    opened = {i.watch_id: i for i in session.scalars(_open_incidents())}
    for judged, first, last in following.judge.advance(session, watches, since=since, until=until):
        for row, watch in enumerate(watches):
            begin = judged.series.column(watch.scored_until or until)
            stop = _heard_until(judged, row, begin, last, now - waits[watch.id])
            if not first <= begin < stop:
                continue
            if _guarded(session, following, judged, watch, begin, stop, opened):
                watch.scored_until = judged.series.start + stop * STEP


def _patience(session: Session, watches: Sequence[Watch]) -> dict[int, timedelta]:
    """How long each watch waits for what its sources have not told yet: the slowest cadence, and more."""
    cadences = {
        source: timedelta(seconds=seconds)
        for source, seconds in session.execute(
            select(Source.id, Source.cadence_seconds).where(Source.enabled, Source.health != "down")
        )
    }
    slowest = max(cadences.values(), default=timedelta(0))
    waits = {}
    for watch in watches:
        own = [cadences[s.id] for s in watch.sources if s.id in cadences]
        wait = max(own, default=timedelta(0)) if watch.sources else slowest
        waits[watch.id] = min(wait + LATE, LONGEST_WAIT)
    return waits


def _heard_until(judged: Judged, row: int, first: int, last: int, since: datetime) -> int:
    """The column before which all is known, or given up on because it is from before `since`."""
    young = judged.series.column(since)
    for column in range(max(first, young), last):
        if judged.series.coverage[row, column] < HEARD:
            return column
    return last


def _guarded(
    session: Session,
    following: Following,
    judged: Judged,
    watch: Watch,
    first: int,
    last: int,
    opened: dict[int, Incident],
) -> bool:
    """Follow one watch; whether that is done with. A mistake of ours in one must not stop the others."""
    row, rules = judged.row(watch.id), rules_of(watch.policy)
    scores = judged.evidence("score", row, first, last)
    if watch.id not in opened and np.nan_to_num(scores, nan=-np.inf).max() < rules.lines.smoke:
        return True
    try:
        with session.begin_nested():
            _follow_one(session, following, judged, watch, first, last, opened)
    except Exception:  # noqa: BLE001 - whatever it is, the other watches go on
        log().exception("a watch could not be followed", watch=watch.name)
        opened.pop(watch.id, None)
        opened |= {
            i.watch_id: i for i in session.scalars(_open_incidents().where(Incident.watch_id == watch.id))
        }
        return judged.series.end - (judged.series.start + first * STEP) > GIVE_UP_AFTER
    return True


def _open_incidents() -> Select[Incident]:
    return select(Incident).where(Incident.state != State.out)


def _follow_one(
    session: Session,
    following: Following,
    judged: Judged,
    watch: Watch,
    first: int,
    last: int,
    opened: dict[int, Incident],
) -> None:
    row, rules = judged.row(watch.id), rules_of(watch.policy)
    scores = judged.evidence("score", row, first, last)
    for column, score in zip(range(first, last), scores, strict=True):
        incident = opened.get(watch.id)
        hour = hour_before(judged, row, column + 1)
        at = judged.series.start + (column + 1) * STEP
        heard = judged.series.coverage[row, column] >= HEARD
        signal = Signal(at, float(score) if heard else nan, hour.observed, hour.high)
        reason, standing = decide(_standing(incident), signal, rules)
        if reason is not None:
            following.judge.look_back(session, row, column + 1)
        if reason in {Reason.ignited, Reason.smoke} and incident is None:
            incident = _open(session, judged, watch, row, column + 1, rules)
            if incident is None:
                return  # another cycle was first; the next one goes on from what it wrote
            opened[watch.id] = incident
        if incident is None or standing is None:
            continue
        _note(incident, standing, signal, judged.series.mentions[row, column])
        if reason is not None:
            incident.state, incident.told_at = standing.state, at
            if reason is Reason.ignited:
                incident.burning_at = at
            if incident.state is State.out:
                incident.out_at = at
            facts = explain(
                session, following.judge, judged, watch,
                began=incident.onset_at, last=column + 1, line=rules.lines.alarm,
            )  # fmt: skip
            transition = record(session, incident, reason, at=at, facts=facts)
            if following.told is not None:
                following.told(transition, incident)
        if incident.state is State.out:
            del opened[watch.id]


def _standing(incident: Incident | None) -> Standing | None:
    if incident is None:
        return None
    return Standing(incident.state, incident.level, incident.alerted, incident.calm_since, incident.told_at)


def _note(incident: Incident, standing: Standing, signal: Signal, mentions: float) -> None:
    incident.level, incident.alerted = standing.level, standing.alerted
    incident.calm_since = standing.calm_since
    incident.mentions += int(mentions)
    if signal.observed > incident.peak:
        incident.peak, incident.peak_at = signal.observed, signal.at


def _open(
    session: Session, judged: Judged, watch: Watch, row: int, last: int, rules: Rules
) -> Incident | None:
    at = judged.series.start + last * STEP
    began = onset(judged, row, last)
    recent = session.scalars(
        select(Incident)
        .where(
            Incident.watch_id == watch.id,
            Incident.burning_at.is_not(None),
            Incident.out_at >= at - timedelta(hours=watch.policy.rekindle_hours),
        )
        .order_by(Incident.id.desc())
        .limit(1)
    ).first()
    before = judged.series.column(began)
    incident = Incident(
        watch_id=watch.id,
        story_id=(recent.story_id or recent.id) if recent else None,
        state=State.smouldering,
        level=0,
        onset_at=began,
        opened_at=at,
        told_at=at,
        peak_at=at,
        peak=0.0,
        mentions=int(judged.series.mentions[row, max(0, before) : last - 1].sum()),
        alerted=0.0,
        line=rules.lines.alarm,
    )
    try:
        with session.begin_nested():
            session.add(incident)
    except IntegrityError:
        return None
    incident.watch = watch
    return incident


def record(
    session: Session,
    incident: Incident,
    reason: Reason,
    *,
    at: datetime,
    facts: Facts,
    by: str = "tocsin",
    note: str = "",
) -> Transition:
    """Write a transition, and put its deliveries in the queue."""
    transition = Transition(
        incident_id=incident.id,
        at=at,
        reason=reason,
        state=incident.state,
        level=incident.level,
        score=facts.score,
        observed=facts.observed,
        expected=facts.expected,
        low=facts.low,
        high=facts.high,
        by=by,
        note=note,
        facts=facts.model_dump(mode="json"),
        standing=_snapshot(incident),
    )
    session.add(transition)
    session.flush()
    enqueue(session, incident, transition)
    metrics.transitions.labels(reason.value).inc()
    log().info(
        "transition", watch=incident.watch.name, incident=incident.id, reason=reason.value,
        at=at.isoformat(), observed=facts.observed, expected=round(facts.expected, 1),
    )  # fmt: skip
    return transition


def _snapshot(incident: Incident) -> dict[str, str | float | None]:
    # Messages are painted from this and not from the row, which may have moved on when they go out.
    return {
        name: value.isoformat() if isinstance(value := getattr(incident, name), datetime) else value
        for name in STANDING
    }


def last_facts(session: Session, incident: Incident) -> Facts:
    """What was known of the incident at its newest transition."""
    newest = session.scalars(
        select(Transition)
        .where(Transition.incident_id == incident.id)
        .order_by(Transition.id.desc())
        .limit(1)
    ).first()
    if newest is None:
        raise AppError(f"incident {incident.id} has no history")
    return Facts.model_validate(newest.facts)

"""The note at a hand-over: whoever comes on duty is told what burns, what is planned, and what is deaf."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import or_, select, true
from sqlalchemy.orm import Session

from app.channels.notices import Handed, PlannedNext
from app.db import Sessions, only_read
from app.models import (
    WITH_WATCH,
    Channel,
    Incident,
    Notice,
    PlannedEvent,
    Policy,
    Rota,
    Source,
    SourceHealth,
    State,
    Watch,
    unreadable,
)
from app.pipeline.delivery.messages import DUTY
from app.pipeline.delivery.outbox import enabled, enqueue_notice, named_channels, routed
from app.pipeline.guard import Guard, Row
from app.pipeline.oncall.duty import named, read_duty

HAND_OVER = "hand over"  # the step
_USED = select(Rota).where(Rota.name.in_(select(Policy.rota))).order_by(Rota.id)
TO_HAND_OVER = _USED.exists()
_AHEAD = timedelta(days=60)  # so far the end of a shift is looked for


def hand_over(sessions: Sessions, guard: Guard, *, now: datetime) -> None:
    """Make a notice for each rota of which another person is on duty than people were told last."""
    with sessions() as session:
        only_read(session)
        rows = [
            Row("rota", rota.id, rota.name) for rota in session.scalars(_USED) if _is_due(session, rota, now)
        ]

    def tell(session: Session, group: Sequence[Row]) -> None:
        for row in group:
            _hand_over(session, session.get_one(Rota, row.id), now)

    guard.work(HAND_OVER, rows, tell, row_of=lambda row: row)


def _is_due(session: Session, rota: Rota, now: datetime) -> bool:
    """Whether somebody else is on duty than people were told; what cannot be read is for the guard."""
    if unreadable(rota) or rota.handed_over is None:
        return True
    try:
        duty = read_duty(session, rota, since=now, until=now)
    except ValueError:
        return True
    return rota.handed_over.get("people") != list(duty.plan.on_duty(now)[:1])


def _hand_over(session: Session, rota: Rota, now: datetime) -> None:
    plan = read_duty(session, rota, since=now, until=now + _AHEAD).plan
    first, told = list(plan.on_duty(now)[:1]), rota.handed_over
    rota.handed_over = {"people": first}
    if told is None or told.get("people") == first:
        return  # a rota that is new is no change of who is on duty
    watches = session.scalars(
        select(Watch).join(Policy).where(Policy.rota == rota.name, Watch.enabled).order_by(Watch.name)
    ).all()
    until = _end(plan.shifts(now, now + _AHEAD), first)
    order = named(session, plan.call_order(now))
    on_duty = order[0] if first and order else None
    facts: dict[str, Any] = {
        "rota": rota.name,
        "time_zone": rota.time_zone,
        "until": until.isoformat(),
        "on_duty": on_duty.name if on_duty else None,
        "slack_user": on_duty.slack_user if on_duty else None,
        "then": [one.name for one in order if one != on_duty],
        **_found(session, rota.team_id, [watch.id for watch in watches], now, until),
    }
    notice = Notice(at=now, since=now, health=DUTY, facts=facts)
    session.add(notice)
    session.flush()
    for channel in _channels(session, watches):
        enqueue_notice(session, notice, channel)


def _end(shifts: Sequence[Any], first: list[int]) -> datetime:
    """When somebody else is on duty first."""
    end: datetime = shifts[0].until
    for shift in shifts[1:]:
        if list(shift.people[:1]) != first:
            break
        end = shift.until
    return end


def _found(
    session: Session, team_id: int | None, watches: Sequence[int], now: datetime, until: datetime
) -> dict[str, Any]:
    """What is open in these watches, what is planned for them in the shift, and which sources are deaf."""
    incidents = session.scalars(
        select(Incident)
        .options(WITH_WATCH)
        .where(
            Incident.watch_id.in_(watches),
            Incident.state != State.out,
            Incident.suppressed_by_kind.is_(False),
        )
        .order_by(Incident.id)
    )
    events = session.scalars(
        select(PlannedEvent)
        .where(
            PlannedEvent.ends_at > now,
            PlannedEvent.starts_at < until,
            or_(PlannedEvent.watch_id.in_(watches), PlannedEvent.watch_id.is_(None)),
        )
        .order_by(PlannedEvent.starts_at, PlannedEvent.id)
    )
    sources = session.scalars(
        select(Source.name)
        .where(
            Source.enabled,
            Source.health.in_((SourceHealth.down, SourceHealth.degraded)),
            or_(Source.team_id.is_(None), Source.team_id == team_id) if team_id is not None else true(),
        )
        .order_by(Source.name)
    )
    handed = [
        Handed(incident_id=one.id, watch=one.watch.name, state=one.state, by=one.acknowledged_by)
        for one in incidents
    ]
    planned = [PlannedNext(name=one.name, starts_at=one.starts_at) for one in events]
    return {
        "open": [one.model_dump(mode="json") for one in handed],
        "planned": [one.model_dump(mode="json") for one in planned],
        "deaf": list(sources),
    }


def _channels(session: Session, watches: Sequence[Watch]) -> list[Channel]:
    """The channels that one of the watches alerts."""
    everyone, named_by = enabled(session), named_channels(session, [watch.id for watch in watches])
    told = {
        channel.id for watch in watches for channel in routed(named_by[watch.id], everyone, watch.team_id)
    }
    return [channel for channel in everyone if channel.id in told]

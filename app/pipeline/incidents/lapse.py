"""Lets an acknowledgement lapse that nothing followed: whoever took the fire may have fallen asleep.

Only where a rota says who else can be called. A sign of life is anything that a person does to the incident,
or to what burns in the same fire; after each lapse the time doubles, so that who works on it is not asked
again and again.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import BindParameter, Select, bindparam, func, or_, select
from sqlalchemy.orm import Session

from app.db import Sessions, only_read
from app.models import (
    WITH_WATCH,
    Incident,
    LogEntry,
    Person,
    Policy,
    Reason,
    Rota,
    State,
    Statement,
    StatementStep,
    Transition,
    Watch,
    require_readable,
)
from app.pipeline.guard import Guard, Row
from app.pipeline.incidents.incidents import last_facts, record
from app.pipeline.incidents.remind import silenced
from app.pipeline.incidents.stories import of_story, others_told
from app.pipeline.oncall.duty import Call, duty_of

LAPSE = "lapse"  # the step
_LONGEST = timedelta(hours=8)


def _held() -> Select[int, str, datetime | None, int]:
    """The incidents that burn and are in somebody's hands, of watches with a rota."""
    now: BindParameter[datetime] = bindparam("now")
    return (
        select(Incident.id, Watch.name, Incident.acknowledged_at, Rota.lapse_minutes)
        .join(Watch, Watch.id == Incident.watch_id)
        .join(Policy, Policy.id == Watch.policy_id)
        .join(Rota, Rota.name == Policy.rota)
        .where(
            Incident.state == State.burning,
            Incident.acknowledged_at.is_not(None),
            Incident.verdict.is_(None),
            Incident.last_alert_at.is_not(None),
            or_(Incident.snoozed_until.is_(None), Incident.snoozed_until <= now),
            Rota.lapse_minutes > 0,
            ~silenced(now),
        )
    )


_HELD = _held()
TO_LAPSE = _HELD.exists()


def lapse(sessions: Sessions, guard: Guard, *, now: datetime) -> None:
    """Take each burning incident out of the hands of whoever did nothing about it for so long."""
    with sessions() as session:
        only_read(session)
        rows = [
            Row("incident", incident_id, f"{watch}, incident {incident_id}")
            for incident_id, watch, taken_at, minutes in session.execute(
                _HELD.order_by(Incident.id), {"now": now}
            )
            if now - (taken_at or now) >= timedelta(minutes=minutes)
        ]
    guard.work(LAPSE, rows, lambda session, group: _lapse(session, group, now=now), row_of=lambda row: row)


def _lapse(session: Session, rows: Sequence[Row], *, now: datetime) -> None:
    for row in rows:
        incident = session.get_one(
            Incident, row.id, options=[WITH_WATCH], with_for_update={"of": Incident, "key_share": True}
        )
        if incident.acknowledged_at is not None and _is_stale(session, require_readable(incident), now):
            _release(session, incident, now)
            for other in others_told(session, incident):
                if other.acknowledged_at is not None:
                    _release(session, other, now, beside=True)


def _is_stale(session: Session, incident: Incident, now: datetime) -> bool:
    """Whether nobody did anything to it, or to what burns in the same fire, for so long."""
    rota = incident.watch.policy.rota
    minutes = session.scalars(select(Rota.lapse_minutes).where(Rota.name == rota)).one_or_none()
    duty = duty_of(session, rota, since=now, until=now)
    if not minutes or duty is None or duty.sleeps(incident.level, now) or incident.acknowledged_at is None:
        return False
    same = select(Incident.id).where(of_story(incident))
    of_it = select(func.count(), func.max(Transition.at)).where(Transition.incident_id.in_(same))
    lapses = session.execute(
        of_it.where(Transition.reason == Reason.lapsed, Transition.incident_id == incident.id)
    ).one()[0]
    acts = (
        select(func.max(Transition.at)).where(Transition.incident_id.in_(same), Transition.by != "tocsin"),
        select(func.max(LogEntry.at)).where(LogEntry.incident_id.in_(same)),
        select(func.max(LogEntry.settled_at)).where(LogEntry.incident_id.in_(same)),
        select(func.max(StatementStep.at)).join(Statement).where(Statement.incident_id.in_(same)),
    )
    acted_at = max(filter(None, map(session.scalar, acts)), default=None)
    wait = min(timedelta(minutes=minutes) * (1 << min(lapses, 10)), max(_LONGEST, timedelta(minutes=minutes)))
    return now - max(acted_at or incident.acknowledged_at, incident.acknowledged_at) >= wait


def _release(session: Session, incident: Incident, now: datetime, *, beside: bool = False) -> None:
    """Nobody has it any more: who had it is asked, and whoever is on duty is told.

    `beside`: by another watch that burns in the same fire.
    """
    had = session.scalars(select(Person.id).where(Person.name == incident.acknowledged_by)).one_or_none()
    facts, who = last_facts(session, incident), incident.acknowledged_by or ""
    incident.acknowledged_at, incident.acknowledged_by = None, None
    if beside:
        record(session, incident, Reason.lapsed, at=now, facts=facts, note=who, call=Call((), beside=True))
        return
    duty = duty_of(session, incident.watch.policy.rota, since=now, until=now)
    on_duty = duty.calls(0, incident.level, now) if duty else ()
    people = tuple(dict.fromkeys([*([had] if had is not None else []), *on_duty]))
    record(session, incident, Reason.lapsed, at=now, facts=facts, note=who, call=Call(people, in_person=True))

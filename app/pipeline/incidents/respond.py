"""What people do to an incident: take it, snooze, close, judge. The first one wins, the other is told.

What is done to one is done to all that burn in the same fire: each has it in its own history.
"""

from datetime import datetime

from sqlalchemy import func, or_, select, update
from sqlalchemy.orm import Session, aliased

from app.errors import BadInput, Conflict, NotFound
from app.models import (
    WITH_WATCH,
    Incident,
    IncidentKind,
    Reason,
    State,
    Transition,
    Verdict,
    VerdictWord,
)
from app.pipeline.incidents.incidents import last_facts, record
from app.pipeline.incidents.stories import burnt_together, others_told


def acknowledge(session: Session, incident_id: int, *, by: str, now: datetime) -> Incident:
    """Note who looks after the incident; a Conflict names who was first."""
    incident = _open_one(session, incident_id)
    mine = update(Incident).where(Incident.id == incident_id, Incident.acknowledged_at.is_(None))
    changed = session.connection().execute(mine.values(acknowledged_at=now, acknowledged_by=by))
    session.refresh(incident)
    if changed.rowcount == 0:
        raise Conflict(f"incident {incident_id} was already taken by {incident.acknowledged_by}")
    _record(session, incident, Reason.acknowledged, by, now)
    for other in others_told(session, incident):
        if other.acknowledged_at is None:
            other.acknowledged_at, other.acknowledged_by = now, by
            _record(session, other, Reason.acknowledged, by, now)
    return incident


def take_over(session: Session, incident_id: int, *, by: str, now: datetime) -> Incident:
    """Note that another person looks after the incident from now on."""
    incident = _open_one(session, incident_id)
    if incident.acknowledged_by == by:
        raise Conflict(f"incident {incident_id} is yours already")
    for one in (incident, *others_told(session, incident)):
        if one.acknowledged_by != by:
            one.acknowledged_at, one.acknowledged_by = now, by
            _record(session, one, Reason.acknowledged, by, now)
    return incident


def snooze(session: Session, incident_id: int, *, until: datetime, by: str, now: datetime) -> Incident:
    """Hold back the news of the incident until then; its growth is told all the same."""
    if until <= now:
        raise BadInput(f"a snooze ends in the future; {until.isoformat()} is past")
    incident = _open_one(session, incident_id)
    for one in (incident, *others_told(session, incident)):
        one.snoozed_until = until
        _record(session, one, Reason.snoozed, by, now)
    return incident


def close(session: Session, incident_id: int, *, by: str, now: datetime, note: str = "") -> Incident:
    """End the incident by hand."""
    incident = _open_one(session, incident_id)
    for one in (incident, *others_told(session, incident)):
        one.state, one.out_at = State.out, now
        _record(session, one, Reason.closed, by, now, note)
    return incident


def judge(
    session: Session,
    incident_id: int,
    *,
    verdict: VerdictWord,
    by: str,
    now: datetime,
    note: str = "",
) -> Incident:
    """Say what the incident was; the newest verdict counts, and a fire that was kept quiet is told."""
    incident = _one(session, incident_id)
    _give(session, incident, verdict, by, now, note)
    for other in burnt_together(session, incident):
        _give(session, other, verdict, by, now, note)
    return incident


def _give(
    session: Session, incident: Incident, verdict: VerdictWord, by: str, now: datetime, note: str
) -> None:
    session.add(Verdict(incident_id=incident.id, verdict=verdict, note=note, by=by, at=now))
    incident.verdict = verdict
    untold = incident.suppressed_by_kind and incident.state in {State.burning, State.contained}
    if untold and verdict is VerdictWord.fire:
        _reveal(session, incident, by, now, note)
    else:
        _record(session, incident, Reason.judged, by, now, note)


def _reveal(session: Session, incident: Incident, by: str, now: datetime, note: str) -> None:
    """Tell everyone of an incident that its kind kept quiet: somebody knows better."""
    facts = last_facts(session, incident).model_copy(update={"kind": IncidentKind.fire, "kind_because": ()})
    incident.kind, incident.suppressed_by_kind, incident.suppressed_by_cooldown = (
        IncidentKind.fire,
        False,
        False,
    )
    incident.level, incident.alerted_rate, incident.last_alert_at = 0, facts.observed, now
    record(session, incident, Reason.revealed, at=now, facts=facts, by=by, note=note)


def _one(session: Session, incident_id: int) -> Incident:
    one = aliased(Incident)
    story = select(func.coalesce(one.story_id, one.id)).where(one.id == incident_id).scalar_subquery()
    # All of its story that is open is held, in one order: two people may press buttons at once.
    query = (
        select(Incident)
        .options(WITH_WATCH)
        .where(
            or_(Incident.id == story, Incident.story_id == story),
            or_(Incident.id == incident_id, Incident.state != State.out),
        )
        .order_by(Incident.id)
        .with_for_update(of=Incident, key_share=True)
    )
    incident = next((found for found in session.scalars(query) if found.id == incident_id), None)
    if incident is None:
        raise NotFound(f"there is no incident {incident_id}")
    return incident


def _open_one(session: Session, incident_id: int) -> Incident:
    incident = _one(session, incident_id)
    if incident.state is State.out:
        raise Conflict(
            f"incident {incident_id} is out since {incident.out_at}: only a verdict is left to give"
        )
    return incident


def _record(
    session: Session, incident: Incident, reason: Reason, by: str, now: datetime, note: str = ""
) -> Transition:
    facts = last_facts(session, incident)
    return record(session, incident, reason, at=now, facts=facts, by=by, note=note)

"""Reminds of a fire that was told and that nobody has taken in hand."""

from datetime import datetime, timedelta

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from app.models import Incident, Policy, Reason, Silence, State, Transition, Watch
from app.pipeline.incidents import last_facts, record

_MOST = 3  # of an incident: who was told four times has chosen not to answer


def remind(session: Session, *, now: datetime) -> None:
    """Write a transition for each burning incident that waits for somebody longer than its policy says."""
    for incident, wait in _waiting(session, now):
        reminded = _reminded(session, incident)
        since = max([incident.spoken_at or now, *reminded])
        if len(reminded) < _MOST and now - since >= wait:
            record(session, incident, Reason.reminded, at=now, facts=last_facts(session, incident))


def _waiting(session: Session, now: datetime) -> list[tuple[Incident, timedelta]]:
    """The incidents that were told aloud, burn, and are in nobody's hands; and how long each may wait."""
    silent = (
        select(Silence.id)
        .where(Silence.starts_at <= now, Silence.ends_at > now)
        .where(or_(Silence.watch_id == Incident.watch_id, Silence.watch_id.is_(None)))
        .exists()
    )
    asked = (
        select(Incident, Policy.remind_minutes)
        .join(Watch, Watch.id == Incident.watch_id)
        .join(Policy, Policy.id == Watch.policy_id)
        .where(
            Incident.state == State.burning,
            Incident.acknowledged_at.is_(None),
            Incident.verdict.is_(None),
            Incident.quiet.is_(False),
            Incident.hushed.is_(False),
            Incident.spoken_at.is_not(None),
            or_(Incident.snoozed_until.is_(None), Incident.snoozed_until <= now),
            Policy.remind_minutes > 0,
            ~silent,
        )
        .order_by(Incident.id)
        .with_for_update(of=Incident)
    )
    return [(incident, timedelta(minutes=minutes)) for incident, minutes in session.execute(asked).unique()]


def _reminded(session: Session, incident: Incident) -> list[datetime]:
    asked = select(Transition.at).where(
        Transition.incident_id == incident.id, Transition.reason == Reason.reminded
    )
    return list(session.scalars(asked))

"""What people do about incidents and deliveries, each act in the audit log beside the incident's history."""

from datetime import datetime

from sqlalchemy.orm import Session

from app.admin import channels
from app.admin.change import AuditView, get_or_404, record
from app.errors import Conflict
from app.models import Channel, Delivery, DeliveryState, Incident, VerdictWord
from app.pipeline import guard
from app.pipeline.incidents import respond


def audit_view(incident: Incident) -> AuditView:
    """What people can change of an incident."""
    return {
        "state": incident.state.value,
        "acknowledged_by": incident.acknowledged_by,
        "snoozed_until": incident.snoozed_until.isoformat() if incident.snoozed_until else None,
        "verdict": incident.verdict,
    }


def acknowledge(session: Session, incident_id: int, *, by: str, now: datetime) -> Incident:
    """The incident, taken in hand by `by`; Conflict says who was first."""
    before = audit_view(get_or_404(session, Incident, incident_id))
    incident = respond.acknowledge(session, incident_id, by=by, now=now)
    record(session, incident, "acknowledge", before=before, after=audit_view(incident), by=by, now=now)
    return incident


def take_over(session: Session, incident_id: int, *, by: str, now: datetime) -> Incident:
    """The incident, from now on in the hands of `by`, whoever had it before."""
    before = audit_view(get_or_404(session, Incident, incident_id))
    incident = respond.take_over(session, incident_id, by=by, now=now)
    record(session, incident, "take_over", before=before, after=audit_view(incident), by=by, now=now)
    return incident


def snooze(session: Session, incident_id: int, *, until: datetime, by: str, now: datetime) -> Incident:
    """The incident, which stays quiet until then unless it grows."""
    before = audit_view(get_or_404(session, Incident, incident_id))
    incident = respond.snooze(session, incident_id, until=until, by=by, now=now)
    record(session, incident, "snooze", before=before, after=audit_view(incident), by=by, now=now)
    return incident


def close(session: Session, incident_id: int, *, note: str, by: str, now: datetime) -> Incident:
    """The incident, out because a person says so."""
    before = audit_view(get_or_404(session, Incident, incident_id))
    incident = respond.close(session, incident_id, note=note, by=by, now=now)
    record(
        session, incident, "close", before=before, after=audit_view(incident) | {"note": note}, by=by, now=now
    )
    return incident


def judge(
    session: Session, incident_id: int, *, verdict: VerdictWord, note: str, by: str, now: datetime
) -> Incident:
    """The incident with the team's verdict on it."""
    before = audit_view(get_or_404(session, Incident, incident_id))
    incident = respond.judge(session, incident_id, verdict=verdict, note=note, by=by, now=now)
    record(
        session, incident, "judge", before=before, after=audit_view(incident) | {"note": note}, by=by, now=now
    )
    return incident


def retry(session: Session, delivery_id: int, *, by: str, now: datetime) -> Delivery:
    """A delivery that nobody would have tried again, due at once."""
    delivery = get_or_404(session, Delivery, delivery_id)
    if delivery.state is not DeliveryState.dead:
        raise Conflict(f"only a dead delivery can be tried again; this one is {delivery.state.value}")
    channel = get_or_404(session, Channel, delivery.channel_id)
    if not channel.enabled:
        raise Conflict(f"the channel “{channel.name}” is switched off: enable it first")
    channels.mended(session, channel.id)
    before = {"state": delivery.state.value, "attempts": delivery.attempts, "error": delivery.error}
    # `attempted_at` stays: the look-up before a resend needs to know when it was last tried.
    delivery.state, delivery.due_at, delivery.attempts = DeliveryState.pending, now, 0
    guard.forget(session, guard.Row(Delivery.__tablename__, delivery.id, ""))
    after = {"state": delivery.state.value, "attempts": 0, "error": delivery.error}
    record(session, delivery, "retry", before=before, after=after, by=by, now=now)
    return delivery

"""Silences and snoozes: until when the messages of an incident are held back."""

from datetime import datetime

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from app.models import Incident, Silence
from app.pipeline.incidents.decide import Hold


def hold_of(session: Session, incident: Incident, *, at: datetime) -> Hold:
    """What holds messages of the incident back at an instant."""
    silences = select(func.max(Silence.ends_at)).where(
        Silence.starts_at <= at,
        Silence.ends_at > at,
        or_(Silence.watch_id == incident.watch_id, Silence.watch_id.is_(None)),
    )
    return Hold(session.scalar(silences), incident.snoozed_until)

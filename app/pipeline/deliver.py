"""Transitions to deliveries: which channels are told, and when."""

from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from app.models import Channel, Delivery, Incident, Reason, Silence, Transition

UNTOLD = frozenset({Reason.smoke, Reason.fizzled})  # recorded, to be looked at
_LOUD = frozenset({Reason.ignited, Reason.revealed, Reason.grew, Reason.flared, Reason.spread, Reason.turned})


def enqueue(session: Session, incident: Incident, transition: Transition) -> None:
    """One delivery for each channel of the watch, held back by a silence or a snooze."""
    if transition.reason in UNTOLD or incident.burning_at is None or incident.quiet:
        return
    due = _due(session, incident, transition)
    for channel in channels_of(session, incident):
        session.add(
            Delivery(
                transition_id=transition.id,
                incident_id=incident.id,
                channel_id=channel.id,
                due_at=due,
                created_at=transition.at,
            )
        )


def channels_of(session: Session, incident: Incident) -> list[Channel]:
    """The channels that the incident's watch alerts: its own, or all."""
    own = [channel for channel in incident.watch.channels if channel.enabled]
    if incident.watch.channels:
        return own
    return list(session.scalars(select(Channel).where(Channel.enabled).order_by(Channel.id)))


def _due(session: Session, incident: Incident, transition: Transition) -> datetime:
    until = [transition.at]
    silences = select(Silence.ends_at).where(
        Silence.starts_at <= transition.at,
        Silence.ends_at > transition.at,
        or_(Silence.watch_id == incident.watch_id, Silence.watch_id.is_(None)),
    )
    until += session.scalars(silences)
    # A snooze holds back the news of a fire, never its growth.
    if incident.snoozed_until and transition.reason not in _LOUD | {Reason.snoozed}:
        until.append(incident.snoozed_until)
    return max(until)

"""Which incidents a conversation in Slack speaks of: those that were told in it."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.channels.slack.actions import SlackAction
from app.errors import NotFound
from app.models import WITH_WATCH, Channel, Delivery, Incident


def incident_here(session: Session, action: SlackAction) -> Incident:
    """The incident, if it was told in the conversation that asks; ids from outside open nothing else."""
    incident = session.get(Incident, action.incident, options=[WITH_WATCH]) if action.incident else None
    if incident is None:
        raise NotFound(f"there is no incident {action.incident}")
    if channel_of(session, action, incident) is None:
        raise NotFound(f"incident {action.incident} was not told in this conversation")
    return incident


def channel_of(session: Session, action: SlackAction, incident: Incident) -> Channel | None:
    """The channel of ours by which the incident was told in the conversation that asks."""
    asked_for = (
        select(Channel)
        .join(Delivery, Delivery.channel_id == Channel.id)
        .where(Delivery.incident_id == incident.id, Channel.kind == "slack")
        .distinct()
    )
    return next((c for c in session.scalars(asked_for) if c.settings.get("channel") == action.channel), None)

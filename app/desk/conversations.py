"""Which incidents a conversation in Slack speaks of: those told in it, or whose room it is."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.channels.slack.actions import SlackAction
from app.desk.board import burning_here
from app.errors import NotFound
from app.models import WITH_WATCH, Channel, CrisisRoom, Delivery, Incident
from app.pipeline.crisis.course import room_of


def incident_here(session: Session, action: SlackAction) -> Incident:
    """The incident, if it was told in the conversation that asks; ids from outside open nothing else."""
    incident = session.get(Incident, action.incident, options=[WITH_WATCH]) if action.incident else None
    if incident is None:
        raise NotFound(f"there is no incident {action.incident}")
    if channel_of(session, action, incident) is None and not _is_room(session, action.channel, incident):
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


def only_one_here(session: Session, action: SlackAction) -> Incident | None:
    """The one incident, or the first of the one story, that can be meant in the conversation; None: ask."""
    if (here := _in_room(session, action.channel)) is not None:
        return here
    open_here = burning_here(session, action.channel)
    return open_here[-1] if len({one.story_id or one.id for one in open_here}) == 1 else None


def _in_room(session: Session, channel: str) -> Incident | None:
    """The incident that the conversation is the room of."""
    room = session.scalars(
        select(CrisisRoom).where(CrisisRoom.slack_channel == channel).order_by(CrisisRoom.id.desc())
    ).first()
    return session.get(Incident, room.incident_id, options=[WITH_WATCH]) if room is not None else None


def _is_room(session: Session, channel: str, incident: Incident) -> bool:
    """Whether the conversation is the room of the incident's story."""
    room = room_of(session, incident)
    return room is not None and room.slack_channel == channel

"""The room of a crisis: who does what, and its conversation in Slack, if it has one. Slack is not called."""

from datetime import datetime

from sqlalchemy.orm import Session

from app.admin.change import AuditView, get_by_name, record
from app.admin.crisis_specs import RoomSpec
from app.errors import Conflict
from app.models import CrisisRoom, Incident, Person
from app.pipeline.crisis.course import room_of

ROLES = ("lead", "spokesperson", "scribe")


def audit_view(room: CrisisRoom) -> AuditView:
    """Who does what, and where."""
    return {
        "incident_id": room.incident_id,
        "slack_channel": room.slack_channel,
        **{role: getattr(room, role) for role in ROLES},
    }


def check(session: Session, incident: Incident, spec: RoomSpec) -> None:
    """Nothing, if the spec can be done; Conflict if the story has its conversation already."""
    room = room_of(session, incident)
    if spec.make and room is not None and room.slack_channel is not None:
        raise Conflict(f"incident {incident.id} has its room already: {room.name or room.slack_channel}")
    for role in ROLES:
        if name := getattr(spec, role):
            get_by_name(session, Person, name, f"#/{role}")


def assign(
    session: Session,
    incident: Incident,
    spec: RoomSpec,
    *,
    slack_channel: str | None = None,
    name: str = "",
    by: str,
    now: datetime,
) -> CrisisRoom:
    """The room with what the spec says; `slack_channel`, `name`: of the conversation that was made for it."""
    check(session, incident, spec.model_copy(update={"make": slack_channel is not None}))
    room = room_of(session, incident)
    before = audit_view(room) if room is not None else None
    if room is None:
        room = CrisisRoom(
            incident_id=incident.id,
            name="",
            lead="",
            spokesperson="",
            scribe="",
            created_by=by,
            created_at=now,
        )
        session.add(room)
    for role in ROLES:
        if given := getattr(spec, role):
            setattr(room, role, given)
    if there := slack_channel or spec.slack_channel:
        room.slack_channel, room.name = there, name
    action = "update" if before else "create"
    record(session, room, action, before=before, after=audit_view(room), by=by, now=now)
    return room

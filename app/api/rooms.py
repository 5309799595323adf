"""The room of a crisis over HTTP: roles, and a conversation in Slack."""

from fastapi import APIRouter
from pydantic import Field

from app.admin import rooms
from app.admin.change import get_or_404
from app.admin.crisis_specs import RoomSpec
from app.admin.scope import bound_like
from app.api.access import Id, Now, Parts, Responder, Session, Viewer
from app.api.views import View
from app.desk.rooms import open_room
from app.errors import NotFound
from app.models import CrisisRoom, Incident
from app.pipeline.crisis.course import room_of

router = APIRouter(prefix="/incidents", tags=["crisis"])


class RoomView(View):
    """Who does what in a crisis, and where it is carried."""

    id: int = Field(examples=[1])
    incident_id: int = Field(examples=[1])
    slack_channel: str | None = Field(description="id of the conversation; empty: none", examples=["C0ROOM"])
    name: str = Field(description="of the conversation, where Tocsin made it", examples=["crisis-danone-1"])
    lead: str = Field(examples=["Léa"])
    spokesperson: str = Field(examples=["Max"])
    scribe: str = Field(examples=[""])
    notes: list[str] = Field(
        description="what Slack refused just now, while the rest was done", examples=[[]]
    )


def _view(room: CrisisRoom, notes: tuple[str, ...] = ()) -> RoomView:
    return RoomView(
        **rooms.audit_view(room) | {"id": room.id, "name": room.name, "notes": list(notes)},
    )


@router.get("/{id}/room")
def read_room(_who: Viewer, session: Session, row_id: Id) -> RoomView:
    """The room of an incident and of those that are told with it."""
    room = room_of(session, get_or_404(session, Incident, row_id))
    if room is None:
        raise NotFound(f"incident {row_id} has no room yet, and nobody has a role in it")
    return _view(room)


@router.post("/{id}/room")
def open_incident_room(
    who: Responder, session: Session, runtime: Parts, now: Now, row_id: Id, spec: RoomSpec
) -> RoomView:
    """Give people their roles, and open a conversation in Slack, or name one; the rest stays as it is."""
    # Not in the session of the request: Slack is called in between, and no transaction waits for it.
    sessions = bound_like(session, runtime.sessions)
    opened = open_room(runtime, sessions, row_id, spec, by=who.name, now=now)
    with sessions() as session:
        return _view(get_or_404(session, CrisisRoom, opened.room_id), opened.notes)

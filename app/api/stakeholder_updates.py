"""Updates of an incident for stakeholders over HTTP."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Path, Response
from pydantic import Field

from app.admin import stakeholder_updates
from app.admin.change import get_or_404
from app.admin.crisis_specs import StakeholderUpdatesSpec
from app.api.access import Id, Now, Responder, Session, Viewer
from app.api.views import View
from app.models import WITH_WATCH, Incident, StakeholderUpdates

router = APIRouter(prefix="/incidents", tags=["crisis"])
UpdatesId = Annotated[int, Path(ge=1, le=2**31 - 1)]


class StakeholderUpdatesView(View):
    """Where and how often stakeholders are told of an incident."""

    id: int = Field(examples=[1])
    incident_id: int = Field(examples=[1])
    channels: list[str] = Field(examples=[["directors"]])
    every_minutes: int = Field(examples=[60])
    due_at: datetime | None = Field(description="when the next is told; empty: they have ended")
    told: int = Field(description="how many were", examples=[2])
    created_by: str = Field(examples=["Léa"])
    created_at: datetime
    ended_at: datetime | None


def _view(session: Session, updates: StakeholderUpdates) -> StakeholderUpdatesView:
    return StakeholderUpdatesView(
        id=updates.id,
        incident_id=updates.incident_id,
        channels=stakeholder_updates.audit_view(session, updates)["channels"],
        every_minutes=updates.every_minutes,
        due_at=updates.due_at,
        told=updates.told,
        created_by=updates.created_by,
        created_at=updates.created_at,
        ended_at=updates.ended_at,
    )


@router.get("/{id}/updates")
def list_stakeholder_updates(_who: Viewer, session: Session, row_id: Id) -> list[StakeholderUpdatesView]:
    """The updates of an incident and of those that are told with it, oldest first."""
    incident = get_or_404(session, Incident, row_id)
    return [_view(session, row) for row in stakeholder_updates.updates_of(session, incident)]


@router.post("/{id}/updates", status_code=201)
def switch_on_stakeholder_updates(
    who: Responder, session: Session, now: Now, row_id: Id, spec: StakeholderUpdatesSpec, response: Response
) -> StakeholderUpdatesView:
    """Tell stakeholders of an incident: at once, at each interval until it is out, and a last time then."""
    incident = get_or_404(session, Incident, row_id, WITH_WATCH)
    updates = stakeholder_updates.switch_on(session, incident, spec, by=who.name, now=now)
    response.headers["Location"] = f"/api/v1/incidents/{row_id}/updates/{updates.id}"
    return _view(session, updates)


@router.delete("/{id}/updates/{updates_id}", status_code=204)
def switch_off_stakeholder_updates(
    who: Responder, session: Session, now: Now, row_id: Id, updates_id: UpdatesId
) -> None:
    """End the updates of an incident, without a last one."""
    incident = get_or_404(session, Incident, row_id)
    stakeholder_updates.switch_off(session, incident, updates_id, by=who.name, now=now)

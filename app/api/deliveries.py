"""Deliveries over HTTP."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import Field
from sqlalchemy import select

from app.admin import incidents
from app.admin.change import masked
from app.api.access import Id, Now, Responder, Session, Viewer
from app.api.paging import Page, Paging, page
from app.api.views import Json, View
from app.models import Delivery, DeliveryState

router = APIRouter(prefix="/deliveries", tags=["deliveries"])


class DeliveryView(View):
    """One transition of an incident, or one notice, on its way to one channel."""

    id: int = Field(examples=[1])
    transition_id: int | None = Field(description="empty of a notice", examples=[1])
    incident_id: int | None = Field(description="empty of a notice", examples=[1])
    notice_id: int | None = Field(
        description="of the news of a source, or of a bulletin; empty of a transition", examples=[None]
    )
    channel_id: int = Field(examples=[1])
    state: DeliveryState
    due_at: datetime | None = Field(description="next try; empty when there is none")
    attempts: int = Field(examples=[1])
    attempted_at: datetime | None
    sent_at: datetime | None
    external_id: str | None = Field(description="the channel's handle of what was sent (Slack: ts)")
    payload: Json | None = Field(description="what was sent")
    error: str = Field(description="why the last try failed", examples=[""])
    created_at: datetime


def view(delivery: Delivery) -> DeliveryView:
    """The delivery as an answer."""
    return DeliveryView(**masked({f: getattr(delivery, f) for f in DeliveryView.model_fields}))


@router.get("")
def list_deliveries(
    _who: Viewer,
    session: Session,
    paging: Paging,
    state: Annotated[list[DeliveryState] | None, Query(description="of these states; empty: all")] = None,
    incident: Annotated[int | None, Query(ge=1, le=2**31 - 1, description="id of the incident")] = None,
) -> Page[DeliveryView]:
    """Deliveries, newest first."""
    query = select(Delivery)
    if state:
        query = query.where(Delivery.state.in_(state))
    if incident is not None:
        query = query.where(Delivery.incident_id == incident)
    rows, after = page(session, query, Delivery.id, paging)
    return Page(items=[view(row) for row in rows], next=after)


@router.post("/{id}/retry")
def retry_delivery(who: Responder, session: Session, now: Now, row_id: Id) -> DeliveryView:
    """Try a dead delivery again; the next cycle sends it."""
    return view(incidents.retry(session, row_id, by=who.name, now=now))

"""Silences and planned events over HTTP."""

from datetime import datetime

from fastapi import APIRouter, Response
from pydantic import Field
from sqlalchemy import select

from app.admin import calendar
from app.admin.change import get_or_404
from app.admin.specs import PlannedEventSpec, SilenceSpec
from app.api.access import Admin, Id, Now, Responder, Session, Viewer
from app.api.paging import Page, Paging, page
from app.api.patches import PlannedEventChanges, SilenceChanges
from app.api.views import View
from app.models import PlannedEvent, Silence

silences = APIRouter(prefix="/silences", tags=["silences"])
events = APIRouter(prefix="/planned-events", tags=["planned events"])


class SilenceView(View):
    """A time in which a watch does not notify."""

    id: int = Field(examples=[1])
    watch: str | None = Field(description="empty: every watch", examples=["Danone"])
    starts_at: datetime
    ends_at: datetime
    why: str = Field(examples=["Crisis drill"])
    created_by: str = Field(examples=["Léa"])
    created_at: datetime


class PlannedEventView(View):
    """A known reason for volume."""

    id: int = Field(examples=[1])
    watch: str | None = Field(description="empty: every watch", examples=["Danone"])
    name: str = Field(examples=["Half-year results"])
    starts_at: datetime
    ends_at: datetime
    kind: str = Field(description="events of one kind teach each other", examples=["results"])
    factor: float | None = Field(description="times the usual volume to expect; empty: learnt", examples=[3])
    expects: dict[str, list[float]] = Field(
        description="by watch, times the usual in each hour of it; the last one holds for the rest",
        examples=[{"Danone": [1.4, 6.2, 3.1]}],
    )
    created_by: str = Field(examples=["Léa"])
    created_at: datetime


def _silence(session: Session, row: Silence) -> SilenceView:
    return SilenceView(
        **calendar.audit_view(session, row), id=row.id, created_by=row.created_by, created_at=row.created_at
    )


def _event(session: Session, row: PlannedEvent) -> PlannedEventView:
    return PlannedEventView(
        **calendar.audit_view(session, row),
        expects=calendar.expects(session, row),
        id=row.id,
        created_by=row.created_by,
        created_at=row.created_at,
    )


@silences.get("")
def list_silences(_who: Viewer, session: Session, paging: Paging) -> Page[SilenceView]:
    """All silences, newest first."""
    rows, after = page(session, select(Silence), Silence.id, paging)
    return Page(items=[_silence(session, row) for row in rows], next=after)


@silences.post("", status_code=201)
def create_silence(
    who: Responder, session: Session, now: Now, spec: SilenceSpec, response: Response
) -> SilenceView:
    """A new silence; scores and incidents go on being recorded in it."""
    silence = calendar.create_silence(session, spec, by=who.name, now=now)
    response.headers["Location"] = f"/api/v1/silences/{silence.id}"
    return _silence(session, silence)


@silences.get("/{id}")
def read_silence(_who: Viewer, session: Session, row_id: Id) -> SilenceView:
    """One silence."""
    return _silence(session, get_or_404(session, Silence, row_id))


@silences.patch("/{id}")
def update_silence(
    who: Responder, session: Session, now: Now, row_id: Id, changes: SilenceChanges
) -> SilenceView:
    """Change a silence; to end it now, move `ends_at`."""
    return _silence(session, calendar.update_silence(session, row_id, changes, by=who.name, now=now))


@silences.delete("/{id}", status_code=204)
def delete_silence(who: Responder, session: Session, now: Now, row_id: Id) -> None:
    """Delete a silence."""
    calendar.delete(session, Silence, row_id, by=who.name, now=now)


@events.get("")
def list_planned_events(_who: Viewer, session: Session, paging: Paging) -> Page[PlannedEventView]:
    """All planned events, newest first."""
    rows, after = page(session, select(PlannedEvent), PlannedEvent.id, paging)
    return Page(items=[_event(session, row) for row in rows], next=after)


@events.post("", status_code=201)
def create_planned_event(
    who: Admin, session: Session, now: Now, spec: PlannedEventSpec, response: Response
) -> PlannedEventView:
    """A new planned event: it raises what is expected, and an excess above that still rings."""
    event = calendar.create_event(session, spec, by=who.name, now=now)
    response.headers["Location"] = f"/api/v1/planned-events/{event.id}"
    return _event(session, event)


@events.get("/{id}")
def read_planned_event(_who: Viewer, session: Session, row_id: Id) -> PlannedEventView:
    """One planned event."""
    return _event(session, get_or_404(session, PlannedEvent, row_id))


@events.patch("/{id}")
def update_planned_event(
    who: Admin, session: Session, now: Now, row_id: Id, changes: PlannedEventChanges
) -> PlannedEventView:
    """Change a planned event."""
    return _event(session, calendar.update_event(session, row_id, changes, by=who.name, now=now))


@events.delete("/{id}", status_code=204)
def delete_planned_event(who: Admin, session: Session, now: Now, row_id: Id) -> None:
    """Delete a planned event."""
    calendar.delete(session, PlannedEvent, row_id, by=who.name, now=now)

"""The log of an incident over HTTP: decisions, what was said to whom, facts, tasks."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Path, Response
from pydantic import Field
from sqlalchemy import select
from sqlalchemy.orm import Session as OrmSession

from app.admin import crisis_log
from app.admin.change import get_or_404
from app.admin.crisis_specs import LogSpec, SettledSpec
from app.api.access import Id, Now, Responder, Session, Viewer
from app.api.paging import Page, Paging, page
from app.api.views import View
from app.models import Incident, LogEntry, LogKind, LogState
from app.pipeline.crisis.course import of_incidents

router = APIRouter(prefix="/incidents", tags=["crisis"])
EntryId = Annotated[int, Path(ge=1, le=2**31 - 1)]


class LogEntryView(View):
    """A line of the log."""

    id: int = Field(examples=[1])
    incident_id: int = Field(description="that it was written of; all of a story share one log", examples=[1])
    at: datetime
    by: str = Field(examples=["Léa"])
    kind: LogKind
    text: str = Field(examples=["We answer by noon, on the website first."])
    owner: str = Field(description="of a task: who does it", examples=["Max"])
    due_at: datetime | None
    state: LogState = Field(description="noted; of a fact: open, true or false; of a task: open or done")
    settled_at: datetime | None = Field(description="when the fact was checked, or the task done")
    settled_by: str | None


@router.get("/{id}/log")
def list_log(_who: Viewer, session: Session, row_id: Id, paging: Paging) -> Page[LogEntryView]:
    """The log of an incident and of those that are told with it, newest first."""
    incident = get_or_404(session, Incident, row_id)
    mine = select(LogEntry).where(of_incidents(LogEntry.incident_id, incident))
    rows, after = page(session, mine, LogEntry.id, paging)
    return Page(items=[LogEntryView.model_validate(row) for row in rows], next=after)


@router.post("/{id}/log", status_code=201)
def write_log(
    who: Responder, session: Session, now: Now, row_id: Id, spec: LogSpec, response: Response
) -> LogEntryView:
    """Write a line into the log of an incident; it stays as it is written."""
    incident = get_or_404(session, Incident, row_id)
    entry = crisis_log.write(session, incident, spec, by=who.name, now=now)
    response.headers["Location"] = f"/api/v1/incidents/{row_id}/log/{entry.id}"
    return LogEntryView.model_validate(entry)


@router.patch("/{id}/log/{entry_id}")
def settle_log(
    who: Responder, session: Session, now: Now, row_id: Id, entry_id: EntryId, changes: SettledSpec
) -> LogEntryView:
    """Say how a fact or a task stands now."""
    incident = get_or_404(session, Incident, row_id)
    entry = crisis_log.settle(session, incident, entry_id, changes, by=who.name, now=now)
    return LogEntryView.model_validate(entry)


def newest_log(session: OrmSession, incident: Incident, *, limit: int) -> list[LogEntryView]:
    """The newest lines of the log, the oldest of them first."""
    mine = select(LogEntry).where(of_incidents(LogEntry.incident_id, incident))
    rows = session.scalars(mine.order_by(LogEntry.id.desc()).limit(limit)).all()
    return [LogEntryView.model_validate(row) for row in reversed(rows)]

"""What a team writes into the report of a fire."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from pydantic import Field
from sqlalchemy.orm import Session

from app.admin.change import AuditView, changed, get_or_404, record
from app.admin.spec import Spec
from app.models import Incident, ReportNote
from app.pipeline.reports.story_report import story_of

_LONGEST = 20_000  # code points


class ReportSpec(Spec):
    """The team's own words in the report of a fire; empty: none."""

    summary: str = Field(
        "", max_length=_LONGEST, description="what happened, in the team's words: it stands first"
    )
    to_change: str = Field("", max_length=_LONGEST, description="what the team will do otherwise")
    remarks: str = Field("", max_length=_LONGEST, description="what else should be said")


def audit_view(note: ReportNote | None) -> AuditView:
    """The words for the audit log."""
    return {name: getattr(note, name, "") for name in ReportSpec.model_fields}


def edit(
    session: Session, incident_id: int, changes: Mapping[str, Any], *, by: str, now: datetime
) -> ReportNote:
    """The words of the story that the incident belongs to, changed field by field."""
    incident = get_or_404(session, Incident, incident_id)
    first = story_of(session, incident, now=now)[0]
    note = session.get(ReportNote, first.id)
    before = audit_view(note)
    spec = changed(ReportSpec, before, changes)
    if note is None:
        note = ReportNote(incident_id=first.id, updated_by=by, updated_at=now)
        session.add(note)
    for name, text in spec.model_dump().items():
        setattr(note, name, text)
    if (after := audit_view(note)) != before:
        note.updated_by, note.updated_at = by, now
    record(session, first, "edit_report", before=before, after=after, by=by, now=now)
    return note

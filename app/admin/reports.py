"""The report that is asked for, and what a team writes into that of a fire."""

import hashlib
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from pydantic import Field
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.admin.change import AuditView, changed, get_or_404, record
from app.admin.spec import Spec
from app.channels.report.facts import Report
from app.errors import Conflict
from app.models import Incident, ReportNote, Watch
from app.pipeline.reports.period_report import period_report
from app.pipeline.reports.story_report import story_of, story_report

_LONGEST = 20_000  # code points


About = int | tuple[int, str]  # the number of an incident, or the id of a watch and a period


class ReportSpec(Spec):
    """The team's own words in the report of a fire; empty: none."""

    summary: str = Field(
        "", max_length=_LONGEST, description="what happened, in the team's words: it stands first"
    )
    to_change: str = Field("", max_length=_LONGEST, description="what the team will do otherwise")
    remarks: str = Field("", max_length=_LONGEST, description="what else should be said")


def watch_of(session: Session, about: About) -> Watch:
    """Whose report it is; NotFound if there is no such incident or watch."""
    watch_id = get_or_404(session, Incident, about).watch_id if isinstance(about, int) else about[0]
    return get_or_404(session, Watch, watch_id)


def report_about(session: Session, about: About, *, now: datetime) -> tuple[Report, Watch]:
    """The report, and its watch; NotFound or BadInput if there is none."""
    watch = watch_of(session, about)
    if isinstance(about, int):
        return story_report(session, about, now=now), watch
    return period_report(session, watch.id, about[1], now=now), watch


def audit_view(note: ReportNote | None) -> AuditView:
    """The words for the audit log."""
    return {name: getattr(note, name, "") for name in ReportSpec.model_fields}


class EditedMeanwhile(Conflict):
    """Somebody else wrote into the same field since the words were looked at; nothing is changed."""

    def __init__(self, by: str, theirs: Mapping[str, str], own: Mapping[str, str]) -> None:
        super().__init__(
            f"{by} wrote into {' and '.join(theirs)} meanwhile: look at it, and save yours again"
        )
        self.by = by
        self.theirs = theirs  # by field, what stands there now
        self.own = own  # by field, what was to be written


def seen_of(words: Mapping[str, str]) -> dict[str, str]:
    """What tells later whether a field was changed since these words were looked at: a digest of each."""
    return {
        name: hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:16] for name, text in words.items()
    }


def edit(
    session: Session,
    incident_id: int,
    changes: Mapping[str, Any],
    *,
    by: str,
    now: datetime,
    seen: Mapping[str, str] | None = None,
) -> ReportNote:
    """The words of the story that the incident belongs to, changed field by field.

    `seen`: as `seen_of` gave it when whoever writes looked at them. A field that they left as it was does not
    undo what others wrote there since; EditedMeanwhile, if both wrote.
    """
    incident = get_or_404(session, Incident, incident_id)
    first = story_of(session, incident, now=now)[0]
    # Of two at once, the second waits here and then reads what the first wrote.
    session.execute(select(Incident.id).where(Incident.id == first.id).with_for_update())
    note = session.get(ReportNote, first.id, populate_existing=True)
    before = audit_view(note)
    if seen is not None:
        changes = _own(changes, before, seen, by=note.updated_by if note else "")
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


def _own(given: Mapping[str, Any], now: AuditView, seen: Mapping[str, str], *, by: str) -> dict[str, Any]:
    """Of what is given, the fields that whoever gives it changed; EditedMeanwhile as `edit` says."""
    since, mine = seen_of(now), seen_of({name: str(text) for name, text in given.items()})
    own = {name: text for name, text in given.items() if mine[name] != seen.get(name)}
    theirs = {name: now[name] for name in own if since[name] not in (seen.get(name), mine[name])}
    if theirs:
        raise EditedMeanwhile(by, theirs, own)
    return own

"""The log of an incident: what was decided, who told what to whom, facts to check, tasks.

The audit log notes that a line was written, and not what it says: so that what is forgotten is forgotten.
"""

from datetime import datetime

from sqlalchemy.orm import Session

from app.admin.change import AuditView, get_or_404, record
from app.admin.crisis_specs import LogSpec, SettledSpec
from app.errors import BadInput, Conflict
from app.models import Incident, LogEntry, LogKind, LogState
from app.pipeline.crisis.course import of_incidents

STATES = {  # that a line can have, by its kind; of others: as it was noted
    LogKind.fact: (LogState.open, LogState.true, LogState.false),
    LogKind.task: (LogState.open, LogState.done),
}


def audit_view(entry: LogEntry) -> AuditView:
    """The line without its text."""
    return {
        "incident_id": entry.incident_id,
        "kind": entry.kind.value,
        "state": entry.state.value,
        "owner": entry.owner,
        "due_at": entry.due_at.isoformat() if entry.due_at else None,
    }


def write(session: Session, incident: Incident, spec: LogSpec, *, by: str, now: datetime) -> LogEntry:
    """A new line of the incident's log."""
    entry = LogEntry(
        incident_id=incident.id,
        at=now,
        by=by,
        kind=spec.kind,
        text=spec.text,
        owner=spec.owner,
        due_at=spec.due_at,
        state=LogState.open if spec.kind in STATES else LogState.noted,
    )
    session.add(entry)
    session.flush()
    record(session, entry, "create", before=None, after=audit_view(entry), by=by, now=now)
    return entry


def settle(
    session: Session, incident: Incident, entry_id: int, spec: SettledSpec, *, by: str, now: datetime
) -> LogEntry:
    """The line as it stands now: a fact that was checked, a task that is done, or either open again.

    Conflict if the line is of another story.
    """
    entry = get_or_404(session, LogEntry, entry_id)
    if not of_same_story(session, entry, incident):
        raise Conflict(f"log entry {entry_id} is of another incident")
    allowed = STATES.get(entry.kind, ())
    if spec.state not in allowed:
        can_be = ", ".join(state.value for state in allowed) or "nothing else: write another line"
        raise BadInput(f"log entry {entry_id} is a {entry.kind.value}, which can be {can_be}")
    before = audit_view(entry)
    if entry.state is not spec.state:
        is_open = spec.state is LogState.open
        entry.state = spec.state
        entry.settled_at, entry.settled_by = (None, None) if is_open else (now, by)
    record(session, entry, "settle", before=before, after=audit_view(entry), by=by, now=now)
    return entry


def of_same_story(session: Session, entry: LogEntry, incident: Incident) -> bool:
    """Whether the line belongs to the incident or to one that is told with it."""
    mine = session.query(LogEntry.id).filter(
        LogEntry.id == entry.id, of_incidents(LogEntry.incident_id, incident)
    )
    return mine.first() is not None

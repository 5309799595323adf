"""Statements of an incident: drafted, edited, approved by those who are named, and noted once they are said.

Tocsin publishes nothing by itself: a person does, and notes where.

An approval is of one wording. Whoever edits makes a new wording, which nobody has approved yet. The audit log
notes each step without the text, which stands in the trace of the statement.
"""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.admin.change import AuditView, get_by_name, get_or_404, record
from app.admin.crisis_specs import ApprovalSpec, DraftSpec, PublishedSpec, WordingSpec
from app.admin.statement_templates import approvers_of
from app.admin.teams import require_open
from app.channels.crisis import StatementLine
from app.channels.notices import known_language
from app.channels.wording.statement import filled
from app.channels.wording.words import Words
from app.clock import known_zone
from app.errors import BadInput, Conflict, Forbidden, NotFound
from app.models import Incident, Statement, StatementAct, StatementStep, StatementTemplate, require_readable
from app.pipeline.crisis.course import of_incidents, statement_of
from app.pipeline.incidents.incidents import last_facts


def audit_view(line: StatementLine) -> AuditView:
    """The statement without its text."""
    return {
        "incident_id": line.incident_id,
        "template": line.template,
        "language": line.language,
        "version": line.version,
        "approved_by": [step.by for step in line.approvals],
        "said": len(line.of(StatementAct.said)),
    }


def draft(
    session: Session, incident: Incident, spec: DraftSpec, *, language: str, by: str, now: datetime
) -> StatementLine:
    """A statement from the template, with the facts of the incident as they are now.

    `language`: the service's, of a spec and a watch that name none.
    """
    template = require_readable(get_by_name(session, StatementTemplate, spec.template, "#/template"))
    require_open(template, incident.watch.team_id, "#/template")
    spoken = known_language(spec.language, incident.watch.language, language)
    if spoken not in template.texts:
        known = ", ".join(sorted(template.texts))
        raise BadInput(f"“{template.name}” has no text in {spoken}: say which language; there is {known}")
    words = Words(spoken, known_zone(incident.watch.time_zone))
    text = filled(
        template.texts[spoken], last_facts(session, incident), incident.watch.name, incident.mentions, words,
        since=incident.onset_at, now=now,
    )  # fmt: skip
    statement = Statement(
        incident_id=incident.id,
        template_id=template.id,
        template=template.name,
        language=spoken,
        version=1,
        created_at=now,
    )
    session.add(statement)
    session.flush()
    return _step(session, statement, StatementAct.drafted, text, before=None, by=by, now=now)


def edit(
    session: Session, incident: Incident, statement_id: int, spec: WordingSpec, *, by: str, now: datetime
) -> StatementLine:
    """The statement in another wording, which nobody has approved yet."""
    statement = _held(session, incident, statement_id, spec.version)
    before = audit_view(statement_of(session, statement, at=now))
    statement.version += 1
    return _step(session, statement, StatementAct.edited, spec.text, before=before, by=by, now=now)


def approve(
    session: Session, incident: Incident, statement_id: int, spec: ApprovalSpec, *, by: str, now: datetime
) -> StatementLine:
    """The statement, whose newest wording is approved by one who may; Forbidden says who may."""
    statement = _held(session, incident, statement_id, spec.version)
    may = who_may_approve(session, statement)
    if by not in may:
        who = (
            f"only {', '.join(may)} may approve it" if may else "its template is gone: nobody may approve it"
        )
        raise Forbidden(f"{who}, not “{by}”")
    line = statement_of(session, statement, at=now)
    if by in {step.by for step in line.approvals}:
        raise Conflict(f"{by} approved this wording already")
    return _step(session, statement, StatementAct.approved, "", before=audit_view(line), by=by, now=now)


def publish(
    session: Session, incident: Incident, statement_id: int, spec: PublishedSpec, *, by: str, now: datetime
) -> StatementLine:
    """The statement, with where a person says that it was published; Conflict if it is not approved."""
    statement = _held(session, incident, statement_id, spec.version)
    line = statement_of(session, statement, at=now)
    if not line.approvals:
        who = ", ".join(who_may_approve(session, statement)) or "nobody, as its template is gone"
        raise Conflict(f"nobody has approved this wording; who may: {who}")
    before = audit_view(line)
    return _step(session, statement, StatementAct.said, spec.where, before=before, by=by, now=now)


def who_may_approve(session: Session, statement: Statement) -> list[str]:
    """The names of those who may; none once its template is gone."""
    if statement.template_id is None:
        return []
    return approvers_of(session, get_or_404(session, StatementTemplate, statement.template_id))


def of_incident(session: Session, incident: Incident, statement_id: int) -> Statement:
    """The statement, if it is of the incident or of one that is told with it."""
    query = select(Statement).where(
        Statement.id == statement_id, of_incidents(Statement.incident_id, incident)
    )
    found = session.scalar(query.with_for_update())
    if found is None:
        raise NotFound(f"there is no statement {statement_id} of incident {incident.id}")
    return found


def _held(session: Session, incident: Incident, statement_id: int, version: int) -> Statement:
    """The statement, if that is its newest wording; nobody else changes it meanwhile."""
    statement = of_incident(session, incident, statement_id)
    if statement.version != version:
        raise Conflict(
            f"statement {statement_id} was edited: its newest wording is {statement.version}, not {version}; "
            "read that first"
        )
    return statement


def _step(
    session: Session,
    statement: Statement,
    act: StatementAct,
    text: str,
    *,
    before: AuditView | None,
    by: str,
    now: datetime,
) -> StatementLine:
    session.add(
        StatementStep(statement_id=statement.id, at=now, by=by, act=act, version=statement.version, text=text)
    )
    session.flush()
    line = statement_of(session, statement, at=now)
    record(session, statement, act.value, before=before, after=audit_view(line), by=by, now=now)
    return line

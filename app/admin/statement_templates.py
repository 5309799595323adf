"""Templates of statements: the team's own texts, and who may approve what becomes of them."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.admin import scope, teams
from app.admin.change import (
    AuditView,
    Invalid,
    changed,
    ensure_unique,
    get_by_name,
    get_or_404,
    pointer,
    record,
)
from app.admin.crisis_specs import StatementTemplateSpec
from app.models import Person, StatementTemplate


def audit_view(session: Session, template: StatementTemplate) -> AuditView:
    """The template as its spec, with people by their names, for people and for the audit log."""
    return {
        "name": template.name,
        "texts": template.texts,
        "approvers": approvers_of(session, template),
        "team": teams.name_of(session, template.team_id),
    }


def approvers_of(session: Session, template: StatementTemplate) -> list[str]:
    """The names of those who may approve, in the order in which they were named."""
    rows = session.execute(select(Person.id, Person.name).where(Person.id.in_(template.approvers)))
    names = {row.id: row.name for row in rows}
    return [names[person] for person in template.approvers if person in names]


def counting_on(session: Session, person: Person) -> list[str]:
    """The names of the templates whose statements the person may approve."""
    every = session.scalars(
        select(StatementTemplate).order_by(StatementTemplate.name),
        execution_options={scope.WHOLE_HOUSE: True},
    )
    return [one.name for one in every if isinstance(one.approvers, list) and person.id in one.approvers]


def create(session: Session, spec: StatementTemplateSpec, *, by: str, now: datetime) -> StatementTemplate:
    """A new template."""
    ensure_unique(session, StatementTemplate, spec.name)
    template = StatementTemplate(created_at=now, updated_at=now)
    _set(session, template, spec)
    session.add(template)
    record(session, template, "create", before=None, after=audit_view(session, template), by=by, now=now)
    return template


def update(
    session: Session, template_id: int, changes: Mapping[str, Any], *, by: str, now: datetime
) -> StatementTemplate:
    """The template with the changes; a statement that was drafted from it keeps its wording."""
    template = get_or_404(session, StatementTemplate, template_id)
    before = audit_view(session, template)
    spec = changed(StatementTemplateSpec, before, changes)
    ensure_unique(session, StatementTemplate, spec.name, template.id)
    _set(session, template, spec)
    after = audit_view(session, template)
    if after != before:
        template.updated_at = now
    record(session, template, "update", before=before, after=after, by=by, now=now)
    return template


def delete(session: Session, template_id: int, *, by: str, now: datetime) -> None:
    """Nothing is left of the template; a statement that was drafted from it can be approved no more."""
    template = get_or_404(session, StatementTemplate, template_id)
    before = audit_view(session, template)
    session.delete(template)
    record(session, template, "delete", before=before, after=None, by=by, now=now)


def _set(session: Session, template: StatementTemplate, spec: StatementTemplateSpec) -> None:
    with session.no_autoflush:
        template.team_id = teams.named(session, spec.team)
        approvers = [
            _approver(session, name, template.team_id, pointer("approvers", n))
            for n, name in enumerate(spec.approvers)
        ]
    template.name, template.texts = spec.name, {str(language): text for language, text in spec.texts.items()}
    template.approvers = list(dict.fromkeys(approvers))


def _approver(session: Session, name: str, team_id: int | None, at: str) -> int:
    """The id of the person of that name, who sees what is of the team; Invalid if they do not."""
    person = get_by_name(session, Person, name, at)
    theirs = teams.seen_by(session, person)
    if team_id is not None and theirs is not None and team_id not in theirs:
        raise Invalid([{"pointer": at, "detail": f"{name} is of another team"}])
    return person.id

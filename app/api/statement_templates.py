"""Templates of statements over HTTP."""

from datetime import datetime

from fastapi import APIRouter, Response
from pydantic import Field
from sqlalchemy import select

from app.admin import statement_templates
from app.admin.change import get_or_404
from app.admin.crisis_specs import StatementTemplateSpec
from app.api.access import Admin, Id, Now, Session, Viewer
from app.api.paging import Page, Paging, page
from app.api.patches import StatementTemplateChanges
from app.api.views import View
from app.models import StatementTemplate

router = APIRouter(prefix="/statement-templates", tags=["crisis"])


class StatementTemplateView(View):
    """A text of the team that becomes a statement."""

    id: int = Field(examples=[1])
    name: str = Field(examples=["recall"])
    texts: dict[str, str] = Field(description="by language")
    team: str | None = Field(description="whose it is; empty: the house's")
    approvers: list[str] = Field(description="names of the people who may approve one", examples=[["Ana"]])
    created_at: datetime
    updated_at: datetime


def _view(session: Session, template: StatementTemplate) -> StatementTemplateView:
    return StatementTemplateView(
        **statement_templates.audit_view(session, template),
        id=template.id,
        created_at=template.created_at,
        updated_at=template.updated_at,
    )


@router.get("")
def list_statement_templates(_who: Viewer, session: Session, paging: Paging) -> Page[StatementTemplateView]:
    """All templates of statements, oldest first."""
    rows, after = page(session, select(StatementTemplate), StatementTemplate.id, paging, newest_first=False)
    return Page(items=[_view(session, row) for row in rows], next=after)


@router.post("", status_code=201)
def create_statement_template(
    who: Admin, session: Session, now: Now, spec: StatementTemplateSpec, response: Response
) -> StatementTemplateView:
    """A new template of statements."""
    template = statement_templates.create(session, spec, by=who.name, now=now)
    response.headers["Location"] = f"/api/v1/statement-templates/{template.id}"
    return _view(session, template)


@router.get("/{id}")
def read_statement_template(_who: Viewer, session: Session, row_id: Id) -> StatementTemplateView:
    """One template of statements."""
    return _view(session, get_or_404(session, StatementTemplate, row_id))


@router.patch("/{id}")
def update_statement_template(
    who: Admin, session: Session, now: Now, row_id: Id, changes: StatementTemplateChanges
) -> StatementTemplateView:
    """Change a template; a statement that was drafted from it keeps its wording."""
    return _view(session, statement_templates.update(session, row_id, changes, by=who.name, now=now))


@router.delete("/{id}", status_code=204)
def delete_statement_template(who: Admin, session: Session, now: Now, row_id: Id) -> None:
    """Delete a template; nobody may approve what was drafted from it any more."""
    statement_templates.delete(session, row_id, by=who.name, now=now)

"""Statements of an incident over HTTP. Tocsin publishes none: a person does, and notes where."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Path, Response
from pydantic import Field

from app.admin import statements
from app.admin.change import get_or_404
from app.admin.crisis_specs import ApprovalSpec, DraftSpec, PublishedSpec, WordingSpec
from app.api.access import Id, Now, Parts, Responder, Session, Viewer
from app.api.views import View
from app.channels.crisis import StatementLine
from app.models import WITH_WATCH, Incident, StatementAct
from app.pipeline.crisis.course import statements_of

router = APIRouter(prefix="/incidents", tags=["crisis"])
StatementId = Annotated[int, Path(ge=1, le=2**31 - 1)]


class StatementStepView(View):
    """Who did what to which wording."""

    at: datetime
    by: str = Field(examples=["Ana"])
    act: StatementAct
    version: int = Field(description="of the wording", examples=[1])
    text: str = Field(
        description="the wording; where it was published; empty of an approval", examples=["We look into it."]
    )


class StatementView(View):
    """A text for the public about an incident, in its newest wording."""

    id: int = Field(examples=[1])
    incident_id: int = Field(examples=[1])
    template: str = Field(examples=["recall"])
    language: str = Field(examples=["en"])
    version: int = Field(description="of the newest wording", examples=[1])
    text: str = Field(description="the newest wording", examples=["We look into it."])
    approved_by: list[str] = Field(description="who approved this very wording; empty: it may not be said")
    steps: list[StatementStepView] = Field(description="its trace, oldest first")


def view_of(line: StatementLine) -> StatementView:
    """The statement as the API shows it."""
    return StatementView(
        id=line.id,
        incident_id=line.incident_id,
        template=line.template,
        language=line.language,
        version=line.version,
        text=line.text,
        approved_by=[step.by for step in line.approvals],
        steps=[StatementStepView.model_validate(step) for step in line.steps],
    )


@router.get("/{id}/statements")
def list_statements(_who: Viewer, session: Session, now: Now, row_id: Id) -> list[StatementView]:
    """The statements of an incident and of those that are told with it, oldest first."""
    incident = get_or_404(session, Incident, row_id)
    return [view_of(line) for line in statements_of(session, incident, at=now)]


@router.post("/{id}/statements", status_code=201)
def draft_statement(
    who: Responder,
    session: Session,
    runtime: Parts,
    now: Now,
    row_id: Id,
    spec: DraftSpec,
    response: Response,
) -> StatementView:
    """Draft a statement from a template, with the facts of the incident as they are now."""
    incident = get_or_404(session, Incident, row_id, WITH_WATCH)
    language = runtime.settings.language
    line = statements.draft(session, incident, spec, language=language, by=who.name, now=now)
    response.headers["Location"] = f"/api/v1/incidents/{row_id}/statements/{line.id}"
    return view_of(line)


@router.patch("/{id}/statements/{statement_id}")
def edit_statement(
    who: Responder, session: Session, now: Now, row_id: Id, statement_id: StatementId, changes: WordingSpec
) -> StatementView:
    """Give a statement another wording; nobody has approved that yet."""
    incident = get_or_404(session, Incident, row_id)
    return view_of(statements.edit(session, incident, statement_id, changes, by=who.name, now=now))


@router.post("/{id}/statements/{statement_id}/approve")
def approve_statement(
    who: Responder, session: Session, now: Now, row_id: Id, statement_id: StatementId, body: ApprovalSpec
) -> StatementView:
    """Approve a wording, as one of those whom its template names: by a key of the same name."""
    incident = get_or_404(session, Incident, row_id)
    return view_of(statements.approve(session, incident, statement_id, body, by=who.name, now=now))


@router.post("/{id}/statements/{statement_id}/published")
def note_statement_published(
    who: Responder, session: Session, now: Now, row_id: Id, statement_id: StatementId, body: PublishedSpec
) -> StatementView:
    """Note that a person published an approved wording, and where."""
    incident = get_or_404(session, Incident, row_id)
    return view_of(statements.publish(session, incident, statement_id, body, by=who.name, now=now))

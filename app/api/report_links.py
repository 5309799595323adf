"""Links that open a report without a login, over HTTP."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Path, Response
from pydantic import Field
from sqlalchemy.orm import Session as OrmSession

from app.admin import report_links
from app.admin.report_links import PeriodLinkSpec, ReportLinkSpec
from app.admin.reports import About
from app.api.access import Actor, Id, Now, Parts, Responder, Session, Viewer
from app.api.paging import Page
from app.api.views import View
from app.models import ReportLink
from app.runtime import Runtime

router = APIRouter(tags=["reports"])
LinkId = Annotated[int, Path(ge=1, le=2**31 - 1)]


class ReportLinkView(View):
    """A link that opens a report; what opens it is shown when it is made, and never again."""

    id: int = Field(examples=[1])
    watch_id: int = Field(examples=[1])
    incident_id: int | None = Field(description="of a fire; empty: of a period", examples=[7])
    period: str = Field(description="of the watch; empty: of a fire", examples=[""])
    language: str = Field(examples=["fr"])
    created_by: str = Field(examples=["Léa"])
    created_at: datetime
    expires_at: datetime
    opened_at: datetime | None = Field(description="last, to the minute; by people, or by what reads links")


class ReportLinkMade(ReportLinkView):
    """A new link."""

    url: str = Field(
        description="whoever has it reads the report, without a login; shown this once",
        examples=["https://tocsin.brand.example/shared/x-Yz…the-only-sight-of-it"],
    )


@router.get("/incidents/{id}/report/links")
def list_incident_report_links(_who: Viewer, session: Session, now: Now, row_id: Id) -> Page[ReportLinkView]:
    """The links that open the report of the fire that the incident belongs to."""
    return _listed(report_links.links_of(session, row_id, now=now))


@router.post("/incidents/{id}/report/links", status_code=201)
def share_incident_report(
    who: Responder,
    session: Session,
    runtime: Parts,
    now: Now,
    row_id: Id,
    body: ReportLinkSpec,
    response: Response,
) -> ReportLinkMade:
    """Make a link that opens the report of a fire, without a login and to be read only."""
    response.headers["Location"] = f"/api/v1/incidents/{row_id}/report/links"
    return _made(session, runtime, row_id, body, who, now)


@router.delete("/incidents/{id}/report/links/{link_id}", status_code=204)
def take_incident_report_link_back(
    who: Responder, session: Session, now: Now, row_id: Id, link_id: LinkId
) -> None:
    """Have a link to the report of a fire open nothing from now on."""
    report_links.take_back(session, row_id, link_id, by=who.name, now=now)


@router.get("/watches/{id}/report/links")
def list_watch_report_links(_who: Viewer, session: Session, now: Now, row_id: Id) -> Page[ReportLinkView]:
    """The links that open reports of weeks and months of a watch."""
    return _listed(report_links.links_of(session, (row_id, ""), now=now))


@router.post("/watches/{id}/report/links", status_code=201)
def share_watch_report(
    who: Responder,
    session: Session,
    runtime: Parts,
    now: Now,
    row_id: Id,
    body: PeriodLinkSpec,
    response: Response,
) -> ReportLinkMade:
    """Make a link that opens the report of a week or a month, without a login and to be read only."""
    response.headers["Location"] = f"/api/v1/watches/{row_id}/report/links"
    return _made(session, runtime, (row_id, body.period), body, who, now)


@router.delete("/watches/{id}/report/links/{link_id}", status_code=204)
def take_watch_report_link_back(
    who: Responder, session: Session, now: Now, row_id: Id, link_id: LinkId
) -> None:
    """Have a link to the report of a week or a month open nothing from now on."""
    report_links.take_back(session, (row_id, ""), link_id, by=who.name, now=now)


def _listed(links: Sequence[ReportLink]) -> Page[ReportLinkView]:
    return Page(items=[ReportLinkView.model_validate(link) for link in links], next=None)


def _made(
    session: OrmSession, runtime: Runtime, about: About, body: ReportLinkSpec, who: Actor, now: datetime
) -> ReportLinkMade:
    language = runtime.settings.language
    link, token = report_links.make(session, about, body, by=who.name, now=now, language=language)
    seen = ReportLinkView.model_validate(link).model_dump()
    return ReportLinkMade(**seen, url=runtime.settings.address(f"/shared/{token}"))

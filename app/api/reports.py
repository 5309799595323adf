"""Reports over HTTP: of a fire, a week or a month; as data, Markdown, a page or a PDF."""

from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response
from pydantic import BaseModel, Field
from sqlalchemy.orm import Session as OrmSession

from app.admin import reports, scope
from app.admin.change import get_by_name, get_or_404
from app.admin.report_sending import send_report
from app.admin.spec import Spec
from app.api.access import Id, Now, Parts, Responder, Session, Viewer
from app.api.patches import ReportChanges
from app.channels.notices import known_language
from app.channels.report.facts import PeriodReport, Report, StoryReport, TeamWords
from app.channels.report.formats import MEDIA_TYPES, Format, drawn, file_name
from app.channels.report.page import POLICY
from app.models import Channel, Incident, Watch
from app.pipeline.reports.period_report import period_report
from app.pipeline.reports.story_report import story_report, words_of
from app.runtime import Runtime

router = APIRouter(tags=["reports"])
_TEXT = {"schema": {"type": "string"}}
_CONTENT: dict[int | str, dict[str, Any]] = {
    200: {
        "content": {
            "text/markdown": _TEXT,
            "text/html": _TEXT,
            "application/pdf": {"schema": {"type": "string", "format": "binary"}},
        }
    }
}
_WANTED: dict[str, Format] = {"application/pdf": "pdf", "text/markdown": "md", "text/html": "html"}
Form = Annotated[
    Literal["json", "md", "html", "pdf"] | None,
    Query(alias="format", description="empty: what the header Accept asks for, else json"),
]
Language = Annotated[
    Literal["en", "fr"] | None, Query(description="of its words; empty: that of the watch's alerts")
]


class ReportSending(Spec):
    """Where a report is sent."""

    channel: str = Field(max_length=120, description="its name", examples=["on-call mailbox"])
    language: Literal["en", "fr"] | None = Field(
        None, description="empty: the channel's, else that of the watch's alerts"
    )
    period: str = Field(
        "week",
        max_length=20,
        description="of a watch: 2026-W48, 2026-11, week or month; of an incident nothing",
    )


class ReportSent(BaseModel):
    """What came of it."""

    text: str = Field(examples=["smtp.brand.example took it for lea@brand.example"])


@router.get("/incidents/{id}/report", response_model=StoryReport, responses=_CONTENT)
def read_incident_report(
    _who: Viewer,
    session: Session,
    runtime: Parts,
    now: Now,
    request: Request,
    row_id: Id,
    form: Form = None,
    language: Language = None,
) -> Any:  # noqa: ANN401 - the report, or its file
    """The report of the fire that the incident belongs to, as it is known now; strangers wrote its posts."""
    incident = get_or_404(session, Incident, row_id)
    watch = get_or_404(session, Watch, incident.watch_id)
    spoken = known_language(language or "", watch.language, runtime.settings.language)
    report = story_report(session, row_id, now=now)
    session.commit()  # nothing is held while a PDF is set
    return _answer(request, report, form, spoken)


@router.patch("/incidents/{id}/report")
def edit_incident_report(
    who: Responder, session: Session, now: Now, row_id: Id, changes: ReportChanges
) -> TeamWords:
    """Write the team's own words into the report of a fire: its summary, what to change, remarks."""
    note = reports.edit(session, row_id, changes, by=who.name, now=now)
    return words_of(session, note.incident_id, now=now)


@router.get("/watches/{id}/report", response_model=PeriodReport, responses=_CONTENT)
def read_watch_report(
    _who: Viewer,
    session: Session,
    runtime: Parts,
    now: Now,
    request: Request,
    row_id: Id,
    period: Annotated[
        str,
        Query(
            max_length=20,
            description="2026-W48 or 2026-11 on the watch's clock; week or month: the last one that is over",
        ),
    ] = "week",
    form: Form = None,
    language: Language = None,
) -> Any:  # noqa: ANN401 - the report, or its file
    """The report of a week or a month of a watch, as it is known now."""
    watch = get_or_404(session, Watch, row_id)
    spoken = known_language(language or "", watch.language, runtime.settings.language)
    report = period_report(session, row_id, period, now=now)
    session.commit()  # nothing is held while a PDF is set
    return _answer(request, report, form, spoken)


@router.post("/incidents/{id}/report/send")
def send_incident_report(
    who: Responder, session: Session, runtime: Parts, now: Now, row_id: Id, body: ReportSending
) -> ReportSent:
    """Send the report of a fire to a channel, at once: by e-mail with its PDF, or to Slack."""
    get_or_404(session, Incident, row_id)
    return _sent(session, runtime, row_id, body, who.name, now)


@router.post("/watches/{id}/report/send")
def send_watch_report(
    who: Responder, session: Session, runtime: Parts, now: Now, row_id: Id, body: ReportSending
) -> ReportSent:
    """Send the report of a week or a month to a channel, at once: by e-mail with its PDF, or to Slack."""
    get_or_404(session, Watch, row_id)
    return _sent(session, runtime, (row_id, body.period), body, who.name, now)


def _sent(
    session: OrmSession,
    runtime: Runtime,
    about: int | tuple[int, str],
    body: ReportSending,
    by: str,
    now: datetime,
) -> ReportSent:
    channel = get_by_name(session, Channel, body.channel, "#/channel")
    session.commit()  # nothing is held while a PDF is set and somebody else is waited for
    text = send_report(
        scope.bound_like(session, runtime.sessions),
        runtime.chain.delivery,
        about,
        channel.id,
        language=body.language or "",
        by=by,
        now=now,
    )
    return ReportSent(text=text)


def _answer(request: Request, report: Report, form: str | None, language: str) -> Any:  # noqa: ANN401
    """The report as data, or as a file in the format that is asked for."""
    accepted = request.headers.get("accept", "")
    wanted: Any = form or next((one for kind, one in _WANTED.items() if kind in accepted), "json")
    if wanted == "json":
        return report
    headers = {
        "Content-Disposition": f'inline; filename="{file_name(report, wanted)}"',
        "Content-Security-Policy": f"{POLICY}; frame-ancestors 'none'",
        "Content-Language": language,
        "Referrer-Policy": "no-referrer",
        "Cache-Control": "no-store",
        "Vary": "Accept",
    }
    return Response(drawn(report, language, wanted), media_type=MEDIA_TYPES[wanted], headers=headers)

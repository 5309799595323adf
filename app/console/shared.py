"""A report that somebody shared: opened by its link alone, read-only, without anything that leads further."""

from typing import Annotated, Literal

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response

from app.admin import report_links, scope
from app.admin.reports import report_about
from app.api.access import Now, Parts, Session
from app.channels.notices import known_language
from app.channels.report.facts import Report
from app.channels.wording.words import Words
from app.console.pages import PageRoute, render
from app.console.report import as_file, report_values
from app.errors import NotFound
from app.models import ReportLink
from app.runtime import Runtime

router = APIRouter(prefix="/shared", route_class=PageRoute, include_in_schema=False)
_POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'none'; frame-ancestors 'none'; "
    "base-uri 'none'"
)
Language = Annotated[Literal["", "en", "fr"], Query()]


@router.get("/{token}")
def show_shared(
    request: Request, session: Session, runtime: Parts, now: Now, token: str, language: Language = ""
) -> Response:
    """The report as it is known now: what was forgotten since the link was made is not in it."""
    found = _opened(session, runtime, token, now)
    if found is None:
        return _safe(render(request, "shared_gone.html", status=410))
    link, report = found
    words = Words(known_language(language or link.language), report.time_zone)
    return _safe(
        render(
            request,
            "shared.html",
            words=words,
            until=words.day(link.expires_at),
            file=f"/shared/{token}/report.pdf?language={words.language}",
            other="en" if words.language == "fr" else "fr",
            **report_values(report, words.language),
        )
    )


@router.get("/{token}/report.pdf")
def take_shared(
    request: Request, session: Session, runtime: Parts, now: Now, token: str, language: Language = ""
) -> Response:
    """The same as a PDF."""
    found = _opened(session, runtime, token, now)
    if found is None:
        return _safe(render(request, "shared_gone.html", status=410))
    link, report = found
    spoken = known_language(language or link.language)
    session.commit()  # nothing is held while a PDF is set
    return _safe(as_file(report, spoken, "pdf"))


def _opened(session: Session, runtime: Runtime, token: str, now: Now) -> tuple[ReportLink, Report] | None:
    """(the link, its report), seen as its team sees it; None alike whatever the link is not or is no more."""
    link = report_links.find(session, token, now=now)
    if link is None:
        return None
    with runtime.sessions.begin() as writing:
        report_links.note_opening(writing, link.id, now=now)
    if link.team_id is not None:
        scope.bind(session, frozenset({link.team_id}))
    try:
        return link, report_about(session, report_links.about_of(link), now=now)[0]
    except NotFound:
        return None


def _safe(answer: Response) -> Response:
    """The answer with the headers of a page that anybody may hold the address of."""
    answer.headers["Referrer-Policy"] = "no-referrer"  # the address is the right to read it
    answer.headers["Content-Security-Policy"] = _POLICY
    answer.headers["X-Robots-Tag"] = "noindex, nofollow, noarchive"
    return answer

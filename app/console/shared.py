"""A report that somebody shared: opened by its link alone, read-only, without anything that leads further."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import BoundedSemaphore
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
_AT_ONCE = 4  # one takes a processor for up to some seconds, as that of a month
Language = Annotated[Literal["", "en", "fr"], Query()]


class Room:
    """For so many shared reports at once in this process: who has a link keeps nobody else waiting."""

    def __init__(self) -> None:
        self._free = BoundedSemaphore(_AT_ONCE)

    @contextmanager
    def taken(self) -> Iterator[bool]:
        """Whether there is room; what is taken is given back."""
        taken = self._free.acquire(blocking=False)
        try:
            yield taken
        finally:
            if taken:
                self._free.release()


@router.get("/{token}")
def show_shared(
    request: Request, session: Session, runtime: Parts, now: Now, token: str, language: Language = ""
) -> Response:
    """The report as it is known now: what was forgotten since the link was made is not in it."""

    def draw(link: ReportLink, report: Report) -> Response:
        words = Words(known_language(language or link.language), report.time_zone)
        return render(
            request,
            "shared.html",
            words=words,
            until=words.day(link.expires_at),
            file=f"/shared/{token}/report.pdf?language={words.language}",
            other="en" if words.language == "fr" else "fr",
            **report_values(report, words.language),
        )

    return _opened(request, session, runtime, token, now, draw)


@router.get("/{token}/report.pdf")
def take_shared(
    request: Request, session: Session, runtime: Parts, now: Now, token: str, language: Language = ""
) -> Response:
    """The same as a PDF."""

    def draw(link: ReportLink, report: Report) -> Response:
        spoken = known_language(language or link.language)
        session.commit()  # nothing is held while a PDF is set
        return as_file(report, spoken, "pdf")

    return _opened(request, session, runtime, token, now, draw)


def _opened(
    request: Request,
    session: Session,
    runtime: Runtime,
    token: str,
    now: Now,
    draw: Callable[[ReportLink, Report], Response],
) -> Response:
    """What is drawn of the report, as its team sees it; whatever the link is not, or is no more: one page."""
    room: Room = request.state.room
    link = report_links.find(session, token, now=now)
    if link is None:
        return _safe(render(request, "shared_instead.html", status=410, busy=False))
    with room.taken() as has_room:
        if not has_room:
            return _safe(render(request, "shared_instead.html", status=503, busy=True))
        with runtime.sessions.begin() as writing:
            report_links.note_opening(writing, link.id, now=now)
        if link.team_id is not None:
            scope.bind(session, frozenset({link.team_id}))
        try:
            report = report_about(session, report_links.about_of(link), now=now)[0]
        except NotFound:
            return _safe(render(request, "shared_instead.html", status=410, busy=False))
        return _safe(draw(link, report))


def _safe(answer: Response) -> Response:
    """The answer with the headers of a page that anybody may hold the address of."""
    answer.headers["Referrer-Policy"] = "no-referrer"  # the address is the right to read it
    answer.headers["Content-Security-Policy"] = _POLICY
    answer.headers["X-Robots-Tag"] = "noindex, nofollow, noarchive"
    return answer

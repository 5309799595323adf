"""One report: read in the page or taken as a file, and written into."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import HTMLResponse, Response
from sqlalchemy import select
from sqlalchemy.orm import Session as OrmSession

from app.admin import report_links, reports
from app.admin.change import get_or_404
from app.admin.report_links import HOLDS
from app.admin.reports import About, EditedMeanwhile, ReportSpec, report_about, seen_of, watch_of
from app.api.access import Id, Now, Session
from app.channels import KINDS
from app.channels.report.facts import Report, StoryReport
from app.channels.report.formats import MEDIA_TYPES, Format, drawn, file_name, in_words
from app.channels.report.page import section_html
from app.channels.report.period import period_title
from app.channels.text import cut, line
from app.channels.wording.words import Words
from app.console.access import Acting, Signed, Visitor, require_responder
from app.console.forms import NOTHING_WRONG, Wrong, wrong_of
from app.console.pages import HEADERS, PageRoute, go_to, render
from app.console.watch import Form
from app.errors import AppError
from app.models import Channel, Incident, ReportLink, ReportNote, Watch
from app.pipeline.reports.period_report import periods_of
from app.pipeline.reports.story_report import story_of

router = APIRouter(prefix="/reports", route_class=PageRoute, include_in_schema=False)
_WEEKS, _MONTHS = 8, 12  # to choose from
_TAKE = {kind.name for kind in KINDS if kind.takes_reports}
_NAMES = {"en": "English", "fr": "Français"}


def _asked(request: Request, row_id: Id, period: Annotated[str, Query(max_length=20)] = "week") -> About:
    return row_id if request.url.path.startswith("/reports/fires/") else (row_id, period)


Asked = Annotated[About, Depends(_asked)]
Language = Annotated[Literal["", "en", "fr"], Query()]


@router.get("/fires/{id}")
@router.get("/watches/{id}")
def read_report(
    request: Request,
    session: Session,
    now: Now,
    visitor: Signed,
    about: Asked,
    language: Language = "",
    done: Annotated[str, Query(max_length=10)] = "",
) -> HTMLResponse:
    """The report of a fire, or of a week or a month of a watch, as it is known now."""
    return _page(request, session, now, visitor, about, language, done=done)


@router.get("/fires/{id}/file")
@router.get("/watches/{id}/file")
def take_file(
    session: Session,
    now: Now,
    visitor: Signed,
    about: Asked,
    language: Language = "",
    form: Annotated[Format, Query(alias="format")] = "md",
) -> Response:
    """The same as a file."""
    report, watch = report_about(session, about, now=now)
    spoken = language or watch.language or visitor.words.language
    session.commit()  # nothing is held while a PDF is set
    return as_file(report, spoken, form)


@router.post("/fires/{id}/words")
def write_words(
    request: Request, session: Session, now: Now, visitor: Acting, row_id: Id, form: Form
) -> Response:
    """Save what the team writes into the report of a fire; what cannot be saved stays in its field."""
    require_responder(visitor, session, watch_of(session, row_id).team_id)
    given = {
        name: form[name].replace("\r\n", "\n").strip() for name in ReportSpec.model_fields if name in form
    }
    seen = {name: form.get(f"seen_{name}", "") for name in given}
    language = language_in(form)
    try:
        with session.begin_nested():
            reports.edit(session, row_id, given, by=visitor.name, now=now, seen=seen)
    except EditedMeanwhile as error:
        return _page(request, session, now, visitor, row_id, language, given=error.own, meanwhile=error)
    except AppError as error:
        wrong = wrong_of(error, tuple(given))
        return _page(request, session, now, visitor, row_id, language, given=given, seen=seen, wrong=wrong)
    return go_to(address_of(row_id, language, done="words"))


def as_file(report: Report, language: str, form: Format) -> Response:
    """The report as a file to keep; it names its language."""
    headers = HEADERS | {
        "Content-Disposition": f'attachment; filename="{file_name(report, form)}"',
        "Content-Language": language,
    }
    return Response(drawn(report, language, form), media_type=MEDIA_TYPES[form], headers=headers)


def report_values(report: Report, language: str) -> dict[str, Any]:
    """What a template shows of the report in that language."""
    document = in_words(report, language)
    return {
        "language": language,
        "title": document.title,
        "subtitle": document.subtitle,
        "sections": [(one.title, section_html(one.parts)) for one in document.sections],
        "note": document.note,
    }


def _page(
    request: Request,
    session: OrmSession,
    now: Now,
    visitor: Visitor,
    about: About,
    language: str,
    *,
    done: str = "",
    given: Mapping[str, str] | None = None,
    seen: Mapping[str, str] | None = None,
    wrong: Wrong = NOTHING_WRONG,
    meanwhile: EditedMeanwhile | None = None,
) -> HTMLResponse:
    report, watch = report_about(session, about, now=now)
    words, spoken = visitor.words, language or visitor.words.language
    about = report.incident_id if isinstance(report, StoryReport) else (watch.id, report.period)
    may = visitor.may(session, "responder", watch.team_id)
    written = _written(session, about, now) if isinstance(about, int) else {}
    known = (
        [] if isinstance(about, int) else periods_of(session, watch, weeks=_WEEKS, months=_MONTHS, now=now)
    )
    return render(
        request,
        "report.html",
        status=422 if wrong.any else 409 if meanwhile else 200,
        **report_values(report, spoken),
        home=_home(about),
        acts={act: address_of(about, act=f"/{act}") for act in ("words", "send", "links", "links/back")},
        period="" if isinstance(about, int) else about[1],
        periods=[(name, period_title(name, words)) for name in known],
        subject=f"/fires/{about}" if isinstance(about, int) else f"/watches/{watch.id}",
        is_fire=isinstance(about, int),
        languages=[(code, said, address_of(about, code)) for code, said in _NAMES.items()],
        file=address_of(about, spoken, act="/file"),
        may_act=may,
        channels=_channels(session, watch) if may else [],
        links=[_link(one, words, now) for one in report_links.links_of(session, about, now=now)],
        holds=[(str(days), words.count("{n} day", "{n} days", days)) for days in HOLDS],
        given=written | dict(given or {}),
        seen=seen or seen_of(written),
        wrong=wrong,
        theirs=meanwhile.theirs if meanwhile else {},
        other=line(meanwhile.by) if meanwhile else "",
        done=done,
    )


def _written(session: OrmSession, incident_id: int, now: Now) -> dict[str, str]:
    first = story_of(session, get_or_404(session, Incident, incident_id), now=now)[0]
    return reports.audit_view(session.get(ReportNote, first.id))


def _channels(session: OrmSession, watch: Watch) -> list[tuple[str, str]]:
    """Those that take a report of the watch: the team's first, then people's own."""
    rows = session.scalars(select(Channel).where(Channel.enabled, Channel.kind.in_(_TAKE)))
    open_ = [row for row in rows if row.team_id in (None, watch.team_id)]
    return [
        (str(row.id), cut(line(row.name), 80))
        for row in sorted(open_, key=lambda row: (row.person_id is not None, row.name.casefold()))
    ]


def _link(link: ReportLink, words: Words, now: Now) -> dict[str, str]:
    opened = words.clock(link.opened_at, seen_from=now) if link.opened_at else ""
    return {
        "id": str(link.id),
        "by": cut(line(link.created_by), 60),
        "made": words.clock(link.created_at, seen_from=now),
        "until": words.clock(link.expires_at, seen_from=now),
        "opened": opened or words.say("not yet"),
    }


def _home(about: About) -> str:
    return f"/reports/fires/{about}" if isinstance(about, int) else f"/reports/watches/{about[0]}"


def address_of(about: About, language: str = "", *, act: str = "", done: str = "") -> str:
    """Where it is read, or what is done with it: /file, /words, /send, /links, /links/back."""
    period = "" if isinstance(about, int) else about[1]
    given = {"period": period, "language": language, "done": done}
    query = urlencode({name: value for name, value in given.items() if value})
    return _home(about) + act + (f"?{query}" if query else "")


def language_in(form: Mapping[str, str]) -> str:
    """The language of the report that a form was sent from; empty: the reader's."""
    given = form.get("language", "")
    return given if given in _NAMES else ""

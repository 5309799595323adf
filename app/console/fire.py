"""Fire: what burns, who has it, and what can be done about it; below that, all that is known of it."""

from datetime import timedelta
from typing import Annotated, Literal

from fastapi import APIRouter, Form, Query, Request
from fastapi.responses import HTMLResponse, Response
from sqlalchemy.orm import Session as OrmSession

from app.admin import crisis_log, incidents
from app.admin.change import checked, get_or_404
from app.admin.crisis_specs import LogSpec
from app.api.access import Id, Now, Parts, Session
from app.api.incident_page import newest_alert
from app.channels.base import Alert
from app.channels.document import Figures, Heading, Paragraph, Part, Quotes, Small
from app.channels.report.page import section_html
from app.channels.report.shared import plot
from app.channels.report.story import story_document
from app.channels.wording import documents
from app.channels.wording.acting import settled
from app.channels.wording.actions import JUDGEMENTS, SNOOZES
from app.channels.wording.words import mark
from app.console.access import Acting, Signed, Visitor, require_responder
from app.console.pages import PageRoute, go_to, render
from app.errors import NotFound
from app.models import WITH_WATCH, Incident, LogKind, State, VerdictWord
from app.pipeline.reports.story_report import story_report
from app.runtime import Runtime

router = APIRouter(prefix="/fires", route_class=PageRoute, include_in_schema=False)
_DONE = {
    "acknowledge": mark("You have it in hand: the others see it, and nobody is called any more."),
    "take_over": mark("You have it in hand from now on."),
    "snooze": mark("It keeps quiet until then, unless it grows."),
    "close": mark("It is closed, and told as out."),
    "verdict": mark("Noted: its threshold learns from it."),
    "log": mark("It stands in the log."),
}
_KINDS = {
    LogKind.decision: mark("Decision"),
    LogKind.said: mark("Said"),
    LogKind.fact: mark("To be checked"),
    LogKind.task: mark("To do"),
}
# Of the report, what the top of the page shows already.
_ABOVE, _FIGURES = {"The curve", "Posts that show it", "In short"}, mark("The curve in figures")


@router.get("/{id}")
def show_fire(
    request: Request,
    session: Session,
    runtime: Parts,
    now: Now,
    visitor: Signed,
    row_id: Id,
    done: Annotated[str, Query(max_length=20)] = "",
) -> HTMLResponse:
    """One incident; its number is in the message that told of it."""
    alert = _alert(session, runtime, row_id, visitor)
    words = visitor.words
    team_id = get_or_404(session, Incident, row_id, WITH_WATCH).watch.team_id
    report = story_report(session, row_id, now=now)
    document = story_document(report, words.language)
    drawn = plot(report.curve, words)
    known = documents.root(alert.model_copy(update={"link": None}), chart=False).parts
    above, below = _split(known)
    hidden, figures = {words.say(title) for title in _ABOVE}, words.say(_FIGURES)
    return render(
        request,
        "fire.html",
        alert=alert,
        above=above,
        below=below,
        plot=drawn and section_html([drawn]),
        figures=[section_html(one.parts) for one in document.sections if one.title == figures],
        sections=[
            (one.title, section_html(one.parts))
            for one in document.sections
            if one.title not in hidden | {figures}
        ],
        may_act=visitor.may(session, "responder", team_id),
        is_open=alert.state is not State.out,
        mine=alert.acknowledged_by == visitor.name,
        done=words.say(_DONE[done]) if done in _DONE else "",
        snoozes=[(str(int(one.total_seconds() // 60)), words.span(one)) for one in SNOOZES],
        verdicts=[(word, words.say(label)) for word, label in JUDGEMENTS.items()],
        kinds=[(kind.value, words.say(label)) for kind, label in _KINDS.items()],
        row_id=row_id,
    )


@router.post("/{id}/acknowledge")
def acknowledge(
    request: Request, session: Session, runtime: Parts, now: Now, visitor: Acting, row_id: Id
) -> Response:
    """Take it in hand; whoever comes second is told who was first."""
    alert = _for_acting(session, runtime, row_id, visitor)
    if (instead := settled(alert, "acknowledge", now=now)) is not None:
        return render(request, "settled.html", status=409, parts=instead.parts, row_id=row_id)
    incidents.acknowledge(session, row_id, by=visitor.name, now=now)
    return _back(row_id, "acknowledge")


@router.post("/{id}/take-over")
def take_over(session: Session, runtime: Parts, now: Now, visitor: Acting, row_id: Id) -> Response:
    """Take it from whoever has it."""
    _for_acting(session, runtime, row_id, visitor)
    incidents.take_over(session, row_id, by=visitor.name, now=now)
    return _back(row_id, "take_over")


@router.post("/{id}/snooze")
def snooze(
    session: Session,
    runtime: Parts,
    now: Now,
    visitor: Acting,
    row_id: Id,
    minutes: Annotated[int, Form(ge=5, le=7 * 24 * 60)],
) -> Response:
    """Keep it quiet for so long, unless it grows."""
    _for_acting(session, runtime, row_id, visitor)
    until = now + timedelta(minutes=minutes)
    incidents.snooze(session, row_id, until=until, by=visitor.name, now=now)
    return _back(row_id, "snooze")


@router.post("/{id}/close")
def close(
    session: Session,
    runtime: Parts,
    now: Now,
    visitor: Acting,
    row_id: Id,
    note: Annotated[str, Form(max_length=2000)] = "",
) -> Response:
    """Say that it is over."""
    _for_acting(session, runtime, row_id, visitor)
    incidents.close(session, row_id, note=note.strip(), by=visitor.name, now=now)
    return _back(row_id, "close")


@router.post("/{id}/verdict")
def judge(
    session: Session,
    runtime: Parts,
    now: Now,
    visitor: Acting,
    row_id: Id,
    verdict: Annotated[VerdictWord, Form()],
    note: Annotated[str, Form(max_length=2000)] = "",
) -> Response:
    """Say what it was."""
    _for_acting(session, runtime, row_id, visitor)
    incidents.judge(session, row_id, verdict=verdict, note=note.strip(), by=visitor.name, now=now)
    return _back(row_id, "verdict")


@router.post("/{id}/log")
def write_log(
    session: Session,
    runtime: Parts,
    now: Now,
    visitor: Acting,
    row_id: Id,
    kind: Annotated[Literal["decision", "said", "fact", "task"], Form()],
    text: Annotated[str, Form(min_length=1, max_length=2000)],
) -> Response:
    """Write a line into its log: what was decided, said, found, or is to be done."""
    _for_acting(session, runtime, row_id, visitor)
    incident = get_or_404(session, Incident, row_id, WITH_WATCH)
    spec = checked(LogSpec, {"kind": kind, "text": text.strip()})
    crisis_log.write(session, incident, spec, by=visitor.name, now=now)
    return _back(row_id, "log")


def _alert(session: OrmSession, runtime: Runtime, row_id: int, visitor: Visitor) -> Alert:
    get_or_404(session, Incident, row_id)
    alert = newest_alert(session, runtime, row_id, visitor.words.language)
    if alert is None:
        raise NotFound("the incident is not kept any more, or this version cannot read it")
    return alert


def _for_acting(session: OrmSession, runtime: Runtime, row_id: int, visitor: Visitor) -> Alert:
    """The incident, for somebody who may act on it; else Forbidden."""
    incident = get_or_404(session, Incident, row_id, WITH_WATCH)
    require_responder(visitor, session, incident.watch.team_id)
    return _alert(session, runtime, row_id, visitor)


def _back(row_id: int, done: str) -> Response:
    return go_to(f"/fires/{row_id}?done={done}")


def _split(parts: tuple[Part, ...]) -> tuple[list[Part], list[Part]]:
    """(what stands at the top: what it is, in whose hands, what to do; the figures, the posts and why)."""
    first = next((n for n, part in enumerate(parts) if isinstance(part, Figures | Quotes)), len(parts))
    wanted = Heading, Paragraph, Small, Figures, Quotes
    return (
        [part for part in parts[:first] if isinstance(part, wanted)],
        [part for part in parts[first:] if isinstance(part, wanted)],
    )

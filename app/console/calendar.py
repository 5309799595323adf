"""Calendar: the next fortnight with what is planned, what is silenced, and who is on duty."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response
from sqlalchemy import or_, select
from sqlalchemy.orm import Session as OrmSession

from app.admin import calendar, people, rotas
from app.admin.change import checked, get_or_404
from app.admin.specs import PlannedEventSpec, SilenceSpec
from app.api.access import Id, Now, Session
from app.channels.text import line
from app.channels.wording.words import Words
from app.console.access import Acting, Signed, Visitor, is_responder, require_responder
from app.console.forms import NOTHING_WRONG, Wrong, moment, number, wrong_of
from app.console.pages import PageRoute, go_to, render
from app.console.watch import Form
from app.errors import AppError
from app.models import DRILL, PlannedEvent, Rota, Silence, Watch

router = APIRouter(prefix="/calendar", route_class=PageRoute, include_in_schema=False)
_AHEAD = timedelta(days=14)
_FIELDS = ("watch", "name", "why", "starts_at", "ends_at", "factor")
_TABLES: dict[str, type[Silence] | type[PlannedEvent]] = {"silences": Silence, "events": PlannedEvent}


@router.get("")
def show_calendar(
    request: Request, session: Session, now: Now, visitor: Signed, done: str = ""
) -> HTMLResponse:
    """The fortnight."""
    return _page(request, session, now, visitor, {}, done=bool(done))


@router.post("/silences")
def add_silence(request: Request, session: Session, now: Now, visitor: Acting, form: Form) -> Response:
    """Keep a watch, or all, from notifying for a time."""
    return _add(request, session, now, visitor, form, SilenceSpec)


@router.post("/events")
def add_event(request: Request, session: Session, now: Now, visitor: Acting, form: Form) -> Response:
    """Say beforehand that much will be said."""
    return _add(request, session, now, visitor, form, PlannedEventSpec)


@router.post("/{table}/{id}/delete")
def take_off(session: Session, now: Now, visitor: Acting, table: str, row_id: Id) -> Response:
    """Take it off the calendar."""
    row = get_or_404(session, _TABLES.get(table, Silence), row_id)
    require_responder(visitor, session, _team_of(session, row.watch_id))
    calendar.delete(session, type(row), row_id, by=visitor.name, now=now)
    return go_to("/calendar?done=1")


def _add(
    request: Request,
    session: OrmSession,
    now: Now,
    visitor: Visitor,
    form: Mapping[str, str],
    spec: type[SilenceSpec] | type[PlannedEventSpec],
) -> Response:
    try:
        with session.begin_nested():
            given = checked(spec, _given(form, visitor.words, set(spec.model_fields)))
            if isinstance(given, SilenceSpec):
                watch_id = calendar.create_silence(session, given, by=visitor.name, now=now).watch_id
            else:
                watch_id = calendar.create_event(session, given, by=visitor.name, now=now).watch_id
            require_responder(visitor, session, _team_of(session, watch_id))
    except AppError as error:
        return _page(request, session, now, visitor, form, wrong=wrong_of(error, _FIELDS))
    return go_to("/calendar?done=1")


def _given(form: Mapping[str, str], words: Words, names: set[str]) -> dict[str, Any]:
    """What was given of these, its instants on the visitor's clock, as their browser shows it."""
    wanted = names & set(_FIELDS)
    given: dict[str, Any] = {name: form[name].strip() for name in wanted if form.get(name, "").strip()}
    if "factor" in given:
        given["factor"] = number("factor", given["factor"])
    for name in ("starts_at", "ends_at"):
        given[name] = moment(name, given.get(name, ""), words)
    return given


def _team_of(session: OrmSession, watch_id: int | None) -> int | None:
    return session.scalar(select(Watch.team_id).where(Watch.id == watch_id)) if watch_id else None


def _page(
    request: Request,
    session: OrmSession,
    now: Now,
    visitor: Visitor,
    given: Mapping[str, str],
    *,
    wrong: Wrong = NOTHING_WRONG,
    done: bool = False,
) -> HTMLResponse:
    words = visitor.words
    names = dict(iter(session.execute(select(Watch.id, Watch.name).where(Watch.kind != DRILL))))
    start = words.local(now).replace(minute=0, second=0, microsecond=0)
    usual = {
        "starts_at": f"{start:%Y-%m-%dT%H:%M}",
        "ends_at": f"{start + timedelta(hours=3):%Y-%m-%dT%H:%M}",
    }
    return render(
        request,
        "calendar.html",
        status=422 if wrong.any else 200,
        entries=_entries(session, words, names, now),
        given=usual | {name: given.get(name, usual.get(name, "")) for name in _FIELDS},
        wrong=wrong,
        done=done,
        watches=[("", words.say("every watch")), *((name, name) for name in sorted(names.values()))],
        may_act=is_responder(visitor, session),
        zone=words.zone,
        silencing="why" in given,
    )


def _entries(session: OrmSession, words: Words, names: Mapping[int, str], now: Now) -> list[dict[str, Any]]:
    """What is on the calendar, in the order of its beginnings."""
    entries: list[tuple[datetime, dict[str, Any]]] = []
    for table, kind in _TABLES.items():
        mine = select(kind).where(kind.ends_at > now, kind.starts_at < now + _AHEAD)
        mine = mine.where(or_(kind.watch_id.is_(None), kind.watch_id.in_(names)))
        rows: Iterable[Silence | PlannedEvent] = session.scalars(mine)
        for row in rows:
            quiet = isinstance(row, Silence)
            entries.append(
                (
                    row.starts_at,
                    {
                        "what": words.say("Silence") if quiet else words.say("Planned"),
                        "said": line(row.why if isinstance(row, Silence) else row.name),
                        "whom": line(names.get(row.watch_id or 0, "")) or words.say("every watch"),
                        "when": _span(row.starts_at, row.ends_at, words, now),
                        "off": f"/calendar/{table}/{row.id}/delete",
                    },
                )
            )
    for rota in session.scalars(select(Rota).order_by(Rota.name)):
        entries += _shifts(session, rota, words, now)
    return [entry for _, entry in sorted(entries, key=lambda pair: pair[0])]


def _shifts(session: OrmSession, rota: Rota, words: Words, now: Now) -> list[tuple[datetime, dict[str, Any]]]:
    names = people.names_of(session)
    try:
        shifts = rotas.shifts(session, rota, now, now + _AHEAD)
    except (AppError, ValueError):
        return []  # the page of people says that it cannot be read
    return [
        (
            shift.since,
            {
                "what": words.say("On duty"),
                "said": words.all_of([line(names[one]) for one in shift.people]) or words.say("nobody"),
                "whom": line(rota.name),
                "when": _span(shift.since, shift.until, words, now),
                "off": "",
            },
        )
        for shift in shifts
    ]


def _span(since: datetime, until: datetime, words: Words, now: datetime) -> str:
    return f"{words.clock(since, seen_from=now)} → {words.clock(until, seen_from=now)}"

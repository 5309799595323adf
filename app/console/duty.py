"""Who is on duty: now, in the next fortnight, and who stands in for whom."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Path, Request
from fastapi.responses import HTMLResponse, Response
from sqlalchemy import select
from sqlalchemy.orm import Session as OrmSession

from app.admin import people, policies, rotas
from app.admin.change import checked, get_or_404
from app.admin.rota_calendar import calendar_of
from app.admin.team_specs import SubstitutionSpec
from app.api.access import Id, Now, Session
from app.channels.text import line
from app.channels.wording.words import Words
from app.console.access import Acting, Signed, Visitor, is_admin, require_admin, require_responder
from app.console.forms import NOTHING_WRONG, Wrong, moment, wrong_of
from app.console.pages import HEADERS, PageRoute, go_to, render
from app.console.shift_bars import draw_shifts
from app.console.watch import Form
from app.errors import AppError, Conflict
from app.models import Person, Policy, Rota, Substitution
from app.pipeline.oncall.rota import Shift
from app.pipeline.reports.calls import call_figures

router = APIRouter(prefix="/duty", route_class=PageRoute, include_in_schema=False)
_AHEAD = timedelta(days=14)
_FIELDS = ("person", "instead_of", "starts_at", "ends_at", "why")
SwapId = Annotated[int, Path(ge=1, le=2**31 - 1)]


@router.get("")
def show_duty(request: Request, session: Session, now: Now, visitor: Signed, done: str = "") -> HTMLResponse:
    """Each rota: who is on duty, who comes next, what is missing."""
    return _page(request, session, now, visitor, done=bool(done))


@router.get("/{id}/calendar.ics")
def read_calendar(session: Session, now: Now, visitor: Signed, row_id: Id) -> Response:
    """The shifts of the rota as a file that calendars read."""
    rota = get_or_404(session, Rota, row_id)
    text = calendar_of(session, rota, now, now + rotas.AHEAD, language=visitor.words.language, now=now)
    named = {"Content-Disposition": 'attachment; filename="duty.ics"'}
    return Response(text, media_type="text/calendar; charset=utf-8", headers=HEADERS | named)


@router.post("/{id}/swaps")
def swap(request: Request, session: Session, now: Now, visitor: Acting, form: Form, row_id: Id) -> Response:
    """Have one person on duty in the place of another."""
    rota = get_or_404(session, Rota, row_id)
    require_responder(visitor, session, rota.team_id)
    try:
        with session.begin_nested():
            spec = checked(SubstitutionSpec, _given(form, visitor.words))
            rotas.substitute(session, row_id, spec, by=visitor.name, now=now)
    except AppError as error:
        return _page(
            request, session, now, visitor, swapping=row_id, given=form, wrong=wrong_of(error, _FIELDS)
        )
    return go_to("/duty?done=1")


@router.post("/{id}/swaps/{swap_id}/delete")
def undo_swap(session: Session, now: Now, visitor: Acting, row_id: Id, swap_id: SwapId) -> Response:
    """Have the rota hold again."""
    rota = get_or_404(session, Rota, row_id)
    require_responder(visitor, session, rota.team_id)
    rotas.undo_substitution(session, row_id, swap_id, by=visitor.name, now=now)
    return go_to("/duty?done=1")


@router.post("/{id}/policies")
def call_by_it(session: Session, now: Now, visitor: Acting, form: Form, row_id: Id) -> Response:
    """Have a policy call people by the rota."""
    rota = get_or_404(session, Rota, row_id)
    require_admin(visitor, session, rota.team_id)
    policy = policies.named(session, form.get("policy", ""), "#/policy")
    require_admin(visitor, session, policy.team_id)
    if policy.rota not in {"", rota.name}:
        raise Conflict(f"the policy calls by the rota “{policy.rota}” already: change that first")
    policies.update(session, policy.id, {"rota": rota.name}, by=visitor.name, now=now)
    return go_to("/duty?done=1")


def _given(form: Mapping[str, str], words: Words) -> dict[str, Any]:
    """What was filled in, times as of the clock of whoever filled it in."""
    given: dict[str, Any] = {name: form.get(name, "").strip() for name in _FIELDS}
    given["instead_of"] = given["instead_of"] or None
    for name in ("starts_at", "ends_at"):
        given[name] = moment(name, given[name], words)
    return given


def _page(
    request: Request,
    session: OrmSession,
    now: Now,
    visitor: Visitor,
    *,
    done: bool = False,
    swapping: int | None = None,
    given: Mapping[str, str] | None = None,
    wrong: Wrong = NOTHING_WRONG,
) -> HTMLResponse:
    words = visitor.words
    morning = words.local(now).replace(hour=9, minute=0, second=0, microsecond=0) + timedelta(days=1)
    usual = {
        "starts_at": f"{morning:%Y-%m-%dT%H:%M}",
        "ends_at": f"{morning + timedelta(days=1):%Y-%m-%dT%H:%M}",
    }
    names = people.names_of(session)
    rows = session.scalars(select(Rota).order_by(Rota.name)).all()
    unused = [policy.name for policy in session.scalars(policies.listed()) if not policy.rota]
    return render(
        request,
        "duty.html",
        status=422 if wrong.any else 200,
        rotas=[_rota(session, rota, names, visitor, now) for rota in rows],
        people=[*session.scalars(select(Person.name).order_by(Person.name))],
        unused=unused,
        given={"person": visitor.name} | usual | dict(given or {}),
        swapping=swapping,
        wrong=wrong,
        done=done,
        may_change=is_admin(visitor, session),
        zone=words.zone,
    )


def _rota(
    session: OrmSession, rota: Rota, names: Mapping[int, str], visitor: Visitor, now: datetime
) -> dict[str, Any]:
    """One rota in words, and as a picture."""
    words = visitor.words
    shown: dict[str, Any] = {
        "id": rota.id,
        "name": line(rota.name),
        "readable": True,
        "may_swap": visitor.may(session, "responder", rota.team_id),
        "may_change": visitor.may(session, "admin", rota.team_id),
        "by": [line(name) for name in session.scalars(_named(rota).order_by(Policy.name))],
    }
    try:
        ahead = rotas.shifts(session, rota, now, now + _AHEAD)
        out_of_reach = rotas.out_of_reach(session, rota, now)
    except (AppError, ValueError):
        return shown | {"readable": False}
    figures = call_figures(session, rota, now - rotas.AHEAD, now)
    return shown | {
        "now": _who(ahead[0], names, words) if ahead else "",
        "until": words.clock(ahead[0].until, seen_from=now) if ahead else "",
        "next": _who(ahead[1], names, words) if len(ahead) > 1 else "",
        "gaps": [_when(one, words) for one in ahead if not one.people],
        "out_of_reach": words.all_of([line(name) for name in out_of_reach]),
        "shifts": [(_when(one, words), _who(one, names, words)) for one in ahead],
        "picture": draw_shifts(ahead, names, words, since=now, until=now + _AHEAD),
        "swaps": _swaps(session, rota, names, words, now),
        "figures": figures,
        "median": words.number(figures.median_minutes) if figures.median_minutes is not None else "",
    }


def _named(rota: Rota) -> Any:  # noqa: ANN401 - a select of names
    return select(Policy.name).where(Policy.rota == rota.name, Policy.base_id.is_(None))


def _who(shift: Shift, names: Mapping[int, str], words: Words) -> str:
    return words.all_of([line(names[one]) for one in shift.people]) if shift.people else words.say("nobody")


def _when(shift: Shift, words: Words) -> str:
    return f"{words.moment(shift.since)} – {words.clock(shift.until, seen_from=shift.since)}"


def _swaps(
    session: OrmSession, rota: Rota, names: Mapping[int, str], words: Words, now: datetime
) -> list[dict[str, Any]]:
    mine = select(Substitution).where(Substitution.rota_id == rota.id, Substitution.ends_at > now)
    return [
        {
            "id": row.id,
            "who": line(names[row.person_id]),
            "whom": line(names[row.instead_of_id]) if row.instead_of_id else words.say("whoever is on duty"),
            "when": f"{words.moment(row.starts_at)} – {words.moment(row.ends_at)}",
            "why": line(row.why),
        }
        for row in session.scalars(mine.order_by(Substitution.starts_at))
    ]

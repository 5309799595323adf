"""People: who is here, what each may do, how each is reached; who is on duty; a link to let somebody in."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response
from sqlalchemy import func, select
from sqlalchemy.orm import Session as OrmSession

from app.admin import people, rotas, scope, sign_in, teams
from app.admin.change import checked, get_or_404
from app.admin.team_specs import PersonSpec
from app.api.access import Id, Now, Parts, Session
from app.channels.text import line
from app.channels.wording.words import Words, mark
from app.console.access import Acting, Signed, Visitor, is_admin, require_admin, require_admin_of_any
from app.console.forms import NOTHING_WRONG, Wrong, wrong_of
from app.console.pages import PageRoute, go_to, render
from app.console.watch import Form
from app.errors import AppError, Conflict
from app.models import Channel, ConsoleSession, Person, Rota

router = APIRouter(prefix="/people", route_class=PageRoute, include_in_schema=False)
ROLES = {
    "viewer": mark("looks"),
    "responder": mark("acts on fires"),
    "admin": mark("changes the settings too"),
}
_FIELDS = ("name", "role", "language", "slack_user", "time_zone")


@router.get("")
def list_people(
    request: Request, session: Session, now: Now, visitor: Signed, done: str = ""
) -> HTMLResponse:
    """Everybody, and who is on duty now."""
    words = visitor.words
    ways: dict[int, list[str]] = {}
    for row in session.scalars(select(Channel).where(Channel.person_id.is_not(None), Channel.enabled)):
        ways.setdefault(int(row.person_id or 0), []).append(line(row.name))
    latest = select(ConsoleSession.person_id, func.max(ConsoleSession.used_at))
    used = dict(iter(session.execute(latest.group_by(ConsoleSession.person_id))))
    rows = session.scalars(select(Person).order_by(Person.name)).all()
    shown = [
        {
            "id": row.id,
            "name": line(row.name),
            "role": _role(session, row, words),
            "ways": [*(["Slack"] if row.slack_user else []), *ways.get(row.id, [])],
            "used": words.clock(used[row.id], seen_from=now) if row.id in used else "",
        }
        for row in rows
    ]
    return render(
        request,
        "people.html",
        people=shown,
        duty=_on_duty(session, words, now),
        done=bool(done),
        may_change=is_admin(visitor, session),
        may_make_teams=visitor.may(session, "admin", None),
    )


@router.get("/new")
def new_person(request: Request, session: Session, visitor: Signed) -> HTMLResponse:
    """An empty form."""
    require_admin_of_any(visitor, session)
    return _form(request, visitor, session, None, {"role": "responder", "language": visitor.words.language})


@router.post("")
def invite(
    request: Request, session: Session, runtime: Parts, now: Now, visitor: Acting, form: Form
) -> Response:
    """Make a person, and show the link that lets them in."""
    require_admin_of_any(visitor, session)
    try:
        with session.begin_nested():
            spec: PersonSpec = checked(PersonSpec, _given(form))
            person = people.create(session, spec, by=visitor.name, now=now)
            _require_may_let_in(visitor, session, person)
    except AppError as error:
        return _form(request, visitor, session, None, form, wrong=wrong_of(error, _FIELDS))
    return _link(request, session, runtime, person, now)


@router.get("/{id}")
def read_person(request: Request, session: Session, visitor: Signed, row_id: Id) -> HTMLResponse:
    """The person, to be changed."""
    person = get_or_404(session, Person, row_id)
    given = {name: getattr(person, name) or "" for name in _FIELDS}
    return _form(request, visitor, session, person, given)


@router.post("/{id}")
def change_person(
    request: Request, session: Session, now: Now, visitor: Acting, form: Form, row_id: Id
) -> Response:
    """Save what was changed: an admin everybody's, others their own language and time zone."""
    person = get_or_404(session, Person, row_id)
    given = _given(form)
    if person.id == visitor.person.id and not is_admin(visitor, session):
        given = {name: given[name] for name in ("language", "time_zone") if name in given}
    else:
        _require_may_let_in(visitor, session, person)
    try:
        with session.begin_nested():
            people.update(session, row_id, given, by=visitor.name, now=now)
            _require_an_admin_left(session)
    except AppError as error:
        person = get_or_404(session, Person, row_id)
        return _form(request, visitor, session, person, form, wrong=wrong_of(error, _FIELDS))
    return go_to("/people?done=1")


@router.post("/{id}/link")
def make_link(
    request: Request, session: Session, runtime: Parts, now: Now, visitor: Acting, row_id: Id
) -> HTMLResponse:
    """A link that lets the person in, for who gets none by e-mail."""
    person = get_or_404(session, Person, row_id)
    _require_may_let_in(visitor, session, person)
    return _link(request, session, runtime, person, now)


@router.post("/{id}/out")
def sign_person_out(session: Session, now: Now, visitor: Acting, row_id: Id) -> Response:
    """End all sessions of the person: a telephone is lost, somebody has left."""
    person = get_or_404(session, Person, row_id)
    _require_may_let_in(visitor, session, person)
    sign_in.sign_out_everywhere(session, person, by=visitor.name, now=now)
    return go_to("/people?done=1")


@router.post("/{id}/delete")
def delete_person(request: Request, session: Session, now: Now, visitor: Acting, row_id: Id) -> Response:
    """Nothing is left of the person; a rota that counts on them keeps them."""
    person = get_or_404(session, Person, row_id)
    _require_may_let_in(visitor, session, person)
    try:
        with session.begin_nested():
            people.delete(session, row_id, by=visitor.name, now=now)
            session.flush()
            _require_an_admin_left(session)
    except AppError as error:
        person = get_or_404(session, Person, row_id)
        given = {name: getattr(person, name) or "" for name in _FIELDS}
        return _form(request, visitor, session, person, given, wrong=wrong_of(error, ()))
    return go_to("/people?done=1")


def _require_may_let_in(visitor: Visitor, session: OrmSession, person: Person) -> None:
    """Nothing, if they are admin wherever the person is something: else a link would lend them more."""
    with scope.as_house(session):  # the person may be of teams that the visitor does not see
        theirs = teams.seen_by(session, person) or [None]
    for team_id in theirs:
        require_admin(visitor, session, team_id)


def _require_an_admin_left(session: OrmSession) -> None:
    of_house = select(Person).where(Person.role == "admin")
    with scope.as_house(session):
        left = any(teams.seen_by(session, one) is None for one in session.scalars(of_house))
    if not left:
        raise Conflict(
            "this is the last admin of the house: make another first, or nobody could change anything"
        )


def _link(request: Request, session: OrmSession, runtime: Parts, person: Person, now: Now) -> HTMLResponse:
    token = sign_in.make_link(session, person.id, holds=sign_in.HANDED_HOLDS, now=now)
    return render(
        request,
        "invited.html",
        name=person.name,
        link=sign_in.address(runtime.settings, token),
        days=str(sign_in.HANDED_HOLDS // timedelta(days=1)),
        reachable=bool(runtime.settings.public_url),
    )


def _role(session: OrmSession, person: Person, words: Words) -> str:
    by_team = teams.roles_of(session, person)
    if not by_team:
        return words.say(ROLES.get(person.role, "looks"))
    return ", ".join(f"{line(team)}: {words.say(ROLES.get(role, 'looks'))}" for team, role in by_team.items())


def _on_duty(session: OrmSession, words: Words, now: Now) -> list[tuple[str, str, str]]:
    """(the rota, who is on duty, until when) of each."""
    names, said = people.names_of(session), []
    for rota in session.scalars(select(Rota).order_by(Rota.name)):
        try:
            shifts = rotas.shifts(session, rota, now, now + rotas.AHEAD)
        except (AppError, ValueError):
            said.append((line(rota.name), words.say("this rota cannot be read: nobody is called by it"), ""))
            continue
        who = (
            words.all_of([line(names[one]) for one in shifts[0].people])
            if shifts and shifts[0].people
            else ""
        )
        until = (
            words.say("until {until}", until=words.clock(shifts[0].until, seen_from=now)) if shifts else ""
        )
        said.append((line(rota.name), who or words.say("nobody"), until))
    return said


def _given(form: Mapping[str, str]) -> dict[str, Any]:
    given: dict[str, Any] = {name: form[name].strip() for name in _FIELDS if name in form}
    if "slack_user" in given:
        given["slack_user"] = given["slack_user"] or None
    return given


def _form(
    request: Request,
    visitor: Visitor,
    session: OrmSession,
    person: Person | None,
    given: Mapping[str, str],
    *,
    wrong: Wrong = NOTHING_WRONG,
) -> HTMLResponse:
    words, may = visitor.words, is_admin(visitor, session)
    return render(
        request,
        "person.html",
        status=422 if wrong.any else 200,
        person=person,
        given={name: given.get(name, "") for name in _FIELDS},
        wrong=wrong,
        roles=[(role, f"{role}: {words.say(label)}") for role, label in ROLES.items()],
        may_change=may,
        mine=person is not None and person.id == visitor.person.id,
    )

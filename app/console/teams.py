"""Teams of the house: made, renamed and deleted, with what belongs to each and who is in it."""

from collections import Counter
from datetime import datetime

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response
from sqlalchemy import select
from sqlalchemy.orm import Session as OrmSession

from app.admin import teams
from app.admin.change import Invalid, checked, get_or_404
from app.admin.team_specs import TeamSpec
from app.api.access import Id, Now, Session
from app.channels.text import line
from app.channels.wording.words import Words
from app.console.access import Acting, Signed, Visitor, require_admin
from app.console.forms import NOTHING_WRONG, Wrong, wrong_of
from app.console.pages import PageRoute, go_to, render
from app.console.people import ROLES
from app.console.watch import Form
from app.errors import AppError, Conflict
from app.models import Team

router = APIRouter(prefix="/teams", route_class=PageRoute, include_in_schema=False)


@router.get("")
def list_teams(request: Request, session: Session, now: Now, visitor: Signed, done: str = "") -> HTMLResponse:
    """All teams, each with what belongs to it."""
    require_admin(visitor, session, None)
    return _list(request, session, now, visitor, done=bool(done))


@router.post("")
def make_team(request: Request, session: Session, now: Now, visitor: Acting, form: Form) -> Response:
    """Make a team, to which nothing belongs yet."""
    require_admin(visitor, session, None)
    name = form.get("name", "").strip()
    try:
        with session.begin_nested():
            team = teams.create(session, _spec(name, visitor.words), by=visitor.name, now=now)
    except AppError as error:
        return _list(request, session, now, visitor, given=name, wrong=_wrong(error, name, visitor.words))
    return go_to(f"/teams/{team.id}?done=1")


@router.get("/{id}")
def read_team(
    request: Request, session: Session, now: Now, visitor: Signed, row_id: Id, done: str = ""
) -> HTMLResponse:
    """What belongs to the team, and who is in it."""
    require_admin(visitor, session, None)
    return _page(request, session, now, visitor, get_or_404(session, Team, row_id), done=bool(done))


@router.post("/{id}")
def rename_team(
    request: Request, session: Session, now: Now, visitor: Acting, form: Form, row_id: Id
) -> Response:
    """Give the team another name; all that is its stays its."""
    require_admin(visitor, session, None)
    team, name = get_or_404(session, Team, row_id), form.get("name", "").strip()
    try:
        with session.begin_nested():
            changes = _spec(name, visitor.words).model_dump()
            teams.update(session, row_id, changes, by=visitor.name, now=now)
    except AppError as error:
        wrong = _wrong(error, name, visitor.words)
        return _page(request, session, now, visitor, team, given=name, wrong=wrong)
    return go_to(f"/teams/{row_id}?done=1")


@router.post("/{id}/delete")
def delete_team(request: Request, session: Session, now: Now, visitor: Acting, row_id: Id) -> Response:
    """Delete a team to which nothing belongs any more; else its page says what does."""
    require_admin(visitor, session, None)
    try:
        with session.begin_nested():
            teams.delete(session, row_id, by=visitor.name, now=now)
    except Conflict:
        team = get_or_404(session, Team, row_id)
        return _page(request, session, now, visitor, team, refused=True)
    return go_to("/teams?done=1")


def _spec(name: str, words: Words) -> TeamSpec:
    if not name:
        raise Invalid([{"pointer": "#/name", "detail": words.say("Give the team a name.")}])
    return checked(TeamSpec, {"name": name})


def _wrong(error: AppError, name: str, words: Words) -> Wrong:
    if isinstance(error, Conflict):
        said = words.say("There is a team “{name}” already: choose another name.", name=line(name))
        return Wrong({"name": said}, ())
    return wrong_of(error, ("name",))


def _belongings(counts: Counter[str], words: Words) -> list[str]:
    """“3 watches”, “1 source” and so on, of what there is."""
    said = {
        "watch": words.count("{n} watch", "{n} watches", counts["watch"]),
        "source": words.count("{n} source", "{n} sources", counts["source"]),
        "channel": words.count("{n} channel", "{n} channels", counts["channel"]),
        "policy": words.count("{n} policy", "{n} policies", counts["policy"]),
        "rota": words.count("{n} rota", "{n} rotas", counts["rota"]),
        "statement template": words.count(
            "{n} template of statements", "{n} templates of statements", counts["statement template"]
        ),
        "key": words.count("{n} key", "{n} keys", counts["key"]),
        "person": words.count("{n} person", "{n} people", counts["person"]),
    }
    return [said[kind] for kind in said if counts[kind]]


def _list(
    request: Request,
    session: OrmSession,
    now: datetime,
    visitor: Visitor,
    *,
    given: str = "",
    wrong: Wrong = NOTHING_WRONG,
    done: bool = False,
) -> HTMLResponse:
    words, counts = visitor.words, teams.counts(session, now=now)
    rows = session.scalars(select(Team).order_by(Team.name))
    shown = [(row, ", ".join(_belongings(counts.get(row.id, Counter()), words))) for row in rows]
    return render(
        request,
        "teams.html",
        status=422 if wrong.any else 200,
        teams=shown,
        given=given,
        wrong=wrong,
        done=done,
    )


def _page(
    request: Request,
    session: OrmSession,
    now: datetime,
    visitor: Visitor,
    team: Team,
    *,
    given: str | None = None,
    wrong: Wrong = NOTHING_WRONG,
    refused: bool = False,
    done: bool = False,
) -> HTMLResponse:
    words = visitor.words
    who = teams.members(session, team)
    return render(
        request,
        "team.html",
        status=422 if wrong.any or refused else 200,
        team=team,
        given=team.name if given is None else given,
        belongings=_belongings(teams.counts(session, now=now).get(team.id, Counter()), words),
        people=[(one, line(name), words.say(ROLES.get(role, "looks"))) for one, name, role in who],
        wrong=wrong,
        refused=refused,
        done=done,
    )

"""Keys: which programs may ask the API; made, put in the place of another, and revoked."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response
from sqlalchemy import select
from sqlalchemy.orm import Session as OrmSession

from app.admin import keys, teams
from app.admin.change import Invalid, checked, get_or_404
from app.admin.team_specs import KeySpec, RotationSpec
from app.api.access import Id, Now, Session
from app.channels.text import line
from app.channels.wording.words import Words, mark
from app.console.access import Acting, Signed, Visitor, require_admin, require_admin_of_any
from app.console.forms import NOTHING_WRONG, Wrong, number, wrong_of
from app.console.pages import PageRoute, go_to, render
from app.console.people import ROLES
from app.console.watch import Form
from app.errors import AppError
from app.models import ApiKey, Team

router = APIRouter(prefix="/keys", route_class=PageRoute, include_in_schema=False)
_FIELDS = ("name", "role", "team", "last_day")
_MOST_ENDED = 100
_SOON = timedelta(days=14)
_NEAR = timedelta(days=180)  # within it, a day needs no year
_ENDS = {"0": mark("at once"), "1": mark("in a day"), "7": mark("in a week")}


@router.get("")
def list_keys(request: Request, session: Session, now: Now, visitor: Signed, done: str = "") -> HTMLResponse:
    """The keys that open something, newest first, and apart from them those that do not any more."""
    require_admin_of_any(visitor, session)
    rows = session.scalars(select(ApiKey).order_by(ApiKey.id.desc())).all()
    # Who is admin of one team sees of another no more than the API shows a key of the first.
    mine = [row for row in rows if visitor.may(session, "admin", row.team_id)]
    good = [row for row in mine if keys.state(row, now=now) == "good"]
    ended = [row for row in mine if keys.state(row, now=now) != "good"]
    return render(
        request,
        "keys.html",
        good=[_shown(session, row, visitor.words, now) for row in good],
        ended=[_shown(session, row, visitor.words, now) for row in ended[:_MOST_ENDED]],
        more=len(ended) > _MOST_ENDED,
        has_teams=any(row.team_id for row in mine),
        done=bool(done),
    )


@router.get("/new")
def new_key(request: Request, session: Session, visitor: Signed) -> HTMLResponse:
    """An empty form."""
    require_admin_of_any(visitor, session)
    return _form(request, visitor, session, {"role": "viewer"})


@router.post("")
def make_key(request: Request, session: Session, now: Now, visitor: Acting, form: Form) -> Response:
    """Make a key, and show it this once."""
    require_admin_of_any(visitor, session)
    try:
        with session.begin_nested():
            spec = checked(KeySpec, _given(form, visitor.words))
            key, token = keys.create(session, spec, by=visitor.name, now=now)
            require_admin(visitor, session, key.team_id)
    except AppError as error:
        return _form(request, visitor, session, form, wrong=_wrong(error))
    return _made(request, visitor, key, token, now)


@router.get("/{id}")
def read_key(request: Request, session: Session, now: Now, visitor: Signed, row_id: Id) -> HTMLResponse:
    """What is known of the key, and what can be done with it."""
    return _page(request, session, now, visitor, _key(session, visitor, row_id))


@router.post("/{id}/rotate")
def rotate_key(
    request: Request, session: Session, now: Now, visitor: Acting, form: Form, row_id: Id
) -> Response:
    """Make a key like this one, and show it this once; this one ends when the form says."""
    key = _key(session, visitor, row_id)
    try:
        with session.begin_nested():
            days = number("overlap_days", form.get("overlap_days", "1"))
            spec = checked(RotationSpec, {"overlap_days": days})
            old, new, token = keys.rotate(session, row_id, spec, by=visitor.name, now=now)
    except AppError as error:
        key = _key(session, visitor, row_id)
        return _page(request, session, now, visitor, key, wrong=_wrong(error))
    return _made(request, visitor, new, token, now, old=old)


@router.post("/{id}/revoke")
def revoke_key(request: Request, session: Session, now: Now, visitor: Acting, row_id: Id) -> Response:
    """The key opens nothing from now on; the last admin key is kept."""
    _key(session, visitor, row_id)
    try:
        with session.begin_nested():
            keys.revoke(session, row_id, by=visitor.name, now=now)
    except AppError as error:
        key = _key(session, visitor, row_id)
        return _page(request, session, now, visitor, key, wrong=_wrong(error))
    return go_to("/keys?done=1")


def _key(session: OrmSession, visitor: Visitor, row_id: int) -> ApiKey:
    require_admin_of_any(visitor, session)
    key = get_or_404(session, ApiKey, row_id)
    require_admin(visitor, session, key.team_id)
    return key


def _shown(session: OrmSession, key: ApiKey, words: Words, now: datetime) -> dict[str, Any]:
    state = keys.state(key, now=now)
    ended = {
        "revoked": words.say("revoked ({at})", at=_when(key.revoked_at, words, now)),
        "expired": words.say("expired ({at})", at=_when(key.expires_at, words, now)),
    }
    return {
        "id": key.id,
        "name": line(key.name),
        "prefix": key.prefix,
        "role": words.say(ROLES.get(key.role, "looks")),
        "team": line(teams.name_of(session, key.team_id) or "") or words.say("the whole house"),
        "made": _when(key.created_at, words, now),
        "used": _when(key.used_at, words, now) or words.say("never"),
        "ends": _when(key.expires_at, words, now) or words.say("never"),
        "ends_soon": key.expires_at is not None and key.expires_at - now < _SOON,
        "ended": ended.get(state, ""),
    }


def _when(at: datetime | None, words: Words, now: datetime) -> str:
    """The instant on the visitor's clock, with its year where that is not clear; empty: there is none."""
    if at is None:
        return ""
    return words.clock(at, seen_from=now) if abs(at - now) < _NEAR else words.day(at)


def _given(form: Mapping[str, str], words: Words) -> dict[str, Any]:
    given = {name: form.get(name, "").strip() for name in _FIELDS}
    if not given["name"]:
        raise Invalid([{"pointer": "#/name", "detail": words.say("Say who or what will use it.")}])
    return {
        "name": given["name"],
        "role": given["role"] or "viewer",
        "team": given["team"] or None,
        "expires_at": _midnight_after(given["last_day"], words) if given["last_day"] else None,
    }


def _midnight_after(day: str, words: Words) -> datetime:
    """When the day has ended on the visitor's clock; Invalid points at the field."""
    try:
        after = datetime.combine(date.fromisoformat(day), time(), ZoneInfo(words.zone)) + timedelta(days=1)
        return after.astimezone(UTC)
    except (ValueError, OverflowError):
        detail = words.say("Write a day as 2027-11-22, or leave it empty.")
        raise Invalid([{"pointer": "#/last_day", "detail": detail}]) from None


def _wrong(error: AppError) -> Wrong:
    """What the error says, beside what it is about."""
    if str(error) == keys.BORN_EXPIRED:
        return Wrong({"last_day": str(error)}, ())
    if str(error) in {keys.LAST_ADMIN, keys.ENDED}:
        return Wrong({"refused": str(error)}, ())
    return wrong_of(error, (*_FIELDS, "expires_at", "overlap_days"))


def _form(
    request: Request,
    visitor: Visitor,
    session: OrmSession,
    given: Mapping[str, str],
    *,
    wrong: Wrong = NOTHING_WRONG,
) -> HTMLResponse:
    words = visitor.words
    may = [
        (team.name, line(team.name))
        for team in session.scalars(select(Team).order_by(Team.name))
        if visitor.may(session, "admin", team.id)
    ]
    house = [("", words.say("the whole house"))] if visitor.may(session, "admin", None) else []
    return render(
        request,
        "key_form.html",
        status=422 if wrong.any else 200,
        given={name: given.get(name, "") for name in _FIELDS},
        wrong=wrong,
        roles=[(role, f"{role}: {words.say(label)}") for role, label in ROLES.items()],
        teams=[*house, *may] if may or "team" in wrong.fields else [],
    )


def _page(
    request: Request,
    session: OrmSession,
    now: datetime,
    visitor: Visitor,
    key: ApiKey,
    *,
    wrong: Wrong = NOTHING_WRONG,
) -> HTMLResponse:
    words = visitor.words
    return render(
        request,
        "key.html",
        status=422 if wrong.any else 200,
        key=_shown(session, key, words, now),
        wrong=wrong,
        ends=[(days, words.say(label)) for days, label in _ENDS.items()],
    )


def _made(
    request: Request, visitor: Visitor, key: ApiKey, token: str, now: datetime, *, old: ApiKey | None = None
) -> HTMLResponse:
    words = visitor.words
    return render(
        request,
        "key_made.html",
        name=line(key.name),
        token=token,
        ends=_when(key.expires_at, words, now),
        old=line(old.name) if old else "",
        old_ends=_when(old.expires_at, words, now) if old and keys.state(old, now=now) == "good" else "",
    )

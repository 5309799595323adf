"""A rota on a page: people in the order of their turns, in a form that needs no file and no script."""

from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response
from sqlalchemy import select
from sqlalchemy.orm import Session as OrmSession

from app.admin import rotas
from app.admin.change import Invalid, checked, get_or_404
from app.admin.team_specs import WEEKDAYS, RotaSpec
from app.api.access import Id, Now, Session
from app.channels.wording.words import mark
from app.console.access import Acting, Signed, Visitor, first_zone, require_admin, require_admin_of_any
from app.console.forms import NOTHING_WRONG, Wrong, number, wrong_of
from app.console.pages import PageRoute, go_to, render
from app.console.watch import Form
from app.errors import AppError
from app.models import Person, Rota

router = APIRouter(prefix="/duty", route_class=PageRoute, include_in_schema=False)
_MOST = 10  # layers
_PLAIN = ("name", "time_zone", "lead")
_NUMBERS = ("call_minutes", "lapse_minutes")
_NIGHT = ("night_since", "night_until", "night_level")
_OF_LAYER = ("people", "starts_on", "hand_over", "days", "since", "until", "weekdays")
_DAYS = {
    "mon": mark("Monday"),
    "tue": mark("Tuesday"),
    "wed": mark("Wednesday"),
    "thu": mark("Thursday"),
    "fri": mark("Friday"),
    "sat": mark("Saturday"),
    "sun": mark("Sunday"),
}


@router.get("/new")
def new_rota(request: Request, session: Session, now: Now, visitor: Signed) -> HTMLResponse:
    """A form with everybody in it, in turns of a week from next Monday on."""
    require_admin_of_any(visitor, session)
    today = visitor.words.local(now).date()
    monday = today.fromordinal(today.toordinal() - today.weekday())
    everybody = session.scalars(select(Person.name).order_by(Person.name))
    given = {
        "name": "",
        "time_zone": first_zone(session),
        "call_minutes": "3",
        "lapse_minutes": "60",
        "layer0_people": "\n".join(everybody),
        "layer0_starts_on": monday.isoformat(),
        "layer0_hand_over": "09:00",
        "layer0_days": "7",
    }
    return _form(request, visitor, session, None, given)


@router.get("/{id}")
def read_rota(request: Request, session: Session, visitor: Signed, row_id: Id) -> HTMLResponse:
    """The rota as it is set, to be changed."""
    rota = get_or_404(session, Rota, row_id)
    return _form(request, visitor, session, rota, _filled(rotas.audit_view(session, rota)))


@router.post("")
def make_rota(request: Request, session: Session, now: Now, visitor: Acting, form: Form) -> Response:
    """Save a new rota."""
    require_admin_of_any(visitor, session)
    try:
        with session.begin_nested():
            rota = rotas.create(session, _spec(form), by=visitor.name, now=now)
            require_admin(visitor, session, rota.team_id)
    except AppError as error:
        return _form(request, visitor, session, None, form, wrong=_wrong(error, form))
    return go_to("/duty?done=1")


@router.post("/{id}")
def change_rota(
    request: Request, session: Session, now: Now, visitor: Acting, form: Form, row_id: Id
) -> Response:
    """Save what was changed; the next call goes by it."""
    rota = get_or_404(session, Rota, row_id)
    require_admin(visitor, session, rota.team_id)
    try:
        with session.begin_nested():
            changes = _spec(form).model_dump(exclude={"team"}, mode="json")
            rotas.update(session, row_id, changes, by=visitor.name, now=now)
    except AppError as error:
        return _form(request, visitor, session, rota, form, wrong=_wrong(error, form))
    return go_to("/duty?done=1")


@router.post("/{id}/delete")
def delete_rota(request: Request, session: Session, now: Now, visitor: Acting, row_id: Id) -> Response:
    """Delete a rota that no policy calls people by."""
    rota = get_or_404(session, Rota, row_id)
    require_admin(visitor, session, rota.team_id)
    try:
        with session.begin_nested():
            rotas.delete(session, row_id, by=visitor.name, now=now)
    except AppError as error:
        rota = get_or_404(session, Rota, row_id)
        given = _filled(rotas.audit_view(session, rota))
        return _form(request, visitor, session, rota, given, wrong=wrong_of(error, ()))
    return go_to("/duty?done=1")


def _kept(form: Mapping[str, str]) -> list[int]:
    """The layers of the form that name somebody: who takes all names out takes the layer away."""
    return [n for n in range(_MOST + 1) if form.get(f"layer{n}_people", "").strip()]


def _spec(form: Mapping[str, str]) -> RotaSpec:
    """The rota of a form; Invalid points at its fields."""
    given: dict[str, Any] = {name: form.get(name, "").strip() for name in _PLAIN}
    given["lead"] = given["lead"] or None
    given |= {name: number(name, form.get(name, "")) for name in _NUMBERS}
    given["layers"] = [_layer(form, n) for n in _kept(form)]
    if not given["layers"]:
        raise Invalid([{"pointer": "#/layers/0/people", "detail": "name somebody, one a line"}])
    since, until, level = (form.get(name, "").strip() for name in _NIGHT)
    if since or until:
        given["night"] = {"since": since, "until": until, "from_level": number("night_level", level or "1")}
    return checked(RotaSpec, given)


def _layer(form: Mapping[str, str], n: int) -> dict[str, Any]:
    own = {name: form.get(f"layer{n}_{name}", "").strip() for name in _OF_LAYER}
    layer: dict[str, Any] = {
        "people": [name.strip() for name in own["people"].splitlines() if name.strip()],
        "starts_on": own["starts_on"],
        "hand_over": own["hand_over"] or "09:00",
        "days": number(f"layer{n}_days", own["days"] or "7"),
    }
    if own["since"] or own["until"] or own["weekdays"]:
        hours = {"since": own["since"] or "00:00", "until": own["until"] or "00:00"}
        layer["hours"] = hours | {"days": own["weekdays"].split()}
    return layer


def _wrong(error: AppError, form: Mapping[str, str]) -> Wrong:
    """What is wrong, by the fields of the form: a layer there may be another in the rota."""
    kept = _kept(form) or [0]
    if isinstance(error, Invalid):
        error = Invalid(
            [problem | {"pointer": _place(problem["pointer"], kept)} for problem in error.problems]
        )
    layers = [f"layer{n}_{name}" for n in range(_MOST + 1) for name in _OF_LAYER]
    return wrong_of(error, (*_PLAIN, *_NUMBERS, *_NIGHT, *layers))


def _place(pointer: str, kept: list[int]) -> str:
    """The field of the form that a field of the rota was written in.

    >>> _place("#/layers/1/people/0", [0, 2]), _place("#/night/since", [0]), _place("#/name", [0])
    ('#/layer2_people', '#/night_since', '#/name')
    """
    parts = pointer.removeprefix("#/").split("/")
    if parts[0] == "layers" and len(parts) > 2 and parts[1].isdecimal() and int(parts[1]) < len(kept):
        named = parts[2]
        if named == "hours" and len(parts) > 3:
            named = "weekdays" if parts[3] == "days" else parts[3]
        return f"#/layer{kept[int(parts[1])]}_{named}"
    if parts[0] == "night" and len(parts) > 1:
        return "#/night_" + parts[1].removeprefix("from_")
    return pointer


def _filled(seen: Mapping[str, Any]) -> dict[str, str]:
    """The fields of the form, of a rota as it is set."""
    given = {name: str(seen[name] or "") for name in _PLAIN} | {name: str(seen[name]) for name in _NUMBERS}
    if night := seen["night"]:
        given |= {
            "night_since": str(night["since"]),
            "night_until": str(night["until"]),
            "night_level": str(night["from_level"]),
        }
    for n, layer in enumerate(seen["layers"]):
        hours = layer["hours"] or {"since": "", "until": "", "days": []}
        own = {
            "people": "\n".join(layer["people"]),
            "starts_on": layer["starts_on"],
            "hand_over": layer["hand_over"],
            "days": str(layer["days"]),
            "since": hours["since"],
            "until": hours["until"],
            "weekdays": "\n".join(hours["days"]),
        }
        given |= {f"layer{n}_{name}": value for name, value in own.items()}
    return given


def _form(
    request: Request,
    visitor: Visitor,
    session: OrmSession,
    rota: Rota | None,
    given: Mapping[str, str],
    *,
    wrong: Wrong = NOTHING_WRONG,
) -> HTMLResponse:
    words, kept = visitor.words, _kept(given)
    shown = [*kept, *(n for n in range(_MOST + 1) if n not in kept)][: min(len(kept) + 1, _MOST)]
    layers = [
        {"n": n, "new": n not in kept, **{name: given.get(f"layer{n}_{name}", "") for name in _OF_LAYER}}
        for n in shown
    ]
    everybody = [*session.scalars(select(Person.name).order_by(Person.name))]
    return render(
        request,
        "rota.html",
        status=422 if wrong.any else 200,
        rota=rota,
        given={name: given.get(name, "") for name in (*_PLAIN, *_NUMBERS, *_NIGHT)},
        layers=layers,
        weekdays=[(day, words.say(_DAYS[day])) for day in WEEKDAYS],
        people=everybody,
        leads=[("", words.say("nobody")), *((name, name) for name in everybody)],
        wrong=wrong,
        may_change=visitor.may(session, "admin", rota.team_id) if rota else True,
    )

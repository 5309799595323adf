"""Rotas: who is on duty when, and who stands in for whom."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.admin import teams
from app.admin.change import (
    AuditView,
    Invalid,
    changed,
    ensure_unique,
    get_by_name,
    get_or_404,
    pointer,
    record,
)
from app.admin.people import names_of, night_view
from app.admin.team_specs import WEEKDAYS, RotaSpec, SubstitutionSpec
from app.errors import Conflict
from app.models import Channel, Person, Policy, Rota, Substitution
from app.pipeline.oncall.duty import read_duty
from app.pipeline.oncall.rota import Hours, Layer, Shift

_PLAIN = ("name", "time_zone", "call_minutes", "lapse_minutes")
AHEAD = timedelta(days=28)  # gaps are looked for so far ahead


def audit_view(session: Session, rota: Rota) -> AuditView:
    """The rota as its spec, with people by their names, for people and for the audit log."""
    names = names_of(session)
    return {
        **{field: getattr(rota, field) for field in _PLAIN},
        "layers": _layers_view(rota, names),
        "lead": names.get(rota.lead_id) if rota.lead_id is not None else None,
        "night": night_view(rota.night),
        "team": teams.name_of(session, rota.team_id),
    }


def _layers_view(rota: Rota, names: Mapping[int, str]) -> list[AuditView]:
    """The layers by the names of their people; none if they cannot be read, so that they can be set again."""
    try:
        return [_layer_view(Layer.model_validate(layer), names) for layer in rota.layers]
    except (TypeError, ValueError):
        return []


def _layer_view(layer: Layer, names: Mapping[int, str]) -> AuditView:
    hours = layer.hours
    return {
        "people": [names[person] for person in layer.people if person in names],
        "starts_on": layer.starts_on.isoformat(),
        "hand_over": f"{layer.hand_over:%H:%M}",
        "days": layer.days,
        "hours": None if hours is None else {
            "since": f"{hours.since:%H:%M}",
            "until": f"{hours.until:%H:%M}",
            "days": [WEEKDAYS[day - 1] for day in hours.days],
        },
    }  # fmt: skip


def create(session: Session, spec: RotaSpec, *, by: str, now: datetime) -> Rota:
    """A new rota; it calls people once a policy names it."""
    ensure_unique(session, Rota, spec.name)
    rota = Rota(created_at=now, updated_at=now)
    _set(session, rota, spec)
    session.add(rota)
    record(session, rota, "create", before=None, after=audit_view(session, rota), by=by, now=now)
    return rota


def update(session: Session, rota_id: int, changes: Mapping[str, Any], *, by: str, now: datetime) -> Rota:
    """The rota with the changes; policies that name it follow a new name."""
    rota = get_or_404(session, Rota, rota_id)
    before = audit_view(session, rota)
    spec = changed(RotaSpec, before, changes)
    ensure_unique(session, Rota, spec.name, rota.id)
    for policy in session.scalars(select(Policy).where(Policy.rota == rota.name)):
        policy.rota = spec.name
    _set(session, rota, spec)
    after = audit_view(session, rota)
    if after != before:
        rota.updated_at = now
    record(session, rota, "update", before=before, after=after, by=by, now=now)
    return rota


def delete(session: Session, rota_id: int, *, by: str, now: datetime) -> None:
    """Nothing is left of the rota; Conflict while a policy calls people by it."""
    rota = get_or_404(session, Rota, rota_id)
    users = session.scalars(select(Policy.name).where(Policy.rota == rota.name).order_by(Policy.name)).all()
    if users:
        raise Conflict(f"the rota is named by the policy {', '.join(users)}: give it another one first")
    before = audit_view(session, rota)
    session.delete(rota)
    record(session, rota, "delete", before=before, after=None, by=by, now=now)


def _set(session: Session, rota: Rota, spec: RotaSpec) -> None:
    with session.no_autoflush:
        rota.team_id = teams.named(session, spec.team)
        users = session.execute(select(Policy.name, Policy.team_id).where(Policy.rota == rota.name))
        teams.require_open_to_all(session, rota, [(row.name, row.team_id) for row in users])
        layers = [
            Layer(
                people=tuple(
                    _member(session, name, rota.team_id, pointer("layers", i, "people", n)).id
                    for n, name in enumerate(layer.people)
                ),
                starts_on=layer.starts_on,
                hand_over=layer.hand_over,
                days=layer.days,
                hours=layer.hours and Hours(
                    since=layer.hours.since,
                    until=layer.hours.until,
                    days=tuple(sorted({WEEKDAYS.index(day) + 1 for day in layer.hours.days})),
                ),
            )
            for i, layer in enumerate(spec.layers)
        ]  # fmt: skip
        lead = _member(session, spec.lead, rota.team_id, "#/lead").id if spec.lead else None
    for field in _PLAIN:
        setattr(rota, field, getattr(spec, field))
    rota.layers = [layer.model_dump(mode="json") for layer in layers]
    rota.lead_id = lead
    rota.night = spec.night.model_dump(mode="json") if spec.night is not None else None


def _member(session: Session, name: str, team_id: int | None, at: str) -> Person:
    """The person of that name, who may take a place in a rota of the team; Invalid if they may not."""
    person = get_by_name(session, Person, name, at)
    theirs = teams.seen_by(session, person)
    if team_id is not None and theirs is not None and team_id not in theirs:
        raise Invalid([{"pointer": at, "detail": f"{name} is of another team"}])
    return person


def substitution_view(session: Session, row: Substitution) -> AuditView:
    """The substitution as its spec, for people and for the audit log."""
    names = names_of(session)
    return {
        "person": names[row.person_id],
        "instead_of": names[row.instead_of_id] if row.instead_of_id is not None else None,
        "starts_at": row.starts_at.isoformat(),
        "ends_at": row.ends_at.isoformat(),
        "why": row.why,
    }


def substitute(
    session: Session, rota_id: int, spec: SubstitutionSpec, *, by: str, now: datetime
) -> Substitution:
    """One person on duty in the place of another for a while; where two overlap, the newer holds."""
    rota = get_or_404(session, Rota, rota_id)
    there = _member(session, spec.person, rota.team_id, "#/person").id
    away = _absent(session, rota, spec.instead_of) if spec.instead_of else None
    if spec.ends_at <= now:
        raise Invalid([{"pointer": "#/ends_at", "detail": "is over already: give a time that lies ahead"}])
    row = Substitution(
        rota_id=rota.id,
        person_id=there,
        instead_of_id=away,
        starts_at=spec.starts_at,
        ends_at=spec.ends_at,
        why=spec.why,
        created_by=by,
        created_at=now,
    )
    session.add(row)
    session.flush()
    record(session, row, "create", before=None, after=substitution_view(session, row), by=by, now=now)
    return row


def _absent(session: Session, rota: Rota, name: str) -> int:
    """The id of who is replaced; Invalid if they have no place in the rota, or nothing would come of it."""
    away = get_by_name(session, Person, name, "#/instead_of").id
    try:
        there = {person for layer in rota.layers for person in Layer.model_validate(layer).people}
    except (TypeError, ValueError):
        raise Conflict("this rota cannot be read: nobody is called by it; set its people again") from None
    stand_in = select(Substitution.person_id).where(Substitution.rota_id == rota.id)
    if away not in there | {rota.lead_id} | set(session.scalars(stand_in)):
        raise Invalid([{"pointer": "#/instead_of", "detail": f"{name} has no place in this rota"}])
    return away


def undo_substitution(session: Session, rota_id: int, row_id: int, *, by: str, now: datetime) -> None:
    """The rota holds again."""
    row = get_or_404(session, Substitution, row_id)
    if row.rota_id != rota_id:
        raise Conflict(f"substitution {row_id} is of another rota")
    before = substitution_view(session, row)
    session.delete(row)
    record(session, row, "delete", before=before, after=None, by=by, now=now)


def shifts(session: Session, rota: Rota, since: datetime, until: datetime) -> list[Shift]:
    """Who is on duty in that time, shift after shift; one without people is a gap."""
    return read_duty(session, rota, since=since, until=until).plan.shifts(since, until)


def out_of_reach(session: Session, rota: Rota, now: datetime) -> list[str]:
    """The names of those who may be called, and whom no call would reach."""
    people = read_duty(session, rota, since=now, until=now).plan.call_order(now)
    ways = set(session.scalars(select(Channel.person_id).where(Channel.enabled)))
    rows = session.scalars(select(Person).where(Person.id.in_(people)).order_by(Person.name))
    return [person.name for person in rows if person.slack_user is None and person.id not in ways]

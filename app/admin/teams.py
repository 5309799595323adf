"""Teams: a house may hold several, and what belongs to one is seen by nobody of another."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy import delete as delete_rows
from sqlalchemy.orm import Session

from app.admin import scope
from app.admin.change import AuditView, Invalid, changed, ensure_unique, get_by_name, get_or_404, record, word
from app.admin.fields import Role
from app.admin.team_specs import TeamSpec
from app.errors import Conflict
from app.models import (
    ApiKey,
    Channel,
    Membership,
    Person,
    Policy,
    Rota,
    Source,
    StatementTemplate,
    Team,
    Watch,
    WatchChannel,
    WatchSource,
)

Owned = Watch | Source | Channel | Policy | Rota | StatementTemplate
_MOVING = "moving"  # in the info of a session: things change their team one after the other
_OWNED = (Watch, Source, Channel, Policy, Rota, StatementTemplate)


def audit_view(team: Team) -> AuditView:
    """The team as its spec, for people and for the audit log."""
    return {"name": team.name}


def create(session: Session, spec: TeamSpec, *, by: str, now: datetime) -> Team:
    """A new team, to which nothing belongs yet."""
    ensure_unique(session, Team, spec.name)
    team = Team(name=spec.name, created_at=now, updated_at=now)
    session.add(team)
    record(session, team, "create", before=None, after=audit_view(team), by=by, now=now)
    return team


def update(session: Session, team_id: int, changes: Mapping[str, Any], *, by: str, now: datetime) -> Team:
    """The team with the changes."""
    team = get_or_404(session, Team, team_id)
    before = audit_view(team)
    spec = changed(TeamSpec, before, changes)
    ensure_unique(session, Team, spec.name, team.id)
    team.name = spec.name
    if audit_view(team) != before:
        team.updated_at = now
    record(session, team, "update", before=before, after=audit_view(team), by=by, now=now)
    return team


def delete(session: Session, team_id: int, *, by: str, now: datetime) -> None:
    """Nothing is left of the team; Conflict while things, people or keys that open belong to it."""
    team = get_or_404(session, Team, team_id)
    if left := _belongings(session, team, now):
        raise Conflict(f"{', '.join(left)} belong to it: give them to another team first, or delete them")
    before = audit_view(team)
    keys = select(ApiKey).where(ApiKey.team_id == team.id)
    for key in session.scalars(keys):
        key.team_id = None  # each is revoked or has expired: it opens nothing, and its row stays
    session.flush()
    session.delete(team)
    record(session, team, "delete", before=before, after=None, by=by, now=now)


def _belongings(session: Session, team: Team, now: datetime) -> list[str]:
    found = [
        f"{word(table)} “{name}”"
        for table in _OWNED
        for name in session.scalars(select(table.name).where(table.team_id == team.id).order_by(table.name))
    ]
    theirs = select(ApiKey.name).where(ApiKey.team_id == team.id, _opens(now))
    found += [f"key “{name}”" for name in session.scalars(theirs.order_by(ApiKey.name))]
    members = select(Person.name).join(Membership).where(Membership.team_id == team.id)
    return found + [f"person “{name}”" for name in session.scalars(members.order_by(Person.name))]


def _opens(now: datetime) -> ColumnElement[bool]:
    return and_(ApiKey.revoked_at.is_(None), or_(ApiKey.expires_at.is_(None), ApiKey.expires_at > now))


def counts(session: Session, *, now: datetime) -> dict[int, Counter[str]]:
    """How many of each kind belong to each team, by the word of the kind: what keeps a team from deletion."""
    asked: list[tuple[str, Any, ColumnElement[bool]]] = [
        (word(table), table.team_id, table.team_id.is_not(None)) for table in _OWNED
    ]
    asked.append(("key", ApiKey.team_id, and_(ApiKey.team_id.is_not(None), _opens(now))))
    asked.append(("person", Membership.team_id, Membership.team_id.is_not(None)))
    found: dict[int, Counter[str]] = {}
    for kind, team_id, wanted in asked:
        for team, n in session.execute(select(team_id, func.count()).where(wanted).group_by(team_id)):
            found.setdefault(team, Counter())[kind] = n
    return found


def members(session: Session, team: Team) -> list[tuple[int, str, str]]:
    """(id, name, role in the team) of everybody who is in it, by name."""
    theirs = select(Person.id, Person.name, Membership.role).join(Membership)
    rows = session.execute(theirs.where(Membership.team_id == team.id).order_by(Person.name))
    return [(person_id, name, role) for person_id, name, role in rows]


def named(session: Session, name: str | None) -> int | None:
    """The id of the team that something is for; None: it is the house's.

    In a session that is bound to one team, that team's where nothing is said.
    """
    if name:
        with session.no_autoflush:
            return get_by_name(session, Team, name, "#/team").id
    bound = scope.teams_of(session)
    if bound is None:
        return None
    if len(bound) != 1:
        raise Invalid([{"pointer": "#/team", "detail": "say for which of your teams it is"}])
    return next(iter(bound))


def name_of(session: Session, team_id: int | None) -> str | None:
    """The name of the team; None: it is the house."""
    if team_id is None:
        return None
    return session.scalar(select(Team.name).where(Team.id == team_id))


def require_open(row: Owned, team_id: int | None, at: str) -> None:
    """Nothing, if what is of that team may use the row; else Invalid points at what names it."""
    if row.team_id not in (None, team_id):
        whose = "of another team" if team_id is not None else "of a team, and this is of the house"
        raise Invalid([{"pointer": at, "detail": f"the {word(type(row))} “{row.name}” is {whose}"}])


def require_open_to_all(session: Session, row: Owned, users: Iterable[tuple[str, int | None]]) -> None:
    """Nothing, if all that use the row may go on to; `users`: their names and teams. Conflict names them."""
    if row.team_id is None or session.info.get(_MOVING):
        return
    others = sorted(name for name, team_id in users if team_id != row.team_id)
    if others:
        raise Conflict(f"{', '.join(others)} of another team or of the house uses it: change that first")


@contextmanager
def moving(session: Session) -> Iterator[None]:
    """Let things change their team one after the other; `misfits` says afterwards what does not fit."""
    session.info[_MOVING] = True
    try:
        yield
    finally:
        del session.info[_MOVING]


def misfits(session: Session) -> list[str]:
    """What is named by something of another team or of the house, in sentences."""
    pairs: tuple[tuple[Any, Any, ColumnElement[bool]], ...] = (
        (Policy, Watch, Watch.policy_id == Policy.id),
        (Source, Watch, and_(WatchSource.source_id == Source.id, Watch.id == WatchSource.watch_id)),
        (Channel, Watch, and_(WatchChannel.channel_id == Channel.id, Watch.id == WatchChannel.watch_id)),
        (Rota, Policy, Policy.rota == Rota.name),
    )
    return [
        f"the {word(named)} “{row.name}” is of a team that the {word(user)} “{other.name}” is not of"
        for named, user, uses in pairs
        for row, other in session.execute(
            select(named, user).where(uses, named.team_id != func.coalesce(user.team_id, 0))
        )
    ]


def roles_of(session: Session, person: Person) -> dict[str, Role]:
    """The person's role by team; empty: they are of the house."""
    mine = select(Team.name, Membership.role).join(Membership).where(Membership.person_id == person.id)
    return {row.name: row.role for row in session.execute(mine.order_by(Team.name))}


def set_roles(session: Session, person: Person, roles: Mapping[str, Role]) -> None:
    """Make the person a member of these teams and of no other that the session sees."""
    wanted = {get_by_name(session, Team, name, f"#/teams/{name}").id: role for name, role in roles.items()}
    session.execute(delete_rows(Membership).where(Membership.person_id == person.id))
    session.add_all(Membership(person_id=person.id, team_id=team, role=role) for team, role in wanted.items())
    session.flush()


def role_in(session: Session, person: Person, team_id: int | None) -> Role | None:
    """What the person may do with what belongs to the team (None: to the house); None: nothing."""
    mine = select(Membership.team_id, Membership.role).where(Membership.person_id == person.id)
    roles = {row.team_id: row.role for row in session.execute(mine)}
    if not roles:
        house: Role = person.role  # type: ignore[assignment] # the spec lets no other in
        return house
    return roles.get(team_id) if team_id is not None else None


def seen_by(session: Session, person: Person) -> frozenset[int] | None:
    """The teams that the person sees; None: the whole house."""
    mine = frozenset(session.scalars(select(Membership.team_id).where(Membership.person_id == person.id)))
    return mine or None
